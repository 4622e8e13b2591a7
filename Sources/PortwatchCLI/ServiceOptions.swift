import Glibc
import Platform
import Services
import Sockets
import Wire

/// What `serve` and `connect` have in common.
extension SocketOptions {
    /// Takes an option that is about sockets.
    ///
    /// - Returns: whether it is.
    mutating func take(_ id: OptionID, _ value: String, _ spec: CommandSpec) throws(CommandFailure) -> Bool {
        switch id {
        case .receiveBuffer: receiveBuffer = Int32(try number(value, "--receive-buffer", 1...1_073_741_823, spec))
        case .sendBuffer: sendBuffer = Int32(try number(value, "--send-buffer", 1...1_073_741_823, spec))
        case .timeout:
            guard let seconds = Double(value), seconds >= 0.001, seconds <= 1_000_000 else {
                throw .usage("--timeout \(value): seconds, from 0.001 on", spec)
            }
            timeout = .milliseconds(Int(seconds * 1_000))
        case .noDelay: noDelay = true
        case .noReuseAddress: reusesAddress = false
        default: return false
        }
        return true
    }
}

/// Where socket calls are told: a line each on standard error.
struct TraceOutput: Sendable {
    var isJSON = false

    func start(process: String, hidingData: Bool) {
        let isJSON = isJSON
        CallTrace.start(hidingData: hidingData) { call in
            let pid = getpid()
            try? writeAll(STDERR_FILENO, (isJSON ? call.json(process: process, pid) : call.line(process: process, pid)) + "\n")
        }
    }
}

/// The service that the command line names.
func service(_ line: ParsedCommandLine, _ spec: CommandSpec, wordsAtMost: Int) throws(CommandFailure) -> Catalogue {
    let names = Catalogue.all.map(\.name).joined(separator: ", ")
    guard let name = line.words.first else { throw .usage("which service? there are: \(names)", spec) }
    guard let entry = Catalogue.named(name) else { throw .usage("\(name): no such service; there are: \(names)", spec) }
    let surplus = Array(line.words.dropFirst(wordsAtMost)) + (line.command ?? [])
    if let word = surplus.first { throw .usage("\(word): what is this for?", spec) }
    return entry
}

func portNumber(_ text: String, _ option: String, _ spec: CommandSpec) throws(CommandFailure) -> UInt16 {
    guard let port = UInt16(text) else { throw .usage("\(option) \(text): not a port (0 to 65535)", spec) }
    return port
}

func number(_ text: String, _ option: String, _ range: ClosedRange<Int>, _ spec: CommandSpec) throws(CommandFailure) -> Int {
    guard let number = Int(text), range.contains(number) else {
        throw .usage("\(option) \(text): a number from \(range.lowerBound) to \(range.upperBound)", spec)
    }
    return number
}

extension CommandFailure {
    init(_ error: ServiceError, service: String = "SERVICE") {
        self = .failed(error.description, hint: error.hint(for: service))
    }
}
