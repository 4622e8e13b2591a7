import Foundation
import Testing
import Wire

@testable import Sockets

@Suite struct `A traced call` {
    private func call(_ name: String, _ arguments: [TracedCall.Argument], _ outcome: TracedCall.Outcome, took: Int64? = 12_345) -> TracedCall {
        var call = TracedCall(name: name, arguments: arguments, descriptor: 4, cookie: 8_193, time: Timestamp(nanoseconds: 1_764_111_600_012_345_678))
        call.nanoseconds = took
        call.outcome = outcome
        return call
    }

    @Test func `is a line`() {
        let peer = Endpoint(.ipv4Loopback, 9157)
        func line(_ call: TracedCall) -> String { call.line(process: "echod", 701) }
        let front = "1764111600.012345678 echod[701] "
        #expect(line(call("accept", [.number(4)], .entered, took: nil)) == front + "accept(4) …  cookie 8193")
        #expect(line(call("accept", [.number(4)], .from(5, peer))) == front + "accept(4) = 5 from 127.0.0.1:9157  0.000012 s  cookie 8193")
        #expect(line(call("send", [.number(4), .bytes(Array("a\"\u{1b}\\\n".utf8)), .number(5)], .value(5))) == front + #"send(4, "a\"\x1b\\\n", 5) = 5  0.000012 s  cookie 8193"#)
        #expect(line(call("recv", [.number(4), .number(9)], .received(0, []))) == front + "recv(4, 9) = 0  0.000012 s  cookie 8193")
        #expect(line(call("getsockname", [.number(4)], .end(peer))) == front + "getsockname(4) = 127.0.0.1:9157  0.000012 s  cookie 8193")
        #expect(line(call("bind", [.number(4), .word("\(peer)")], .error(EACCES))) == front + "bind(4, 127.0.0.1:9157) = EACCES: Permission denied  0.000012 s  cookie 8193")
    }

    @Test func `is an object of JSON`() throws {
        let text = call("recv", [.number(4), .number(9)], .received(3, [0x61, 0x22, 0xff])).json(process: "a\"\u{1}b", 701)
        let object = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        #expect(object["process"] as? String == "a\"\u{1}b" && object["call"] as? String == "recv" && object["result"] as? Int == 3)
        #expect(object["data"] as? String == "a\\\"\\xff" && object["cookie"] as? String == "8193" && object["duration"] as? String == "0.000012345")
        #expect(object["time_epoch"] as? String == "1764111600.012345678")
    }
}
