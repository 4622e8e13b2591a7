/// Where a layer lies in a frame, and where its bytes end by the word of whoever knows best.
///
/// `limit` may lie beyond what was captured: a snapped packet still has its length.
struct Extent {
    /// The layer's first byte.
    var start: Int
    /// One past the last byte that the layers outside grant it.
    var limit: Int
    /// Who set `limit`.
    var bound: Stop.Bound

    /// How many of its bytes are there to read, of a frame with `captured` bytes.
    func available(of captured: Int) -> Int {
        max(0, min(limit, captured) - start)
    }

    /// The reason for a header that needs more than there is.
    func truncated(_ layer: Stop.Layer, needed: Int, of captured: Int) -> Stop {
        // Where both run out, the layer outside is named: more capturing would not have helped.
        let bound = limit <= captured || bound == .quote ? bound : .captured
        return Stop(layer, .truncated(needed: needed, available: available(of: captured), bound: bound))
    }

    /// What is left after a header of `count` bytes.
    func after(_ count: Int) -> Extent {
        Extent(start: start + count, limit: limit, bound: bound)
    }
}
