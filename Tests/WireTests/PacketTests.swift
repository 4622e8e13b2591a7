import Testing
import Wire

@Suite struct `Packets` {
    /// It is filled and read once a frame: what most packets have none of is read again from the bytes instead.
    @Test func `stay small`() {
        #expect(MemoryLayout<Packet>.size <= 241)
    }

    @Test func `nothing stays of the one before`() {
        var reused = Packet()
        for kind in Kind.all + Kind.all.reversed() {
            reused.decode(kind.frame.span, linkType: kind.linkType, originalLength: kind.frame.count)
            #expect(reused == decode(kind.frame, as: kind.linkType), "\(kind)")
        }
    }
}
