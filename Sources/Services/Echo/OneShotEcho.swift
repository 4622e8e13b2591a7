import Wire

/// One receive, one send of the same bytes, and the server closes.
struct OneShotEcho: Service {
    mutating func receive(_ bytes: ArraySlice<UInt8>, _ turn: inout Turn) {
        let peer = turn.peer
        turn.note(Transcript.message(bytes, from: peer))
        turn.send(bytes)
        turn.close()
    }
}
