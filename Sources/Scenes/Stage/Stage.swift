import Capture
import Glibc
import HostSockets
import Platform
import Wire

/// Where a scene plays: one host, or the three of the book on one switch, each a network namespace of its own. The capture is
/// on host C's interfaces, the server machine's, or on `lo`.
public final class Stage {
    public enum Layout: Sendable {
        /// This host, over `lo`.
        case one
        /// A 10.0.0.1, B 10.0.0.2, C 10.0.0.3 on one network. A loopback address is C's.
        case three
        /// A 10.0.0.1 and B 10.0.0.2, and between them a relay that passes frames on, or does not.
        case relayed
    }

    /// One computer.
    struct Host: ~Copyable {
        let name: String
        let address: IPAddress
        /// Further addresses of the same interface.
        var others: [IPAddress] = []
        let namespace: NetworkNamespace
        let facts: KernelFacts
        /// The interface that leads to the others, by index.
        let device: UInt32
    }

    let layout: Layout
    private(set) var hosts: [Place] = []
    /// Of one link type.
    let captures: [CaptureInterface]
    /// The kernel's word about all hosts.
    let facts: StageFacts
    private let home: NetworkNamespace

    /// A host, held by reference, since it is asked by many.
    final class Place {
        let host: Host
        init(_ host: consuming Host) { self.host = host }
        var name: String { host.name }
        var address: IPAddress { host.address }
        func has(_ address: IPAddress) -> Bool { host.address == address || host.others.contains(address) }
    }

    /// Makes the namespaces and enters the first of them, in which the process stays.
    public init(_ layout: Layout) throws(StageError) {
        self.layout = layout
        do {
            try PrivateNetwork.enter()
        } catch {
            throw .refused(error)
        }
        do {
            Stage.silenceIPv6()
            home = try NetworkNamespace.current()
            switch layout {
            case .one: hosts = [try Stage.alone()]
            case .three: hosts = try Stage.figure(home)
            case .relayed: hosts = try Stage.apart(home)
            }
            facts = StageFacts(hosts)
            var options = InterfaceOptions()
            // At once, frame by frame: there are few, and somebody waits for each. The slots are as large as the longest frame
            // that may be, and 32 of those are too few.
            options.immediate = true
            options.snapshotLength = 9_000
            let names = switch layout {
            case .one: ["lo"]
            case .three: ["eth0", "lo"]
            case .relayed: ["eth0"]
            }
            if layout == .relayed { try hosts[1].host.namespace.enter() }
            captures = try names.map { try CaptureInterface(name: $0, options: options) }
            if layout == .relayed { try home.enter() }
            for capture in captures { try CaptureFilter("tcp or udp or icmp", linkType: capture.linkType).install(on: capture) }
        } catch let error as SystemError {
            throw .failed("\(error)")
        } catch let error as NetlinkError {
            throw .failed("\(error)")
        } catch let error as CaptureError {
            throw .failed("\(error)")
        } catch {
            throw .failed("\(error)")
        }
    }

    private static func alone() throws -> Place {
        Place(
            Host(
                name: "", address: .ipv4Loopback, namespace: try NetworkNamespace.current(), facts: try KernelFacts(),
                device: interfaceIndex("lo") ?? 1))
    }

    /// Three hosts: C is the process's own namespace, and has the switch in it.
    private static func figure(_ home: borrowing NetworkNamespace) throws -> [Place] {
        var links = try LinkSetup()
        try links.addBridge("eth0", hardware: 0xc)
        let bridge = interfaceIndex("eth0") ?? 0
        var hosts: [Place] = []
        for (name, last) in [("A", UInt8(1)), ("B", 2)] {
            let namespace = try NetworkNamespace.enterNew()
            silenceIPv6()
            try home.enter()
            try links.addCable("to\(name)", hardware: 0xa0 + last, to: "eth0", peerHardware: 0x9 + last, in: namespace)
            try links.plug(interfaceIndex("to\(name)") ?? 0, into: bridge)
            try bringInterfaceUp("to\(name)")
            hosts.append(try furnish(name, last, namespace))
            try home.enter()
        }
        try links.add(IPAddress(ipv4: 0x0a00_0003), prefix: 24, to: bridge)
        try? withoutOffload("eth0")
        try bringInterfaceUp("eth0")
        hosts.append(
            Place(Host(name: "C", address: IPAddress(ipv4: 0x0a00_0003), namespace: try NetworkNamespace.current(), facts: try KernelFacts(), device: bridge)))
        return hosts
    }

    /// Two hosts, each with a cable that ends in the process's own namespace, where the relay is.
    private static func apart(_ home: borrowing NetworkNamespace) throws -> [Place] {
        var links = try LinkSetup()
        var hosts: [Place] = []
        for (name, last) in [("A", UInt8(1)), ("B", 2)] {
            let namespace = try NetworkNamespace.enterNew()
            silenceIPv6()
            try home.enter()
            try links.addCable("to\(name)", hardware: 0xa0 + last, to: "eth0", peerHardware: 0x9 + last, in: namespace)
            try bringInterfaceUp("to\(name)")
            hosts.append(try furnish(name, last, namespace))
            try home.enter()
        }
        hosts.append(
            Place(Host(name: "relay", address: .ipv4Any, namespace: try NetworkNamespace.current(), facts: try KernelFacts(), device: 0)))
        return hosts
    }

    /// Gives a host its address and brings its interface up; the process is in its namespace afterwards.
    private static func furnish(_ name: String, _ last: UInt8, _ namespace: consuming NetworkNamespace) throws -> Place {
        try namespace.enter()
        let address = IPAddress(ipv4: 0x0a00_0000 | UInt32(last))
        let device = interfaceIndex("eth0") ?? 0
        var links = try LinkSetup()
        try links.add(address, prefix: 24, to: device)
        // Each has a second address: 10.0.0.11 is host A, too.
        let second = IPAddress(ipv4: 0x0a00_000a + UInt32(last))
        try links.add(second, prefix: 24, to: device)
        try? withoutOffload("eth0")
        try bringInterfaceUp("lo")
        try bringInterfaceUp("eth0")
        return Place(
            Host(name: name, address: address, others: [second], namespace: namespace, facts: try KernelFacts(), device: device))
    }

    /// No router is asked for and no neighbour looked for on a wire on which every frame counts.
    private static func silenceIPv6() {
        for scope in ["all", "default"] {
            let path = "/proc/sys/net/ipv6/conf/\(scope)/disable_ipv6"
            let file = unsafe open(path, O_WRONLY | O_CLOEXEC)
            guard file >= 0 else { continue }
            try? writeAll(file, "1")
            close(file)
        }
    }
}

/// Why a stage could not be set, or a scene not be played to its end.
public enum StageError: Error, CustomStringConvertible {
    /// There is no private network namespace.
    case refused(PrivateNetworkError)
    case failed(String)
    /// The kernel did otherwise than the scene says: what, and what it did.
    case disproved(String)

    public var description: String {
        switch self {
        case .refused(let error): error.reason
        case .failed(let what): what
        case .disproved(let what): "the kernel did otherwise than the scene says: \(what)"
        }
    }

    public var hint: String? { if case .refused(let error) = self { error.hint } else { nil } }
}
