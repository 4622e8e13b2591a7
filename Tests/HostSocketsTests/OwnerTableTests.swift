import Demux
import Foundation
import Synchronization
import Testing

@testable import HostSockets

/// Who holds a socket, in a `/proc` made for the test.
@Suite struct OwnerTableTests {
    /// A folder that looks like `/proc`, and a clock that stands until it is moved.
    private final class Machine: Sendable {
        let root: String
        private let time = Mutex<UInt64>(1_000_000_000)

        init() throws {
            root = "/tmp/portwatch-proc-\(UUID().uuidString)"
            try add(1, "init", [:])
        }

        deinit { try? FileManager.default.removeItem(atPath: root) }

        func add(_ process: Int32, _ name: String, _ descriptors: [Int32: String]) throws {
            try FileManager.default.createDirectory(atPath: "\(root)/\(process)/fd", withIntermediateDirectories: true)
            try Data((name + "\n").utf8).write(to: URL(fileURLWithPath: "\(root)/\(process)/comm"))
            for (descriptor, target) in descriptors { try open(process, descriptor, target) }
        }

        func open(_ process: Int32, _ descriptor: Int32, _ target: String) throws {
            try FileManager.default.createSymbolicLink(atPath: "\(root)/\(process)/fd/\(descriptor)", withDestinationPath: target)
        }

        func close(_ process: Int32, _ descriptor: Int32) throws {
            try FileManager.default.removeItem(atPath: "\(root)/\(process)/fd/\(descriptor)")
        }

        func end(_ process: Int32) throws { try FileManager.default.removeItem(atPath: "\(root)/\(process)") }

        func wait(milliseconds: UInt64) { time.withLock { $0 += milliseconds * 1_000_000 } }

        func table() -> OwnerTable {
            OwnerTable(root: root) { [self] in time.withLock { $0 } }
        }
    }

    @Test func `a forked server's socket has two owners`() throws {
        let machine = try Machine()
        try machine.add(100, "echod", [0: "/dev/null", 3: "socket:[77]", 4: "pipe:[77]"])
        try machine.add(101, "echod", [3: "socket:[77]", 5: "socket:[78]"])
        let table = machine.table()
        #expect(table.owners(of: 77) == .found([
            SocketOwner(processID: 100, name: "echod", descriptor: 3), SocketOwner(processID: 101, name: "echod", descriptor: 3),
        ]))
        #expect(table.owners(of: 78) == .found([SocketOwner(processID: 101, name: "echod", descriptor: 5)]))
        #expect(table.owners(of: 0) == .nobody)
        #expect(table.scans == 1)
        #expect(!table.blindness.isBlind)
    }

    @Test func `one scan in a tenth of a second, however often it is asked`() throws {
        let machine = try Machine()
        let table = machine.table()
        #expect(table.owners(of: 1) == .nobody)
        for inode in 2..<1_000 { #expect(table.owners(of: UInt64(inode)) == .notYet) }
        #expect(table.scans == 1)
        try machine.add(100, "late", [3: "socket:[500]"])
        machine.wait(milliseconds: 99)
        #expect(table.owners(of: 500) == .notYet)
        machine.wait(milliseconds: 1)
        #expect(table.owners(of: 500) == .found([SocketOwner(processID: 100, name: "late", descriptor: 3)]))
        #expect(table.scans == 2)
    }

    @Test func `nobody's socket costs no second scan for a second`() throws {
        let machine = try Machine()
        let table = machine.table()
        #expect(table.owners(of: 5) == .nobody)
        for _ in 0..<9 {
            machine.wait(milliseconds: 100)
            #expect(table.owners(of: 5) == .nobody)
        }
        #expect(table.scans == 1)
        // It may have been accepted meanwhile.
        try machine.add(100, "server", [4: "socket:[5]"])
        machine.wait(milliseconds: 100)
        #expect(table.owners(of: 5) == .found([SocketOwner(processID: 100, name: "server", descriptor: 4)]))
        #expect(table.scans == 2)
    }

    @Test func `a likely process is read alone`() throws {
        let machine = try Machine()
        try machine.add(100, "server", [3: "socket:[1]"])
        let table = machine.table()
        _ = table.owners(of: 1)
        try machine.open(100, 4, "socket:[2]")
        #expect(table.owners(of: 2, likely: [100]) == .found([SocketOwner(processID: 100, name: "server", descriptor: 4)]))
        #expect(table.scans == 1 && table.rereads == 1)
        try machine.close(100, 3)
        #expect(table.owners(of: 9, likely: [100]) == .notYet)
        #expect(table.owners(of: 1) == .notYet, "the process was read again, and has closed it")
    }

    @Test func `a descriptor that now leads elsewhere is not believed for ever`() throws {
        let machine = try Machine()
        try machine.add(100, "server", [3: "socket:[1]"])
        let table = machine.table()
        _ = table.owners(of: 1)
        try machine.close(100, 3)
        try machine.open(100, 3, "socket:[2]")
        #expect(table.owners(of: 1) == .found([SocketOwner(processID: 100, name: "server", descriptor: 3)]))
        machine.wait(milliseconds: 100)
        #expect(table.owners(of: 1) == .nobody)
        #expect(table.owners(of: 2) == .found([SocketOwner(processID: 100, name: "server", descriptor: 3)]))
    }

    @Test func `processes that vanish, and folders that are none`() throws {
        let machine = try Machine()
        try machine.add(100, "gone", [3: "socket:[1]"])
        try FileManager.default.createDirectory(atPath: machine.root + "/200", withIntermediateDirectories: true)
        try FileManager.default.createDirectory(atPath: machine.root + "/net", withIntermediateDirectories: true)
        try machine.add(300, "odd", [3: "socket:[]", 4: "socket:[12x]", 5: "socket:[99999999999999999999999]", 6: "socket:[7"])
        let table = machine.table()
        _ = table.owners(of: 1)
        try machine.end(100)
        machine.wait(milliseconds: 100)
        #expect(table.owners(of: 1) == .nobody)
        #expect(!table.blindness.isBlind)
    }

    @Test func `a name is written so that a terminal may have it`() throws {
        let machine = try Machine()
        try machine.add(100, "a\u{1b}[31m\u{202e}ü\n", [3: "socket:[1]"])
        guard case .found(let owners) = machine.table().owners(of: 1) else {
            Issue.record("not found")
            return
        }
        #expect(owners.first?.name == "a\\x1b[31m\\xe2\\x80\\xaeü\\x0a")
        #expect(escaped([0x61, 0xff, 0xc3, 0x28, 0x00][...]) == "a\\xff\\xc3(\\x00")
    }

    @Test func `hidden processes are told`() throws {
        let machine = try Machine()
        try machine.end(1)
        let table = machine.table()
        _ = table.owners(of: 1)
        #expect(table.blindness.isProcHidden)
        #expect(table.blindness.notice?.hasPrefix("processes of other users are hidden (hidepid), ") == true)
        #expect(Blindness(deniedProcesses: 1).notice?.hasPrefix("1 process cannot be looked into, ") == true)
        #expect(Blindness().notice == nil)
    }
}
