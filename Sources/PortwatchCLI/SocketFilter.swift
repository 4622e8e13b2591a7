import Demux
import Platform
import Sockets
import Wire

/// Which sockets `--port`, `--host` and `--process` choose. What one option says may be said several times, and any
/// one is enough; all options must fit.
struct SocketFilter {
    private var ports: Set<UInt16> = []
    private var addresses: Set<IPAddress> = []
    private var processes: [String] = []

    init(_ line: ParsedCommandLine) throws(CommandFailure) {
        for (id, value) in line.options {
            switch id {
            case .port:
                guard let port = UInt16(value) ?? servicePort(named: value) else {
                    throw .usage(
                        "--port \(value): neither a port (0 to 65535) nor a service of the services database", .sockets)
                }
                ports.insert(port)
            case .host: try add(host: value)
            case .process:
                guard !value.isEmpty else { throw .usage("--process: a name or a number", .sockets) }
                processes.append(value)
            default: break
            }
        }
    }

    private mutating func add(host: String) throws(CommandFailure) {
        do {
            let text = host.hasPrefix("[") && host.hasSuffix("]") ? String(host.dropFirst().dropLast()) : host
            for endpoint in try resolve(host: text, service: "0", for: .tcp) { addresses.insert(endpoint.address) }
        } catch {
            throw .failed("--host \(error)", hint: nil)
        }
    }

    var wantsProcess: Bool { !processes.isEmpty }

    func fits(_ socket: HostSocket) -> Bool {
        let ends = [socket.local, socket.remote].compactMap { $0 }
        return (ports.isEmpty || ends.contains { ports.contains($0.port) })
            && (addresses.isEmpty || ends.contains { addresses.contains($0.address) })
    }

    /// Whether one of the owners has the number or the name.
    func fits(_ owners: [SocketOwner]) -> Bool {
        owners.contains { owner in processes.contains { $0 == owner.name || Int32($0) == owner.processID } }
    }
}
