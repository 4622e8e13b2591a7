import Glibc
import Platform
import Sockets

/// A child process for each connection, made by `fork` when it is accepted.
///
/// Both processes have both sockets then: the parent closes the connection, the child the listener. Without the first the
/// client would never see a FIN; without the second the port would be taken as long as a child lives.
struct ProcessServer: ~Copyable {
    private var acceptor: Acceptor
    private let service: any Service
    private var desk: ServerDesk
    private let limits: Limits
    private let childEnds: SignalReceiver
    private var children: Set<Int32> = []

    /// What a child's exit status says.
    private enum Status {
        static let served: Int32 = 0
        static let outputClosed: Int32 = 3
    }

    init(_ listener: consuming Listener, _ service: any Service, _ desk: ServerDesk, _ limits: Limits) throws(ServerEnd) {
        childEnds = try vital(try SignalReceiver([SIGCHLD]))
        acceptor = Acceptor(listener, desk)
        self.service = service
        self.desk = desk
        self.desk.crowd = acceptor.crowd
        self.limits = limits
    }

    /// Serves until the end; then no child is left.
    consuming func run() throws(ServerEnd) -> Never {
        let end: ServerEnd
        do {
            try acceptor.announce()
            while true {
                try takeIn()
                guard let socket = try acceptor.next(or: childEnds.rawDescriptor, connections: children.count, limit: limits.connections)
                else { continue }
                try desk.greet(socket.remote)
                try serve(socket)
            }
        } catch {
            end = error
        }
        acceptor.close()
        let mayHurry = desk.takeStop()
        Services.end(children, childEnds, within: limits.grace + .seconds(1), hurriedBy: mayHurry ? desk.stop : nil, desk.tellEnding)
        throw end
    }

    private mutating func serve(_ socket: consuming ConnectedSocket) throws(ServerEnd) {
        let forked: Forked
        let parent = processNumber
        do {
            forked = try Platform.fork()
        } catch {
            try socket.abortNow()
            return try acceptor.recover(from: error, or: childEnds.rawDescriptor)
        }
        switch forked {
        case .child:
            // Nobody would end it once the server is gone, nor take it in.
            endWithParent(parent, by: SIGKILL)
            closeInherited(acceptor.rawDescriptor)
            var desk = desk
            desk.countsStops = false
            do {
                try Visit(socket, service, desk, limits).run()
                leave(Status.served)
            } catch {
                if case .outputClosed = error { leave(Status.outputClosed) }
                leave(Status.served)
            }
        case .parent(let child):
            children.insert(child)
        }
    }

    /// The children that have ended. A child that nobody takes in stays a zombie.
    private mutating func takeIn() throws(ServerEnd) {
        while childEnds.next() != nil {}
        while let (child, end) = reap() {
            children.remove(child)
            if end == .exited(status: Status.outputClosed) { throw .outputClosed }
            if case .killed(let number) = end { desk.notice("child \(child): ended by signal \(number)") }
        }
    }
}

extension ConnectedSocket {
    /// With RST: whoever is not served shall know.
    consuming func abortNow() throws(ServerEnd) { try? abort() }
}
