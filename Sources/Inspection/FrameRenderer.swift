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

    /// Whether what a capture says of a frame is shown.
    var showsCommentary: Bool { showsFrames && (isJSON || lines.options.verbosity > 0) }

    /// Where the last frame's look-up stands in the output.
    var lookupText: Range<Int> { lines.lookupText }

    @inline(__always)
    mutating func render(
        _ packet: inout Packet, _ bytes: Span<UInt8>, _ info: FrameInfo, _ delivery: inout Delivery,
        _ table: inout SocketTable,
        _ fate: FragmentFate, _ commentary: FrameCommentary?, into out: inout OutputBuffer
    ) {
        guard showsFrames else { return }
        let time = info.notes.contains(.noTime) ? nil : info.time
        if isJSON {
            json.render(packet, bytes, number: info.number, time: time, delivery, table, fate, commentary: commentary, into: &out)
        } else {
            lines.render(
                &packet, bytes, number: info.number, time: time, digits: Int(info.fractionDigits), &delivery, &table,
                fate, commentary: commentary, into: &out)
        }
    }

    /// Sockets that ended between frames.
    mutating func renderEndings(_ table: borrowing SocketTable, into out: inout OutputBuffer) {
        if showsFrames, !isJSON { lines.renderEndings(between: table.events, into: &out) }
    }

    /// The socket table at the end.
    func renderSockets(_ table: borrowing SocketTable, into out: inout OutputBuffer) {
        if isJSON {
            let hosts = table.hostsByName
            for socket in SocketTableRenderer.inOrder(table.listed) { json.render(socket, hosts[socket.name], into: &out) }
        } else {
            if showsFrames { out.append(UInt8(ascii: "\n")) }
            let options = lines.options
            SocketTableRenderer(hasUnicode: options.hasUnicode, columns: options.columns, isOfStage: options.isOfStage)
                .render(table, into: &out)
        }
    }
}

extension FrameCommentary {
    /// From what a file says of a frame.
    convenience init(_ info: FrameInfo, _ annotations: FrameAnnotations) {
        self.init(
            interfaceID: annotations.interface?.index, farTime: annotations.farTime,
            interfaceName: annotations.interface?.name, interfaceDescription: annotations.interface?.description,
            comments: annotations.comments, remarks: info.notes.remarks, preamble: annotations.preamble.map { ($0.subject, $0.text) })
    }
}
