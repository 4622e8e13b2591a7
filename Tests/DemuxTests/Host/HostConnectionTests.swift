import Demux
import Testing
import Wire

/// The kernel's rule for TCP, a plain example each.
@Suite struct HostConnectionTests {
    @Test func `A connected socket goes before every listener`() throws {
        let host = try HostScript(
            """
            L1 tcp 0.0.0.0:80
            C1 tcp 10.0.0.1:80 - 10.0.0.2:9157
            C2 tcp 10.0.0.1:80 - 10.0.0.2:5775
            """)
        #expect(
            try host.who("tcp 10.0.0.2:9157 > 10.0.0.1:80")
                == "C1 by four-tuple; C2 other-peer; L1 connected-first")
        #expect(
            try host.who("tcp 10.0.0.3:9157 > 10.0.0.1:80")
                == "L1 by listener-wildcard; C2 other-peer; C1 other-peer")
    }

    @Test func `A listener with the address goes before the wildcard`() throws {
        let host = try HostScript(
            """
            L1 tcp 10.0.0.1:80
            L2 tcp 0.0.0.0:80
            """)
        #expect(try host.who("tcp 10.0.0.2:9157 > 10.0.0.1:80") == "L1 by listener-address; L2 lower-score")
        #expect(try host.who("tcp 10.0.0.2:9157 > 10.0.0.7:80") == "L2 by listener-wildcard; L1 other-address")
    }

    @Test func `Nobody listens: RST, and nothing where it was to many`() throws {
        let host = try HostScript("L1 tcp 10.0.0.1:80")
        #expect(try host.who("tcp 10.0.0.2:9157 > 10.0.0.1:81") == "nobody: reset by closed-port")
        #expect(try host.who("tcp 10.0.0.2:9157 > 224.0.0.1:80") == "nobody: nothing by closed-port; L1 other-address")
    }

    @Test func `A dual-stack listener takes IPv4, one that is v6only does not`() throws {
        var host = try HostScript("L1 tcp [::]:80")
        #expect(try host.who("tcp 10.0.0.2:9157 > 10.0.0.1:80") == "L1 by listener-wildcard")
        #expect(try host.who("tcp [fd00::2]:9157 > [fd00::1]:80") == "L1 by listener-wildcard")
        host = try HostScript("L1 tcp [::]:80 v6only")
        #expect(try host.who("tcp 10.0.0.2:9157 > 10.0.0.1:80") == "nobody: reset by closed-port; L1 v6only")
        #expect(try host.who("tcp [fd00::2]:9157 > [fd00::1]:80") == "L1 by listener-wildcard")
    }

    @Test func `IPv4 goes to the IPv4 listener beside a dual-stack one, IPv6 never`() throws {
        let host = try HostScript(
            """
            L1 tcp 0.0.0.0:80 reuseport
            L2 tcp [::]:80 reuseport
            """)
        #expect(try host.who("tcp 10.0.0.2:9157 > 10.0.0.1:80") == "L1 by listener-wildcard; L2 lower-score")
        #expect(try host.who("tcp [fd00::2]:9157 > [fd00::1]:80") == "L2 by listener-wildcard; L1 other-address")
    }

    @Test func `An IPv6 socket can have an IPv4 address: v4-mapped`() throws {
        let host = try HostScript("L1 tcp 10.0.0.1:80 six")
        #expect(try host.who("tcp 10.0.0.2:9157 > 10.0.0.1:80") == "L1 by listener-address")
        let mapped = try HostScript("L1 tcp [::ffff:10.0.0.1]:80")
        #expect(try mapped.who("tcp 10.0.0.2:9157 > 10.0.0.1:80") == "L1 by listener-address")
    }

    @Test func `What is bound to a device takes what came over it, and goes first`() throws {
        let host = try HostScript(
            """
            L1 tcp 0.0.0.0:80 device=2
            L2 tcp 0.0.0.0:80
            """)
        #expect(try host.who("tcp 10.0.0.2:9157 > 10.0.0.1:80 on 2") == "L1 by listener-wildcard; L2 lower-score")
        #expect(try host.who("tcp 10.0.0.2:9157 > 10.0.0.1:80 on 3") == "L2 by listener-wildcard; L1 other-device")
    }

    @Test func `A reuse-port group: one of its members, which one only the kernel can say`() throws {
        let host = try HostScript(
            """
            L1 tcp 0.0.0.0:80 reuseport
            L2 tcp 0.0.0.0:80 reuseport
            L3 tcp 0.0.0.0:80 reuseport uid=7
            """)
        let delivery = host.table.lookup(try HostScript.question("tcp 10.0.0.2:9157 > 10.0.0.1:80"))
        // Another user's socket is no member; it was bound last, so it is met first.
        #expect(host.tell(delivery) == "L3 by listener-wildcard; L2 lower-score; L1 lower-score")
        let group = try HostScript("L1 tcp 0.0.0.0:80\nL2 tcp 0.0.0.0:80\nL3 tcp 10.0.0.9:80")
        let found = group.table.lookup(try HostScript.question("tcp 10.0.0.2:9157 > 10.0.0.1:80"))
        #expect(group.tell(found) == "one of L1 L2 by reuse-port-group; L3 other-address")
        let named = try #require(found.naming(2))
        #expect(group.tell(named) == "L2 by reuse-port-group; L1 group-member; L3 other-address")
        #expect(found.naming(3) == nil)
    }

    /// The kernel returns the first group that it meets, though a listener behind it would score higher.
    @Test func `A group that stands in front takes all, even from a listener of the very device`() throws {
        let host = try HostScript(
            """
            L1 tcp 0.0.0.0:80 reuseport device=2
            L2 tcp 0.0.0.0:80 reuseport
            """)
        #expect(try host.who("tcp 10.0.0.2:9157 > 10.0.0.1:80 on 2") == "L2 by listener-wildcard; L1 lower-score")
    }

    @Test func `TIME_WAIT keeps its four-tuple; a new SYN may pass on to the listener`() throws {
        let host = try HostScript(
            """
            L1 tcp 0.0.0.0:80
            C1 tcp 10.0.0.1:80 - 10.0.0.2:9157 time-wait
            """)
        let text = "tcp 10.0.0.2:9157 > 10.0.0.1:80"
        #expect(try host.who(text) == "C1 by time-wait; L1 connected-first")
        #expect(
            host.tell(host.table.listener(for: try HostScript.question(text)))
                == "L1 by listener-wildcard; C1 lower-score")
    }

    @Test func `A request that is not yet a socket has its four-tuple already`() throws {
        let host = try HostScript(
            """
            L1 tcp 0.0.0.0:80
            C1 tcp 10.0.0.1:80 - 10.0.0.2:9157 new
            """)
        #expect(try host.who("tcp 10.0.0.2:9157 > 10.0.0.1:80") == "C1 by four-tuple; L1 connected-first")
    }

    @Test func `A socket that is neither connected nor listens gets nothing`() throws {
        let host = try HostScript("C1 tcp 10.0.0.1:80 closed")
        #expect(host.table.count == 0)
        #expect(try host.who("tcp 10.0.0.2:9157 > 10.0.0.1:80") == "nobody: reset by closed-port")
    }

    @Test func `The sender's socket is the one that would get the answer`() throws {
        let host = try HostScript(
            """
            L1 tcp 127.0.0.1:80
            C1 tcp 127.0.0.1:9157 - 127.0.0.1:80
            C2 tcp 127.0.0.1:80 - 127.0.0.1:9157 device=1
            """)
        #expect(host.tell(host.table.sender(of: try HostScript.question("tcp 127.0.0.1:9157 > 127.0.0.1:80"))) == "C1")
        #expect(host.tell(host.table.sender(of: try HostScript.question("tcp 127.0.0.1:80 > 127.0.0.1:9157"))) == "C2")
    }

    @Test func `A socket connected to itself is both ends`() throws {
        let host = try HostScript("C1 tcp 127.0.0.1:5000 - 127.0.0.1:5000")
        let text = "tcp 127.0.0.1:5000 > 127.0.0.1:5000"
        #expect(try host.who(text) == "C1 by four-tuple")
        #expect(host.tell(host.table.sender(of: try HostScript.question(text))) == "C1")
    }

    @Test func `An ICMP error is for the connection, never for the listener`() throws {
        let host = try HostScript(
            """
            L1 tcp 10.0.0.1:80
            C1 tcp 10.0.0.1:80 - 10.0.0.2:9157
            C2 tcp 10.0.0.1:5000 - 10.0.0.2:99 syn-sent
            """)
        let established = host.table.error(quoting: try HostScript.question("tcp 10.0.0.1:80 > 10.0.0.2:9157"))
        #expect(host.tell(established.receiver) == "C1" && !established.isTold)
        let opening = host.table.error(quoting: try HostScript.question("tcp 10.0.0.1:5000 > 10.0.0.2:99"))
        #expect(host.tell(opening.receiver) == "C2" && opening.isTold)
        let listener = host.table.error(quoting: try HostScript.question("tcp 10.0.0.1:80 > 10.0.0.2:1"))
        #expect(listener == HostErrorDelivery(receiver: nil, isTold: false))
    }
}
