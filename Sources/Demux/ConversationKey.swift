import Wire

/// The four-tuple of a conversation and its protocol, the same for both directions.
///
/// The lower end stands first, so that one look-up finds the conversation whichever end sends; ``direction(of:to:)``
/// says which end that was.
struct ConversationKey: Equatable, Sendable {
    let firstHigh: UInt64
    let firstLow: UInt64
    let secondHigh: UInt64
    let secondLow: UInt64
    /// First port, second port, protocol, IP version: 16, 16, 8 and 8 bits.
    let portsAndProtocol: UInt64

    /// The key, and 0 where `source` is its first end, 1 where it is its second.
    @inline(__always)
    static func of(_ tuple: FourTuple) -> (key: ConversationKey, direction: UInt8) {
        let (source, destination) = (tuple.source, tuple.destination)
        let (sourcePort, destinationPort) = (tuple.sourcePort, tuple.destinationPort)
        let forward: Bool
        if source.high != destination.high {
            forward = source.high < destination.high
        } else if source.low != destination.low {
            forward = source.low < destination.low
        } else {
            forward = sourcePort <= destinationPort
        }
        let tail = UInt64(tuple.transport.rawValue) << 8 | UInt64(source.version.rawValue)
        if forward {
            return (ConversationKey(source, sourcePort, destination, destinationPort, tail), 0)
        }
        return (ConversationKey(destination, destinationPort, source, sourcePort, tail), 1)
    }

    @inline(__always)
    private init(_ first: IPAddress, _ firstPort: UInt16, _ second: IPAddress, _ secondPort: UInt16, _ tail: UInt64) {
        firstHigh = first.high
        firstLow = first.low
        secondHigh = second.high
        secondLow = second.low
        portsAndProtocol = UInt64(firstPort) << 32 | UInt64(secondPort) << 16 | tail
    }

    private init(_ key: ConversationKey, portsAndProtocol: UInt64) {
        firstHigh = key.firstHigh
        firstLow = key.firstLow
        secondHigh = key.secondHigh
        secondLow = key.secondLow
        self.portsAndProtocol = portsAndProtocol
    }

    var transport: IPProtocol { IPProtocol(rawValue: UInt8(truncatingIfNeeded: portsAndProtocol >> 8)) }

    /// Between the same ends over another transport.
    func over(_ other: IPProtocol) -> ConversationKey {
        ConversationKey(self, portsAndProtocol: portsAndProtocol & ~0xff00 | UInt64(other.rawValue) << 8)
    }

    /// Whether both ends are one and the same.
    var isToItself: Bool {
        firstHigh == secondHigh && firstLow == secondLow
            && portsAndProtocol >> 32 & 0xffff == portsAndProtocol >> 16 & 0xffff
    }

    @inline(__always)
    func hash(_ hasher: KeyedHash) -> UInt64 {
        // An IPv4 conversation fits two words.
        portsAndProtocol & 0xff == 4
            ? hasher.hash(firstLow << 32 | secondLow, portsAndProtocol)
            : hasher.hash(firstHigh, firstLow, secondHigh, secondLow, portsAndProtocol)
    }
}

/// What a listener or a datagram socket is bound to, as a key.
struct BindingKey: Equatable, Sendable {
    let high: UInt64
    let low: UInt64
    let portAndProtocol: UInt64

    init(_ endpoint: Endpoint, _ number: IPProtocol) {
        high = endpoint.address.high
        low = endpoint.address.low
        portAndProtocol =
            UInt64(endpoint.port) << 16 | UInt64(number.rawValue) << 8 | UInt64(endpoint.address.version.rawValue)
    }

    func hash(_ hasher: KeyedHash) -> UInt64 { hasher.hash(high, low, portAndProtocol) }
}
