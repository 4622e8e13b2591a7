import CPlatform
import Glibc

/// What a program may know of the terminal, or of the lack of one, behind a descriptor.
public enum Terminal {
    public static func isTerminal(_ descriptor: Int32) -> Bool { isatty(descriptor) == 1 }

    /// The width in columns, or `nil` where the terminal does not say.
    public static func columns(_ descriptor: Int32) -> Int? {
        let columns = Int(pw_terminal_columns(descriptor))
        return columns > 0 ? columns : nil
    }

    /// Whether the locale's character set is UTF-8.
    public static var localeIsUTF8: Bool { pw_locale_is_utf8() == 1 }
}

/// An environment variable, or `nil` where it is not set.
public func environment(_ name: String) -> String? {
    guard let value = unsafe getenv(name) else { return nil }
    return unsafe String(cString: value)
}

extension Terminal {
    /// Runs something while what is typed is not shown; what is no terminal stays as it is. The corresponding C functions are
    /// `tcgetattr` and `tcsetattr`.
    public static func withoutEcho<Result, Failure: Error>(
        _ descriptor: Int32, _ body: () throws(Failure) -> Result
    ) throws(Failure) -> Result {
        var settings = termios()
        guard unsafe tcgetattr(descriptor, &settings) == 0 else { return try body() }
        var silent = settings
        silent.c_lflag &= ~tcflag_t(ECHO)
        unsafe tcsetattr(descriptor, TCSAFLUSH, &silent)
        defer { unsafe _ = tcsetattr(descriptor, TCSAFLUSH, &settings) }
        return try body()
    }
}
