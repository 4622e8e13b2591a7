import Wire

/// A segment or datagram as it is looked up: v4-mapped addresses (RFC 4291 §2.5.5.2) as what they mean.
struct Arrival {
    let transport: IPProtocol
    let from: Endpoint
    let to: Endpoint
    /// `nil` where every device will do.
    let device: UInt32?

    init(_ question: LookupQuestion) {
        transport = question.transport
        from = Place.unmapped(question.source)
        to = Place.unmapped(question.destination)
        device = question.device
    }

    /// What would come back.
    init(_ question: LookupQuestion, isReversed: Bool, device: UInt32?) {
        transport = question.transport
        from = Place.unmapped(isReversed ? question.destination : question.source)
        to = Place.unmapped(isReversed ? question.source : question.destination)
        self.device = device
    }

    var version: IPAddress.Version { to.address.version }
    var portKey: PortKey { PortKey(transport: transport, port: to.port) }
}

extension Place {
    func fitsAddress(_ arrival: Arrival) -> Bool {
        local.address == arrival.to.address || local.address.isWildcard
    }
}

extension HostTable {
    /// Whether the versions go together, under the rules in force.
    func takes(_ place: Place, _ arrival: Arrival) -> Bool {
        if place.family == .six, arrival.version == .four, place.local.address.isWildcard {
            if !rules.contains(.dualStack) { return false }
            if !rules.contains(.v6Only) { return true }
        }
        return place.takes(arrival.version)
    }

    /// `inet_sk_bound_dev_eq`, where no VRF is. A device that is not known is none that a socket is bound to.
    func fitsDevice(_ place: Place, _ arrival: Arrival) -> Bool {
        guard place.device != 0, let device = arrival.device, rules.contains(.device) else { return true }
        return place.device == device
    }

    /// `compute_score`, of which the kernel has four: inet_hashtables.c, inet6_hashtables.c, and udp.c of each version.
    /// SO_INCOMING_CPU, which adds 1, is left out: who has set it is not to be seen.
    func score(_ place: Place, _ arrival: Arrival) -> Int {
        let hasDevice = place.device != 0 && rules.contains(.deviceScore)
        let isOwnFamily = arrival.version == .four && place.family == .four && rules.contains(.familyScore)
        switch arrival.transport {
        // IPv4: a device and the family count the same, so that they may be even. IPv6: the family is given.
        case .tcp: return 1 + (hasDevice ? 1 : 0) + (isOwnFamily ? 1 : 0)
        // IPv4: the device counts more than the family.
        default: return 1 + (hasDevice ? 4 : 0) + (isOwnFamily ? 1 : 0)
        }
    }
}
