import Capture
import Foundation
import Testing
import Wire

/// Pipes whose writers are slow: a frame is given as soon as its bytes are there. A reader that asked for more than
/// that would hang here, since nobody writes it.
@Suite(.timeLimit(.minutes(5))) struct `Slow pipes` {
    private let pipe = Pipe()

    private func write(_ bytes: [UInt8]) throws { try pipe.fileHandleForWriting.write(contentsOf: Data(bytes)) }

    private func open() throws -> CaptureFile {
        try CaptureFile(path: "/proc/self/fd/\(pipe.fileHandleForReading.fileDescriptor)")
    }

    private func next(_ capture: CaptureFile) throws -> [UInt8]? {
        var frame: [UInt8]?
        _ = try capture.next { _, bytes in frame = bytes.indices.map { bytes[$0] } }
        return frame
    }

    @Test func `a pcap file, frame by frame`() throws {
        let file = PcapFile()
        try write(file.header)
        let capture = try open()
        for index in UInt8(0)..<5 {
            #expect(capture.mayWait)
            let record = file.record(1, 0, [index, index])
            try write(Array(record.prefix(17)))
            #expect(!capture.mayWait, "half a record waits to be read")
            try write(Array(record.dropFirst(17)))
            #expect(try next(capture) == [index, index])
        }
        try write(file.record(1, 0, [7]) + file.record(1, 0, [8]) + file.record(1, 0, [9]).prefix(16))
        #expect(try next(capture) == [7])
        #expect(!capture.mayWait, "the next is in the buffer")
        #expect(try next(capture) == [8])
        #expect(capture.mayWait, "of the next there is only half")
        try pipe.fileHandleForWriting.close()
        #expect(throws: CaptureError.self) { try next(capture) }
    }

    @Test func `a pcapng file, block by block`() throws {
        let file = PcapngFile()
        try write(file.section() + file.interface())
        let capture = try open()
        #expect(capture.mayWait)
        for index in UInt8(0)..<5 {
            try write(file.enhanced(1, [index], options: file.option(1, "a comment")))
            #expect(try next(capture) == [index])
            #expect(capture.mayWait)
        }
        try write(file.enhanced(1, [7]) + file.others + file.simple([8]) + file.others)
        #expect(try next(capture) == [7])
        #expect(!capture.mayWait)
        #expect(try next(capture) == [8])
        #expect(capture.mayWait, "what is in the buffer has no frame")
        try pipe.fileHandleForWriting.close()
        #expect(try next(capture) == nil)
    }

    /// A compressor that flushes after each frame.
    @Test(arguments: `Compressed captures`.Format.allCases) func `a compressed file`(_ format: `Compressed captures`.Format) throws {
        let file = PcapFile()
        try write(format.compress(file.header))
        let capture = try open()
        for index in UInt8(0)..<5 {
            #expect(capture.mayWait)
            try write(format.compress(file.record(1, 0, [index])))
            #expect(!capture.mayWait)
            #expect(try next(capture) == [index])
        }
        try pipe.fileHandleForWriting.close()
        #expect(try next(capture) == nil)
    }

    /// The claim alone makes no room.
    @Test func `a record that claims much and brings little`() throws {
        let file = PcapFile(linkType: 231)
        let source = CountingSource(file.header + file.record(1, 0, [1, 2, 3], captured: 100 << 20))
        let capture = try CaptureFile(source, name: "memory")
        let error = #expect(throws: CaptureError.self) { try next(capture) }
        #expect(error?.reason == "cut off within frame 1: of 104857600 bytes there are 3")
        #expect(source.largest == 1 << 18)
        let bytes = [UInt8](repeating: 5, count: 3 << 20)
        #expect(readBytes(file.header + file.record(1, 0, bytes) + file.record(1, 0, [1]), piece: 10_000).frames.map(\.bytes) == [bytes, [1]])
    }
}
