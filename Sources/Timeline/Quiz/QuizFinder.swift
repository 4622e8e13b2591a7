import Demux
import Wire

/// Goes through a timeline once, and finds where something is new.
struct QuizFinder {
    struct Find {
        let kind: QuizQuestion.Kind
        let moment: Int
    }

    /// In the order of the timeline, but which call returns is asked best where the first find of it is. Of each kind the first few are enough.
    private(set) var finds: [Find] = []
    private var counts: [QuizQuestion.Kind: Int] = [:]
    private static let keptOfKind = 4

    private var listeners: Set<SocketName> = []
    private var answered: Set<SocketName> = []
    private var gotData: Set<SocketName> = []
    private var accepted: Set<SocketName> = []
    private var finished: Set<SocketName> = []
    private var askedAfterClose: Set<SocketName> = []
    private var closing: Set<SocketName> = []
    /// Who has sent to a datagram socket.
    private var clients: [SocketName: Endpoint] = [:]
    private var severalClients: Set<SocketName> = []
    /// Connections to each server's end: by the client's port its hosts, by its host its ports.
    private var hosts: [Meeting: Set<IPAddress>] = [:]
    private var ports: [Visit: Set<UInt16>] = [:]
    private var waiting = QuizWaiting()
    /// Where it may be asked which call returns, but one waits alone, or none returns: only of use where there is nothing better.
    private var lone: [Find] = []
    private var silent: [Find] = []

    private struct Meeting: Hashable {
        let to: Endpoint
        let port: UInt16
    }

    private struct Visit: Hashable {
        let to: Endpoint
        let host: IPAddress
    }

    init(_ timeline: Timeline) {
        for (place, moment) in timeline.moments.enumerated() {
            switch moment {
            case .frame(let frame):
                look(at: frame, place)
                if !waiting.calls.isEmpty, let calls = QuizCalls(timeline, frameAt: place, waiting) {
                    let find = Find(kind: .callReturns, moment: place)
                    if calls.returns != nil, calls.waiting.count > 1 {
                        add(.callReturns, place)
                    } else if calls.returns != nil, lone.count < QuizFinder.keptOfKind {
                        lone.append(find)
                    } else if calls.returns == nil, silent.count < QuizFinder.keptOfKind {
                        silent.append(find)
                    }
                }
            case .call(let call): take(call)
            default: break
            }
            waiting.take(moment)
        }
        finds += lone + silent
    }

    private mutating func add(_ kind: QuizQuestion.Kind, _ moment: Int) {
        guard counts[kind, default: 0] < QuizFinder.keptOfKind else { return }
        counts[kind, default: 0] += 1
        finds.append(Find(kind: kind, moment: moment))
    }

    private mutating func take(_ call: CallMoment) {
        if call.name.hasPrefix("accept"), call.phase != .entered, !call.isFailure, let socket = call.socket { accepted.insert(socket) }
    }

    private mutating func look(at frame: FrameMoment, _ place: Int) {
        // What is not known cannot be asked; what several get has no one answer.
        guard frame.hasLookup, frame.evidence != .presumed, frame.corrects == 0, !frame.isQueueFull, frame.receivers.count < 2,
            frame.rule != .groupDelivery, frame.rule != .reusePortGroup, frame.rule != .icmpError,
            let from = frame.from, let to = frame.to
        else {
            if frame.isQueueFull { add(.kernelAnswers, place) }
            return
        }
        if frame.transport == .tcp, let flags = frame.flags {
            look(at: frame, flags, from, to, place)
        } else if frame.transport == .udp {
            lookAtDatagram(frame, from, place)
        }
    }

    private mutating func look(at frame: FrameMoment, _ flags: TCPFlags, _ from: Endpoint, _ to: Endpoint, _ place: Int) {
        defer { if flags.contains(.fin), let sender = frame.sender { finished.insert(sender.name) } }
        guard let receiver = frame.receiver else {
            // A reset gets no answer, whoever is there (RFC 9293 §3.10.7.1).
            guard frame.rule == .closedPort, !flags.contains(.rst) else { return }
            add(.nobody, place)
            if flags.contains(.syn) { add(.kernelAnswers, place) }
            return
        }
        let isTwin = hosts[Meeting(to: to, port: from.port)].map { $0.count > ($0.contains(from.address) ? 1 : 0) } ?? false
        let isNeighbour = ports[Visit(to: to, host: from.address)].map { $0.count > ($0.contains(from.port) ? 1 : 0) } ?? false
        if flags.contains(.syn), !flags.contains(.ack) {
            guard receiver.name.kind == .listener else { return }
            if listeners.insert(receiver.name).inserted {
                add(.firstSYN, place)
            } else if isTwin {
                add(.twinSYN, place)
            }
            return
        }
        if flags.contains(.syn) {
            if let listener = frame.sender?.name, answered.insert(listener).inserted { add(.synAck, place) }
            return
        }
        guard receiver.name.kind == .connected, !flags.contains(.rst) else { return }
        // One whose handshake was not captured was there before, and nobody could know.
        if receiver.madeBy == nil, frame.opened.contains(where: { $0.name == receiver.name }) { return }
        if receiver.isServer {
            hosts[Meeting(to: to, port: from.port), default: []].insert(from.address)
            ports[Visit(to: to, host: from.address), default: []].insert(from.port)
        }
        if receiver.madeBy != nil, frame.opened.contains(where: { $0.name == receiver.name }) {
            add(.thirdACK, place)
        } else if frame.payloadLength > 0 {
            lookAtData(receiver, isTwin: isTwin, isNeighbour: isNeighbour, place)
        } else if frame.isPureAcknowledgment {
            return
        }
        if frame.rule == .timeWait || finished.contains(receiver.name), frame.payloadLength > 0 || flags.contains(.fin),
            askedAfterClose.insert(receiver.name).inserted {
            add(.afterClose, place)
        }
        if flags.contains(.fin), receiver.state == .closeWait, closing.insert(receiver.name).inserted { add(.state, place) }
    }

