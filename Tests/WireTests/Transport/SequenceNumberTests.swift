import Testing
import Wire

/// RFC 9293 §3.4: "all arithmetic dealing with sequence numbers must be performed modulo 2**32".
@Suite struct `Sequence numbers` {
    @Test(arguments: [
        (0, 0), (0, 1), (0, 32), (100, 200), (0x7fff_ffff, 0x8000_0000),
        (0xffff_ffff, 0), (0xffff_fff0, 0x10), (0xffff_ffe0, 0), (0xffff_0000, 0x7000_0000), (0x8000_0000, 0xffff_ffff),
    ] as [(UInt32, UInt32)])
    func `order and distance across the wrap`(_ first: UInt32, _ second: UInt32) {
        let (earlier, later) = (SequenceNumber(first), SequenceNumber(second))
        let distance = (UInt64(second) + (second < first ? 1 << 32 : 0)) - UInt64(first)
        #expect(UInt64(later - earlier) == distance)
        #expect(earlier + UInt32(distance) == later)
        #expect(earlier.precedesOrEquals(later))
        #expect(earlier.precedes(later) == (first != second))
        #expect(!later.precedes(earlier))
        #expect(later.precedesOrEquals(earlier) == (first == second))
    }

    @Test func `half the space apart, neither precedes the other in both ways`() {
        let (one, other) = (SequenceNumber(5), SequenceNumber(5) + 0x8000_0000)
        #expect(!one.precedes(other) && !other.precedes(one))
        #expect(one.precedes(one + 0x7fff_ffff))
    }
}
