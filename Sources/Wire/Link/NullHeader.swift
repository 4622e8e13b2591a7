/// The four bytes before a packet on a BSD loopback interface: an address family.
///
/// Under link type 0 they stand in the byte order of the machine that wrote them, under 108 (OpenBSD's `loop`) in
/// network order (LINKTYPE_NULL, LINKTYPE_LOOP in the tcpdump project's list). No family exceeds 255, so the order
/// of the writer shows.
public struct NullHeader: Equatable, Sendable {
    public static let length = 4

    public let family: UInt32

    init(_ bytes: Span<UInt8>, in extent: Extent, layer: Stop.Layer) throws(Stop) {
        guard extent.available(of: bytes.count) >= NullHeader.length else {
            throw extent.truncated(layer, needed: NullHeader.length, of: bytes.count)
        }
        let value = bytes.uint32(at: extent.start)
        family = layer == .null && value > 0xffff ? value.byteSwapped : value
    }

    /// What follows, or `nil` for a family that no system uses for IP.
    ///
    /// IPv6 is 24 on NetBSD and OpenBSD, 28 on FreeBSD, 30 on Darwin. Linux' own number is 10, but its loopback interface
    /// is an Ethernet one, and the list does not have it.
    public var version: IPAddress.Version? {
        switch family {
        case 2: .four
        case 24, 28, 30: .six
        default: nil
        }
    }
}
