import CPcap

/// A network interface, as libpcap lists it.
public struct Interface: Equatable, Sendable {
    public let name: String
    public let description: String?
    public let addresses: Int
    public let isUp: Bool
    public let isRunning: Bool
    public let isLoopback: Bool

    /// All interfaces that could be captured on, in libpcap's order. The C function is `pcap_findalldevs`.
    public static func all() throws(CaptureError) -> [Interface] {
        var list: UnsafeMutablePointer<pcap_if_t>?
        var message = PcapMessage()
        guard unsafe pcap_findalldevs(&list, &message.characters) == 0 else {
            throw CaptureError("interfaces", message.text)
        }
        defer { unsafe pcap_freealldevs(list) }
        var interfaces: [Interface] = []
        var next = unsafe list
        while let entry = unsafe next {
            unsafe interfaces.append(Interface(entry.pointee))
            unsafe next = entry.pointee.next
        }
        return interfaces
    }

    private init(_ entry: pcap_if_t) {
        unsafe name = String(cString: entry.name)
        unsafe description = entry.description.map { unsafe String(cString: $0) }
        var count = 0
        var address = unsafe entry.addresses
        while let one = unsafe address {
            count += 1
            unsafe address = one.pointee.next
        }
        addresses = count
        let flags = Int32(bitPattern: unsafe entry.flags)
        isUp = flags & PCAP_IF_UP != 0
        isRunning = flags & PCAP_IF_RUNNING != 0
        isLoopback = flags & PCAP_IF_LOOPBACK != 0
    }

    /// As tcpdump's `-D` says it: `[Up, Running, Loopback]`.
    public var flagWords: String {
        let words = [isUp ? "Up" : nil, isRunning ? "Running" : nil, isLoopback ? "Loopback" : nil].compactMap { $0 }
        return words.isEmpty ? "" : "[" + words.joined(separator: ", ") + "]"
    }
}
