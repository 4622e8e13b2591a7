import Foundation
import Platform
import Synchronization
import Testing
import Wire

@testable import Services

/// What a test waits for is bounded by this only so that a defect fails the test instead of hanging it.
let patience: Duration = .seconds(60)

struct TimedOut: Error {}

/// The two ends of a pipe.
struct Pipe: ~Copyable {
    let reading: Descriptor
    let writing: Descriptor

    init() throws {
        var ends: [Int32] = [-1, -1]
        if pipe(&ends) != 0 { throw SystemError(errno, in: "pipe") }
        reading = Descriptor(owning: ends[0])
        writing = Descriptor(owning: ends[1])
    }

    /// Both ends, each to an owner of its own.
    consuming func split() -> (reading: Int32, writing: Int32) { (reading.release(), writing.release()) }
}

/// Work on a thread of its own, since servers and clients block and the test runner's threads are few.
final class Background<Value: Sendable>: Sendable {
    private let result = Mutex<Result<Value, any Error>?>(nil)
    private let finished = DispatchSemaphore(value: 0)

    init(_ work: @escaping @Sendable () throws -> Value) {
        Thread.detachNewThread {
            let result = Result { try work() }
            self.result.withLock { $0 = result }
            self.finished.signal()
        }
    }

    /// Waits for the end of the work.
    func value() throws -> Value {
        let seconds = Double(patience.components.seconds)
        guard finished.wait(timeout: .now() + seconds) == .success else { throw TimedOut() }
        finished.signal()
        guard let result = result.withLock({ $0 }) else { throw TimedOut() }
        return try result.get()
    }
}

/// What arrives in a pipe, line by line, read by a thread of its own so that a full pipe holds up nobody.
final class Lines: @unchecked Sendable {
    private let condition = NSCondition()
    private var lines: [String] = []
    private var ended = false

    /// Takes over the descriptor.
    init(reading number: Int32) {
        Thread.detachNewThread {
            let descriptor = Descriptor(owning: number)
            var buffer = [UInt8](repeating: 0, count: 4_096)
            var rest: [UInt8] = []
            while let count = try? readSome(descriptor.rawValue, into: &buffer), count > 0 {
                rest += buffer[..<count]
                let pieces = rest.split(separator: 10, omittingEmptySubsequences: false)
                rest = Array(pieces[pieces.count - 1])
                self.change { $0.lines += pieces.dropLast().map { String(decoding: $0, as: UTF8.self) } }
            }
            self.change { $0.ended = true }
        }
    }

    private func change(_ body: (Lines) -> Void) {
        condition.withLock {
            body(self)
            condition.broadcast()
        }
    }

    /// Waits for the line of that index. `nil` where the pipe ended before it.
    func line(_ index: Int) throws -> String? {
        try wait { $0.lines.count > index || $0.ended }
        return condition.withLock { lines.count > index ? lines[index] : nil }
    }

    /// Waits for the end.
    func all() throws -> [String] {
        try wait { $0.ended }
        return condition.withLock { lines }
    }

    private func wait(for isTrue: (Lines) -> Bool) throws {
        let limit = Date(timeIntervalSinceNow: Double(patience.components.seconds))
        try condition.withLock {
            while !isTrue(self) {
                guard condition.wait(until: limit) else { throw TimedOut() }
            }
        }
    }
}

/// An echo server on a thread, on an ephemeral port.
///
/// It ends with ``stop()``, and at the latest with this object: the pipe that holds it up is closed then.
final class RunningServer {
    let endpoint: Endpoint
    let output: Lines
    let notices: Lines
    private var stopping: Descriptor?
    private let thread: Background<Void>

    convenience init(
        _ echo: Catalogue.Settings.Echo, _ address: IPAddress = .ipv4Loopback, model: Server.Model? = nil, limits: Limits = Limits()
    ) throws {
        var server = try Server.echo(echo, model, limits: limits)
        server.address = address
        try self.init(server)
    }

    init(_ server: Server) throws {
        let output = try Pipe().split()
        let notices = try Pipe().split()
        let stop = try Pipe().split()
        let lines = Lines(reading: output.reading)
        self.output = lines
        self.notices = Lines(reading: notices.reading)
        stopping = Descriptor(owning: stop.writing)
        thread = Background {
            let output = Descriptor(owning: output.writing)
            let notices = Descriptor(owning: notices.writing)
            let stop = Descriptor(owning: stop.reading)
            try server.run(output: output.rawValue, notices: notices.rawValue, stop: stop.rawValue)
        }
        let prefix = "listening on "
        guard let line = try lines.line(0), line.hasPrefix(prefix),
            let endpoint = Endpoint(String(line.dropFirst(prefix.count)))
        else {
            try thread.value()
            throw TimedOut()
        }
        self.endpoint = endpoint
    }

    /// Ends it.
    ///
    /// - Returns: the lines after the first, and the notices.
    func stop() throws -> (output: [String], notices: [String]) {
        stopping = nil
        try thread.value()
        return (Array(try output.all().dropFirst()), try notices.all())
    }
}

/// An echo client on a thread.
final class RunningClient {
    private var input: Descriptor?
    private let inputNumber: Int32
    let output: Lines
    let notices: Lines
    private let thread: Background<Client.Outcome>

    /// - Parameter peers: the endpoints to try, in order; without them those of the options' host and service.
    init(_ options: Client.Options, peers: [Endpoint]? = nil) throws {
        let input = try Pipe().split()
        let output = try Pipe().split()
        let notices = try Pipe().split()
        self.input = Descriptor(owning: input.writing)
        inputNumber = input.writing
        self.output = Lines(reading: output.reading)
        self.notices = Lines(reading: notices.reading)
        thread = Background {
            let input = Descriptor(owning: input.reading)
            let output = Descriptor(owning: output.writing)
            let notices = Descriptor(owning: notices.writing)
            let desk = ClientDesk(input: input.rawValue, output: output.rawValue, notices: notices.rawValue)
            let client = Client(options)
            return try client.exchange(with: try peers ?? client.peers(), desk)
        }
    }

    /// Writes to its standard input.
    func type(_ text: String) throws {
        try writeAll(inputNumber, text)
    }

    /// Its standard input is at its end.
    func endInput() { input = nil }

    /// Ends the input and waits for the client's own end.
    func finish() throws -> (outcome: Client.Outcome, output: [String], notices: [String]) {
        input = nil
        return (try thread.value(), try output.all(), try notices.all())
    }
}

extension Server {
    /// An echo server on an ephemeral port.
    static func echo(_ echo: Catalogue.Settings.Echo, _ model: Server.Model? = nil, limits: Limits = Limits()) throws -> Server {
        var settings = Catalogue.Settings()
        settings.echo = echo
        settings.limits = limits
        var server = try #require(Catalogue.named("echo")).server(settings, model)
        server.port = 0
        return server
    }
}

extension Client.Options {
    init(_ variant: Client.Variant, to endpoint: Endpoint) {
        self.init(variant: variant, host: "\(endpoint.address)", service: "\(endpoint.port)")
    }
}
