import Demux
import Wire

extension LineRenderer {
    /// The bytes as tcpdump's `-x`, `-X` and `-A` have them.
    func renderDump(_ packet: Packet, _ bytes: Span<UInt8>, _ dump: TextOptions.Dump, into out: inout OutputBuffer) {
        let start: Int
        if case .none = packet.internet {
            start = dump.hasLinkLayer ? 0 : packet.payload.clamped(to: bytes.count).lowerBound
        } else {
            start = dump.hasLinkLayer ? 0 : min(Int(packet.internetOffset), bytes.count)
        }
        guard dump.hasHex else {
            for index in start..<bytes.count {
                let byte = bytes[index]
                out.append(byte >= 0x20 && byte < 0x7f || byte == 0x0a || byte == 0x09 ? byte : UInt8(ascii: "."))
            }
            out.append(UInt8(ascii: "\n"))
            return
        }
        for row in stride(from: start, to: bytes.count, by: 16) {
            let end = min(row + 16, bytes.count)
            out.append("\t0x")
            out.append(hex: UInt64(row - start), digits: 4)
            out.append(": ")
            for index in row..<end {
                if (index - row) & 1 == 0 { out.append(UInt8(ascii: " ")) }
                out.append(hex: UInt64(bytes[index]), digits: 2)
            }
            if dump.hasText { appendText(bytes, row, end, into: &out) }
            out.append(UInt8(ascii: "\n"))
        }
    }

    private func appendText(_ bytes: Span<UInt8>, _ row: Int, _ end: Int, into out: inout OutputBuffer) {
        let written = (end - row) * 2 + (end - row + 1) / 2
        out.append(spaces: 40 - written + 2)
        for index in row..<end {
            out.append(bytes[index] >= 0x20 && bytes[index] < 0x7f ? bytes[index] : UInt8(ascii: "."))
        }
    }
}
