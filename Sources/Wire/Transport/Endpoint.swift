/// An address and a port: one end of a conversation, or what a socket is bound to.
public struct Endpoint: Hashable, Sendable {
    public let address: IPAddress
    public let port: UInt16

    @inlinable
    public init(_ address: IPAddress, _ port: UInt16) {
        self.address = address
        self.port = port
    }

    /// Reads `127.0.0.1:1234` or `[::1]:1234`.
    public init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":") else { return nil }
        let digits = text[text.index(after: colon)...]
        // UInt16 itself would take "+80", too.
        guard digits.utf8.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }), let port = UInt16(digits) else { return nil }
        var host = text[..<colon]
        let bracketed = host.hasPrefix("[") && host.hasSuffix("]") && host.count > 2
        if bracketed { host = host.dropFirst().dropLast() }
        guard let address = IPAddress(String(host)), bracketed == (address.version == .six) else { return nil }
        self.init(address, port)
    }
}

extension Endpoint: CustomStringConvertible {
    /// `127.0.0.1:1234`, and an IPv6 address in brackets (RFC 3986 §3.2.2): `[::1]:1234`.
    public var description: String {
        address.version == .six ? "[\(address)]:\(port)" : "\(address):\(port)"
    }
}
