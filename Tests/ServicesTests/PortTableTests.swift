import Testing
import Wire

@testable import Services

@Suite struct `Who has a port` {
    /// Lines of /proc/net/tcp: one that listens, two that are over.
    private let table = """
          sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
           0: 0100007F:04D2 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1234 1
           1: 0100007F:1449 0100007F:A0B1 06 00000000:00000000 03:00001770 00000000     0        0 0 3
           2: 0100007F:1449 0100007F:A0B2 06 00000000:00000000 03:00001770 00000000     0        0 0 3
           3: 0100007F:04D2 0100007F:A0B2 06 00000000:00000000 03:00001770 00000000     0        0 0 3
           4: 00000000:10E1 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1235 1
           5: 0200007F:10E1 0100007F:A0B2 06 00000000:00000000 03:00001770 00000000     0        0 0 3
        """

    @Test func `a socket, or connections that are over`() {
        func holder(_ port: UInt16, _ address: IPAddress = .ipv4Loopback) -> PortTable.Holder? { PortTable.holder(of: Endpoint(address, port), in: table) }
        #expect(holder(1234) == .socket)
        #expect(holder(5193) == .timeWait(2))
        #expect(holder(5193, .ipv4Any) == .timeWait(2))
        #expect(holder(80) == nil)
        #expect(PortTable.holder(of: Endpoint(.ipv4Loopback, 80), in: "") == nil)
        // A listener on another address of the host is not in the way; one on all of them is.
        #expect(holder(5193, IPAddress(ipv4: 0x7f00_0002)) == nil)
        #expect(holder(4321) == .socket)
    }

    @Test func `of IPv6, too`() {
        let table = """
              sl  local_address                         remote_address                        st
               0: 00000000000000000000000001000000:04D2 00000000000000000000000000000000:0000 0A 0 0
               1: B80D0120000000000000000001000000:04D3 00000000000000000000000001000000:9999 06 0 0
            """
        #expect(PortTable.holder(of: Endpoint(.ipv6Loopback, 1234), in: table) == .socket)
        #expect(PortTable.holder(of: Endpoint(.ipv6Loopback, 1235), in: table) == nil)
        #expect(IPAddress("2001:db8::1").map { PortTable.holder(of: Endpoint($0, 1235), in: table) } == .timeWait(1))
    }
}
