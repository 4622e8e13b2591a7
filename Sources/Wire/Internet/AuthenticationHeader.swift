/// An authentication header (RFC 4302 §2): signed, not encrypted, so that what it stands before can be read.
///
///     0       1       2       4               8               12
///     | next  | length|reserv.| SPI           | sequence      | check value …
enum AuthenticationHeader {
    /// Without a check value.
    static let minimumLength = 12

    /// How long the one at the start of `extent` says that it is.
    static func length(_ bytes: Span<UInt8>, _ extent: Extent, layer: Stop.Layer) throws(Stop) -> Int {
        guard extent.available(of: bytes.count) >= 2 else {
            throw extent.truncated(layer, needed: minimumLength, of: bytes.count)
        }
        // RFC 4302 §2.2: "in 32-bit words (4-byte units), minus "2"".
        let length = (Int(bytes[extent.start + 1]) + 2) * 4
        guard length >= minimumLength else { throw Stop(layer, .malformed(.extensionLength, value: UInt32(length))) }
        return length
    }
}
