import Testing

@testable import Services

@Suite struct `Who has a port` {
    /// Lines of /proc/net/tcp: one that listens, two that are over.
    private let table = """
          sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
           0: 0100007F:04D2 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1234 1
           1: 0100007F:1449 0100007F:A0B1 06 00000000:00000000 03:00001770 00000000     0        0 0 3
           2: 0100007F:1449 0100007F:A0B2 06 00000000:00000000 03:00001770 00000000     0        0 0 3
           3: 0100007F:04D2 0100007F:A0B2 06 00000000:00000000 03:00001770 00000000     0        0 0 3
        """

    @Test func `a socket, or connections that are over`() {
        #expect(PortTable.holder(of: 1234, in: table) == .socket)
        #expect(PortTable.holder(of: 5193, in: table) == .timeWait(2))
        #expect(PortTable.holder(of: 80, in: table) == nil)
        #expect(PortTable.holder(of: 80, in: "") == nil)
    }
}
