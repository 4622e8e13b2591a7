/// What segments and datagrams are demultiplexed by: two addresses, two ports, and over which protocol.
///
/// Stands in every ``Packet`` as plain words beside the headers that it is from, so that the demultiplexer reads what
/// it needs without unwrapping anything.
public struct FourTuple: Equatable, Sendable {
    public var source: IPAddress
    public var destination: IPAddress
    public var sourcePort: UInt16
    public var destinationPort: UInt16
    public var transport: IPProtocol

    @inlinable
    public init(
        source: IPAddress, sourcePort: UInt16, destination: IPAddress, destinationPort: UInt16, transport: IPProtocol
    ) {
        self.source = source
        self.destination = destination
        self.sourcePort = sourcePort
        self.destinationPort = destinationPort
        self.transport = transport
    }

    @inlinable @inline(__always) public var from: Endpoint { Endpoint(source, sourcePort) }
    @inlinable @inline(__always) public var to: Endpoint { Endpoint(destination, destinationPort) }
    /// Whether source and destination are one and the same endpoint.
    @inlinable @inline(__always) public var isToItself: Bool { sourcePort == destinationPort && source == destination }

    @usableFromInline static let none = FourTuple(
        source: .ipv4Any, sourcePort: 0, destination: .ipv4Any, destinationPort: 0,
        transport: IPProtocol(rawValue: 255))
}
