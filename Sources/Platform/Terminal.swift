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
    /// Reads a line, without its end, that a terminal does not show while it is typed; what is no terminal stays as it is.
    /// Byte by byte: what follows the line is another's. The corresponding C functions are `tcgetattr` and `tcsetattr`.
    ///
    /// A signal that ends or stops the process finds the terminal as it was before: it would stay silent otherwise.
    ///
    /// - Parameter onEnd: called when it is as it was, before a signal ends the process, and in the end.
    public static func readHiddenLine(_ descriptor: Int32, onEnd: () -> Void) throws(SystemError) -> [UInt8] {
        var settings = termios()
        guard unsafe tcgetattr(descriptor, &settings) == 0 else { return try readLine(descriptor) {} }
        let numbers = [SIGINT, SIGQUIT, SIGTERM, SIGHUP, SIGTSTP]
        let signals = try SignalReceiver(numbers)
        var silent = settings
        silent.c_lflag &= ~tcflag_t(ECHO)
        unsafe tcsetattr(descriptor, TCSAFLUSH, &silent)
        defer {
            unsafe _ = tcsetattr(descriptor, TCSAFLUSH, &settings)
            onEnd()
            unsafe pw_unblock_signals(numbers, Int32(numbers.count))
        }
        return try readLine(descriptor) { () throws(SystemError) in
            while true {
                var awaited = [Awaited(signals.rawDescriptor, for: .readable), Awaited(descriptor, for: .readable)]
                try waitUntilReady(&awaited)
                guard let number = signals.next() else { return }
                unsafe _ = tcsetattr(descriptor, TCSANOW, &settings)
                onEnd()
                pw_raise_unblocked(number)
                // It was only stopped, and goes on.
                unsafe _ = tcsetattr(descriptor, TCSANOW, &silent)
            }
        }
    }

    private static func readLine(_ descriptor: Int32, _ wait: () throws(SystemError) -> Void) throws(SystemError) -> [UInt8] {
        var line: [UInt8] = []
        var byte: [UInt8] = [0]
        while true {
            try wait()
            if try readSome(descriptor, into: &byte) == 0 || byte[0] == UInt8(ascii: "\n") { return line }
            line.append(byte[0])
        }
    }
}
