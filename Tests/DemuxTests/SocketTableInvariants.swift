@testable import Demux
import Wire

extension SocketTable {
    /// What must hold between any two packets, each broken one as a sentence.
    var brokenInvariants: [String] {
        brokenSlots + brokenBindings + brokenConversations
    }

    /// Each slot is in use, or free once, or free and waits for the last conversation that names it.
    private var brokenSlots: [String] {
        var broken: [String] = []
        let free = Set(freeSockets)
        if free.count != freeSockets.count { broken.append("a slot is free twice") }
        for slot in free where !sockets[Int(slot)].isFree { broken.append("\(sockets[Int(slot)].name) is free and in use") }
        for (slot, socket) in sockets.enumerated() where socket.isFree && !free.contains(Int32(slot)) {
            if socket.name.kind != .listener || socket.references == 0 { broken.append("the slot of \(socket.name) is lost") }
        }
        let ended = Set(endedSockets)
        if ended.count != endedSockets.count { broken.append("a socket ended twice") }
        if ended.count > limits.endedSockets { broken.append("\(ended.count) ended sockets are listed") }
        for (slot, socket) in sockets.enumerated() where !socket.isFree && socket.isEnded != ended.contains(Int32(slot)) {
            broken.append("\(socket.name) is ended, or listed as such, but not both")
        }
        let names = sockets.filter { !$0.isFree }.map(\.name)
        if Set(names).count != names.count { broken.append("two sockets of one name") }
        return broken
    }

    /// What is bound is found, and nothing else.
    private var brokenBindings: [String] {
        var broken: [String] = []
        let bound = sockets.indices.filter { !sockets[$0].isFree && !sockets[$0].isEnded && sockets[$0].name.kind != .connected }
        for slot in bound where findBinding(BindingKey(sockets[slot].local, sockets[slot].transport)) != Int32(slot) {
            broken.append("\(sockets[slot].name) is not found under \(sockets[slot].local)")
        }
        if bindings.count != bound.count { broken.append("\(bindings.count) bindings for \(bound.count) sockets") }
        let listeners = bound.count { sockets[$0].name.kind == .listener }
        if listenerCount != listeners { broken.append("\(listenerCount) listeners counted, there are \(listeners)") }
        return broken
    }

    /// Conversations are found by their four-tuples, and name sockets that are what they are taken for.
    private var brokenConversations: [String] {
        var broken: [String] = []
        let used = conversations.indices.filter { conversations[$0].isInUse }
        if index.count != used.count || conversationCount != used.count {
            broken.append("\(used.count) conversations, \(index.count) indexed, \(conversationCount) counted")
        }
        if freeConversations.count + used.count != conversations.count { broken.append("a conversation's slot is lost") }
        if used.count > limits.conversations { broken.append("\(used.count) conversations") }
        var references: [Int32: UInt32] = [:]
        for slot in used {
            let conversation = conversations[slot]
            let found = index.find(conversation.key.hash(hasher)) { conversations[Int($0)].key == conversation.key }
            if found != Int32(slot) { broken.append("conversation \(conversation.id) is not found") }
            broken += brokenEnds(of: conversation)
            if conversation.listener >= 0 { references[conversation.listener, default: 0] += 1 }
        }
        for (slot, socket) in sockets.enumerated() where socket.name.kind == .listener {
            let isWaiting = socket.isFree && socket.references == 0
            if !isWaiting, socket.references != references[Int32(slot)] ?? 0 {
                broken.append("\(socket.name) has \(references[Int32(slot)] ?? 0) conversations, and counts \(socket.references)")
            }
            references[Int32(slot)] = nil
        }
        for slot in references.keys { broken.append("\(sockets[Int(slot)].name) is taken for a listener") }
        return broken
    }

    private func brokenEnds(of conversation: Conversation) -> [String] {
        if conversation.phase == .datagrams { return [] }
        var broken: [String] = []
        for end in 0...1 {
            let slot = conversation.ends[end].socket
            if slot < 0 {
                let isBoth = conversation.phase == .established && !(conversation.key.isToItself && end == 1)
                if isBoth { broken.append("conversation \(conversation.id) has no socket at end \(end)") }
                continue
            }
            let socket = sockets[Int(slot)]
            if socket.isFree || socket.name.kind != .connected || socket.name.number != conversation.ends[end].socketNumber {
                broken.append("conversation \(conversation.id) takes \(socket.name) for C\(conversation.ends[end].socketNumber)")
            }
            if conversation.phase != .ended, socket.isEnded { broken.append("\(socket.name) ended, its conversation did not") }
            if socket.conversation < 0 || conversations[Int(socket.conversation)].id != conversation.id { broken.append("\(socket.name) belongs to another conversation") }
        }
        return broken
    }
}
