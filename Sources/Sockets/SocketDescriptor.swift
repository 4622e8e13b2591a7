import Glibc
import Platform

/// A socket's descriptor with one owner: as `Platform.Descriptor`, and its `close` is told to the trace, whether it is
/// asked for or comes with the end of its life.
struct SocketDescriptor: ~Copyable, Sendable {
    let rawValue: Int32

    init(owning rawValue: Int32) {
        self.rawValue = rawValue
    }

    deinit {
        try? closeSocket(rawValue)
    }

    consuming func close() throws(SystemError) {
        let number = rawValue
        discard self
        try closeSocket(number)
    }
}

/// It is not tried again after `EINTR`: on Linux the descriptor is gone already (close(2), NOTES).
private func closeSocket(_ number: Int32) throws(SystemError) {
    guard CallTrace.isOn else {
        if Glibc.close(number) != 0, errno != EINTR { throw SystemError(errno, in: "close") }
        return
    }
    let call = CallTrace.begun("close", on: number, [.number(Int(number))])
    let code: Int32 = Glibc.close(number) == 0 || errno == EINTR ? 0 : errno
    CallTrace.ended(call, code == 0 ? .value(0) : .error(code))
    if code != 0 { throw SystemError(code, in: "close") }
}
