import Sockets
import Testing
import Wire

@Suite struct Resolution {
    @Test func `addresses and numbers need no database`() throws {
        #expect(
            try resolve(host: "127.0.0.1", service: "1234", for: .tcp) == [Endpoint(.ipv4Loopback, 1234)])
        #expect(try resolve(host: "::1", service: "65535", for: .udp) == [Endpoint(.ipv6Loopback, 65535)])
    }

    @Test func `localhost is a loopback address, each once`() throws {
        let endpoints = try resolve(host: "localhost", service: "80", for: .tcp)
        #expect(endpoints.allSatisfy { $0.address.isLoopback && $0.port == 80 })
        #expect(Set(endpoints).count == endpoints.count)
    }

    @Test func `an unknown host says its name`() {
        // RFC 6761 §6.4: names below `invalid` never resolve. Without a name server the answer is a failure.
        #expect {
            try resolve(host: "nobody.invalid", service: "80", for: .tcp)
        } throws: { error in
            switch error as? ResolutionError {
            case .unknownHost("nobody.invalid"), .failed(host: "nobody.invalid", reason: _): true
            default: false
            }
        }
    }

    @Test(arguments: ["65536", "99999999999999999999", "no-such-service", "-1"])
    func `an unknown service, or a number that is no port`(_ service: String) {
        #expect(throws: ResolutionError.unknownService(service)) {
            try resolve(host: "127.0.0.1", service: service, for: .tcp)
        }
    }
}
