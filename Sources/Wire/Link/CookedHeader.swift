/// The made-up header of a Linux "any" capture (LINKTYPE_LINUX_SLL and LINKTYPE_LINUX_SLL2 in the tcpdump
/// project's list): it has the sender's hardware address but not the receiver's, and says which way the frame went.
///
///     v1  0       2       4       6              14     16
///         | type  | ARPHRD| length| address      | proto|
///     v2  0       2       4          8       10  11   12             20
///         | proto | zero  | interface| ARPHRD| ty| len| address      |
public struct CookedHeader: Equatable, Sendable {
    public static let lengthOfVersion1 = 16
    public static let lengthOfVersion2 = 20

    /// Which way: the kernel's `PACKET_HOST` (to us) and so on.
    public enum Direction: UInt16, Sendable {
        case host = 0
        case broadcast = 1
        case multicast = 2
        case otherHost = 3
        case outgoing = 4
    }

    public let version: UInt8
    /// The kernel's packet type, as it stands: ``direction`` where it is a known one.
    public let packetType: UInt16
    /// The kind of hardware (`ARPHRD_` in if_arp.h): 1 Ethernet, 772 loopback.
    public let hardwareType: UInt16
    /// The sender's address, as far as it has six bytes; else `nil`.
    public let source: HardwareAddress?
    public let type: EtherType
    /// The interface's index, in version 2 only.
    public let interfaceIndex: UInt32?

    public var direction: Direction? { Direction(rawValue: packetType) }
    public var length: Int { version == 1 ? CookedHeader.lengthOfVersion1 : CookedHeader.lengthOfVersion2 }

    init(_ bytes: Span<UInt8>, in extent: Extent, version: UInt8) throws(Stop) {
        let needed = version == 1 ? CookedHeader.lengthOfVersion1 : CookedHeader.lengthOfVersion2
        guard extent.available(of: bytes.count) >= needed else {
            throw extent.truncated(.sll, needed: needed, of: bytes.count)
        }
        let start = extent.start
        self.version = version
        let addressLength: Int
        let address: Int
        if version == 1 {
            packetType = bytes.uint16(at: start)
            hardwareType = bytes.uint16(at: start + 2)
            addressLength = Int(bytes.uint16(at: start + 4))
            address = start + 6
            type = EtherType(rawValue: bytes.uint16(at: start + 14))
            interfaceIndex = nil
        } else {
            type = EtherType(rawValue: bytes.uint16(at: start))
            interfaceIndex = bytes.uint32(at: start + 4)
            hardwareType = bytes.uint16(at: start + 8)
            packetType = UInt16(bytes[start + 10])
            addressLength = Int(bytes[start + 11])
            address = start + 12
        }
        source = addressLength == 6 ? HardwareAddress(rawValue: bytes.uint48(at: address)) : nil
    }
}
