import CPcap
import Wire

/// libpcap's handle, opened by somebody else, closed here.
@safe final class PcapHandle {
    let pointer: OpaquePointer

    init(owning pointer: OpaquePointer) {
        unsafe self.pointer = pointer
    }

    deinit {
        unsafe pcap_close(pointer)
    }

    var linkType: LinkType { LinkType(rawValue: UInt32(bitPattern: unsafe pcap_datalink(pointer))) }
    var snapshotLength: Int { Int(unsafe pcap_snapshot(pointer)) }
    var lastError: String { unsafe String(cString: pcap_geterr(pointer)) }

    /// What `pcap_next_ex` gave.
    enum Record {
        case frame
        case timeout
        case end
        case failure
    }

    /// The next record, given to `body` with its second, its fraction and its length on the wire.
    @inline(__always)
    func next(_ body: (_ seconds: Int, _ fraction: Int, _ originalLength: Int, Span<UInt8>) -> Void) -> Record {
        var header: UnsafeMutablePointer<pcap_pkthdr>?
        var data: UnsafePointer<UInt8>?
        switch unsafe pcap_next_ex(pointer, &header, &data) {
        case 1:
            guard let header = unsafe header, let data = unsafe data else { return .failure }
            let bytes = unsafe UnsafeBufferPointer(start: data, count: Int(header.pointee.caplen))
            let time = unsafe header.pointee.ts
            unsafe body(time.tv_sec, time.tv_usec, Int(header.pointee.len), bytes.span)
            return .frame
        case 0: return .timeout
        case PCAP_ERROR_BREAK: return .end
        default: return .failure
        }
    }
}

extension PcapHandle {
    /// What a record is to the reader of a source, which `name` stands for in errors.
    @inline(__always)
    func step(_ record: Record, of name: String) throws(CaptureError) -> FrameStep {
        switch record {
        case .frame: return .frame
        case .timeout: return .quiet
        case .end: return .end
        case .failure: throw CaptureError(name, lastError)
        }
    }
}

/// Room for the reason that libpcap gives where there is no handle yet to keep it.
struct PcapMessage {
    var characters = [CChar](repeating: 0, count: Int(PCAP_ERRBUF_SIZE))

    var text: String {
        String(decoding: characters.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

extension LinkType {
    /// libpcap's name and description, as in `EN10MB (Ethernet)`.
    public var libpcapName: String {
        guard let name = unsafe pcap_datalink_val_to_name(Int32(truncatingIfNeeded: rawValue)) else { return "\(rawValue)" }
        let words = unsafe pcap_datalink_val_to_description(Int32(truncatingIfNeeded: rawValue))
        return unsafe String(cString: name) + (words.map { unsafe " (\(String(cString: $0)))" } ?? "")
    }

    /// The link type of one of libpcap's names, as in `EN10MB`.
    public init?(libpcapName: String) {
        let value = unsafe pcap_datalink_name_to_val(libpcapName)
        guard value >= 0 else { return nil }
        self.init(rawValue: UInt32(value))
    }
}

/// The version line of the library in use, as in `libpcap version 1.10.3 (with TPACKET_V3)`.
public var libpcapVersion: String { unsafe String(cString: pcap_lib_version()) }
