import Platform
import Sockets

extension ClientDesk {
    /// Sends and receives at the same time: a client that sends all before it reads stops for ever once the replies
    /// fill both sockets' buffers.
    ///
    /// Ends with the server's FIN. The client's own goes first, once the input has ended and, in lockstep, is answered.
    func exchangeStream(
        _ socket: consuming ConnectedSocket, lockstep: Bool
    ) throws(ClientEnd) -> EchoClient.Outcome {
        let peer = socket.remote
        try vital("\(peer)", try socket.setNonblocking())
        var pacing = InputPacing(lockstep: lockstep)
        var outgoing: ArraySlice<UInt8> = []
        var piece = [UInt8](repeating: 0, count: 65_536)
        var sending = true
        while true {
            if sending, outgoing.isEmpty {
                outgoing = pacing.release()
                if outgoing.isEmpty, pacing.isFinished {
                    // Where the server is gone already, the reading below says so.
                    try? socket.shutdownSending()
                    sending = false
                }
            }
            var awaited = [Awaited(socket.rawDescriptor, for: outgoing.isEmpty ? .readable : [.readable, .writable])]
            if sending, pacing.wantsInput, outgoing.isEmpty { awaited.append(Awaited(input, for: .readable)) }
            try vital("client", try waitUntilReady(&awaited))

            if !awaited[0].ready.isDisjoint(with: [.readable, .hangUp]) {
                let received: ConnectedSocket.Received
                do {
                    received = try socket.receive(into: &piece)
                } catch {
                    notice("\(peer): \(error.reason)")
                    return .unanswered
                }
                switch received {
                case .bytes(let count):
                    try print(piece[..<count])
                    pacing.receive(piece[..<count])
                case .endOfStream:
                    if pacing.isAnswered, outgoing.isEmpty { return .answered }
                    notice("\(peer): the server closed the connection before it had answered everything")
                    return .unanswered
                case .wouldBlock:
                    break
                }
            }
            if awaited[0].ready.contains(.writable), !outgoing.isEmpty {
                do {
                    outgoing = outgoing.dropFirst(try socket.send(outgoing.span))
                } catch {
                    // What the server sent before it went is still to be read.
                    sending = false
                    outgoing = []
                }
            }
            if awaited.count > 1, !awaited[1].ready.isEmpty {
                let count = try vital("input", try readSome(input, into: &piece))
                if count == 0 { pacing.endInput() } else { pacing.supply(piece[..<count]) }
            }
        }
    }
}
