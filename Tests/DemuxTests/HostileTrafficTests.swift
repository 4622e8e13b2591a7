@testable import Demux
import FrameScript
import Testing
import Wire

/// Few addresses, few ports, any flags, numbers that often fit and often do not, ICMP errors that quote them: what no
/// sane network sends, and what a capture may hold.
private struct HostileTraffic {
    private var random: SeededGenerator
    private let addresses = ["10.0.0.1", "10.0.0.2", "10.0.0.3", "fd00::1", "fd00::2", "224.0.0.1"].compactMap { IPAddress($0) }
    private let ports: UInt16
    private var recent: [[UInt8]] = []

    init(seed: UInt64, ports: UInt16) {
        random = SeededGenerator(seed: seed)
        self.ports = ports
    }

    mutating func nextFrame() -> [UInt8] {
        let (source, destination) = ends()
        let packet: [UInt8]
        switch UInt8.random(in: 0..<20, using: &random) {
        case 0..<14: packet = segment(source, destination)
        case 14..<18: packet = datagram(source, destination)
        default: packet = error(source.address)
        }
        recent.append(packet)
        if recent.count > 16 { recent.removeFirst() }
        return FrameBuilder.ethernet(packet, to: destination.address)
    }

    private mutating func ends() -> (Endpoint, Endpoint) {
        let source = addresses[Int.random(in: 0..<5, using: &random)]
        let others = addresses.filter { $0.version == source.version }
        let destination = others[Int.random(in: others.indices, using: &random)]
        func port() -> UInt16 { UInt16.random(in: 1...ports, using: &random) }
        return (Endpoint(source, port()), Endpoint(destination, port()))
    }

    private mutating func segment(_ source: Endpoint, _ destination: Endpoint) -> [UInt8] {
        // What handshakes and ends are made of comes more often than chance would have it.
        let usual: [TCPFlags] = [.syn, [.syn, .ack], .ack, [.fin, .ack], .rst, [.rst, .ack], [.psh, .ack]]
        let flags = Bool.random(using: &random) ? usual.randomElement(using: &random) ?? .ack
            : TCPFlags(rawValue: UInt16.random(in: 0..<64, using: &random))
        let numbers: [UInt32] = [0, 1, 2, 3, 4, 0xffff_ffff, 0x8000_0000]
        let segment = FrameBuilder.tcp(
            source, destination, flags, sequence: numbers.randomElement(using: &random) ?? 0,
            acknowledgment: numbers.randomElement(using: &random) ?? 0,
            payload: [UInt8](repeating: 0x61, count: Int.random(in: 0..<3, using: &random)))
        return FrameBuilder.ip(source.address, destination.address, .tcp, segment)
    }

    private mutating func datagram(_ source: Endpoint, _ destination: Endpoint) -> [UInt8] {
        let payload = [UInt8](repeating: 0x61, count: Int.random(in: 0..<3, using: &random))
        return FrameBuilder.ip(source.address, destination.address, .udp, FrameBuilder.udp(source, destination, payload: payload))
    }

    private mutating func error(_ source: IPAddress) -> [UInt8] {
        let quotable = recent.filter { ($0[0] >> 4 == 4) == (source.version == .four) }
        let quote = quotable.randomElement(using: &random) ?? []
        let isFour = source.version == .four
        let message = FrameBuilder.icmp(
            source, source, type: isFour ? 3 : 1, code: UInt8.random(in: 0..<6, using: &random),
            quote: isFour ? Array(quote.prefix(28)) : quote)
        return FrameBuilder.ip(source, source, isFour ? .icmp : .icmpv6, message)
    }
}

@Suite struct HostileTrafficTests {
    /// Delivers `count` frames and hands each delivery on.
    ///
    /// Undecided ones are asked again with any foresight, right or wrong.
    private func run(
        _ table: inout SocketTable, frames count: Int, seed: UInt64, ports: UInt16,
        _ body: (borrowing SocketTable, Delivery, Int) -> Void
    ) {
        var traffic = HostileTraffic(seed: seed, ports: ports)
        var random = SeededGenerator(seed: ~seed)
        var packet = Packet()
        var delivery = Delivery()
        for number in 1...count {
            let frame = traffic.nextFrame()
            packet.decode(frame.span, linkType: .ethernet, originalLength: frame.count)
            let isLive = Bool.random(using: &random)
            var outcome = table.deliver(
                &packet, frame.span, number: UInt64(number), foresight: isLive ? .unavailable : .unknown, into: &delivery)
            if outcome == .undecided {
                let answers: [Foresight] = [.unanswered, .accepted, .refused(frame: UInt64(number + 1)), .crossed]
                outcome = table.deliver(
                    &packet, frame.span, number: UInt64(number), foresight: answers.randomElement(using: &random) ?? .unanswered,
                    into: &delivery)
            }
            #expect(outcome == .decided)
            body(table, delivery, number)
        }
    }

