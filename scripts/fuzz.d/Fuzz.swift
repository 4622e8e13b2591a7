import Glibc
import Platform

/// What libFuzzer drives: one entry point, behind which the targets stand.
///
/// `PORTWATCH_FUZZ_TARGET` names the target. With `PORTWATCH_FUZZ_SEEDS=FOLDER` the captures named in
/// `PORTWATCH_FUZZ_CAPTURES`, one a line, are cut into seeds instead, a folder a target.
enum Target: String, CaseIterable {
    /// One frame of any link type, with all that is decoded on demand.
    case decoder
    /// A capture file, plain or compressed.
    case reader
    /// Frames into the socket table and the reassembler.
    case table
    /// Frames through the whole inspection, into text and JSON.
    case inspection

    /// - Throws: what should have held and does not.
    func run(_ bytes: [UInt8]) throws(Finding) {
        switch self {
        case .decoder: try DecoderTarget.run(bytes)
        case .reader: try ReaderTarget.run(bytes)
        case .table: try TableTarget.run(bytes)
        case .inspection: try InspectionTarget.run(bytes)
        }
    }
}

/// Something that should hold whatever the bytes are, and does not.
struct Finding: Error {
    let text: String
    init(_ text: String) { self.text = text }
}

func check(_ holds: Bool, _ text: @autoclosure () -> String) throws(Finding) {
    if !holds { throw Finding(text()) }
}

private let target: Target = {
    let name = variable("PORTWATCH_FUZZ_TARGET") ?? ""
    guard let target = Target(rawValue: name) else { fatalError("PORTWATCH_FUZZ_TARGET: no target is called \"\(name)\"") }
    return target
}()

func variable(_ name: String) -> String? {
    guard let value = unsafe getenv(name) else { return nil }
    return unsafe String(cString: value)
}

@c public func LLVMFuzzerInitialize(_ count: UnsafeMutablePointer<Int32>, _ arguments: OpaquePointer) -> Int32 {
    if let folder = variable("PORTWATCH_FUZZ_SEEDS") {
        let captures = (variable("PORTWATCH_FUZZ_CAPTURES") ?? "").split(separator: "\n").map(String.init)
        Seeds.write(captures, into: folder)
        exit(0)
    }
    return 0
}

@c public func LLVMFuzzerTestOneInput(_ data: UnsafePointer<UInt8>?, _ size: Int) -> Int32 {
    let bytes = unsafe [UInt8](UnsafeBufferPointer(start: data, count: size))
    do {
        try target.run(bytes)
    } catch {
        try? writeAll(STDERR_FILENO, "Finding in \(target.rawValue): \(error.text)\n")
        abort()
    }
    return 0
}
