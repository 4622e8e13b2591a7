/// A decoded frame: the outer headers as plain values, where the payload lies, and why decoding stopped if it did.
///
/// It has no reference to the bytes and nothing on the heap. It is filled in place, once a frame, and reused.
public struct Packet: Equatable, Sendable {
    public var linkType: LinkType = .ethernet
    /// How many bytes of the frame there are to read.
    public var capturedLength: UInt32 = 0
    /// How many bytes the frame had on the wire.
    public var originalLength: UInt32 = 0
    /// Where the link-layer header begins: not at 0 inside of a tunnel.
    public internal(set) var linkOffset: UInt16 = 0
    /// How many tunnels the packet is inside of: 0 for the outermost.
    public internal(set) var depth: UInt8 = 0
    public internal(set) var marks: Marks = []
    public var link: Link = .none
    /// Where the outermost IP header begins.
    public var internetOffset: UInt16 = 0
    public var internet: Internet = .none
    public var transport: Transport = .none
    /// Of what has ports; without meaning for any other packet.
    public internal(set) var fourTuple = FourTuple.none
    /// What the innermost decoded header carries, as far as it was captured.
    public var payload: ByteRange = .empty
    /// How long the payload is by the word of the headers, captured or not.
    public var payloadLength: UInt32 = 0
    /// Whether the IP packet is a part of a larger one.
    public internal(set) var isFragment = false
    public var remark: Remark?
    public var stop: Stop?

    public init() {}

    public enum Link: Equatable, Sendable {
        case none
        case ethernet(EthernetHeader)
        case null(NullHeader)
        case cooked(CookedHeader)
    }

    public enum Internet: Equatable, Sendable {
        case none
        case ipv4(IPv4Header)
        case ipv6(IPv6Header)
    }

    public enum Transport: Equatable, Sendable {
        case none
        case tcp(TCPHeader)
        case udp(UDPHeader)
        case icmp(ICMPHeader)
        /// RFC 3828 §3.1: UDP's header, whose length field says how much the checksum covers.
        case udpLite(UDPHeader)
        case sctp(SCTPHeader)
        case dccp(DCCPHeader)
        case igmp(IGMPHeader)
        case gre(GREHeader)
    }

    /// What is decoded on demand, since most packets have none of it.
    public struct Marks: OptionSet, Sendable {
        public let rawValue: UInt8
        public init(rawValue: UInt8) { self.rawValue = rawValue }

        /// Headers between the first and what is carried, see ``Packet/linkHeaders(in:)``.
        public static var linkHeaders: Marks { Marks(rawValue: 1) }
        /// An address resolution packet, see ``Packet/arp(in:)``.
        public static var arp: Marks { Marks(rawValue: 2) }
        /// Another packet inside, see ``Packet/tunnelled(in:)``.
        public static var tunnel: Marks { Marks(rawValue: 4) }
        /// It is quoted by an ICMP message: the beginning of a packet.
        public static var quote: Marks { Marks(rawValue: 8) }
    }

    /// Something odd that did not stop decoding.
    public enum Remark: String, Sendable {
        case lengthBeyondFrame = "the IP length exceeds the frame's; the frame's counts"
        case reassembled = "put together from fragments"
        case lengthZero = "the IP length is 0 (segmentation offload); the frame's counts"
    }
}

extension Packet {
    public var source: IPAddress? {
        switch internet {
        case .none: nil
        case .ipv4(let header): header.sourceAddress
        case .ipv6(let header): header.source
        }
    }

    public var destination: IPAddress? {
        switch internet {
        case .none: nil
        case .ipv4(let header): header.destinationAddress
        case .ipv6(let header): header.destination
        }
    }

    public var upperLayer: IPProtocol? {
        switch internet {
        case .none: nil
        case .ipv4(let header): header.upperLayer
        case .ipv6(let header): header.upperLayer
        }
    }

    /// Both ends of a TCP segment or a UDP datagram, UDP-Lite included: what is demultiplexed by the socket table.
    public var endpoints: (source: Endpoint, destination: Endpoint)? {
        switch transport {
        case .tcp, .udp, .udpLite: (fourTuple.from, fourTuple.to)
        case .none, .icmp, .sctp, .dccp, .igmp, .gre: nil
        }
    }

    /// Both ends of whatever has ports.
    public var ports: (source: Endpoint, destination: Endpoint)? {
        switch transport {
        case .tcp, .udp, .udpLite, .sctp, .dccp: (fourTuple.from, fourTuple.to)
        case .none, .icmp, .igmp, .gre: nil
        }
    }

    /// Enters the ports beside the addresses of the IP header.
    @inline(__always)
    mutating func setFourTuple(_ sourcePort: UInt16, _ destinationPort: UInt16, _ transport: IPProtocol) {
        switch internet {
        case .ipv4(let header):
            fourTuple.source = header.sourceAddress
            fourTuple.destination = header.destinationAddress
        case .ipv6(let header):
            fourTuple.source = header.source
            fourTuple.destination = header.destination
        case .none: break
        }
        fourTuple.sourcePort = sourcePort
        fourTuple.destinationPort = destinationPort
        fourTuple.transport = transport
    }

    /// Whether the link layer says that the frame goes to more than one host.
    public var isLinkGroup: Bool {
        switch link {
        case .ethernet(let header): header.destination.isGroup
        case .cooked(let header): header.direction == .broadcast || header.direction == .multicast
        case .none, .null: false
        }
    }
}
