import CMnl
import Glibc
import Platform

/// What has come of the answer to one request. Apart from the socket, so that recorded answers can be played to it.
struct NetlinkExchange {
    private let sequence: UInt32
    private let port: UInt32
    private var wasInterrupted = false
    private var strangers = 0
    /// Set when the answer is whole.
    private(set) var outcome: NetlinkSocket.Outcome?

    /// How many messages that answer something else are passed over: what an exchange that failed has left behind.
    private static let mostStrangers = 100_000

    init(sequence: UInt32, port: UInt32) {
        self.sequence = sequence
        self.port = port
    }

    /// Takes what one receive brought.
    mutating func take(
        _ bytes: Span<UInt8>, _ body: (_ type: UInt16, Span<UInt8>) throws(NetlinkError) -> Void
    ) throws(NetlinkError) {
        try walkMessages(bytes) { (head, payload) throws(NetlinkError) in
            guard head.sequence == sequence, head.port == port else {
                strangers += 1
                if strangers > NetlinkExchange.mostStrangers { throw .malformed("answers to nobody's question") }
                return .further
            }
            wasInterrupted = wasInterrupted || head.isInterrupted
            switch Int32(head.type) {
            case NLMSG_NOOP: return .further
            case NLMSG_OVERRUN: throw .overrun
            case NLMSG_DONE, NLMSG_ERROR:
                outcome = try NetlinkExchange.end(Int32(head.type), payload) ?? (wasInterrupted ? .interrupted : .complete)
                return .finished
            default:
                try body(head.type, payload)
                if head.isMultipart { return .further }
                outcome = .complete
                return .finished
            }
        }
    }

    /// Both ends carry a number: 0, or a negative errno. The end of a dump may do without (netlink(7)).
    private static func end(_ type: Int32, _ payload: Span<UInt8>) throws(NetlinkError) -> NetlinkSocket.Outcome? {
        guard payload.count >= 4 else {
            if type == NLMSG_DONE { return nil }
            throw .malformed("an error without a number")
        }
        let number = Int32(bitPattern: payload.native32(at: 0))
        guard number <= 0 else { throw type == NLMSG_DONE ? .malformed("an end with \(number)") : .malformed("error \(number)") }
        return number == 0 ? nil : .refused(0 &- number)
    }
}
