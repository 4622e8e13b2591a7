import Capture
import Foundation
import Testing
import Wire

@Suite struct `Capture files` {
    @Test(arguments: [false, true], [false, true])
    func `frames and times, in both resolutions and byte orders`(_ isBigEndian: Bool, _ isNanoseconds: Bool) throws {
        let file = PcapFile(isBigEndian: isBigEndian, isNanoseconds: isNanoseconds, snapshotLength: 100, linkType: 113)
        let bytes = file.header + file.record(1_700_000_000, 123_456, [1, 2, 3], original: 60) + file.record(1_700_000_001, 0, [])
            + file.record(1_700_000_001, 999_999, [4])
        try withFile(bytes) { path in
            let capture = try CaptureFile(path: path)
            #expect(capture.name == path && !capture.isLive && !capture.mayWait)
            #expect(capture.linkType == .linuxCooked)
            #expect(capture.snapshotLength == 100)
            #expect(capture.fractionDigits == (isNanoseconds ? 9 : 6))
            let (frames, error) = readAll(capture)
            #expect(error == nil)
            #expect(frames.map(\.bytes) == [[1, 2, 3], [], [4]])
            #expect(frames.map(\.info.number) == [1, 2, 3])
            #expect(frames.map(\.info.originalLength) == [60, 0, 1])
            #expect(frames.allSatisfy { $0.info.linkType == .linuxCooked })
            let unit: Int64 = isNanoseconds ? 1 : 1_000
            let second: Int64 = 1_700_000_000_000_000_000
            #expect(
                frames.map(\.info.time.nanoseconds) == [second + 123_456 * unit, second + 1_000_000_000, second + 1_000_000_000 + 999_999 * unit])
        }
    }

    @Test(arguments: [false, true]) func `a fraction of a second or more is carried over`(_ isNanoseconds: Bool) throws {
        let file = PcapFile(isNanoseconds: isNanoseconds)
        try withFile(file.header + file.record(10, isNanoseconds ? 1_500_000_000 : 1_500_000, [1])) { path in
            let frames = readFile(path).frames
            #expect(frames.map(\.info.time.nanoseconds) == [11_500_000_000])
            #expect(frames.map(\.info.notes) == [.carriedSecond])
        }
    }

    @Test func `no frames are fine`() throws {
        try withFile(PcapFile().header) { path in
            let (frames, error) = readFile(path)
            #expect(frames.isEmpty && error == nil)
        }
    }

    @Test func `an empty file`() throws {
        try withFile([]) { #expect(readFile($0).error == CaptureError($0, "empty, not a capture file")) }
    }

    @Test func `a directory`() {
        #expect(readFile("/").error == CaptureError("/", "a directory, not a capture file"))
    }

    @Test func `a missing file`() throws {
        try withTemporaryPath { #expect(readFile($0).error == CaptureError($0, "No such file or directory")) }
    }

    @Test(arguments: [Array("Here we go...\nWow, a response!\nGoodbye\n".utf8), [0], [0xff, 0xff], [UInt8](repeating: 0, count: 100)])
    func garbage(_ bytes: [UInt8]) throws {
        try withFile(bytes) { path in
            let error = readFile(path).error
            #expect(error?.subject == path)
            #expect(error?.reason.hasPrefix("not a capture file: ") == true)
        }
    }

    @Test func `a header that is cut at every length`() throws {
        for count in 1..<24 {
            try withFile(Array(PcapFile().header.prefix(count))) { path in
                let reason = count < 4 ? "not a capture file: it has only \(count) byte" : "cut off within its header: of 24 bytes there are \(count)"
                #expect(readFile(path).error?.reason.hasPrefix(reason) == true)
            }
        }
    }

    @Test func `a file that ends within a record gives all whole frames, then the error`() throws {
        let file = PcapFile()
        let whole = file.header + file.record(1, 0, [1, 2, 3])
        let last = file.record(2, 0, [4, 5, 6, 7])
        for count in 0...last.count {
            try withFile(whole + last.prefix(count)) { path in
                let (frames, error) = readFile(path)
                #expect(frames.map(\.bytes) == (count == last.count ? [[1, 2, 3], [4, 5, 6, 7]] : [[1, 2, 3]]))
                #expect((error == nil) == (count == 0 || count == last.count))
                if let error { #expect(error.subject == path && error.reason.hasPrefix("cut off within ")) }
            }
        }
    }

    @Test(arguments: [262_145, 1 << 31, 0xffff_ffff]) func `a captured length beyond all frames`(_ length: Int) throws {
        let file = PcapFile()
        try withFile(file.header + file.record(1, 0, [1, 2, 3]) + file.record(2, 0, [4], captured: length)) { path in
            let (frames, error) = readFile(path)
            #expect(frames.map(\.bytes) == [[1, 2, 3]])
            #expect(error?.subject == path)
            #expect(error?.reason == "frame 2 cannot be: its record says \(length) bytes, and a frame has 262144 at most")
        }
    }

    @Test func `the longest frame that there may be`() throws {
        let file = PcapFile()
        let longest = [UInt8](repeating: 7, count: 262_144)
        try withFile(file.header + file.record(1, 0, longest) + file.record(2, 0, [1])) { path in
            #expect(readFile(path).frames.map(\.bytes) == [longest, [1]])
        }
    }

    /// Whoever writes to a pipe may be slow: what there is can be shown before the next read waits.
    @Test func `a pipe says when it may wait`() throws {
        let file = PcapFile()
        let pipe = Pipe()
        let writer = pipe.fileHandleForWriting
        try writer.write(contentsOf: Data(file.header + file.record(1, 0, [1]) + file.record(2, 0, [2])))
        let capture = try CaptureFile(path: "/proc/self/fd/\(pipe.fileHandleForReading.fileDescriptor)")
        var seen: [UInt8] = []
        func next() throws -> FrameStep { try capture.next { _, bytes in seen.append(bytes[0]) } }
        guard case .frame = try next() else { throw CaptureError("pipe", "no first frame") }
        #expect(!capture.mayWait, "the second frame is in the buffer")
        guard case .frame = try next() else { throw CaptureError("pipe", "no second frame") }
        #expect(capture.mayWait)
        try writer.write(contentsOf: Data(file.record(3, 0, [3])))
        #expect(!capture.mayWait)
        guard case .frame = try next() else { throw CaptureError("pipe", "no third frame") }
        try writer.close()
        guard case .end = try next() else { throw CaptureError("pipe", "no end") }
        #expect(seen == [1, 2, 3])
    }
}
