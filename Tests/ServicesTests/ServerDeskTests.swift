import Foundation
import Platform
import Sockets
import Testing
import Wire

@testable import Services

/// The stop comes through whatever a server waits for. Each waits for what never comes, with the stop given before.
@Suite struct `A server's end` {
    /// A descriptor that is readable: the stop was given.
    private func given() throws -> Descriptor {
        let pipe = try Pipe().split()
        close(pipe.writing)
        return Descriptor(owning: pipe.reading)
    }

    @Test func `comes through a client that does not read`() throws {
        let stop = try given()
        let listener = try Listener(at: Endpoint(.ipv4Loopback, 0), backlog: 1)
        let client = try ConnectedSocket(to: try listener.localEndpoint())
        let server = try listener.acceptPeer()
        try server.socket.setNonblocking()
        let bytes = [UInt8](repeating: 0, count: 65_536)
        while try server.socket.send(bytes.span) > 0 {}

        let desk = ServerDesk(output: -1, notices: -1, stop: stop.rawValue)
        do {
            try Visit(server.take(), Talker(), desk, Limits(grace: .milliseconds(20))).run()
            Issue.record("it was all sent")
        } catch {
            guard case .stopped = error else { throw error }
        }
        try client.close()
    }

    @Test func `comes through a client that does not send`() throws {
        let stop = try given()
        let listener = try Listener(at: Endpoint(.ipv4Loopback, 0), backlog: 1)
        let client = try ConnectedSocket(to: try listener.localEndpoint())
        let server = try listener.acceptPeer()
        let desk = ServerDesk(output: -1, notices: -1, stop: stop.rawValue)
        try server.socket.setNonblocking()
        do {
            try Visit(server.take(), StreamEcho(), desk, Limits(grace: patience)).run()
            Issue.record("something was received")
        } catch {
            guard case .stopped = error else { throw error }
        }
        try client.close()
    }

    @Test func `comes through an output that nobody reads from`() throws {
        let output = try Pipe()
        try setNonblocking(output.writing.rawValue)
        while write(output.writing.rawValue, "x", 1) == 1 {}
        try setNonblocking(output.writing.rawValue, false)
        let number = output.writing.rawValue
        let thread = Background {
            let stop = try self.given()
            do {
                try ServerDesk(output: number, notices: -1, stop: stop.rawValue).print("line")
                return false
            } catch ServerEnd.stopped {
                return true
            }
        }
        #expect(try thread.value())
        _ = output.reading.rawValue
    }
}

/// Has more to say than a socket's buffers hold.
private struct Talker: Service {
    mutating func begin(_ turn: inout Turn) { turn.send([UInt8](repeating: 0, count: 1_000_000)) }
    mutating func receive(_ bytes: ArraySlice<UInt8>, _ turn: inout Turn) {}
}

extension Peer {
    /// The socket, given away.
    consuming func take() -> ConnectedSocket { socket }
}
