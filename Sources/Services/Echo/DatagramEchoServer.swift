import Glibc
import Platform
import Sockets
import Wire

/// UDP echo (RFC 862): each datagram goes back to its sender, from the one socket that all of them reach.
struct DatagramEchoServer: ~Copyable {
    let socket: DatagramSocket
    let desk: ServerDesk

    func run() throws(ServerEnd) -> Never {
        var buffer = [UInt8](repeating: 0, count: DatagramSocket.largestDatagram)
        let own = try vital(try socket.localEndpoint())
        desk.describe("socket", socket)
        try desk.announce(own)
        var loops = EchoLoops()
        let clock = ContinuousClock()
        while true {
            if CallTrace.isOn { CallTrace.waits(for: "recvfrom", on: socket.rawDescriptor, [.number(buffer.count)]) }
            _ = try desk.wait(for: socket.rawDescriptor, .readable)
            guard let received = try vital(try socket.receive(into: &buffer)) else { continue }
            if desk.talks { try desk.print(Transcript.message(buffer[..<received.count], from: received.sender)) }
            // Its own datagram, forged or not, would come back to it for ever.
            if received.sender == own { continue }
            switch loops.judge(buffer[..<received.count], from: received.sender, at: clock.now) {
            case .answer: break
            case .broken:
                desk.notice("[\(received.sender.address) \(received.sender.port)] an echo, too: it is answered no more until it pauses")
                continue
            case .silent: continue
            }
            try send(buffer.span.extracting(..<received.count), to: received.sender)
        }
    }

    /// What cannot be sent, to port 0 for one, is that sender's loss alone.
    private func send(_ bytes: Span<UInt8>, to peer: Endpoint) throws(ServerEnd) {
        while true {
            do {
                if try socket.send(bytes, to: peer) { return }
            } catch {
                return desk.tell(.broken(reason: error.reason), peer)
            }
            _ = try desk.wait(for: socket.rawDescriptor, .writable)
        }
    }
}
