import Wire

/// Every byte back, until the client's FIN (RFC 862).
struct StreamEcho: Service {
    mutating func receive(_ bytes: ArraySlice<UInt8>, _ turn: inout Turn) {
        let peer = turn.peer
        turn.note(Transcript.message(bytes, from: peer))
        turn.send(bytes)
    }
}