    private mutating func lookAtData(_ receiver: SocketMoment, isTwin: Bool, isNeighbour: Bool, _ place: Int) {
        let wasAccepted = accepted.remove(receiver.name) != nil
        guard gotData.insert(receiver.name).inserted else {
            if wasAccepted { add(.afterAccept, place) }
            return
        }
        if !receiver.isServer {
            add(.firstReply, place)
        } else if isTwin {
            add(.twin, place)
        } else {
            add(isNeighbour ? .neighbour : .firstData, place)
        }
    }

    private mutating func lookAtDatagram(_ frame: FrameMoment, _ from: Endpoint, _ place: Int) {
        guard let receiver = frame.receiver else {
            if frame.rule == .closedPort {
                add(.nobody, place)
                add(.kernelAnswers, place)
            }
            return
        }
        guard let before = clients[receiver.name] else {
            clients[receiver.name] = from
            add(receiver.isServer ? .firstDatagram : .firstReply, place)
            return
        }
        if receiver.isServer, before != from, severalClients.insert(receiver.name).inserted { add(.secondClient, place) }
    }
}

/// The calls that wait, as a timeline is gone through.
struct QuizWaiting {
    /// By participant.
    private(set) var calls: [Int: CallMoment] = [:]

    mutating func take(_ moment: Moment) {
        switch moment {
        case .call(let call):
            switch call.phase {
            case .entered: calls[call.participant] = call
            case .returned: calls[call.participant] = nil
            case .whole: break
            }
        // Who is dead waits for nothing.
        case .died(let participant, _): calls[participant] = nil
        case .frame(let frame):
            // connect() has what it waited for, though its return is told later.
            if let call = connect(frame) { calls[call.participant] = nil }
        default: break
        }
    }

    /// The connect() that a SYN ACK lets return (RFC 9293 §3.5: SYN-SENT becomes ESTABLISHED).
    func connect(_ frame: FrameMoment) -> CallMoment? {
        guard let flags = frame.flags, flags.contains(.syn), flags.contains(.ack), let receiver = frame.receiver else { return nil }
        return calls.values.first { $0.name == "connect" && $0.socket == receiver.name }
    }

    /// What waits just before a moment.
    static func before(_ place: Int, of timeline: Timeline) -> QuizWaiting {
        var waiting = QuizWaiting()
        for moment in timeline.moments[..<place] { waiting.take(moment) }
        return waiting
    }
}

/// Which of the calls that wait returns because of a frame.
///
/// A step is told in this order: a call, all of its segments, what returns. So a return that is told behind several frames
/// belongs to the last of them; but to the SYN ACK that of the connect() which waits for it.
struct QuizCalls {
    /// In the order of the participants.
    let waiting: [CallMoment]
    /// The one that returns; `nil` where none does.
    let returns: CallMoment?

    private static let mostCalls = 5

    /// - Returns: `nil` where it cannot be asked: no call waits, too many do, several return, or it is not sure which.
    init?(_ timeline: Timeline, frameAt place: Int, _ waiting: QuizWaiting) {
        guard (1...QuizCalls.mostCalls).contains(waiting.calls.count), case .frame(let frame) = timeline.moments[place] else { return nil }
        self.waiting = waiting.calls.sorted { $0.key < $1.key }.map(\.value)
        let later = timeline.moments[(place + 1)...]
        if let connect = waiting.connect(frame) {
            guard QuizCalls.succeeds(connect, in: later) else { return nil }
            returns = connect
            return
        }
        var returned: [CallMoment] = []
        scan: for moment in later {
            switch moment {
            case .frame(let other):
                if !returned.isEmpty { break scan }
                // That what came is acknowledged changes nothing for who waits for it; any other frame may.
                guard other.isPureAcknowledgment, other.sender != nil, other.sender?.name == frame.receiver?.name else { return nil }
            case .call(let call):
                guard call.phase == .returned else { break scan }
                if let call = waiting.calls[call.participant] { returned.append(call) }
            case .died: return nil
            default: continue
            }
        }
        guard returned.count < 2 else { return nil }
        if let call = returned.first {
            // What returned earlier may be told only now.
            guard QuizCalls.awaits(call, frame) else { return nil }
            returns = call
            return
        }
        // That nothing returns must be sure, and there must be something that might have done it.
        guard !frame.isPureAcknowledgment, frame.receiver != nil,
            !waiting.calls.values.contains(where: { $0.socket == nil || QuizCalls.awaits($0, frame) })
        else { return nil }
        returns = nil
    }

    /// Whether a frame is for the socket in which a call waits, or makes one for it.
    private static func awaits(_ call: CallMoment, _ frame: FrameMoment) -> Bool {
        guard let receiver = frame.receiver else { return false }
        if let socket = call.socket { return receiver.name == socket || receiver.madeBy == socket }
        // Of a connect() that fails no socket stays that could be named.
        return call.name == "connect" && frame.from.map { call.arguments.hasSuffix(", \($0)") } ?? false
    }

    private static func succeeds(_ call: CallMoment, in moments: ArraySlice<Moment>) -> Bool {
        for case .call(let other) in moments where other.participant == call.participant {
            return other.phase == .returned && other.name == call.name && !other.isFailure
        }
        return false
    }
}
