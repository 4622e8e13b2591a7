/// An address resolution packet (RFC 826, "Packet format"; RFC 903 for its reverse).
///
///     0       2       4   5   6       8
///     | hardw.| proto.|hln|pln| opcode| sender's hardware, protocol, target's hardware, protocol address
///
/// What was cut off is missing, what is whole is there. Decoded only when shown.
public struct ARPPacket: Equatable, Sendable {
    /// The fields before the addresses.
    public static let fixedLength = 8

    public let hardwareType: UInt16
    public let protocolType: EtherType
    public let hardwareLength: UInt8
    public let protocolLength: UInt8
    public let opcode: Opcode
    public let sender: Party
    public let target: Party

    /// The addresses of one end, as far as they are 48-bit and IPv4 ones and were captured.
    public struct Party: Equatable, Sendable {
        public internal(set) var hardware: HardwareAddress?
        public internal(set) var address: IPAddress?

        public init() {}
    }

    public struct Opcode: RawRepresentable, Hashable, Sendable {
        public let rawValue: UInt16
        public init(rawValue: UInt16) { self.rawValue = rawValue }
        public static let request = Opcode(rawValue: 1)
        public static let reply = Opcode(rawValue: 2)
        public static let reverseRequest = Opcode(rawValue: 3)
        public static let reverseReply = Opcode(rawValue: 4)

        /// IANA, "Address Resolution Protocol Parameters".
        private static let names = [
            "reserved", "request", "reply", "reverse request", "reverse reply", "dynamic reverse request", "dynamic reverse reply",
            "dynamic reverse error", "inverse request", "inverse reply", "NAK",
        ]
        public var name: String? { Int(rawValue) < Opcode.names.count ? Opcode.names[Int(rawValue)] : nil }
    }

    /// The whole packet's length, by the word of its own fields.
    static func length(_ bytes: Span<UInt8>, _ extent: Extent) throws(Stop) -> Int {
        guard extent.available(of: bytes.count) >= fixedLength else {
            throw extent.truncated(.arp, needed: fixedLength, of: bytes.count)
        }
        return fixedLength + 2 * (Int(bytes[extent.start + 4]) + Int(bytes[extent.start + 5]))
    }

    /// `nil` where the fields before the addresses are cut.
    ///
    /// - Parameter isWhole: whether the packet has room for addresses of these lengths.
    init?(_ bytes: Span<UInt8>, in extent: Extent, isWhole: Bool) {
        let available = extent.available(of: bytes.count)
        guard available >= ARPPacket.fixedLength else { return nil }
        let start = extent.start
        hardwareType = bytes.uint16(at: start)
        protocolType = EtherType(rawValue: bytes.uint16(at: start + 2))
        hardwareLength = bytes[start + 4]
        protocolLength = bytes[start + 5]
        opcode = Opcode(rawValue: bytes.uint16(at: start + 6))
        // Ethernet is 1, IEEE 802 networks are 6 (IANA, "Hardware Types").
        let isMAC = (hardwareType == 1 || hardwareType == 6) && hardwareLength == 6 && isWhole
        // RFC 2225 §8 gives ATM, 19, a layout of its own.
        let isIPv4 = protocolType == .ipv4 && protocolLength == 4 && hardwareType != 19 && isWhole
        var offset = ARPPacket.fixedLength
        var parties = (sender: Party(), target: Party())
        func next(_ count: UInt8) -> Int? {
            defer { offset += Int(count) }
            return offset + Int(count) <= available ? start + offset : nil
        }
        if let place = next(hardwareLength), isMAC { parties.sender.hardware = HardwareAddress(rawValue: bytes.uint48(at: place)) }
        if let place = next(protocolLength), isIPv4 { parties.sender.address = IPAddress(ipv4: bytes.uint32(at: place)) }
        if let place = next(hardwareLength), isMAC { parties.target.hardware = HardwareAddress(rawValue: bytes.uint48(at: place)) }
        if let place = next(protocolLength), isIPv4 { parties.target.address = IPAddress(ipv4: bytes.uint32(at: place)) }
        (sender, target) = parties
    }
}

extension ARPPacket: CustomStringConvertible {
    /// `ARP who has 10.0.0.1, tell 10.0.0.2`, `ARP 10.0.0.1 is at 02:00:00:00:00:01`.
    public var description: String {
        switch (opcode, sender.address, target.address) {
        case (.request, let from?, let to?):
            return from == to ? "ARP announces \(from)" : "ARP who has \(to), tell \(from)"
        case (.reply, let from?, _):
            return "ARP \(from) is at " + (sender.hardware?.description ?? "an address of \(hardwareLength) B")
        case (.reverseRequest, _, _):
            return "RARP who is \(text(target)), tell \(text(sender))"
        case (.reverseReply, _, let to?):
            return "RARP \(text(target)) is \(to)"
        default:
            return "ARP " + (opcode.name ?? "opcode \(opcode.rawValue)")
        }
    }

    private func text(_ party: Party) -> String { party.hardware?.description ?? "an address of \(hardwareLength) B" }
}
