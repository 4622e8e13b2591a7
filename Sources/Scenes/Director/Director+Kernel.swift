import Demux
import HostSockets
import Wire

/// What a scene asks the kernel, to bear out what it says.
extension Director {
    /// The sockets of a host that have that end, in no order.
    public func sockets(at local: Endpoint, on host: Int = 0) throws -> [HostSocket] {
        try stage.facts.all(of: host).filter { $0.local == local }
    }

    /// The sockets of a host with that port of their own.
    public func sockets(onPort port: UInt16, of host: Int = 0) throws -> [HostSocket] {
        try stage.facts.all(of: host).filter { $0.local.port == port }
    }

    /// The processes that hold these, each once.
    public func processes(holding sockets: [HostSocket]) -> Set<Int32> {
        Set(sockets.flatMap { holders(of: $0).map(\.processID) })
    }

    /// The listener at an address and port: how many wait in its queue is its ``HostSocket/receiveQueue``, the backlog its
    /// ``HostSocket/sendQueue``.
    public func listener(at local: Endpoint, on host: Int = 0) throws -> HostSocket {
        guard let found = try sockets(at: local, on: host).first(where: { $0.kind == .listener }) else {
            throw StageError.disproved("nobody listens at \(local)")
        }
        return found
    }

    /// What a participant's last call has returned, as it is told: `4 from 127.0.0.1:9157`, `3 "abc"`, `EACCES: …`; `nil`
    /// before its first has.
    public func result(of participant: Participant) -> String? { actors[participant.place].lastReturned?.result }

    /// What a participant is to the scene.
    public func name(of participant: Participant) -> String { actors[participant.place].name }

    /// The process that plays a participant.
    public func processID(of participant: Participant) -> Int32 { actors[participant.place].processID }

    /// Who holds a socket, by the processes that play: `webd[700] fd 4`.
    public func holders(of socket: HostSocket) -> [SocketOwner] {
        if case .found(let owners) = stage.facts.owners(of: socket.inode, likely: []) { owners } else { [] }
    }
}
