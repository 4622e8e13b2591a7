import CPlatform
import Platform
import Wire

extension TracedCall {
    /// `1764111600.123456789 echod[4711] accept(3) = 4 from 127.0.0.1:9157  0.000012 s  cookie 8193`.
    ///
    /// A call that waits ends in `…`.
    public func line(process: String, _ pid: Int32) -> String {
        var line = "\(seconds(time.nanoseconds, digits: 9)) \(process)[\(pid)] \(name)(\(argumentsText))"
        line += resultText.map { " = \($0)" } ?? " …"
        if let nanoseconds { line += "  \(seconds(nanoseconds, digits: 6)) s" }
        if let cookie { line += "  cookie \(cookie)" }
        if let newCookie { line += " gives \(newCookie)" }
        return line
    }

    /// The arguments as C would have them, with a comma between.
    public var argumentsText: String { arguments.map(\.text).joined(separator: ", ") }

    /// What it returned and what that means; `nil` while it waits.
    public var resultText: String? {
        switch outcome {
        case .entered: nil
        case .value(let value): "\(value)"
        case .answer(let text): text
        case .from(let value, let peer): "\(value) from \(peer)"
        case .end(let endpoint): "\(endpoint)"
        case .received(let count, let bytes?) where count > 0: "\(count) \(quoted(bytes, of: count))"
        case .received(let count, _): "\(count)"
        case .error(let code): "\(errorName(code)): \(SystemError(code, in: name).reason)"
        }
    }

    public var isFailure: Bool { if case .error = outcome { true } else { false } }

    /// One JSON object: `time_epoch` as in the frames of `--json`, `duration` in seconds, no `result` while it waits.
    public func json(process: String, _ pid: Int32) -> String {
        var fields = [
            "\"time_epoch\":\"\(seconds(time.nanoseconds, digits: 9))\"", "\"process\":\(jsonString(process))", "\"pid\":\(pid)",
            "\"call\":\"\(name)\"", "\"arguments\":[\(arguments.map(\.json).joined(separator: ","))]",
        ]
        switch outcome {
        case .entered: fields.append("\"waits\":true")
        case .value(let value): fields.append("\"result\":\(value)")
        case .answer(let text): fields.append("\"result\":\(jsonString(text))")
        case .from(let value, let peer): fields += ["\"result\":\(value)", "\"from\":\"\(peer)\""]
        case .end(let endpoint): fields += ["\"result\":0", "\"end\":\"\(endpoint)\""]
        case .received(let count, let bytes):
            fields.append("\"result\":\(count)")
            if let bytes { fields.append("\"data\":\(jsonString(Self.text(bytes)))") }
        case .error(let code): fields += ["\"result\":-1", "\"error\":\"\(errorName(code))\""]
        }
        if let nanoseconds { fields.append("\"duration\":\"\(seconds(nanoseconds, digits: 9))\"") }
        if let descriptor { fields.append("\"fd\":\(descriptor)") }
        // A string, as in `sockets --json`: 64 bits do not fit in every reader's numbers.
        if let cookie { fields.append("\"cookie\":\"\(cookie)\"") }
        if let newCookie { fields.append("\"new_cookie\":\"\(newCookie)\"") }
        return "{\(fields.joined(separator: ","))}"
    }

    /// Bytes as text: printable ASCII as it is, all else escaped.
    fileprivate static func text(_ bytes: some Sequence<UInt8>) -> String {
        bytes.reduce(into: "") { text, byte in text += Unicode.Scalar(byte).traced }
    }
}

extension TracedCall.Argument {
    fileprivate var text: String {
        switch self {
        case .number(let number): "\(number)"
        case .word(let word): word
        case .text(let text): "\"\(text)\""
        case .bytes(let bytes): quoted(bytes, of: bytes.count)
        }
    }

    fileprivate var json: String {
        switch self {
        case .number(let number): "\(number)"
        case .word(let text), .text(let text): jsonString(text)
        case .bytes(let bytes): jsonString(TracedCall.text(bytes))
        }
    }
}

extension Unicode.Scalar {
    fileprivate var traced: String {
        switch self {
        case "\\": return "\\\\"
        case "\"": return "\\\""
        case " "..."~": return String(self)
        case "\n": return "\\n"
        case "\r": return "\\r"
        case "\0": return "\\0"
        default: return (value < 16 ? "\\x0" : "\\x") + String(value, radix: 16)
        }
    }
}

private func quoted(_ bytes: [UInt8], of count: Int) -> String {
    "\"\(TracedCall.text(bytes.prefix(TracedCall.previewLength)))\"" + (min(bytes.count, TracedCall.previewLength) < count ? "…" : "")
}

private func seconds(_ nanoseconds: Int64, digits: Int) -> String {
    let whole = nanoseconds / 1_000_000_000
    let fraction = String(nanoseconds % 1_000_000_000)
    let padded = String(repeating: "0", count: max(0, 9 - fraction.count)) + fraction
    return "\(whole).\(padded.prefix(digits))"
}

private func errorName(_ code: Int32) -> String {
    guard let name = unsafe pw_error_name(code) else { return "error \(code)" }
    return unsafe String(cString: name)
}

/// RFC 8259 §7.
private func jsonString(_ text: String) -> String {
    var out = "\""
    for scalar in text.unicodeScalars {
        switch scalar {
        case "\"": out += "\\\""
        case "\\": out += "\\\\"
        case _ where scalar.value < 32:
            let digits = String(scalar.value, radix: 16)
            out += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        default: out.unicodeScalars.append(scalar)
        }
    }
    return out + "\""
}
