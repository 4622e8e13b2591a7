/// What a file that is no capture seems to be, by how it begins.
enum FileKind {
    /// Two kinds of them, each in both byte orders.
    private static let ixia: [[UInt8]] = [
        [0x1c, 0x00, 0x01, 0xac], [0xac, 0x01, 0x00, 0x1c], [0x1c, 0x00, 0x01, 0xab], [0xab, 0x01, 0x00, 0x1c],
    ]
    private static let beginnings: [(bytes: [UInt8], name: String)] = [
        (Array("snoop\0\0\0".utf8), "it seems to be a snoop file of Solaris"),
        (Array("RTSS".utf8), "it seems to be a file of Microsoft Network Monitor 1"),
        (Array("GMBU".utf8), "it seems to be a file of Microsoft Network Monitor 2"),
        (Array("TRSNIFF data".utf8), "it seems to be a Sniffer file"),
        (Array("XCP\0".utf8), "it seems to be a NetXRay file"),
        (Array("btsnoop\0".utf8), "it seems to be a Bluetooth log (btsnoop)"),
        (Array("PK\u{3}\u{4}".utf8), "it seems to be a zip archive"),
        ([0x7f] + Array("ELF".utf8), "it seems to be a program"),
    ] + ixia.map { ($0, "it seems to be an Ixia capture (lcap)") }

    static func seems(_ buffer: borrowing ReadBuffer) -> String {
        buffer.withBytes(0..<min(buffer.count, 512)) { bytes in
            for (beginning, name) in beginnings where begins(bytes, with: beginning) { return name }
            return isText(bytes) ? "it seems to be text" : "neither pcap nor pcapng"
        }
    }

    static func begins(_ bytes: Span<UInt8>, with beginning: [UInt8]) -> Bool {
        bytes.count >= beginning.count && beginning.indices.allSatisfy { bytes[$0] == beginning[$0] }
    }

    private static func isText(_ bytes: Span<UInt8>) -> Bool {
        bytes.indices.allSatisfy { bytes[$0] >= 0x20 && bytes[$0] != 0x7f || (0x09...0x0d).contains(bytes[$0]) }
    }
}
