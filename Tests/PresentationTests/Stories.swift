import Capture
import Demux
import Foundation
import Inspection
import Render
import Timeline
import Wire

/// What a capture tells.
enum Stories {
    static let names = [
        "arp", "echo", "farm", "finger", "fragments", "ipv6-echo", "multiplex", "once", "refused", "sort", "udp-echo", "udp-unreachable",
        "visitor", "web",
    ]

    static func of(_ name: String, columns: Int = 100, hasUnicode: Bool = true) throws -> Storybook {
        let repository = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let file = try CaptureFile(path: repository.appendingPathComponent("Captures/\(name).pcap").path, snapshotLength: 262_144)
        var options = InspectionOptions()
        options.text.columns = columns
        options.text.hasUnicode = hasUnicode
        options.text.explains = true
        options.text.repeatsLookups = true
        options.text.showsEvents = true
        let storybook = Storybook(Timeline(), keepsSockets: false)
        var run = CaptureRun(
            filter: nil, writer: nil, flushesWriter: false,
            inspection: Inspection(options: options, isLive: false, output: -1, storybook: storybook), limit: nil)
        _ = try run.run(file)
        return storybook
    }

    /// A scene of an echo server: the frames of the capture, with the calls that send and get them.
    static func scene() throws -> Storybook {
        let frames = try of("echo")
        let storybook = Storybook(Timeline(title: "echo"), keepsSockets: false)
        storybook.timeline.hosts = [Timeline.Host(name: "", address: IPAddress("127.0.0.1")!)]
        storybook.timeline.participants = [
            Timeline.Participant(name: "server", process: "echod[700]", processID: 700, host: 0),
            Timeline.Participant(name: "client", process: "echo[701]", processID: 701, host: 0),
        ]
        func call(_ who: Int, _ phase: CallMoment.Phase, _ name: String, _ arguments: String, _ result: String?, _ socket: SocketName? = nil) {
            let call = CallMoment(participant: who, phase: phase, name: name, arguments: arguments, result: result, socket: socket)
            storybook.add(Telling(.call(call), text: "      \(who == 0 ? "server" : "client")  \(call.text())\n"))
        }
        let (l1, c1, c2) = (SocketName(.listener, 1), SocketName(.connected, 1), SocketName(.connected, 2))
        call(0, .whole, "socket", "", "3")
        call(0, .whole, "bind", "3, 127.0.0.1:1234", "0")
        call(0, .whole, "listen", "3, 6", "0", l1)
        call(0, .entered, "accept", "3", nil, l1)
        call(1, .whole, "socket", "", "3")
        call(1, .entered, "connect", "3, 127.0.0.1:1234", nil, c1)
        for telling in frames.tellings {
            guard case .frame(let frame) = telling.moment else { continue }
            if frame.number == 4 { call(1, .whole, "send", "3, \"Here we go...\\n\"", "14", c1) }
            storybook.add(telling)
            switch frame.number {
            case 2: call(1, .returned, "connect", "3", "0", c1)
            case 3: call(0, .returned, "accept", "3", "4", c2)
            default: break
            }
        }
        return storybook
    }
}
