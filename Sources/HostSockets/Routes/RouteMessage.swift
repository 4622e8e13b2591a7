import CMnl
import Glibc
import Wire

/// The question where the kernel would send a packet (`RTM_GETROUTE`, rtnetlink(7)), and its answer.
///
/// ```
/// struct rtmsg     family, destination length, source length, TOS, table, protocol, scope, type: a byte each; flags: 4
/// ```
enum RouteMessage {
    private static let family = 0
    private static let destinationLength = family + 1
    private static let type = family + 7
    private static let length = type + 5

    struct Route: Equatable {
        /// `RTN_LOCAL` and its like.
        let type: Int
        /// The interface that leads there, by index; 0 where the answer has none.
        let device: UInt32
    }

    /// - Parameter device: the interface to send on; 0 for any.
    static func request(_ address: IPAddress, device: UInt32) -> NetlinkRequest {
        let addressLength = address.version == .four ? 4 : 16
        let destination = length
        let output = destination + 4 + addressLength
        let isBound = device != 0
        var request = NetlinkRequest(type: Int32(RTM_GETROUTE), bodyLength: isBound ? output + 8 : output)
        request.store(UInt8(address.version == .four ? AF_INET : AF_INET6), at: family)
        request.store(UInt8(addressLength * 8), at: destinationLength)
        request.store(UInt16(4 + addressLength), at: destination)
        request.store(UInt16(RTA_DST.rawValue), at: destination + 2)
        switch address.version {
        case .four: request.store(UInt32(truncatingIfNeeded: address.low).bigEndian, at: destination + 4)
        case .six:
            request.store(address.high.bigEndian, at: destination + 4)
            request.store(address.low.bigEndian, at: destination + 12)
        }
        if isBound {
            request.store(UInt16(8), at: output)
            request.store(UInt16(RTA_OIF.rawValue), at: output + 2)
            request.store(device, at: output + 4)
        }
        return request
    }

    static func route(_ bytes: Span<UInt8>) throws(NetlinkError) -> Route {
        guard bytes.count >= length else { throw .malformed("a route of \(bytes.count) bytes, of \(length)") }
        var device: UInt32 = 0
        try walkAttributes(bytes, from: length) { type, value in
            if UInt32(type) == RTA_OIF.rawValue, value.count >= 4 { device = value.native32(at: 0) }
        }
        return Route(type: Int(bytes[type]), device: device)
    }
}
