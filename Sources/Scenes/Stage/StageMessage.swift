import Sockets

/// What a participant tells the director, and the one thing that the director answers.
enum StageMessage: Equatable {
    /// It waits to be allowed this call.
    case asks(Call)
    /// The call has returned.
    case returned(Call)
    /// It wrote a line.
    case printed(String)
    /// It has a child, which has this process number and talks through the spare channel of that place.
    case forked(child: Int32, spare: Int, name: String, process: String)
    /// The program could not go on: why.
    case broke(String)

    struct Call: Equatable {
        let name: String
        let arguments: String
        /// `nil` before it is made.
        var result: String?
        var isFailure = false
        var cookie: UInt64?
        /// The socket that it has made: `accept`.
        var newCookie: UInt64?
        var descriptor: Int32?
    }

    init(asks call: TracedCall) { self = .asks(Call(call)) }
    init(returned call: TracedCall) { self = .returned(Call(call)) }

    /// The director's answer: the call may be made.
    static let go: [UInt8] = [UInt8(ascii: "!")]

    // MARK: As bytes

    /// Fields are set apart by what no field can hold: texts here are printable.
    private static let separator: UInt8 = 0x1f

    var bytes: [UInt8] {
        switch self {
        case .asks(let call): StageMessage.join(["a"] + call.fields)
        case .returned(let call): StageMessage.join(["r"] + call.fields)
        case .printed(let line): StageMessage.join(["p", line])
        case .forked(let child, let spare, let name, let process): StageMessage.join(["f", "\(child)", "\(spare)", name, process])
        case .broke(let why): StageMessage.join(["b", why])
        }
    }

    init?(_ bytes: [UInt8]) {
        let fields = bytes.split(separator: StageMessage.separator, omittingEmptySubsequences: false).map { String(decoding: $0, as: UTF8.self) }
        switch (fields.first, fields.count) {
        case ("a", 8): self = .asks(Call(fields))
        case ("r", 8): self = .returned(Call(fields))
        case ("p", 2): self = .printed(fields[1])
        case ("f", 5):
            guard let child = Int32(fields[1]), let spare = Int(fields[2]) else { return nil }
            self = .forked(child: child, spare: spare, name: fields[3], process: fields[4])
        case ("b", 2): self = .broke(fields[1])
        default: return nil
        }
    }

    private static func join(_ fields: [String]) -> [UInt8] {
        Array(fields.map { $0.utf8.filter { $0 != separator } }.joined(separator: [separator]))
    }
}

extension StageMessage.Call {
    fileprivate init(_ call: TracedCall) {
        name = call.name
        arguments = call.argumentsText
        result = call.resultText
        isFailure = call.isFailure
        cookie = call.cookie
        newCookie = call.newCookie
        descriptor = call.descriptor
    }

    fileprivate var fields: [String] {
        [
            name, arguments, result ?? "", isFailure ? "!" : "", cookie.map { "\($0)" } ?? "", newCookie.map { "\($0)" } ?? "",
            descriptor.map { "\($0)" } ?? "",
        ]
    }

    /// From a message's fields, the kind first.
    fileprivate init(_ fields: [String]) {
        name = fields[1]
        arguments = fields[2]
        result = fields[3].isEmpty ? nil : fields[3]
        isFailure = !fields[4].isEmpty
        cookie = UInt64(fields[5])
        newCookie = UInt64(fields[6])
        descriptor = Int32(fields[7])
    }
}
