import Demux
import Testing
import Wire

/// The kernel's rule for UDP, a plain example each.
@Suite struct HostDatagramTests {
    @Test func `A connected datagram socket goes before those that take anybody`() throws {
        let host = try HostScript(
            """
            D1 udp 10.0.0.1:53
            D2 udp 10.0.0.1:53 - 10.0.0.2:9157
            D3 udp 0.0.0.0:53
            """)
        #expect(
            try host.who("udp 10.0.0.2:9157 > 10.0.0.1:53")
                == "D2 by datagram-connected; D1 connected-first; D3 connected-first")
        #expect(
            try host.who("udp 10.0.0.2:5775 > 10.0.0.1:53")
                == "D1 by datagram-address; D2 other-peer; D3 lower-score")
        #expect(
            try host.who("udp 10.0.0.2:5775 > 10.0.0.7:53")
                == "D3 by datagram-wildcard; D2 other-address; D1 other-address")
    }

    @Test func `Nobody has the port: port unreachable`() throws {
        let host = try HostScript("D1 udp 10.0.0.1:53")
        #expect(try host.who("udp 10.0.0.2:9157 > 10.0.0.1:54") == "nobody: port-unreachable by closed-port")
    }

    @Test func `Several on one address and port: the latest gets it`() throws {
        var host = try HostScript(
            """
            D1 udp 10.0.0.1:53 alone
            D2 udp 10.0.0.1:53 alone
            """)
        #expect(try host.who("udp 10.0.0.2:9157 > 10.0.0.1:53") == "D2 by datagram-address; D1 lower-score")
        host.remove("D2")
        #expect(try host.who("udp 10.0.0.2:9157 > 10.0.0.1:53") == "D1 by datagram-address")
    }

    @Test func `The device counts more than the family`() throws {
        let host = try HostScript(
            """
            D1 udp 0.0.0.0:53 alone
            D2 udp [::]:53 alone device=2
            """)
        #expect(try host.who("udp 10.0.0.2:9157 > 10.0.0.1:53 on 2") == "D2 by datagram-wildcard; D1 lower-score")
        #expect(try host.who("udp 10.0.0.2:9157 > 10.0.0.1:53 on 3") == "D1 by datagram-wildcard; D2 other-device")
    }

    @Test func `A group shares what comes`() throws {
        let host = try HostScript(
            """
            D1 udp 10.0.0.1:53 reuseport
            D2 udp 10.0.0.1:53 reuseport
            """)
        #expect(try host.who("udp 10.0.0.2:9157 > 10.0.0.1:53") == "one of D1 D2 by reuse-port-group")
    }

    @Test func `A member that connects leaves its group`() throws {
        var host = try HostScript(
            """
            D1 udp 10.0.0.1:53 reuseport
            D2 udp 10.0.0.1:53 reuseport
            D3 udp 10.0.0.1:53 reuseport
            """)
        try host.add("D3 udp 10.0.0.1:53 - 10.0.0.2:9157 reuseport")
        #expect(
            try host.who("udp 10.0.0.2:5775 > 10.0.0.1:53") == "one of D1 D2 by reuse-port-group; D3 other-peer")
        #expect(
            try host.who("udp 10.0.0.2:9157 > 10.0.0.1:53")
                == "D3 by datagram-connected; D2 connected-first; D1 connected-first")
    }

    /// What is bound next finds the connected one first, which has left, and begins a new group with it.
    @Test func `After that whoever is bound next takes all, and the old group starves`() throws {
        var host = try HostScript(
            """
            D1 udp 10.0.0.1:53 reuseport
            D2 udp 10.0.0.1:53 reuseport
            """)
        try host.add(
            """
            D2 udp 10.0.0.1:53 - 10.0.0.2:9157 reuseport
            D3 udp 10.0.0.1:53 reuseport
            """)
        #expect(
            try host.who("udp 10.0.0.2:5775 > 10.0.0.1:53") == "D3 by datagram-address; D2 other-peer; D1 lower-score")
    }

    /// IPv6 sockets of a group stand in the order in which they came: here whoever is bound next finds the oldest.
    @Test func `Over IPv6 it is the other way round`() throws {
        var host = try HostScript(
            """
            D1 udp [::1]:53 v6only reuseport
            D2 udp [::1]:53 v6only reuseport
            """)
        try host.add(
            """
            D2 udp [::1]:53 - [::1]:9157 v6only reuseport
            D3 udp [::1]:53 v6only reuseport
            """)
        #expect(try host.who("udp [::1]:5775 > [::1]:53") == "one of D1 D3 by reuse-port-group; D2 other-peer")
    }

    /// IPv4 sees an IPv6 socket that has connected from `::` under an address that was meant to fit nothing.
    @Test func `An IPv4 datagram to 127.0.0.6 may reach an IPv6 connection`() throws {
        let host = try HostScript("D1 udp [::1]:53 - [::1]:9157")
        #expect(try host.who("udp 10.0.0.2:9157 > 127.0.0.6:53") == "D1 by datagram-address")
        #expect(try host.who("udp 10.0.0.2:5775 > 127.0.0.6:53").hasPrefix("nobody"))
        #expect(try host.who("udp 10.0.0.2:9157 > 127.0.0.7:53").hasPrefix("nobody"))
    }

    @Test func `Multicast and broadcast go to each that is bound there`() throws {
        var host = try HostScript(
            """
            D1 udp 0.0.0.0:53
            D2 udp 224.0.0.5:53
            D3 udp 10.0.0.1:53
            D4 udp [::]:53
            D5 udp [::]:53 v6only
            D6 udp 0.0.0.0:53 device=2
            D7 udp 224.0.0.5:53 - 10.0.0.2:5775
            """)
        #expect(
            try host.who("udp 10.0.0.2:9157 > 224.0.0.5:53 on 3")
                == "each of D2 D1 by group-delivery; D7 other-peer; D3 other-address; D6 other-device; "
                + "D5 other-address; D4 other-address")
        host.table.broadcastAddresses = [try #require(IPAddress("10.0.0.255"))]
        for address in ["10.0.0.255", "255.255.255.255"] {
            #expect(try host.who("udp 10.0.0.2:9157 > \(address):53 on 2").hasPrefix("each of D6 D4 D1 by group-delivery"))
        }
        #expect(try host.who("udp [fd00::2]:9157 > [ff02::5]:53 on 3").hasPrefix("each of D5 D4 by group-delivery"))
        #expect(try host.who("udp 10.0.0.2:9157 > 224.0.0.5:54") == "nobody: nothing by group-delivery")
    }

    @Test func `A socket connected to itself is both ends`() throws {
        let host = try HostScript("D1 udp 127.0.0.1:53 - 127.0.0.1:53")
        let text = "udp 127.0.0.1:53 > 127.0.0.1:53"
        #expect(try host.who(text) == "D1 by datagram-connected")
        #expect(host.tell(host.table.sender(of: try HostScript.question(text))) == "D1")
    }

    @Test func `An ICMP error is told to the connected socket alone`() throws {
        let host = try HostScript(
            """
            D1 udp 10.0.0.1:53
            D2 udp 10.0.0.1:53 - 10.0.0.2:9157
            """)
        let connected = try HostScript.question("udp 10.0.0.1:53 > 10.0.0.2:9157")
        #expect(host.tell(host.table.error(quoting: connected).receiver) == "D2")
        #expect(host.table.error(quoting: connected).isTold)
        #expect(!host.table.error(quoting: connected, isHard: false).isTold)
        let other = host.table.error(quoting: try HostScript.question("udp 10.0.0.1:53 > 10.0.0.2:5775"))
        #expect(host.tell(other.receiver) == "D1" && !other.isTold)
        let gone = host.table.error(quoting: try HostScript.question("udp 10.0.0.1:54 > 10.0.0.2:5775"))
        #expect(gone == HostErrorDelivery(receiver: nil, isTold: false))
    }
}
