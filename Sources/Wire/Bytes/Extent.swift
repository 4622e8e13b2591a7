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
        let room = limit - start
        if bound != .quote, (0..<needed).contains(room) { return Stop(layer, .truncated(needed: needed, available: room, bound: bound)) }
        let bound = limit <= captured || bound == .quote ? bound : .captured
        return Stop(layer, .truncated(needed: needed, available: available(of: captured), bound: bound))
    }

    /// Steps over an extension header of `count` bytes, all of which must be there.
    mutating func skip(_ count: Int, _ layer: Stop.Layer, of captured: Int) throws(Stop) {
        guard available(of: captured) >= count else { throw truncated(layer, needed: count, of: captured) }
        // No length field of IP counts further, and headers keep their place in the frame in 16 bits.
        guard start + count <= UInt16.max else {
            throw Stop(layer, .malformed(.extensionLength, value: UInt32(start + count)))
        }
        start += count
    }

    /// What is left after a header of `count` bytes.
    func after(_ count: Int) -> Extent {
        Extent(start: start + count, limit: limit, bound: bound)
    }
}
