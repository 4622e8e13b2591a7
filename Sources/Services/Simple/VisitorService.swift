import Platform
import Wire

/// Counts its visitors: a name and a NUL byte come in, `Hello NAME, you are visitor number N to this server` goes back,
/// and the server closes. (So the server's end of the connection has the TIME_WAIT, RFC 9293 §3.6.1.)
struct VisitorService: Service {
    static let port: UInt16 = 5193

    /// One for all connections, whatever process they are in.
    let visits: SharedCounter
    private var name: [UInt8] = []

    init(_ visits: SharedCounter) {
        self.visits = visits
    }

    var isMidway: Bool { !name.isEmpty }

    mutating func receive(_ bytes: ArraySlice<UInt8>, _ turn: inout Turn) {
        name += bytes.prefix { $0 != 0 }
        guard name.count <= turn.limits.lineLength else { return turn.close(.lineTooLong(limit: turn.limits.lineLength)) }
        // A name has no line in it, and a browser's request is no visit.
        if let end = name.firstIndex(of: UInt8(ascii: "\n")), WebRequest.isRequestLine(name[..<end].filter { $0 != UInt8(ascii: "\r") }) {
            return turn.close(nil)
        }
        guard bytes.contains(0) else { return }
        let number = visits.increment()
        let peer = turn.peer
        let visitor = name
        turn.note("\(Transcript.line(visitor, from: peer)): visitor number \(number)")
        turn.send("Hello ")
        turn.send(name)
        turn.send(", you are visitor number \(number) to this server\n")
        turn.close()
    }
}
