import Demux
import Platform

/// Who holds a socket: all processes and descriptors, from `/proc/*/fd`.
///
/// To ask for one costs a scan of all processes, some 30 ms where 10,000 sockets are open. So there is at most one scan
/// in a tenth of a second, however often it is asked; a process that is likely to hold the socket is read first; and
/// whom the last scan did not find is not sought again at once.
public final class OwnerTable {
    /// What is known of a socket's owners.
    public enum Answer: Equatable, Sendable {
        case found([SocketOwner])
        /// Every process that may be seen was read after this was first asked: none of them holds it.
        case nobody
        /// The last scan is too recent for another, and has not found it: it may be asked again.
        case notYet
    }

    /// In nanoseconds: between two scans.
    public static let scanInterval: UInt64 = 100_000_000
    /// How long a socket that a scan has not found is believed to be nobody's. A process that accepts a connection has
    /// its inode before it has its descriptor, so "nobody" cannot be for ever.
    public static let nobodyInterval: UInt64 = 1_000_000_000
    /// How long an owner is believed to hold on, before its descriptor is read again.
    public static let beliefInterval: UInt64 = 100_000_000

    private let folder: ProcessFolder
    private let clock: @Sendable () -> UInt64
    private var entries: [UInt64: Entry] = [:]
    private var inodes: [Int32: [UInt64]] = [:]
    private var nobodys: [UInt64: UInt64] = [:]
    private var rested: [Int32: UInt64] = [:]
    private var scannedAt: UInt64?

    private struct Entry {
        var owners: [SocketOwner]
        var readAt: UInt64

        /// In the order of process and descriptor.
        mutating func add(_ owner: SocketOwner) {
            let place = owners.firstIndex { ($0.processID, $0.descriptor) > (owner.processID, owner.descriptor) }
            owners.insert(owner, at: place ?? owners.count)
        }
    }

    /// How many scans and single processes were read, for whoever wants to know what it costs.
    public private(set) var scans = 0
    public private(set) var rereads = 0
    /// What the last scan could not see.
    public private(set) var blindness = Blindness()

    /// Sockets of the processes that are shown, at most: whoever opens more hides them, and nothing else.
    private static let mostEntries = 4_000_000
    /// A forking server's children that are read at once.
    private static let mostChildren = 64
    /// One process is read again when it has rested twenty times as long as that takes: a twentieth of one core's time.
    private static let rest: UInt64 = 20

    /// - Parameters:
    ///   - root: where `/proc` is.
    ///   - clock: nanoseconds that only grow.
    public init(root: String = "/proc", clock: (@Sendable () -> UInt64)? = nil) {
        folder = ProcessFolder(root: root)
        self.clock = clock ?? monotonicNanoseconds
    }

    /// The owners of a socket, in the order of process and descriptor.
    ///
    /// - Parameter likely: processes that are read before all are: the listener's, for a connection just accepted.
    public func owners(of inode: UInt64, likely: [Int32] = []) -> Answer {
        // No process holds it: it waits in an accept queue, or only the kernel still has it.
        if inode == 0 { return .nobody }
        let now = clock()
        let isOld = isBeliefOld(inode, now)
        if var found = held(inode, now) {
            // A child that was forked meanwhile holds what its parent holds.
            if isOld {
                for process in Set(found.map(\.processID)) { readFamily(process, now) }
                found = held(inode, now) ?? found
            }
            return .found(found)
        }
        if let since = nobodys[inode], now &- since < OwnerTable.nobodyInterval { return .nobody }
        for process in likely {
            readFamily(process, now)
            if let found = held(inode, now) { return .found(found) }
        }
        if let scannedAt, now &- scannedAt < OwnerTable.scanInterval { return .notYet }
        scan(now)
        if let found = held(inode, now) { return .found(found) }
        nobodys[inode] = now
        return .nobody
    }

    /// Reads all processes anew, unless that was done a moment ago.
    public func refresh() {
        let now = clock()
        if let scannedAt, now &- scannedAt < OwnerTable.scanInterval { return }
        scan(now)
    }

    // MARK: What is known

    /// Those owners that are known and still hold it; `nil` for none.
    private func held(_ inode: UInt64, _ now: UInt64) -> [SocketOwner]? {
        guard var entry = entries[inode] else { return nil }
        if now &- entry.readAt >= OwnerTable.beliefInterval {
            entry.owners.removeAll { !folder.holds($0.processID, $0.descriptor, inode) }
            entry.readAt = now
            entries[inode] = entry.owners.isEmpty ? nil : entry
        }
        return entry.owners.isEmpty ? nil : entry.owners
    }

    private func isBeliefOld(_ inode: UInt64, _ now: UInt64) -> Bool {
        entries[inode].map { now &- $0.readAt >= OwnerTable.beliefInterval } ?? false
    }

    // MARK: Reading

    /// Reads a process and its children.
    private func readFamily(_ process: Int32, _ now: UInt64) {
        reread(process, now)
        for child in folder.children(of: process).prefix(OwnerTable.mostChildren) { reread(child, now) }
    }

    private func scan(_ now: UInt64) {
        scans += 1
        entries.removeAll(keepingCapacity: true)
        inodes.removeAll(keepingCapacity: true)
        rested.removeAll(keepingCapacity: true)
        nobodys = nobodys.filter { now &- $0.value < OwnerTable.nobodyInterval }
        var seen = Blindness(isProcHidden: folder.isHiding)
        for process in folder.processes().sorted() where read(process, now) == .denied { seen.deniedProcesses += 1 }
        blindness = seen
        scannedAt = now
    }

    /// Reads one process anew, unless that was done a moment ago.
    private func reread(_ process: Int32, _ now: UInt64) {
        if let until = rested[process], now < until { return }
        rereads += 1
        defer {
            let after = clock()
            rested[process] = after &+ (after &- now) &* OwnerTable.rest
        }
        for inode in inodes.removeValue(forKey: process) ?? [] {
            guard var entry = entries[inode] else { continue }
            entry.owners.removeAll { $0.processID == process }
            entries[inode] = entry.owners.isEmpty ? nil : entry
        }
        _ = read(process, now)
    }

    private func read(_ process: Int32, _ now: UInt64) -> ProcessFolder.Outcome {
        var name: String?
        var mine: [UInt64] = []
        let outcome = folder.sockets(of: process) { descriptor, inode in
            guard entries.count < OwnerTable.mostEntries else { return }
            let known = name ?? folder.name(of: process)
            name = known
            let owner = SocketOwner(processID: process, name: known, descriptor: descriptor)
            entries[inode, default: Entry(owners: [], readAt: now)].add(owner)
            mine.append(inode)
        }
        if !mine.isEmpty { inodes[process] = mine }
        return outcome
    }
}
