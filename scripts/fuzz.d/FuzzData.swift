/// Bytes from which a target cuts what it needs. Beyond their end there are zeros.
struct FuzzData {
    private let bytes: [UInt8]
    private(set) var offset = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var isEmpty: Bool { offset >= bytes.count }
    var left: Int { bytes.count - offset }

    mutating func byte() -> UInt8 {
        guard offset < bytes.count else { return 0 }
        defer { offset += 1 }
        return bytes[offset]
    }

    mutating func uint16() -> UInt16 { UInt16(byte()) << 8 | UInt16(byte()) }

    mutating func flag() -> Bool { byte() & 1 == 1 }

    /// As many bytes as there are, at most `count`: an array of its own, so that a read past it is noticed.
    mutating func take(_ count: Int) -> [UInt8] {
        let end = min(bytes.count, offset + max(0, count))
        defer { offset = end }
        return Array(bytes[offset..<end])
    }

    mutating func rest() -> [UInt8] { take(left) }

    mutating func pick<Element>(_ choices: [Element]) -> Element { choices[Int(byte()) % choices.count] }
}
