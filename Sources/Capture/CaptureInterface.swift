import CPcap
import Platform
import Wire

/// How an interface is captured on.
public struct InterfaceOptions: Equatable, Sendable {
    public enum Direction: String, Sendable {
        case inward = "in"
        case outward = "out"
        case both = "inout"
    }

    /// libpcap's greatest: all of any frame.
    public static let wholeFrames = 262_144

    public var snapshotLength = InterfaceOptions.wholeFrames
    public var promiscuous = true
    /// Room for what waits to be read, in KiB. With 2 MiB and more no frame of a burst of 5,000 was lost on `lo`;
    /// libpcap's own 2 MiB hold fewer than they seem to, since each block of the ring is rounded up.
    public var bufferKibibytes = 8192
    /// How long the kernel may keep a frame that does not fill a block of the ring. Not immediate and not long:
    /// a frame shows in time, and bursts are read in blocks.
    public var timeoutMilliseconds = 10
    /// Each frame at once, but with a ring of 32 slots on `lo`, which loses a fifth of a burst of 100.
    public var immediate = false
    public var linkType: LinkType?
    public var direction: Direction?

    public init() {}
}

/// What the kernel counted, in frames.
public struct CaptureCounts: Equatable, Sendable {
    public let receivedByFilter: Int
    public let droppedByKernel: Int
    public let droppedByInterface: Int
}

/// An interface that is captured on as frames happen.
public final class CaptureInterface: FrameSource {
    public let name: String
    public let linkType: LinkType
    public var fractionDigits: Int { 6 }
    public var isLive: Bool { true }
    public let isLoopback: Bool
    /// What libpcap warned of when it began, if anything.
    public let warning: String?
    let handle: PcapHandle
    private var number: UInt64 = 0

    /// Opens and activates. Reading does not block from here on: wait for ``rawDescriptor``.
    public init(name: String, options: InterfaceOptions) throws(CaptureError) {
        self.name = name
        var message = PcapMessage()
        guard let pointer = unsafe pcap_create(name, &message.characters) else { throw CaptureError(name, message.text) }
        let handle = unsafe PcapHandle(owning: pointer)
        self.handle = handle
        unsafe pcap_set_snaplen(pointer, Int32(options.snapshotLength))
        unsafe pcap_set_promisc(pointer, options.promiscuous ? 1 : 0)
        unsafe pcap_set_timeout(pointer, Int32(clamping: options.timeoutMilliseconds))
        unsafe pcap_set_buffer_size(pointer, Int32(clamping: options.bufferKibibytes * 1024))
        unsafe pcap_set_immediate_mode(pointer, options.immediate ? 1 : 0)
        let status = unsafe pcap_activate(pointer)
        if status < 0 { throw CaptureInterface.failure(name, status, handle) }
        warning = status > 0 ? CaptureInterface.text(of: status, handle) : nil

        if let linkType = options.linkType, unsafe pcap_set_datalink(pointer, Int32(linkType.rawValue)) != 0 {
            throw CaptureError(name, handle.lastError, hint: "portwatch -i \(name) -L lists its link types")
        }
        if let direction = options.direction, unsafe pcap_setdirection(pointer, direction.libpcapValue) != 0 {
            throw CaptureError(name, handle.lastError)
        }
        // On lo each frame comes twice, once going out; libpcap drops that copy only after the kernel counted it.
        isLoopback = CaptureInterface.isLoopback(name)
        if options.direction != .outward, isLoopback {
            // Kernels before 4.20 do not know it: the counters are then twice as high, the frames the same.
            try? ignoreOutgoingFrames(unsafe pcap_fileno(pointer))
        }
        if unsafe pcap_setnonblock(pointer, 1, &message.characters) != 0 { throw CaptureError(name, message.text) }
        linkType = handle.linkType
    }

    /// To wait for with `poll`: readable when frames wait.
    public var rawDescriptor: Int32 { unsafe pcap_get_selectable_fd(handle.pointer) }
    public var snapshotLength: Int { handle.snapshotLength }

    public func next(_ body: (FrameInfo, Span<UInt8>) -> Void) throws(CaptureError) -> FrameStep {
        let number = self.number + 1
        let linkType = self.linkType
        let record = handle.next { seconds, fraction, originalLength, bytes in
            let time = Timestamp(seconds: seconds, nanoseconds: fraction &* 1000)
            body(FrameInfo(number: number, time: time, originalLength: originalLength, linkType: linkType), bytes)
        }
        let step = try handle.step(record, of: name)
        if step == .frame { self.number = number }
        return step
    }

    /// What was counted so far. The corresponding C function is `pcap_stats`.
    public func counts() throws(CaptureError) -> CaptureCounts {
        var counts = pcap_stat()
        guard unsafe pcap_stats(handle.pointer, &counts) == 0 else { throw CaptureError(name, handle.lastError) }
        return CaptureCounts(
            receivedByFilter: Int(counts.ps_recv), droppedByKernel: Int(counts.ps_drop),
            droppedByInterface: Int(counts.ps_ifdrop))
    }

    /// The link types that the interface can be captured with. The corresponding C function is `pcap_list_datalinks`.
    public func linkTypes() throws(CaptureError) -> [LinkType] {
        var list: UnsafeMutablePointer<Int32>?
        let count = unsafe pcap_list_datalinks(handle.pointer, &list)
        guard count >= 0, let values = unsafe list else { throw CaptureError(name, handle.lastError) }
        defer { unsafe pcap_free_datalinks(list) }
        return (0..<Int(count)).map { unsafe LinkType(rawValue: UInt32(bitPattern: values[$0])) }
    }

    private static func isLoopback(_ name: String) -> Bool {
        ((try? Interface.all()) ?? []).contains { $0.name == name && $0.isLoopback }
    }

    private static func failure(_ name: String, _ status: Int32, _ handle: PcapHandle) -> CaptureError {
        switch status {
        case PCAP_ERROR_PERM_DENIED, PCAP_ERROR_PROMISC_PERM_DENIED:
            return CaptureError(
                name, "no permission to capture here",
                hint: "type sudo before it; or once: sudo setcap cap_net_raw,cap_net_admin=ep \(executablePath); "
                    + "or, for programs of your own and without root: portwatch --private -- COMMAND")
        case PCAP_ERROR_NO_SUCH_DEVICE:
            let names = ((try? Interface.all()) ?? []).map(\.name)
            return CaptureError(name, "no such interface", hint: "there are: \(names.joined(separator: ", "))")
        case PCAP_ERROR_IFACE_NOT_UP:
            return CaptureError(name, "the interface is down", hint: "sudo ip link set \(name) up")
        default:
            return CaptureError(name, text(of: status, handle))
        }
    }

    private static func text(of status: Int32, _ handle: PcapHandle) -> String {
        let general = unsafe String(cString: pcap_statustostr(status))
        let detail = handle.lastError
        return status == PCAP_ERROR || status == PCAP_WARNING ? detail : detail.isEmpty ? general : "\(general) (\(detail))"
    }
}

extension InterfaceOptions.Direction {
    var libpcapValue: pcap_direction_t {
        switch self {
        case .inward: PCAP_D_IN
        case .outward: PCAP_D_OUT
        case .both: PCAP_D_INOUT
        }
    }
}
