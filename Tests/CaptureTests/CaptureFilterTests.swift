import Capture
import Foundation
import Testing
import Wire

@Suite struct `Capture filters` {
    /// Ethernet, IPv4, UDP from port 9157 to 6428, no payload.
    private let frame: [UInt8] =
        [UInt8](repeating: 2, count: 12) + [0x08, 0x00]
        + [0x45, 0, 0, 28, 0, 0, 0, 0, 64, 17, 0, 0, 192, 0, 2, 1, 192, 0, 2, 2]
        + [0x23, 0xc5, 0x19, 0x1c, 0, 8, 0, 0]

    @Test(arguments: [
        ("udp", true), ("tcp", false), ("port 6428", true), ("port 1234", false), ("udp port 9157 and host 192.0.2.2", true),
        ("host 192.0.2.3", false), ("len == 1500", true), ("len < 100", false), ("", true),
    ])
    func passes(_ expression: String, _ expected: Bool) throws {
        let info = FrameInfo(number: 1, time: Timestamp(nanoseconds: 0), originalLength: 1_500, linkType: .ethernet)
        let filter = try CaptureFilter(expression, linkType: .ethernet)
        #expect(filter.expression == expression)
        #expect(filter.passes(info, frame.span) == expected)
    }

    @Test func `a cut frame does not pass what cannot be seen`() throws {
        let info = FrameInfo(number: 1, time: Timestamp(nanoseconds: 0), originalLength: frame.count, linkType: .ethernet)
        let filter = try CaptureFilter("port 6428", linkType: .ethernet)
        for count in 0..<frame.count {
            let captured = Array(frame.prefix(count))
            #expect(filter.passes(info, captured.span) == (count >= 38), "the destination port ends at 38")
        }
    }

    @Test(arguments: [
        ("port nosuchport", "unknown port 'nosuchport'", "     ^^^^^^^^^^"),
        ("tcp port cp", "unknown port 'cp'", "         ^^"),
        ("tcp and (port 99999)", "illegal port number 99999 > 65535", "              ^^^^^"),
        ("host 1.2.3.999 or udp", "invalid IPv4 address '1.2.3.999'", "     ^^^^^^^^^"),
        // Too long for a name, so that no server is asked for it.
        ("host " + String(repeating: "x", count: 70), nil, "     " + String(repeating: "^", count: 70)),
    ] as [(String, String?, String)])
    func `an unknown word gets a caret`(_ expression: String, _ reason: String?, _ carets: String) throws {
        let error = try #require(throws: CaptureError.self) { _ = try CaptureFilter(expression, linkType: .ethernet) }
        #expect(error.subject == "filter")
        #expect(error.reason == reason ?? "unknown host '\(expression.dropFirst(5))'")
        #expect(error.hint == expression + "\n" + carets)
    }

    @Test(arguments: ["tcp prot 80", "(tcp", "port", "tcp and"]) func `a syntax error shows what was read`(_ expression: String) throws {
        let error = try #require(throws: CaptureError.self) { _ = try CaptureFilter(expression, linkType: .ethernet) }
        #expect(error.reason == "can't parse filter expression: syntax error")
        #expect(error.hint == expression)
    }

    @Test(arguments: ["tcp port 1234", "ip6 or (udp and net 192.0.2.0/24)"], [(1, "-d"), (2, "-dd"), (3, "-ddd")])
    func `the listing is tcpdump's`(_ expression: String, _ level: (number: Int, option: String)) throws {
        let tcpdump = Process()
        tcpdump.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        tcpdump.arguments = ["tcpdump", "-y", "EN10MB", level.option, expression]
        let output = Pipe()
        tcpdump.standardOutput = output
        try tcpdump.run()
        let expected = try output.fileHandleForReading.readToEnd()
        tcpdump.waitUntilExit()
        #expect(tcpdump.terminationStatus == 0)
        #expect(try CaptureFilter(expression, linkType: .ethernet).listing(level.number) == String(decoding: expected ?? Data(), as: UTF8.self))
    }

    @Test func `link types by libpcap's names`() {
        #expect(LinkType.ethernet.libpcapName == "EN10MB (Ethernet)")
        #expect(LinkType(libpcapName: "LINUX_SLL2") == .linuxCooked2)
        #expect(LinkType(libpcapName: "NOSUCH") == nil)
        #expect(LinkType(4_000_000_000).libpcapName == "4000000000")
    }
}
