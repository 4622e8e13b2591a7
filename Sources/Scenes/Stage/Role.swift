import Glibc
import Platform
import Sockets

/// What a participant's program has beside its socket calls. Each of these it makes when the director lets it, and not before.
public struct Role: Sendable {
    private let channel: Int32
    /// Channels for children that it may have, by place.
    private let spares: [Int32]

    /// Becomes a participant: the process that has just been forked for it.
    static func become(_ process: String, _ channel: Int32, spares: [Int32]) -> Role {
        setProcessName(process)
        let role = Role(channel: channel, spares: spares)
        CallTrace.start(gate: { role.ask(.init(asks: $0)) }) { call in
            if call.outcome != .entered { role.tell(.init(returned: call)) }
        }
        return role
    }

    /// Becomes a participant that makes its calls when it likes; only what it prints is told.
    static func becomeFree(_ process: String, _ channel: Int32) -> Role {
        setProcessName(process)
        return Role(channel: channel, spares: [])
    }

    private init(channel: Int32, spares: [Int32]) {
        self.channel = channel
        self.spares = spares
    }

    /// Runs the program and ends the process. The end is a call of its own, `exit`: what is open then, the kernel closes.
    func run(_ program: (Role) throws -> Void) -> Never {
        do {
            try program(self)
        } catch let error as SystemError {
            // The call has been told, with its error; so end most programs.
            _ = error
        } catch {
            tell(.broke("\(error)"))
        }
        _ = CallTrace.other("exit", [.number(0)]) { 0 }
        leave(0)
    }

    /// A line of standard output.
    public func print(_ line: String) {
        tell(.printed(line))
    }

    /// Makes a child that goes on with its own program and then ends; descriptors are those of the parent.
    ///
    /// - Parameters:
    ///   - name: what it is to the scene.
    ///   - spare: which of the channels it is to have.
    public func fork(_ name: String, as process: String, spare: Int, _ program: (Role) throws -> Void) throws {
        var outcome = Forked.child
        let result = CallTrace.other("fork") {
            outcome = (try? Platform.fork()) ?? .parent(-1)
            // The child tells nothing of it: its channel is another.
            guard case .parent(let child) = outcome else {
                let role = Role.become(process, spares[spare], spares: [])
                role.run(program)
            }
            tell(.forked(child: child, spare: spare, name: name, process: process))
            return Int(child)
        }
        if result < 0 { throw SystemError(EAGAIN, in: "fork") }
    }

    /// Waits for a child to end. The corresponding C function is `waitpid`.
    public func reap(_ child: Int32 = -1) {
        _ = CallTrace.other("waitpid", [.number(Int(child))]) { Int(Platform.reap(child, waits: true)?.child ?? -1) }
    }

    private func ask(_ message: StageMessage) {
        tell(message)
        var answer: UInt8 = 0
        // Without a director there is nothing to be played any more.
        guard let count = try? retrying("read", { unsafe read(channel, &answer, 1) }), count == 1 else { leave(1) }
    }

    private func tell(_ message: StageMessage) {
        let bytes = message.bytes
        guard (try? retrying("send", { unsafe send(channel, bytes, bytes.count, Int32(MSG_NOSIGNAL)) })) != nil else { leave(1) }
    }
}
