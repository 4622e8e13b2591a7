import CPcap
import Wire

/// A filter expression of libpcap, compiled for one link type.
@safe public final class CaptureFilter {
    /// What was compiled.
    public let expression: String
    private var program = unsafe bpf_program()

    /// Compiles for frames of `linkType`. The corresponding C function is `pcap_compile`.
    public init(_ expression: String, linkType: LinkType, snapshotLength: Int = InterfaceOptions.wholeFrames) throws(CaptureError) {
        self.expression = expression
        guard let dead = unsafe pcap_open_dead(Int32(linkType.rawValue), Int32(snapshotLength)) else {
            throw CaptureError(expression, "out of memory")
        }
        let handle = unsafe PcapHandle(owning: dead)
        guard unsafe pcap_compile(handle.pointer, &program, expression, 1, PCAP_NETMASK_UNKNOWN) == 0 else {
            throw CaptureFilter.failure(expression, handle.lastError)
        }
    }

    deinit {
        unsafe pcap_freecode(&program)
    }

    /// Whether a frame passes. The corresponding C function is `pcap_offline_filter`.
    public func passes(_ info: FrameInfo, _ bytes: Span<UInt8>) -> Bool {
        var header = pcap_pkthdr()
        header.caplen = UInt32(truncatingIfNeeded: bytes.count)
        header.len = UInt32(truncatingIfNeeded: info.originalLength)
        return unsafe bytes.withUnsafeBufferPointer { unsafe pcap_offline_filter(&program, &header, $0.baseAddress) != 0 }
    }

    /// Lets the kernel apply it, so that other frames are never copied. The corresponding C function is `pcap_setfilter`.
    public func install(on interface: CaptureInterface) throws(CaptureError) {
        guard unsafe pcap_setfilter(interface.handle.pointer, &program) == 0 else {
            throw CaptureError(expression, interface.handle.lastError)
        }
    }

    /// The compiled instructions: for a reader (`-d`), as a C array (`-dd`), as numbers (`-ddd`).
    public func listing(_ level: Int) -> String {
        let count = unsafe Int(program.bf_len)
        let instructions = (0..<count).map { unsafe program.bf_insns[$0] }
        switch level {
        case 1:
            return instructions.enumerated().map { index, instruction in
                unsafe withUnsafePointer(to: instruction) { unsafe String(cString: bpf_image($0, Int32(index))) + "\n" }
            }.joined()
        case 2:
            return instructions.map {
                "{ 0x\(String($0.code, radix: 16)), \($0.jt), \($0.jf), 0x\(hex8($0.k)) },\n"
            }.joined()
        default:
            return "\(count)\n" + instructions.map { "\($0.code) \($0.jt) \($0.jf) \($0.k)\n" }.joined()
        }
    }

    private func hex8(_ number: UInt32) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: 8 - digits.count) + digits
    }

    /// Where libpcap names the word that it does not know, that word gets a caret.
    private static func failure(_ expression: String, _ message: String) -> CaptureError {
        let caret = blamedWord(of: message).flatMap { range(of: $0, in: expression) }.map { range in
            let column = expression[..<range.lowerBound].count
            return expression + "\n" + String(repeating: " ", count: column) + String(repeating: "^", count: expression[range].count)
        }
        return CaptureError("filter", message, hint: caret ?? expression)
    }

    /// `unknown port 'nosuch'`, `illegal port number 99999 > 65535`: what is quoted, else the first number.
    private static func blamedWord(of message: String) -> Substring? {
        let parts = message.split(separator: "'", omittingEmptySubsequences: false)
        if parts.count >= 3 { return parts[1] }
        return message.split(separator: " ").first { $0.allSatisfy(\.isNumber) }
    }

    /// The first place of a word, not of the same letters within another: the `cp` of `tcp port cp`.
    private static func range(of word: Substring, in expression: String) -> Range<String.Index>? {
        expression.split { !($0.isLetter || $0.isNumber || "._-:/".contains($0)) }.first { $0 == word }.map { $0.startIndex..<$0.endIndex }
    }
}
