import Demux
import Wire

/// The choices of a question about a frame: who gets it, the nearest misses, and always nobody.
struct QuizChoices {
    /// How many misses stand beside the winner; beside nobody, one more.
    private static let mostMisses = 3

    let choices: [QuizChoice]
    let right: Int

    /// - Parameters:
    ///   - known: sockets that calls have named before.
    /// - Returns: `nil` where there would be nothing to choose.
    init?(_ frame: FrameMoment, _ kind: QuizQuestion.Kind, known: Set<SocketName>, salt: UInt64, seed: UInt64?) {
        guard let from = frame.from, let to = frame.to else { return nil }
        let makers = QuizChoices.Maker(frame: frame, from: from, to: to, known: known)
        let winner = frame.receiver.map { makers.choice($0) }
        var misses = makers.misses
        if let winner { misses.removeAll { $0.socket.role == winner.role && $0.socket.from == winner.from && $0.socket.to == winner.to } }
        misses.sort { ($0.rank, $0.place) < ($1.rank, $1.place) }
        let kept = misses.prefix(QuizChoices.mostMisses + (winner == nil ? 1 : 0)).map(\.socket)
        guard !kept.isEmpty else { return nil }
        var order = QuizOrder(frame: frame.number, salt: salt, seed: seed)
        let sockets = order.shuffled((winner.map { [$0] } ?? []) + kept)
        choices = sockets.map { .socket($0) } + [.nobody(frame.transport == .tcp ? .reset : .portUnreachable)]
        right = winner.flatMap { sockets.firstIndex(of: $0) } ?? sockets.count
    }

    private struct Miss {
        let socket: QuizSocket
        /// 0 is the nearest.
        let rank: Int
        let place: Int
    }

    private struct Maker {
        let frame: FrameMoment
        let from: Endpoint
        let to: Endpoint
        let known: Set<SocketName>

        /// As it may be named before the frame is told.
        func choice(_ socket: SocketMoment) -> QuizSocket {
            let isOpened = frame.opened.contains { $0.name == socket.name }
            var role = QuizSocket.Role.known
            if isOpened, socket.name == frame.sender?.name {
                // Also where a call has named it: whether one has depends on whether somebody answers.
                role = .sender
            } else if isOpened, !known.contains(socket.name) {
                if socket.name.kind == .connected, socket.isServer || socket.madeBy != nil {
                    role = .new(madeBy: socket.madeBy)
                } else {
                    role = .ofThePort
                }
            }
            return QuizSocket(role: role, kind: socket.name.kind, from: socket.remote, to: socket.local, name: socket.name)
        }

        var misses: [Miss] {
            var misses: [Miss] = []
            func add(_ socket: QuizSocket, _ rank: Int) {
                guard !misses.contains(where: { $0.socket == socket }) else { return }
                misses.append(Miss(socket: socket, rank: rank, place: misses.count))
            }
            for candidate in frame.candidates where !candidate.wins {
                add(choice(candidate.socket), rank(candidate))
            }
            if let sender = frame.sender { add(choice(sender), 4) }
            for (socket, rank) in imagined { add(socket, rank) }
            return misses
        }

        private func rank(_ candidate: CandidateMoment) -> Int {
            if candidate.socket.name == frame.sender?.name { return 4 }
            guard candidate.acceptsDestination else {
                guard candidate.socket.local.port == to.port else { return 6 }
                // It waits for just this, at another address.
                return candidate.socket.name.kind == .connected ? 5 : 0
            }
            guard candidate.socket.name.kind == .connected, let peer = candidate.socket.remote else { return 0 }
            if peer.port == from.port { return 1 }
            return peer.address == from.address ? 2 : 5
        }

        /// What there is not, but might be thought to be.
        private var imagined: [(QuizSocket, Int)] {
            guard frame.transport == .tcp, let flags = frame.flags else {
                guard frame.transport == .udp else { return [] }
                let own = QuizSocket(role: .newForSender, kind: .datagram, from: from, to: to, name: nil)
                guard frame.receiver == nil else { return frame.receiver?.isServer == true ? [(own, 3)] : [] }
                return [(QuizSocket(role: .ofThePort, kind: .datagram, from: nil, to: to, name: nil), 0), (own, 3)]
            }
            let listener = frame.candidates.first { $0.acceptsDestination && $0.socket.name.kind == .listener }?.socket
            let isSYN = flags.contains(.syn) && !flags.contains(.ack)
            if frame.receiver == nil {
                let made = QuizSocket(role: .new(madeBy: nil), kind: .connected, from: from, to: to, name: nil)
                guard listener == nil else { return [(made, 3)] }
                return [(QuizSocket(role: .ofThePort, kind: .listener, from: nil, to: to, name: nil), 0), (made, 3)]
            }
            if flags.contains(.syn), !isSYN {
                // The server's own, at the wrong end and too early.
                let maker = frame.sender.map(\.name).flatMap { $0.kind == .listener ? $0 : nil }
                return [(QuizSocket(role: .new(madeBy: maker), kind: .connected, from: to, to: from, name: nil), 3)]
            }
            guard let receiver = frame.receiver, receiver.isServer || receiver.name.kind == .listener else { return [] }
            let maker = isSYN ? receiver : listener
            let name = maker.flatMap { maker in frame.opened.contains { $0.name == maker.name } && !known.contains(maker.name) ? nil : maker.name }
            return [(QuizSocket(role: .new(madeBy: name), kind: .connected, from: from, to: to, name: nil), 3)]
        }
    }
}
