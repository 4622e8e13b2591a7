import Testing
import Wire

@testable import HostSockets

@Suite struct MulticastGroupsTests {
    private static let igmp = """
        Idx\tDevice    : Count Querier\tGroup    Users Timer\tReporter
        1\tlo        :     1      V3
        \t\t\t\t010000E0     1 0:00000000\t\t0
        2\teth0      :     2      V3
        \t\t\t\tFB0000E0     1 0:00000000\t\t1
        \t\t\t\t010000E0     1 0:00000000\t\t0

        """

    @Test func `IPv4 groups, each of its interface`() throws {
        let members = MulticastGroups.parse(igmp: MulticastGroupsTests.igmp)
        #expect(members.map(\.address.description) == ["224.0.0.1", "224.0.0.251", "224.0.0.1"])
        #expect(members.map(\.device) == [1, 2, 2])
    }

    @Test func `IPv6 groups`() {
        let members = MulticastGroups.parse(
            igmp6: """
                1    lo              ff020000000000000000000000000001     1 0000000C 0
                nonsense
                3    eth0            ff0200000000000000000000000000fb     1 00000004 0
                4    eth1            ff02     1 00000004 0
                """)
        #expect(members.map(\.address.description) == ["ff02::1", "ff02::fb"])
        #expect(members.map(\.device) == [1, 3])
    }
}
