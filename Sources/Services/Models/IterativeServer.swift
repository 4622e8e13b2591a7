import Sockets

/// Serves one client, then the next; meanwhile the others wait in the accept queue.
struct IterativeServer: ~Copyable {
    private var acceptor: Acceptor
    private let service: any Service
    private let desk: ServerDesk
    private let limits: Limits

    init(_ listener: consuming Listener, _ service: any Service, _ desk: ServerDesk, _ limits: Limits) {
        var desk = desk
        desk.listener = listener.rawDescriptor
        acceptor = Acceptor(listener, desk)
        self.service = service
        self.desk = desk
        self.limits = limits
    }

    mutating func run() throws(ServerEnd) -> Never {
        try acceptor.announce()
        while true {
            guard let socket = try acceptor.next() else { continue }
            try desk.greet(socket.remote)
            try Visit(socket, service, desk, limits).run()
        }
    }
}
