import Demux
import Wire

extension FrameMoment {
    /// No more of a payload is kept as its preview.
    private static let previewLength = 64

    /// From a frame that was delivered.
    ///
    /// - Parameters:
    ///   - packet: its own, decoded from `bytes`, or that of the datagram that it completes, decoded from `whole`.
    ///   - kept: how many bytes of the frame are kept.
    ///   - keepsLookup: whether the candidates are kept, and the first bytes of the payload.
    public init(
        _ packet: borrowing Packet, _ bytes: Span<UInt8>, whole: [UInt8]?, number: UInt64, time: Timestamp?, linkType: LinkType,
        originalLength: UInt32,
        _ delivery: Delivery, _ table: borrowing SocketTable, kept: Int, keepsLookup: Bool = true
    ) {
        self.init()
        self.number = number
        self.time = time
        self.linkType = linkType
        self.originalLength = originalLength
        self.bytes = (0..<min(bytes.count, kept)).map { bytes[$0] }
        from = packet.endpoints?.source
        to = packet.endpoints?.destination
        fromAddress = packet.source
        toAddress = packet.destination
        transport = packet.upperLayer
        if case .tcp(let header) = packet.transport { flags = header.flags }
        sequence = delivery.relativeSequence
        acknowledgment = delivery.relativeAcknowledgment
        payloadLength = Int(packet.payloadLength)
        if !keepsLookup {
            preview = []
        } else if let whole {
            preview = FrameMoment.preview(packet.payload, whole.span)
        } else {
            preview = FrameMoment.preview(packet.payload, bytes)
        }
        segment = FrameMoment.words(packet, bytes)
        rule = delivery.rule
        evidence = delivery.evidence
        conversationID = delivery.conversationID
        replyTo = delivery.replyTo
        corrects = delivery.corrects
        sender = delivery.sender.map { SocketMoment($0, table) }
        receiver = delivery.receiver.map { SocketMoment($0, table) }
        receivers = table.remarks.receivers.map(\.name)
        isUntold = table.remarks.isUntold
        isQueueFull = table.remarks.isQueueFull
        for event in table.events {
            switch event {
            case .opened(let reference, _): opened.append(SocketMoment(reference, table))
            case .ended(let reference, let ending): ended.append((reference.name, ending))
            }
        }
        guard keepsLookup, hasLookup, rule != .icmpError else { return }
        let held = table.candidates(packet, delivery)
        candidates = held.shown.map {
            CandidateMoment(
                socket: SocketMoment($0.socket, $0.host), acceptsSource: $0.acceptsSource, acceptsDestination: $0.acceptsDestination,
                wins: $0.wins, why: $0.why)
        }
        otherCandidates = held.others
    }

    private static func preview(_ payload: ByteRange, _ bytes: Span<UInt8>) -> [UInt8] {
        payload.clamped(to: bytes.count).prefix(previewLength).map { bytes[$0] }
    }

    private static func words(_ packet: borrowing Packet, _ bytes: Span<UInt8>) -> String {
        switch packet.transport {
        case .tcp(let header) where packet.payloadLength > 0: "\(header.flags) \(packet.payloadLength) B"
        case .tcp(let header): "\(header.flags)"
        case .udp: "UDP \(packet.payloadLength) B"
        case .udpLite: "UDP-Lite \(packet.payloadLength) B"
        case .icmp(let header): "\(header)"
        default: if let layer = packet.upperLayer { layer.name ?? "\(layer)" } else { withoutIP(packet, bytes) }
        }
    }

    /// What it has in the place of IP, if that is known.
    private static func withoutIP(_ packet: borrowing Packet, _ bytes: Span<UInt8>) -> String {
        if let arp = packet.arp(in: bytes) { return "\(arp)" }
        if let stop = packet.stop, case .unsupported = stop.reason { return stop.detail }
        return packet.marks.contains(.arp) ? "ARP" : ""
    }
}

extension SocketMoment {
    public init(_ reference: SocketReference, _ table: borrowing SocketTable) {
        let host = table.host(reference)
        self.init(table.socket(reference), host?.socket)
        guard let host else { return }
        holders = host.holders
        if host.socket.waitsToBeAccepted { waiting = host.waiting }
    }

    public init(_ socket: Socket, _ host: HostSocket?) {
        self.init(name: socket.name, local: host?.local ?? socket.local, remote: host.map(\.remote) ?? socket.remote)
        transport = socket.transport
        state = socket.state
        evidence = socket.evidence
        isServer = socket.isServer
        madeBy = socket.madeBy
        peer = socket.peer
        inode = host?.inode
        cookie = host?.cookie
    }
}
