import Demux

/// The descriptors by which one process holds a socket at this moment; ``OwnerTable`` is for all processes.
public enum SocketHolder {
    public static func descriptors(of process: Int32, inode: UInt64) -> [SocketOwner] {
        let folder = ProcessFolder()
        var owners: [SocketOwner] = []
        var name: String?
        _ = folder.sockets(of: process) { descriptor, itsInode in
            guard itsInode == inode else { return }
            if name == nil { name = folder.name(of: process) }
            owners.append(SocketOwner(processID: process, name: name ?? "", descriptor: descriptor))
        }
        return owners.sorted { $0.descriptor < $1.descriptor }
    }
}
