import Glibc
import Platform
import Wire

/// What the databases of names say, and their inverses. Empty, or `nil`, where they say nothing.
public enum Names {
    /// An entry of the services database: `http` and `80/tcp`.
    public struct Service: Equatable, Sendable {
        public let name: String
        public let port: UInt16
        public let transport: String
        public let aliases: [String]
    }

    /// An entry of the protocols database: `tcp` and 6.
    public struct IPProtocol: Equatable, Sendable {
        public let name: String
        public let number: Int32
        public let aliases: [String]
    }

    /// An entry of the networks database: `loopback` and `127.0.0.0`.
    public struct Network: Equatable, Sendable {
        public let name: String
        public let number: IPAddress
        public let aliases: [String]
    }

    /// The name of an address. The corresponding C function is `getnameinfo`.
    ///
    /// - Returns: `nil` where it has none.
    public static func host(of address: IPAddress) -> String? {
        var name = [CChar](repeating: 0, count: Int(NI_MAXHOST))
        let size = socklen_t(name.count)
        let code = unsafe Endpoint(address, 0).withSocketAddress { unsafe getnameinfo($0, $1, &name, size, nil, 0, NI_NAMEREQD) }
        return code == 0 ? String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self) : nil
    }

    /// The corresponding C function is `getservbyname`.
    public static func services(named name: String) -> [Service] {
        transports.compactMap { (transport: String) -> Service? in unsafe service(getservbyname(name, transport)) }
    }

    /// The corresponding C function is `getservbyport`.
    public static func services(port: UInt16) -> [Service] {
        transports.compactMap { (transport: String) -> Service? in unsafe service(getservbyport(Int32(port.bigEndian), transport)) }
    }

    /// The corresponding C function is `getprotobyname`.
    public static func `protocol`(named name: String) -> IPProtocol? { unsafe `protocol`(getprotobyname(name)) }

    /// The number of a protocol for `socket`, 0 (the default) where the database does not know it. Told to the trace: by the
    /// classic figure it is the first call of servers and clients.
    public static func protocolNumber(_ name: String) -> Int32 {
        lookedUp("getprotobyname", [.text(name)], `protocol`(named: name)?.number) ?? 0
    }

    /// The port of a service, as clients and servers look it up; told to the trace.
    public static func port(ofService name: String, _ transport: Transport = .tcp) -> UInt16? {
        let transport = transport.rawValue
        return lookedUp("getservbyname", [.text(name), .text(transport)], services(named: name).first { $0.transport == transport }?.port)
    }

    private static func lookedUp<Number: BinaryInteger>(
        _ call: String, _ arguments: [TracedCall.Argument], _ number: @autoclosure () -> Number?
    ) -> Number? {
        guard CallTrace.isOn else { return number() }
        let begun = CallTrace.begun(call, on: nil, arguments)
        let number = number()
        CallTrace.ended(begun, number.map { .value(Int($0)) } ?? .answer("NULL"))
        return number
    }

    /// The corresponding C function is `getprotobynumber`.
    public static func `protocol`(number: Int32) -> IPProtocol? { unsafe `protocol`(getprotobynumber(number)) }

    /// The corresponding C function is `getnetbyname`.
    public static func network(named name: String) -> Network? { unsafe network(getnetbyname(name)) }

    /// The corresponding C function is `getnetbyaddr`.
    ///
    /// - Parameter number: an IPv4 address, of which the zeros at its end do not count.
    public static func network(number: IPAddress) -> Network? {
        guard number.version == .four else { return nil }
        return unsafe network(getnetbyaddr(UInt32(truncatingIfNeeded: number.low), AF_INET))
    }

    private static let transports = ["tcp", "udp", "sctp", "dccp"]

    private static func service(_ entry: UnsafeMutablePointer<servent>?) -> Service? {
        guard let entry = unsafe entry?.pointee else { return nil }
        return unsafe Service(
            name: String(cString: entry.s_name), port: UInt16(bigEndian: UInt16(truncatingIfNeeded: entry.s_port)),
            transport: String(cString: entry.s_proto), aliases: list(entry.s_aliases))
    }

    private static func `protocol`(_ entry: UnsafeMutablePointer<protoent>?) -> IPProtocol? {
        guard let entry = unsafe entry?.pointee else { return nil }
        return unsafe IPProtocol(name: String(cString: entry.p_name), number: entry.p_proto, aliases: list(entry.p_aliases))
    }

    private static func network(_ entry: UnsafeMutablePointer<netent>?) -> Network? {
        guard let entry = unsafe entry?.pointee else { return nil }
        return unsafe Network(
            name: String(cString: entry.n_name), number: IPAddress(ipv4: entry.n_net), aliases: list(entry.n_aliases))
    }

    /// C's list of strings, which ends in a null pointer.
    private static func list(_ first: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) -> [String] {
        guard var next = unsafe first else { return [] }
        var strings: [String] = []
        while let string = unsafe next.pointee {
            unsafe strings.append(String(cString: string))
            unsafe next += 1
        }
        return strings
    }
}
