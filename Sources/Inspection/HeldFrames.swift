import Capture
import Render
import Wire

/// Frames that wait until more of what follows is known: a queue over buffers that are used again.
struct HeldFrames {
    struct Frame {
        var info: FrameInfo
        var packet = Packet()
        var fate = FragmentFate.none
        var commentary: FrameCommentary?
        var bytes: [UInt8] = []
        /// How many of `bytes` are this frame's.
        var count = 0

        /// Hands on what the frame brings to the sockets, if anything: its packet, or the datagram that it completes.
        func withDelivered<Result>(_ body: (borrowing Packet, Span<UInt8>) -> Result) -> Result {
            if let whole = fate.whole {
                let bytes = whole.bytes
                return body(whole.packet, bytes.span)
            }
            return body(packet, bytes.span.extracting(0..<count))
        }
    }

    private var ring: [Frame]
    private var first = 0
    private(set) var count = 0

    init(capacity: Int) {
        let empty = FrameInfo(number: 0, time: Timestamp(nanoseconds: 0), originalLength: 0, linkType: .ethernet)
        ring = Array(repeating: Frame(info: empty), count: capacity)
    }

    var isEmpty: Bool { count == 0 }
    var isFull: Bool { count == ring.count }

    subscript(index: Int) -> Frame { ring[(first + index) % ring.count] }

    mutating func append(
        _ info: FrameInfo, _ packet: Packet, _ fate: FragmentFate, _ bytes: Span<UInt8>, _ commentary: FrameCommentary?
    ) {
        precondition(!isFull)
        let place = (first + count) % ring.count
        ring[place].info = info
        ring[place].packet = packet
        ring[place].fate = fate
        ring[place].commentary = commentary
        ring[place].count = bytes.count
        let missing = bytes.count - ring[place].bytes.count
        if missing > 0 { ring[place].bytes.append(contentsOf: repeatElement(0, count: missing)) }
        for index in bytes.indices { ring[place].bytes[index] = bytes[index] }
        count += 1
    }

    mutating func removeFirst() {
        precondition(count > 0)
        first = (first + 1) % ring.count
        count -= 1
    }
}
