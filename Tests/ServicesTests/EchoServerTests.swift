import Foundation
import Platform
import Sockets
import Synchronization
import Testing
import Wire

@testable import Services

@Suite struct `The echo server's start and end` {
    @Test func `a taken port is told, with whom to ask`() throws {
        let listener = try Listener(at: Endpoint(.ipv4Loopback, 0), backlog: 1)
        let endpoint = try listener.localEndpoint()
        var server = try Server.echo(.stream)
        server.port = endpoint.port
        let error = ServiceError.portInUse(endpoint, .tcp)
        #expect(throws: error) { try server.run(output: 1, notices: 2, stop: nil) }
        #expect(error.description == "\(endpoint): another socket has this TCP port")
        #expect(error.hint == "see who has it: ss -ltnp 'sport = :\(endpoint.port)'; or take another port")
    }

    @Test func `a taken datagram port is told`() throws {
        let socket = try DatagramSocket(at: Endpoint(.ipv4Loopback, 0))
        let endpoint = try socket.localEndpoint()
        var server = try Server.echo(.datagrams)
        server.port = endpoint.port
        let error = ServiceError.portInUse(endpoint, .udp)
        #expect(throws: error) { try server.run(output: 1, notices: 2, stop: nil) }
        #expect(error.hint == "see who has it: ss -lunp 'sport = :\(endpoint.port)'; or take another port")
    }

    @Test func `an address of no interface is told`() throws {
        // 192.0.2.0/24 is for documentation and on no interface (RFC 5737).
        let elsewhere = IPAddress(ipv4: 0xc000_0201)
        var server = try Server.echo(.stream)
        server.address = elsewhere
        server.port = 1234
        #expect(throws: ServiceError.addressNotAvailable(Endpoint(elsewhere, 1234))) {
            try server.run(output: 1, notices: 2, stop: nil)
        }
    }

    @Test func `the kernel's reasons become ours`() {
        let endpoint = Endpoint(.ipv4Loopback, 80)
        #expect(
            ServiceError(binding: endpoint, .tcp, SystemError(EACCES, in: "bind"))
                == .portNotPermitted(endpoint, .tcp))
        #expect(
            ServiceError(connecting: endpoint, .tcp, from: 9157, SystemError(EADDRNOTAVAIL, in: "connect"))
                == .fourTupleInUse(sourcePort: 9157, endpoint))
        #expect(
            ServiceError(connecting: endpoint, .tcp, from: nil, SystemError(ENETUNREACH, in: "connect")).description
                == "127.0.0.1:80: Network is unreachable (connect)")
    }

    @Test func `bound for other hosts, it says so`() throws {
        let server = try RunningServer(.stream, .ipv4Any)
        #expect(server.endpoint.address == .ipv4Any)
        #expect(try server.notices.line(0) == "bound to 0.0.0.0: other hosts can reach this server")
        let client = try Peer(to: Endpoint(.ipv4Loopback, server.endpoint.port))
        try client.send("a")
        #expect(try client.receive(1).count == 1)
    }

    @Test(arguments: [Catalogue.Settings.Echo.stream, .numberedLines, .once, .datagrams])
    func `it ends when it is told to, with clients or without`(_ variant: Catalogue.Settings.Echo) throws {
        let idle = try RunningServer(variant)
        let (output, notices) = try idle.stop()
        #expect(output == [] && notices == [])
        let server = try RunningServer(variant)
        if case .datagrams = variant { return _ = try server.stop() }
        let client = try Peer(to: server.endpoint)
        #expect(try server.output.line(1)?.hasPrefix("connection from ") == true)
        _ = try server.stop()
        #expect(try client.receiveToEnd() == [])
    }

    @Test(arguments: [SIGINT, SIGTERM])
    func `a signal ends it, as if nothing had happened`(_ signal: Int32) async throws {
        await #expect(processExitsWith: .success) { [signal = signal as Int32] in
            let output = try Pipe().split()
            let thread = Mutex<pthread_t?>(nil)
            let server = Background {
                thread.withLock { $0 = pthread_self() }
                try Server.echo(.stream).run(output: output.writing, notices: 2)
            }
            #expect(try Lines(reading: output.reading).line(0)?.hasPrefix("listening on ") == true)
            // To the server's thread: this test's process has others, made before, where the signals are not blocked.
            pthread_kill(try #require(thread.withLock { $0 }), signal)
            try server.value()
        }
    }

    @Test(arguments: [false, true])
    func `out of descriptors, it goes on when one is free`(_ numbered: Bool) async throws {
        await #expect(processExitsWith: .success) { [numbered = numbered as Bool] in
            let output = try Pipe().split()
            let notices = try Pipe().split()
            let oneMore = DispatchSemaphore(value: 0)
            Thread.detachNewThread {
                // A table of descriptors for this thread and the server's alone: without any, libdispatch's threads
                // would end the process.
                precondition(unshare(CLONE_FILES) == 0)
                var limit = rlimit(rlim_cur: 64, rlim_max: 64)
                setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
                var taken: [Int32] = []
                while case let number = dup(output.writing), number >= 0 { taken.append(number) }
                // The listener's, and the event queue's.
                for _ in 0..<(numbered ? 1 : 2) { close(taken.removeLast()) }
                Thread.detachNewThread {
                    try? Server.echo(numbered ? .numberedLines : .stream).run(output: output.writing, notices: notices.writing, stop: nil)
                }
                oneMore.wait()
                close(taken.removeLast())
            }
            let announced = try #require(try Lines(reading: output.reading).line(0))
            let endpoint = try #require(Endpoint(String(announced.dropFirst("listening on ".count))))
            let client = try Peer(to: endpoint)
            #expect(
                try Lines(reading: notices.reading).line(0) == "no connection accepted for now: Too many open files")
            oneMore.signal()
            try client.send("a\n")
            #expect(try client.receiveText(numbered ? 5 : 2) == (numbered ? "1: a\n" : "a\n"))
        }
    }
}

// Glibc's module does not show them, since they stand behind _GNU_SOURCE.
private let CLONE_FILES: Int32 = 0x400
@_silgen_name("unshare") private func unshare(_ flags: Int32) -> Int32
