import Wire

/// Tells a peer that echoes from one that asks: two echo servers send one datagram to and fro for ever, once somebody has
/// forged the first (CERT CA-1996-01).
struct EchoLoops {
    private struct Peer {
        /// Hashes of what was sent there last, in a ring: several datagrams may go round.
        var sent: [Int] = []
        var next = 0
        /// So many in a row, each soon after the last, had been sent there before.
        var streak = 0
        var last: ContinuousClock.Instant
    }

    private var peers: [Endpoint: Peer] = [:]

    /// Nobody who asks the same so often in a row is left without an answer by mistake for long.
    static let most = 1_000
    private static let pause: Duration = .seconds(1)
    private static let ring = 8
    private static let table = 256

    enum Verdict: Equatable {
        case answer
        /// The first that is not answered, to be told.
        case broken
        case silent
    }

    /// What to do with a datagram; where it is answered, it counts as sent.
    mutating func judge(_ bytes: ArraySlice<UInt8>, from endpoint: Endpoint, at now: ContinuousClock.Instant) -> Verdict {
        if peers[endpoint] == nil, peers.count >= EchoLoops.table { peers = [:] }
        var peer = peers[endpoint] ?? Peer(last: now)
        defer { peers[endpoint] = peer }
        let hash = bytes.hashValue
        let isKnown = peer.sent.contains(hash)
        peer.streak = isKnown && peer.last.duration(to: now) < EchoLoops.pause ? peer.streak + 1 : 0
        peer.last = now
        if peer.streak >= EchoLoops.most { return peer.streak == EchoLoops.most ? .broken : .silent }
        if !isKnown {
            if peer.sent.count < EchoLoops.ring { peer.sent.append(hash) } else { peer.sent[peer.next] = hash }
            peer.next = (peer.next + 1) % EchoLoops.ring
        }
        return .answer
    }
}
