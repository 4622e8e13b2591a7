import Testing
import Wire

@testable import Services

@Suite struct `A loop of two echoes` {
    private let peer = Endpoint(.ipv4Loopback, 9157)
    private let start = ContinuousClock.now

    @Test(arguments: [1, 3]) func `is broken, however many datagrams go round`(_ count: Int) {
        var loops = EchoLoops()
        var flying = (0..<count).map { [UInt8($0), 7] }
        var (number, told) = (0, 0)
        while let datagram = flying.first, number < 100_000 {
            flying.removeFirst()
            number += 1
            switch loops.judge(datagram[...], from: peer, at: start + .microseconds(number)) {
            case .answer: flying.append(datagram)
            case .broken: told += 1
            case .silent: break
            }
        }
        #expect(number < 2 * EchoLoops.most && told == 1)
    }

    @Test func `is none where the peer says something new, or pauses`() {
        var loops = EchoLoops()
        for number in 0..<10_000 {
            let fresh = Array("\(number)".utf8)
            #expect(loops.judge(fresh[...], from: peer, at: start) == .answer)
        }
        for number in 0..<5_000 { #expect(loops.judge([1, 2], from: peer, at: start + .seconds(number)) == .answer) }
    }

    @Test func `needs memory for some peers only`() {
        var loops = EchoLoops()
        for port in UInt16(1)...5_000 { #expect(loops.judge([1], from: Endpoint(.ipv4Loopback, port), at: start) == .answer) }
    }
}
