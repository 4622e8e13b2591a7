import Glibc

/// Fills the buffer from its start with what is there, and waits for the first byte.
/// The corresponding C function is `read`.
///
/// - Returns: how many bytes; 0 at the end.
public func readSome(_ descriptor: Int32, into buffer: inout [UInt8]) throws(SystemError) -> Int {
    precondition(!buffer.isEmpty, "an empty buffer would look like the end")
    while true {
        do {
            return try retrying("read") {
                unsafe buffer.withUnsafeMutableBytes { unsafe read(descriptor, $0.baseAddress, $0.count) }
            }
        } catch where error.code == EAGAIN {
            try waitUntilReady(descriptor, for: .readable)
        }
    }
}
