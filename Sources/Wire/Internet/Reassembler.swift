/// Puts IP datagrams together from their fragments, as the receiving host does (RFC 791 §3.2, RFC 8200 §4.5).
///
/// A value without a clock: time is what the frames say. Bounded in memory by ``Limits``, whatever the capture holds:
/// only bytes that were captured are kept, never what a length field claims.
public struct Reassembler: Sendable {
    public struct Limits: Sendable {
        /// In bytes, for all that waits. The kernel's own bound (`net.ipv4.ipfrag_high_thresh`).
        public var memory = 4 << 20
        /// How long a datagram waits for its fragments, in nanoseconds: `net.ipv4.ipfrag_time`, 30 s, within what
        /// RFC 1122 §3.3.2 says; and RFC 8200 §4.5, "within 60 seconds of the reception of the first-arriving fragment".
        public var patience4: Int64 = 30_000_000_000
        public var patience6: Int64 = 60_000_000_000

        public init() {}
    }

    /// What the fragments of one datagram have in common: addresses, identification and protocol (RFC 791 §3.2), in IPv6
    /// without the protocol, of which only the first fragment's counts (RFC 8200 §4.5; the kernel's `frag_v6_compare_key`).
    struct Key: Hashable {
        let source: IPAddress
        let destination: IPAddress
        let identification: UInt32
        let `protocol`: IPProtocol

        init?(_ packet: borrowing Packet) {
            switch packet.internet {
            case .ipv4(let header):
                source = header.sourceAddress
                destination = header.destinationAddress
                identification = UInt32(header.identification)
                `protocol` = header.protocol
            case .ipv6(let header):
                guard let fragment = header.fragment else { return nil }
                source = header.source
                destination = header.destination
                identification = fragment.identification
                `protocol` = .fragment
            case .none:
                return nil
            }
        }
    }

    private let limits: Limits
    private var waiting: [Key: PartialDatagram] = [:]
    /// In the order in which they began. What is no longer waiting is passed over.
    private var order: [(key: Key, serial: UInt64)] = []
    private var oldest = 0
    private var serial: UInt64 = 0
    /// How much of ``Limits/memory`` is taken.
    private(set) var memory = 0
    /// Datagrams that were given up: their time was over, or the room was needed.
    public private(set) var givenUp: UInt64 = 0

    /// How many datagrams never became whole, so far.
    public var incomplete: UInt64 { givenUp + UInt64(waiting.count) }

    /// How many places in the order are kept, for the tests.
    var remembered: Int { order.count }

    public init(limits: Limits = Limits()) {
        self.limits = limits
    }

    /// Takes the next frame's packet.
    ///
    /// - Parameters:
    ///   - bytes: those of the frame that `packet` was decoded from.
    ///   - number: the frame's number.
    ///   - time: when the frame was seen.
    public mutating func take(
        _ packet: borrowing Packet, _ bytes: Span<UInt8>, number: UInt64, time: Timestamp
    ) -> FragmentFate {
        guard packet.isFragment, let key = Key(packet) else { return .none }
        // A host drops a packet that is not as long as its header says.
        guard packet.remark != .lengthBeyondFrame, packet.remark != .lengthZero, let place = packet.fragmentPlace else { return .unfit }
        giveUpOld(time)
        var datagram: PartialDatagram
        if let known = waiting.removeValue(forKey: key) {
            memory -= known.memory
            // One whose time is over may still stand behind an older one that has more of it.
            let isOver = isOver(known, key, time)
            if isOver { givenUp += 1 }
            datagram = isOver ? begin(key, time) : known
        } else {
            datagram = begin(key, time)
        }
        let fate = datagram.add(place, packet, bytes, number)
        if case .completes = fate { return fate }
        memory += datagram.memory
        waiting[key] = datagram
        while memory > limits.memory, oldest < order.count { giveUpOldest() }
        return fate
    }

    private mutating func begin(_ key: Key, _ time: Timestamp) -> PartialDatagram {
        serial += 1
        if order.count >= 1024, order.count >= 4 * waiting.count { forgetOrderOfOthers() }
        order.append((key, serial))
        return PartialDatagram(serial: serial, begun: time)
    }

    private func isOver(_ datagram: PartialDatagram, _ key: Key, _ time: Timestamp) -> Bool {
        time - datagram.begun > (key.source.version == .four ? limits.patience4 : limits.patience6)
    }

    /// Gives up whose time is over.
    private mutating func giveUpOld(_ time: Timestamp) {
        while oldest < order.count {
            let (key, serial) = order[oldest]
            if let datagram = waiting[key], datagram.serial == serial, !isOver(datagram, key, time) { break }
            giveUpOldest()
        }
    }

    private mutating func giveUpOldest() {
        let (key, serial) = order[oldest]
        oldest += 1
        if let datagram = waiting[key], datagram.serial == serial {
            memory -= datagram.memory
            waiting[key] = nil
            givenUp += 1
        }
    }

    /// What became whole leaves its place in the order behind.
    private mutating func forgetOrderOfOthers() {
        let waiting = waiting
        order.removeAll { waiting[$0.key]?.serial != $0.serial }
        oldest = 0
    }
}
