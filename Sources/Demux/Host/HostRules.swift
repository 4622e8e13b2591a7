/// The kernel's rule in its parts, so that a test can take one away and must find it missing.
package struct HostRules: OptionSet, Sendable {
    package let rawValue: UInt32
    package init(rawValue: UInt32) { self.rawValue = rawValue }

    /// A connected socket goes before those that take anybody.
    package static let connectedFirst = HostRules(rawValue: 1 << 0)
    /// A connected socket takes its peer alone.
    package static let peer = HostRules(rawValue: 1 << 1)
    /// What is bound to the address goes before what stands for every address.
    package static let addressFirst = HostRules(rawValue: 1 << 2)
    /// What is bound to a device takes what came over it, and nothing else.
    package static let device = HostRules(rawValue: 1 << 3)
    /// … and goes before what takes every device.
    package static let deviceScore = HostRules(rawValue: 1 << 4)
    /// IPv4 goes to an IPv4 socket before an IPv6 one.
    package static let familyScore = HostRules(rawValue: 1 << 5)
    /// An IPv6 socket that is not v6only takes IPv4.
    package static let dualStack = HostRules(rawValue: 1 << 6)
    /// One that is v6only does not.
    package static let v6Only = HostRules(rawValue: 1 << 7)
    /// Of equals the latest wins.
    package static let latestFirst = HostRules(rawValue: 1 << 8)
    /// A reuse-port group shares what comes, whatever else would score higher behind it.
    package static let groups = HostRules(rawValue: 1 << 9)
    /// IPv6 sockets with SO_REUSEPORT stand last.
    package static let sixGroupsLast = HostRules(rawValue: 1 << 10)
    /// A group one of whose members has connected is held against what is behind it.
    package static let groupScore = HostRules(rawValue: 1 << 11)
    /// TIME_WAIT keeps a four-tuple.
    package static let timeWait = HostRules(rawValue: 1 << 12)
    /// Multicast and broadcast go to each.
    package static let groupDelivery = HostRules(rawValue: 1 << 13)
    /// Only a connected socket is told of an error.
    package static let errorToConnected = HostRules(rawValue: 1 << 14)

    /// An IPv6 datagram socket that connected from `::` stands under 127.0.0.6, too.
    package static let sixUnderFour = HostRules(rawValue: 1 << 15)

    package static let all = HostRules(rawValue: (1 << 16) - 1)

    package static let named: [(name: String, rule: HostRules)] = [
        ("connected-first", .connectedFirst), ("peer", .peer), ("address-first", .addressFirst), ("device", .device),
        ("device-score", .deviceScore), ("family-score", .familyScore), ("dual-stack", .dualStack),
        ("v6only", .v6Only), ("latest-first", .latestFirst), ("groups", .groups), ("six-groups-last", .sixGroupsLast),
        ("group-score", .groupScore), ("time-wait", .timeWait), ("group-delivery", .groupDelivery),
        ("error-to-connected", .errorToConnected), ("six-under-four", .sixUnderFour),
    ]
}
