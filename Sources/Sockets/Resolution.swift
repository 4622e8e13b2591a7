import CPlatform
import Glibc
import Platform
import Wire

/// Why a host and a service gave no endpoint.
public enum ResolutionError: Error, Equatable, Sendable, CustomStringConvertible {
    /// No such host, or none with an IPv4 or IPv6 address.
    case unknownHost(String)
    /// Neither a port number nor a name in the services database.
    case unknownService(String)
    /// The name server did not answer, or the call failed otherwise: in the C library's words.
    case failed(host: String, reason: String)

    public var description: String {
        switch self {
        case .unknownHost(let host): "\(host): unknown host"
        case .unknownService(let service): "\(service): neither a port number nor the name of a service"
        case .failed(let host, let reason): "\(host): \(reason)"
        }
    }
}

/// The endpoints that a host and a service stand for, in the order in which they are to be tried (RFC 6724).
/// The corresponding C function is `getaddrinfo`.
///
/// - Parameters:
///   - host: a name, or an address as text.
///   - service: a port number, or a name in the services database such as `finger`.
/// - Returns: at least one.
public func resolve(
    host: String, service: String, for transport: Transport
) throws(ResolutionError) -> [Endpoint] {
    // The C library takes any number modulo 65,536 without a word.
    if !service.isEmpty, service.utf8.allSatisfy(isDigit), UInt16(service) == nil { throw .unknownService(service) }

    var hints = unsafe addrinfo()
    unsafe hints.ai_family = AF_UNSPEC
    unsafe hints.ai_socktype = Int32((transport == .tcp ? SOCK_STREAM : SOCK_DGRAM).rawValue)
    var list: UnsafeMutablePointer<addrinfo>?
    let arguments: [TracedCall.Argument] = [.text(host), .text(service)]
    let call = CallTrace.isOn ? CallTrace.begun("getaddrinfo", on: nil, arguments) : nil
    let code = unsafe getaddrinfo(host, service, &hints, &list)
    let cause = errno
    defer { if let list = unsafe list { unsafe freeaddrinfo(list) } }
    let words = unsafe code == 0 ? "" : String(cString: gai_strerror(code))
    if let call, code != 0 { CallTrace.ended(call, .answer(words)) }
    switch code {
    case 0: break
    case _ where pw_is_unknown_host(code) == 1: throw .unknownHost(host)
    case EAI_SERVICE: throw .unknownService(service)
    case EAI_SYSTEM: throw .failed(host: host, reason: SystemError(cause, in: "getaddrinfo").reason)
    default: throw .failed(host: host, reason: words)
    }

    var endpoints: [Endpoint] = []
    var next = unsafe list
    while let entry = unsafe next {
        if let endpoint = unsafe Endpoint(entry.pointee) { endpoints.append(endpoint) }
        unsafe next = unsafe entry.pointee.ai_next
    }
    if let call { CallTrace.ended(call, .answer(endpoints.map(\.description).joined(separator: ", "))) }
    if endpoints.isEmpty { throw .unknownHost(host) }
    return endpoints
}

private func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }

extension Endpoint {
    fileprivate init?(_ entry: addrinfo) {
        var storage = sockaddr_storage()
        let count = unsafe min(MemoryLayout<sockaddr_storage>.size, Int(entry.ai_addrlen))
        unsafe withUnsafeMutableBytes(of: &storage) { bytes in
            unsafe bytes.copyMemory(from: UnsafeRawBufferPointer(start: entry.ai_addr, count: count))
        }
        self.init(storage)
    }
}
