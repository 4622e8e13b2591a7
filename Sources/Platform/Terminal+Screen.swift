import CPlatform
import Glibc

extension Terminal {
    /// Rows and columns, or `nil` where the terminal does not say.
    public static func size(_ descriptor: Int32) -> (rows: Int, columns: Int)? {
        var rows: Int32 = 0
        var columns: Int32 = 0
        guard unsafe pw_terminal_size(descriptor, &rows, &columns) == 0, rows > 0, columns > 0 else { return nil }
        return (Int(rows), Int(columns))
    }

    /// The terminal that this process belongs to, whatever its standard descriptors are; `nil` where it has none.
    public static func controlling() -> Descriptor? {
        guard let number = try? retrying("open", { unsafe open("/dev/tty", O_RDWR | O_CLOEXEC) }) else { return nil }
        return Descriptor(owning: number)
    }

    /// Stops this process, as Ctrl-Z does, until it is continued. To be called where SIGTSTP is blocked.
    public static func stopUntilContinued() {
        pw_stop_until_continued()
    }
}

/// What a terminal does with what is typed. The corresponding C functions are `tcgetattr` and `tcsetattr`.
public struct TerminalMode: Sendable {
    private var settings: termios

    /// As it is now; `nil` for what is no terminal.
    public init?(of descriptor: Int32) {
        var settings = termios()
        guard unsafe tcgetattr(descriptor, &settings) == 0 else { return nil }
        self.settings = settings
    }

    /// Each key at once and not shown. Ctrl-C, Ctrl-Z and Ctrl-\ remain signals, for all that runs in the foreground.
    public var keyByKey: TerminalMode {
        var mode = self
        mode.settings.c_lflag &= ~tcflag_t(ICANON | ECHO)
        mode.settings.c_iflag &= ~tcflag_t(IXON)
        // c_cc[VTIME] and c_cc[VMIN]: a read returns with the first byte.
        mode.settings.c_cc.5 = 0
        mode.settings.c_cc.6 = 1
        return mode
    }

    /// - Parameter dropsTyped: whether what was typed before and not read yet is forgotten.
    public func apply(to descriptor: Int32, dropsTyped: Bool = false) {
        var settings = settings
        unsafe _ = tcsetattr(descriptor, dropsTyped ? TCSAFLUSH : TCSADRAIN, &settings)
    }
}
