import Glibc
import Platform
import Sockets

/// What becomes of one connection when it is ready.
extension EventServer {
    /// It can be read or written, or is broken: then the call that is tried says how.
    mutating func serve(_ tag: UInt64) throws(ServerEnd) {
        if !inquiries.isEmpty, let asker = inquiries[tag] { return try advance(tag, of: asker) }
        guard let connection = connections[tag] else { return }
        try ending(connection, tag) { (server) throws(Interruption) in try server.step(connection, tag) }
    }

    mutating func begin(_ connection: Connection, _ tag: UInt64) throws(ServerEnd) {
        try ending(connection, tag) { (server) throws(Interruption) in
            var turn = server.newTurn(connection)
            connection.service.begin(&turn)
            try server.carryOut(&turn, connection, tag)
        }
    }

    /// A conversation that ends here is told and closed; when the server is to end, one that comes to rest is closed, too.
    private mutating func ending(
        _ connection: Connection, _ tag: UInt64, _ body: (inout EventServer) throws(Interruption) -> Void
    ) throws(ServerEnd) {
        do throws(Interruption) {
            try body(&self)
            if graceEnd != nil, connection.isAtRest, connections[tag] != nil { try ofServer(try close(tag)) }
        } catch {
            switch error {
            case .conversation(let closing):
                desk.tell(closing, connection.socket.remote)
                try close(tag)
            case .server(let end): throw end
            }
        }
    }

    private mutating func step(_ connection: Connection, _ tag: UInt64) throws(Interruption) {
        if connection.hasOutput {
            try ofClient(try connection.flush())
            connection.lastActivity = now
            return try arrange(connection, tag)
        }
        var turn = newTurn(connection)
        switch connection.next {
        case .receive:
            switch try ofClient(try connection.socket.receive(into: &piece)) {
            case .wouldBlock: return
            case .bytes(let count):
                connection.lastActivity = now
                connection.service.receive(piece[..<count], &turn)
            case .endOfStream:
                connection.inputEnded = true
                connection.service.endOfInput(&turn)
            }
        case .proceed:
            connection.service.proceed(&turn)
        case .hear, .ask:
            // Nothing is waited for here but its end.
            let code = try ofClient(try connection.socket.takeError())
            throw .conversation(.broken(reason: SystemError(code == 0 ? ECONNRESET : code, in: "recv").reason))
        case .linger:
            if case .bytes = try? connection.socket.receive(into: &piece) { return }
            return try ofServer(try close(tag))
        case .close:
            return
        }
        try carryOut(&turn, connection, tag)
    }

    /// Prints, sends, and settles what comes next.
    private mutating func carryOut(_ turn: inout Turn, _ connection: Connection, _ tag: UInt64) throws(Interruption) {
        for notice in turn.notices { desk.notice(notice) }
        for line in turn.lines { try ofServer(try desk.print(line, isStopping: graceEnd != nil)) }
        connection.pace.observe(connection.service, answered: !turn.output.isEmpty, at: now)
        if let ending = turn.ending {
            connection.next = .close
            if case .lingering(let reason) = ending {
                connection.next = .linger
                if let reason { desk.tell(reason, connection.socket.remote) }
            }
        } else if let question = turn.question {
            connection.next = .ask(question)
        } else if turn.continues {
            connection.next = .proceed
        } else {
            connection.next = connection.inputEnded ? .close : .receive
        }
        if !turn.output.isEmpty {
            let sent = try ofClient(try connection.send(turn.output))
            connection.lastActivity = now
            if sent < turn.output.count {
                connection.output = turn.output
                connection.sent = sent
            }
        }
        // The room is for the next turn, unless it has grown too large to be kept.
        if turn.output.capacity <= 65_536 {
            turn.output.removeAll(keepingCapacity: true)
            swap(&room, &turn.output)
        }
        try arrange(connection, tag)
    }

    /// With all of the output sent, does what is next, or waits for it.
    private mutating func arrange(_ connection: Connection, _ tag: UInt64) throws(Interruption) {
        if !connection.hasOutput {
            switch connection.next {
            case .close: return try ofServer(try close(tag))
            case .ask(let question): return try ask(question, connection, tag)
            case .linger: try? connection.socket.shutdownSending()
            case .receive, .proceed, .hear: break
            }
        }
        try watch(connection, tag)
    }

    private func watch(_ connection: Connection, _ tag: UInt64) throws(Interruption) {
        let wanted = connection.wants
        if wanted == connection.watched { return }
        try ofServer(try vital(try events.modify(connection.socket.rawDescriptor, for: wanted, tag: tag)))
        connection.watched = wanted
    }

    mutating func newTurn(_ connection: Connection) -> Turn {
        var turn = Turn(with: connection.socket.remote, limits, talks: desk.talks)
        swap(&room, &turn.output)
        return turn
    }

    /// Dropping the last reference closes the socket, and that takes it out of the event queue; but not while a child has it
    /// open, too.
    mutating func close(_ tag: UInt64) throws(ServerEnd) {
        let connection = connections.removeValue(forKey: tag)
        if helpers > 0, let connection { try? events.remove(connection.socket.rawDescriptor) }
        if case .hear(let inquiry)? = connection?.next { try forget(inquiry, of: tag) }
        try resumeAccepting()
    }
}

// MARK: - Questions to others

extension EventServer {
    private mutating func ask(_ question: Question, _ connection: Connection, _ tag: UInt64) throws(Interruption) {
        asking: do throws(SystemError) {
            let inquiry: any Inquiry
            switch question {
            case .server(let server, let line): inquiry = try ServerInquiry(line, to: server)
            case .work(let work):
                guard helpers < Limits.helpers else {
                    waiting.append(tag)
                    break asking
                }
                inquiry = try ChildInquiry(work)
            }
            connection.next = .hear(inquiry)
            connection.lastActivity = now
            try events.add(inquiry.descriptor, for: inquiry.wants, tag: nextTag)
            if inquiry is ChildInquiry { helpers += 1 }
            inquiries[nextTag] = tag
            nextTag += 1
        } catch {
            var turn = newTurn(connection)
            connection.service.hear(.failed(error.reason), &turn)
            return try carryOut(&turn, connection, tag)
        }
        try watch(connection, tag)
    }

    private mutating func advance(_ tag: UInt64, of asker: UInt64) throws(ServerEnd) {
        guard case .hear(let inquiry)? = connections[asker]?.next else { return }
        if let answer = inquiry.advance() {
            return try hear(answer, to: inquiry, for: asker)
        }
        try vital(try events.modify(inquiry.descriptor, for: inquiry.wants, tag: tag))
    }

    mutating func hear(_ answer: Answer, to inquiry: any Inquiry, for tag: UInt64) throws(ServerEnd) {
        guard let connection = connections[tag] else { return }
        connection.next = .receive
        try forget(inquiry, of: tag)
        try ending(connection, tag) { (server) throws(Interruption) in
            var turn = server.newTurn(connection)
            connection.service.hear(answer, &turn)
            try server.carryOut(&turn, connection, tag)
        }
    }

    /// An inquiry is over. The next that waits for a helper gets one.
    private mutating func forget(_ inquiry: any Inquiry, of tag: UInt64) throws(ServerEnd) {
        for (key, asker) in inquiries where asker == tag { inquiries[key] = nil }
        guard inquiry is ChildInquiry else { return }
        helpers -= 1
        while helpers < Limits.helpers, !waiting.isEmpty {
            let next = waiting.removeFirst()
            guard let connection = connections[next], case .ask = connection.next else { continue }
            try ending(connection, next) { (server) throws(Interruption) in try server.arrange(connection, next) }
        }
    }
}
