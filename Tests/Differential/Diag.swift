import Demux
import Glibc
import Wire

/// The kernel's own look-up, asked by an exact request of sock_diag(7): not a dump of what there is.
final class Diag {
    struct Answer: Equatable {
        let cookie: UInt64
        /// `include/net/tcp_states.h`.
        let state: UInt8
    }

    private let descriptor: Int32
    private var buffer = [UInt8](repeating: 0, count: 8192)

    /// In the namespace of this moment.
    init() throws {
        descriptor = socket(AF_NETLINK, Int32(SOCK_RAW.rawValue | SOCK_CLOEXEC.rawValue), 4 /* NETLINK_SOCK_DIAG */)
        guard descriptor >= 0 else { throw Failure("NETLINK_SOCK_DIAG", errno) }
    }

    func lookup(_ question: LookupQuestion) -> Answer? {
        let isUDP = question.transport == .udp
        // For UDP "src and dst are swapped for historical reasons" (`udp_dump_one`).
        let first = isUDP ? question.source : question.destination
        let second = isUDP ? question.destination : question.source
        var request: [UInt8] = []
        request.put(UInt32(72).littleEndian)
        request.put(UInt16(20).littleEndian)  // SOCK_DIAG_BY_FAMILY
        request.put(UInt16(1).littleEndian)  // NLM_F_REQUEST
        request.put(UInt32(0))
        request.put(UInt32(0))
        request.append(UInt8(question.destination.address.version == .four ? AF_INET : AF_INET6))
        request += [question.transport.rawValue, 0, 0]
        request.put(UInt32.max)
        request.put(first.port.bigEndian)
        request.put(second.port.bigEndian)
        request.put(first.address)
        request.put(second.address)
        request.put(question.device)
        request.put(UInt64.max)  // INET_DIAG_NOCOOKIE
        guard send(descriptor, request, request.count, 0) == request.count else { fatalError("sock_diag: \(errno)") }
        let count = recv(descriptor, &buffer, buffer.count, 0)
        guard count >= 20 else { fatalError("sock_diag: \(errno)") }
        return buffer.withUnsafeBytes { bytes in
            if bytes.load(fromByteOffset: 4, as: UInt16.self) == 2 {
                let error = bytes.load(fromByteOffset: 16, as: Int32.self)
                guard error == -ENOENT else { fatalError("sock_diag: \(error)") }
                return nil
            }
            return Answer(cookie: bytes.loadUnaligned(fromByteOffset: 60, as: UInt64.self), state: bytes[17])
        }
    }
}

extension [UInt8] {
    fileprivate mutating func put<Word: FixedWidthInteger>(_ word: Word) {
        Swift.withUnsafeBytes(of: word) { append(contentsOf: $0) }
    }

    fileprivate mutating func put(_ address: IPAddress) {
        if address.version == .four {
            put(UInt32(truncatingIfNeeded: address.low).bigEndian)
            self += [UInt8](repeating: 0, count: 12)
        } else {
            put(address.high.bigEndian)
            put(address.low.bigEndian)
        }
    }
}
