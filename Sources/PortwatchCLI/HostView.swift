import Demux
import HostSockets
import Platform
import Render
import Wire

/// What `sockets` and `which` know of this machine: its kernel, who holds its sockets, and what to call things.
struct HostView {
    let kernel: KernelSockets
    let owners: OwnerTable
    /// Whether ports and users are named.
    let resolvesNames: Bool
    private var deviceNames: [UInt32: String] = [:]
    private var userNames: [UInt32: String] = [:]

    init(resolvesNames: Bool) throws(CommandFailure) {
        do {
            kernel = try KernelSockets()
        } catch {
            throw CommandFailure(error)
        }
        owners = OwnerTable()
        self.resolvesNames = resolvesNames
    }

    /// Fills in what the kernel's table alone does not say.
    mutating func complete(_ entry: inout HostEntry) {
        entry.owners = owners(of: entry.socket)
        if entry.socket.device != 0 { entry.device = deviceName(entry.socket.device) }
        guard resolvesNames else { return }
        if entry.owners.isEmpty, entry.socket.inode != 0 { entry.user = userName(entry.socket.userID) }
        if entry.socket.remote == nil {
            entry.service = serviceName(port: entry.socket.local.port, transport: entry.socket.transport == .udp ? "udp" : "tcp")
        }
    }

    func owners(of socket: HostSocket) -> [SocketOwner] {
        guard case .found(let found) = owners.owners(of: socket.inode) else { return [] }
        return found
    }

    mutating func deviceName(_ index: UInt32) -> String? {
        if let known = deviceNames[index] { return known }
        guard let name = interfaceName(index) else { return nil }
        deviceNames[index] = name
        return name
    }

    private mutating func userName(_ identity: UInt32) -> String? {
        if let known = userNames[identity] { return known }
        guard let name = Platform.userName(identity) else { return nil }
        userNames[identity] = name
        return name
    }

    /// The listener that a connection without a process belongs to, by the kernel's look-up: asked with remote port 0,
    /// which no connection has.
    func listener(of socket: HostSocket) throws(NetlinkError) -> HostSocket? {
        guard socket.waitsToBeAccepted || socket.isHalfOpen, let remote = socket.remote else { return nil }
        let found = try kernel.socket(
            for: LookupQuestion(transport: .tcp, source: Endpoint(remote.address, 0), destination: socket.local, device: socket.device))
        return found?.state == .listen ? found : nil
    }
}

extension CommandFailure {
    init(_ error: NetlinkError) {
        self = .failed("the kernel's socket table: \(error)", hint: nil)
    }
}
