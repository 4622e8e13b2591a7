import Glibc
import Platform
import Wire

/// Passes frames on between two cables, and does to some what networks do: loses them, or lets a later one overtake.
struct Relay {
    /// What is done to the packets with data from the first cable to the second, by their place from 1 on.
    struct Faults {
        var drops: Set<Int> = []
        /// Each of these is held until the next has passed.
        var holds: Set<Int> = []
    }

    /// Forwards until it is killed, and says what it does.
    ///
    /// - Parameters:
    ///   - one, other: the interfaces.
    static func run(_ one: String, _ other: String, _ faults: Faults, _ role: Role) throws {
        // Owned here; the loop has no end but the process's.
        let sockets = [try packetSocket(on: one).release(), try packetSocket(on: other).release()]
        var frame = [UInt8](repeating: 0, count: 65_536)
        var held: [UInt8]?
        var count = 0
        while true {
            var awaited = [Awaited(sockets[0], for: .readable), Awaited(sockets[1], for: .readable)]
            try waitUntilReady(&awaited)
            for side in 0...1 where awaited[side].ready.contains(.readable) {
                let length = try retrying("recv") { unsafe recv(sockets[side], &frame, frame.count, 0) }
                let bytes = Array(frame[..<length])
                guard side == 0, let words = dataWords(bytes) else {
                    try pass(bytes, to: sockets[1 - side])
                    continue
                }
                count += 1
                if faults.drops.contains(count) {
                    role.print("drops packet \(count): \(words)")
                } else if faults.holds.contains(count) {
                    role.print("holds packet \(count) back: \(words)")
                    held = bytes
                } else {
                    try pass(bytes, to: sockets[1])
                    if let late = held {
                        role.print("passes packet \(count), and then the one held back")
                        held = nil
                        try pass(late, to: sockets[1])
                    }
                }
            }
        }
    }

    private static func pass(_ frame: [UInt8], to socket: Int32) throws {
        try retrying("send") { unsafe send(socket, frame, frame.count, 0) }
    }

    /// What a packet carries, if it carries anything: `UDP 4 B "two\n"`.
    private static func dataWords(_ bytes: [UInt8]) -> String? {
        var packet = Packet()
        packet.decode(bytes.span, linkType: .ethernet, originalLength: bytes.count)
        guard packet.payloadLength > 0 else { return nil }
        switch packet.transport {
        case .tcp: return "TCP \(packet.payloadLength) B"
        case .udp: return "UDP \(packet.payloadLength) B"
        default: return nil
        }
    }
}