    @Test(arguments: [UInt64(1), 2, 3, 4])
    func `A small table stays small and whole`(_ seed: UInt64) {
        var limits = SocketTable.Limits()
        limits.conversations = 64
        limits.endedSockets = 16
        limits.idleListeners = 4
        var table = SocketTable(limits: limits)
        var broken: [String] = []
        run(&table, frames: 50_000, seed: seed, ports: 40) { table, _, number in
            if number % 97 == 0, broken.isEmpty { broken = table.brokenInvariants }
        }
        #expect(broken == [])
        #expect(table.brokenInvariants == [])
        #expect(table.conversations.count <= 64)
        // A conversation has two ends and a listener; beside them the ended, the idle, and those of one packet.
        #expect(table.sockets.count <= 3 * 64 + 16 + 4 + 8)
        #expect(table.notListed > 0)
    }

    @Test(arguments: [1, 2, 3])
    func `The smallest tables hold, too`(_ size: Int) {
        var limits = SocketTable.Limits()
        limits.conversations = size
        limits.endedSockets = size
        limits.idleListeners = 0
        var table = SocketTable(limits: limits)
        var broken: [String] = []
        run(&table, frames: 10_000, seed: 7, ports: 5) { table, _, _ in
            if broken.isEmpty { broken = table.brokenInvariants }
        }
        #expect(broken == [])
    }

    @Test func `Limits of nothing are taken for one`() {
        var limits = SocketTable.Limits()
        limits.conversations = 0
        limits.endedSockets = 0
        limits.idleListeners = 0
        var table = SocketTable(limits: limits)
        run(&table, frames: 5_000, seed: 8, ports: 5) { _, _, _ in }
        #expect(table.sockets.count < 16)
    }

    @Test func `A name is one socket's for ever`() {
        var limits = SocketTable.Limits()
        limits.conversations = 64
        limits.endedSockets = 16
        limits.idleListeners = 4
        var table = SocketTable(limits: limits)
        var owners: [SocketName: Endpoint] = [:]
        var highest: [SocketKind: UInt32] = [:]
        run(&table, frames: 50_000, seed: 5, ports: 20) { table, delivery, number in
            for event in table.events {
                guard case .opened(let reference, _) = event else { continue }
                #expect(reference.name.number == highest[reference.name.kind, default: 0] + 1, "frame \(number)")
                highest[reference.name.kind] = reference.name.number
                owners[reference.name] = table.socket(reference).local
            }
            for reference in [delivery.sender, delivery.receiver].compactMap({ $0 }) {
                #expect(table.socket(reference).name == reference.name, "frame \(number)")
                #expect(table.socket(reference).local == owners[reference.name], "frame \(number)")
            }
        }
    }

    /// With room for all nothing is forgotten: what was delivered is what was counted.
    @Test func `Each packet is counted once where it arrived, and once where it came from`() {
        var table = SocketTable()
        var delivered: [SocketName: UInt64] = [:]
        var sent: [SocketName: UInt64] = [:]
        var nobody: UInt64 = 0
        var receivers: [SocketName?] = [nil]
        run(&table, frames: 50_000, seed: 6, ports: 12) { table, delivery, _ in
            if let receiver = delivery.receiver { delivered[receiver.name, default: 0] += 1 }
            if let sender = delivery.sender { sent[sender.name, default: 0] += 1 }
            if delivery.rule == .closedPort { nobody += 1 }
            // What a later frame corrects reached nobody after all.
            receivers.append(delivery.receiver?.name)
            if delivery.corrects != 0, delivery.sender == nil {
                nobody += 1
                if let name = receivers[Int(delivery.corrects)] { delivered[name, default: 0] -= 1 }
            }
        }
        #expect(table.notListed == 0 || table.endedSockets.count == table.limits.endedSockets)
        #expect(table.nobody.tcp.segments + table.nobody.udp.segments == nobody)
        var wrong: [String] = []
        for socket in table.listed {
            if socket.received.segments != delivered[socket.name] ?? 0 { wrong.append("\(socket.name) received") }
            if socket.sent.segments != sent[socket.name] ?? 0 { wrong.append("\(socket.name) sent") }
        }
        #expect(wrong == [])
    }

    /// Whatever else a packet is, the socket that gets it is bound to its destination, or sent what an error quotes.
    @Test func `Who gets a packet accepts it`() {
        var table = SocketTable()
        var traffic = HostileTraffic(seed: 9, ports: 6)
        var packet = Packet()
        var delivery = Delivery()
        var wrong: [String] = []
        for number in 1...50_000 {
            let frame = traffic.nextFrame()
            packet.decode(frame.span, linkType: .ethernet, originalLength: frame.count)
            _ = table.deliver(&packet, frame.span, number: UInt64(number), foresight: .unavailable, into: &delivery)
            guard let ends = packet.endpoints else { continue }
            if let receiver = delivery.receiver.map({ table.socket($0) }) {
                if receiver.local != ends.destination { wrong.append("\(number): \(receiver.name) is at \(receiver.local)") }
                if let remote = receiver.remote, remote != ends.source { wrong.append("\(number): \(receiver.name) has \(remote)") }
            }
            if let sender = delivery.sender.map({ table.socket($0) }) {
                if sender.local != ends.source { wrong.append("\(number): \(sender.name) sends from \(sender.local)") }
                if let remote = sender.remote, remote != ends.destination { wrong.append("\(number): \(sender.name) sends to \(remote)") }
            }
        }
        #expect(wrong.prefix(5) == [])
    }
}
