import Platform
import Sockets

extension ClientDesk {
    /// Sends and receives at the same time: a client that sends all before it reads stops for ever once the replies
    /// fill both sockets' buffers.
    ///
    /// Ends with the server's FIN. The client's own goes first, once the input has ended and, in lockstep, is answered.
    ///
    /// - Parameters:
    ///   - isEcho: whether what comes back is as long as what is sent; if not, the server knows when all is answered.
    ///   - first: what is sent before the input.
    ///   - observe: gets what comes back.
    func exchangeStream(
        _ socket: consuming ConnectedSocket, lockstep: Bool, isEcho: Bool = true, first: [UInt8] = [], _ observe: (ArraySlice<UInt8>) -> Void = { _ in }
    ) throws(ClientEnd) -> Client.Outcome {
        let peer = socket.remote
        try vital("\(peer)", try socket.setNonblocking())
        var pacing = InputPacing(lockstep: lockstep)
        var outgoing = first[...]
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
            if CallTrace.isOn, awaited.count == 1, outgoing.isEmpty { CallTrace.waits(for: "recv", on: socket.rawDescriptor, [.number(piece.count)]) }
            // At the keyboard one may take one's time; the server has a bound.
            let bound = awaited.count == 1 ? timeout : nil
            if try vital("client", try waitUntilReady(&awaited, milliseconds: bound?.inMilliseconds)) == 0 {
                notice("\(peer): no answer in time")
                return .unanswered
            }

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
                    observe(piece[..<count])
                case .endOfStream:
                    if pacing.isAnswered || !isEcho, outgoing.isEmpty { return .answered }
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
