import Platform
import Sockets

/// Reads a descriptor line by line, each with its newline; a last one without it is a line too.
struct InputLines {
    private let descriptor: Int32
    private var buffer: ArraySlice<UInt8> = []
    private var ended = false
    private var piece = [UInt8](repeating: 0, count: 16_384)

    init(_ descriptor: Int32) {
        self.descriptor = descriptor
    }

    /// The next line, or `nil` at the end. A line that no datagram can hold comes in parts, so that memory is bounded.
    mutating func next() throws(SystemError) -> [UInt8]? {
        var searched = buffer.startIndex
        while true {
            if let end = buffer[searched...].firstIndex(of: UInt8(ascii: "\n")) { return take(through: end) }
            if ended || buffer.count > DatagramSocket.largestDatagram {
                return buffer.isEmpty ? nil : take(through: buffer.endIndex - 1)
            }
            searched = buffer.endIndex
            let count = try readSome(descriptor, into: &piece)
            if count == 0 { ended = true }
            buffer += piece[..<count]
        }
    }

    private mutating func take(through end: Int) -> [UInt8] {
        defer { buffer = buffer[(end + 1)...] }
        return Array(buffer[...end])
    }
}
