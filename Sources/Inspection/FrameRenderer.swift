import Capture
import Demux
import Render
import Wire

/// What turns a delivered frame into text or JSON, as the options have it.
struct FrameRenderer: ~Copyable {
    private let isJSON: Bool
    private let showsFrames: Bool
    private var lines: LineRenderer
    private let json: JSONRenderer

    init(_ options: InspectionOptions) {
        isJSON = options.isJSON
        showsFrames = options.showsFrames
        lines = LineRenderer(options: options.text)
        json = JSONRenderer(verifiesChecksums: options.text.verifiesChecksums, explains: options.text.explains)
    }

    @inline(__always)
    mutating func render(
        _ packet: inout Packet, _ bytes: Span<UInt8>, _ info: FrameInfo, _ delivery: Delivery, _ table: borrowing SocketTable,
        _ fate: FragmentFate = .none, into out: inout OutputBuffer
    ) {
        guard showsFrames else { return }
        if isJSON {
            json.render(packet, bytes, number: info.number, time: info.time, delivery, table, fate, into: &out)
        } else {
            lines.render(&packet, bytes, number: info.number, time: info.time, delivery, table, fate, into: &out)
        }
    }

    /// The socket table at the end.
    func renderSockets(_ table: borrowing SocketTable, into out: inout OutputBuffer) {
        if isJSON {
            for socket in SocketTableRenderer.inOrder(table.listed) { json.render(socket, into: &out) }
        } else {
            if showsFrames { out.append(UInt8(ascii: "\n")) }
            SocketTableRenderer(hasUnicode: lines.options.hasUnicode, columns: lines.options.columns).render(table, into: &out)
        }
    }
}
