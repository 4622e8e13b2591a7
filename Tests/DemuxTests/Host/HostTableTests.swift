import Demux
import FrameScript
import Testing
import Wire

/// The table itself: sockets that come, change and go.
@Suite struct HostTableTests {
    @Test func `A list of the kernel's begins with what it tries first`() throws {
        let script = try HostScript(
            """
            D1 udp 10.0.0.1:53 alone
            D2 udp 10.0.0.1:53 alone
            D3 udp 10.0.0.1:53 alone
            """)
        var listed = HostTable(script.sockets.reversed())
        let question = try HostScript.question("udp 10.0.0.2:9157 > 10.0.0.1:53")
        #expect(listed.lookup(question) == script.table.lookup(question))
        listed.remove(cookie: 3)
        #expect(script.tell(listed.lookup(question)) == "D2 by datagram-address; D1 lower-score")
    }

    /// A list does not say who has SO_REUSEPORT: of two listeners that are alike both must have it.
    @Test func `In a list those that are alike are a group`() throws {
        let script = try HostScript("L1 tcp [::]:80\nL2 tcp [::]:80\nL3 tcp 0.0.0.0:81")
        let listed = HostTable(script.sockets)
        #expect(
            script.tell(listed.lookup(try HostScript.question("tcp 10.0.0.2:9157 > 10.0.0.1:80")))
                == "one of L1 L2 by reuse-port-group")
        #expect(script.tell(listed.lookup(try HostScript.question("tcp 10.0.0.2:9157 > 10.0.0.1:81")))
            == "L3 by listener-wildcard")
    }

    /// Two listeners that could both take a connection must have SO_REUSEPORT, and the first of the chain ends the look-up,
    /// whatever the one behind it is bound to.
    @Test func `In a list a listener on a device behind one on none gets nothing`() throws {
        let script = try HostScript("L1 tcp 0.0.0.0:80\nL2 tcp 0.0.0.0:80 device=1")
        var question = try HostScript.question("tcp 10.0.0.2:9157 > 10.0.0.1:80")
        question.device = 1
        #expect(script.tell(HostTable(script.sockets).lookup(question)) == "L1 by listener-wildcard; L2 lower-score")
        #expect(script.tell(HostTable(script.sockets.reversed()).lookup(question)) == "L2 by listener-wildcard; L1 lower-score")
    }

    @Test func `What becomes of a socket takes its place`() throws {
        var host = try HostScript(
            """
            L1 tcp 0.0.0.0:80
            C1 tcp 10.0.0.1:80 - 10.0.0.2:9157 new
            """)
        try host.add("C1 tcp 10.0.0.1:80 - 10.0.0.2:9157")
        let text = "tcp 10.0.0.2:9157 > 10.0.0.1:80"
        #expect(try host.who(text) == "C1 by four-tuple; L1 connected-first")
        try host.add("C1 tcp 10.0.0.1:80 - 10.0.0.2:9157 time-wait")
        #expect(try host.who(text) == "C1 by time-wait; L1 connected-first")
        try host.add("C1 tcp 10.0.0.1:80 - 10.0.0.2:9157 closed")
        #expect(try host.who(text) == "L1 by listener-wildcard")
        #expect(host.table.count == 1 && host.table[cookie: 2] == nil)
    }

    @Test func `Nothing is left of sockets that went`() throws {
        var random = SeededGenerator(seed: 4)
        var table = HostTable()
        var living: [HostSocket] = []
        for cookie in 1...UInt64(3000) {
            if !living.isEmpty, Bool.random(using: &random) {
                let gone = living.remove(at: Int.random(in: 0..<living.count, using: &random))
                #expect(table.remove(cookie: gone.cookie) == gone)
            } else {
                let socket = HostTableTests.random(cookie, &random)
                table.insert(socket)
                living.append(socket)
            }
        }
        #expect(table.count == living.count)
        // The same as if those that went had never been.
        var fresh = HostTable()
        for socket in living { fresh.insert(socket) }
        for _ in 0..<500 {
            let question = HostTableTests.question(&random)
            #expect(HostTableTests.sorted(table.lookup(question)) == HostTableTests.sorted(fresh.lookup(question)))
        }
        for socket in living { table.remove(cookie: socket.cookie) }
        #expect(table.count == 0)
        #expect(table.lookup(HostTableTests.question(&random)).candidates.isEmpty)
        #expect(table.remove(cookie: 1) == nil)
    }

    private static let addresses = ["0.0.0.0", "10.0.0.1", "::", "fd00::1"].compactMap { IPAddress($0) }

    private static func random(_ cookie: UInt64, _ random: inout SeededGenerator) -> HostSocket {
        let address = addresses[Int.random(in: 0..<4, using: &random)]
        let isTCP = Bool.random(using: &random)
        var remote: Endpoint?
        if Int.random(in: 0..<3, using: &random) == 0, !address.isWildcard {
            remote = Endpoint(address, UInt16.random(in: 9000..<9004, using: &random))
        }
        var socket = HostSocket(
            transport: isTCP ? .tcp : .udp, family: address.version,
            state: remote != nil ? .established : isTCP ? .listen : .closed,
            local: Endpoint(address, UInt16.random(in: 80..<82, using: &random)), remote: remote)
        socket.device = UInt32.random(in: 0..<3, using: &random)
        // A connected member of a group leaves a trace: another test.
        socket.reusesPort = remote == nil && Bool.random(using: &random)
        socket.cookie = cookie
        return socket
    }

    private static func question(_ random: inout SeededGenerator) -> LookupQuestion {
        let address = addresses[Bool.random(using: &random) ? 1 : 3]
        return LookupQuestion(
            transport: Bool.random(using: &random) ? .tcp : .udp,
            source: Endpoint(address, UInt16.random(in: 9000..<9004, using: &random)),
            destination: Endpoint(address, UInt16.random(in: 80..<82, using: &random)),
            device: UInt32.random(in: 0..<3, using: &random))
    }

    /// Groups have no order of their own.
    private static func sorted(_ delivery: HostDelivery) -> HostDelivery {
        guard case .group(let members) = delivery.receiver else { return delivery }
        var delivery = delivery
        delivery.receiver = .group(members.sorted { $0.cookie < $1.cookie })
        return delivery
    }
}
