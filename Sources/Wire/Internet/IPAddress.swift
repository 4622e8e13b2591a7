import Glibc

/// An IPv4 or IPv6 address as a value of one fixed size, so that it can be a key and needs no heap.
public struct IPAddress: Hashable, Sendable {
    public enum Version: UInt8, Sendable {
        case four = 4
        case six = 6
    }

    /// The first 64 bits of an IPv6 address; 0 for IPv4.
    public let high: UInt64
    /// The last 64 bits of an IPv6 address; an IPv4 address in the lower half.
    public let low: UInt64
    public let version: Version

    @inlinable
    public init(ipv4 bits: UInt32) {
        high = 0
        low = UInt64(bits)
        version = .four
    }

    @inlinable
    public init(ipv6High high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
        version = .six
    }

    /// The sixteen bytes at `offset`, which must be there.
    @inline(__always)
    init(ipv6 bytes: Span<UInt8>, at offset: Int) {
        self.init(ipv6High: bytes.uint64(at: offset), low: bytes.uint64(at: offset + 8))
    }

    /// Reads `127.0.0.1` or `::1`, and nothing else: no names, no zone, no brackets (RFC 4291 §2.2).
    public init?(_ text: String) {
        // A C string ends at a NUL, and what stands behind it would go unread.
        guard !text.utf8.contains(0) else { return nil }
        var four = in_addr()
        var six = in6_addr()
        if unsafe inet_pton(AF_INET, text, &four) == 1 {
            self.init(ipv4: UInt32(bigEndian: four.s_addr))
        } else if unsafe inet_pton(AF_INET6, text, &six) == 1 {
            self = unsafe withUnsafeBytes(of: &six) { bytes in
                unsafe IPAddress(
                    ipv6High: UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self)),
                    low: UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)))
            }
        } else {
            return nil
        }
    }

    @inlinable public static var ipv4Any: IPAddress { IPAddress(ipv4: 0) }
    public static let ipv6Any = IPAddress(ipv6High: 0, low: 0)
    public static let ipv4Loopback = IPAddress(ipv4: 0x7f00_0001)
    public static let ipv6Loopback = IPAddress(ipv6High: 0, low: 1)

    /// `0.0.0.0` or `::`: as a bound address, every address of the host.
    public var isWildcard: Bool { high == 0 && low == 0 }

    /// 127.0.0.0/8 (RFC 1122 §3.2.1.3) or `::1`.
    public var isLoopback: Bool {
        version == .four ? low >> 24 == 127 : high == 0 && low == 1
    }

    /// 224.0.0.0/4 (RFC 5771) or ff00::/8 (RFC 4291 §2.7).
    @inlinable
    public var isMulticast: Bool {
        version == .four ? low >> 28 == 0xe : high >> 56 == 0xff
    }

    /// 255.255.255.255 (RFC 919 §7). A subnet's own broadcast address cannot be told without its mask.
    @inlinable
    public var isLimitedBroadcast: Bool { version == .four && low == 0xffff_ffff }

    /// The `index`th 16-bit group of an IPv6 address, 0 to 7.
    @inlinable
    func group(_ index: Int) -> UInt16 {
        UInt16(truncatingIfNeeded: (index < 4 ? high : low) >> UInt64((3 - index & 3) * 16))
    }
}

extension IPAddress: CustomStringConvertible {
    public var description: String {
        var text: [UInt8] = []
        text.reserveCapacity(IPAddress.longestText)
        writeText { text.append($0) }
        return String(decoding: text, as: UTF8.self)
    }

    /// The longest text that ``writeText(_:)`` gives: eight groups of four digits.
    public static let longestText = 39

    /// Gives the text a byte at a time: dotted decimal, or the form of RFC 5952 §4 (lower case, no leading zeros,
    /// the longest run of two or more zero groups as `::`, the first one of equals; §5 for v4-mapped).
    @inlinable
    public func writeText(_ put: (UInt8) -> Void) {
        switch version {
        case .four: IPAddress.writeDotted(UInt32(truncatingIfNeeded: low), put)
        case .six: writeGroups(put)
        }
    }

    @inlinable
    static func writeDotted(_ bits: UInt32, _ put: (UInt8) -> Void) {
        writeDecimal(bits >> 24, put)
        put(UInt8(ascii: "."))
        writeDecimal(bits >> 16 & 0xff, put)
        put(UInt8(ascii: "."))
        writeDecimal(bits >> 8 & 0xff, put)
        put(UInt8(ascii: "."))
        writeDecimal(bits & 0xff, put)
    }

    @inlinable
    static func writeDecimal(_ byte: UInt32, _ put: (UInt8) -> Void) {
        let zero = UInt32(UInt8(ascii: "0"))
        if byte >= 100 { put(UInt8(truncatingIfNeeded: zero + byte / 100)) }
        if byte >= 10 { put(UInt8(truncatingIfNeeded: zero + byte / 10 % 10)) }
        put(UInt8(truncatingIfNeeded: zero + byte % 10))
    }

    @inlinable
    func writeGroups(_ put: (UInt8) -> Void) {
        // RFC 5952 §5: ::ffff:0:0/96 is known to hold an IPv4 address.
        if high == 0, low >> 32 == 0xffff {
            put(UInt8(ascii: ":"))
            put(UInt8(ascii: ":"))
            for _ in 0..<4 { put(UInt8(ascii: "f")) }
            put(UInt8(ascii: ":"))
            IPAddress.writeDotted(UInt32(truncatingIfNeeded: low), put)
            return
        }
        let run = longestZeroRun
        var index = 0
        while index < 8 {
            if index == run.start, run.length > 1 {
                put(UInt8(ascii: ":"))
                put(UInt8(ascii: ":"))
                index += run.length
                continue
            }
            if index > 0, index != run.start + run.length || run.length < 2 { put(UInt8(ascii: ":")) }
            IPAddress.writeHex(group(index), put)
            index += 1
        }
    }

    /// RFC 5952 §4.2.3: the longest run of zero groups, the first of several.
    @inlinable
    var longestZeroRun: (start: Int, length: Int) {
        var best = (start: 8, length: 0)
        var length = 0
        for index in 0..<8 {
            length = group(index) == 0 ? length + 1 : 0
            if length > best.length { best = (index - length + 1, length) }
        }
        return best
    }

    @inlinable
    static func writeHex(_ group: UInt16, _ put: (UInt8) -> Void) {
        var shift = group > 0xfff ? 12 : group > 0xff ? 8 : group > 0xf ? 4 : 0
        while shift >= 0 {
            let digit = UInt8(truncatingIfNeeded: group >> UInt16(shift) & 0xf)
            put(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
            shift -= 4
        }
    }
}
