import Capture
import Foundation
import Testing
import Wire

@Suite struct `Capture writer` {
    /// Writes all frames of a file of 1,000 bytes a frame to another.
    private func copy(_ source: String, to path: String) throws {
        let capture = try CaptureFile(path: source)
        let writer = try CaptureWriter(path: path, like: capture, snapshotLength: capture.snapshotLength)
        for frame in readAll(capture).frames { try writer.write(frame.info, frame.bytes.span) }
        try writer.close()
    }

    private func frames(_ file: PcapFile, _ count: Int) -> [UInt8] {
        file.header + (0..<count).flatMap { file.record(UInt32($0), 999_999, [UInt8](repeating: UInt8($0 & 0xff), count: 1_000), original: 1_500) }
    }

    @Test(arguments: [false, true], [UInt32(1), 113, 276]) func `round trip, byte for byte`(_ isNanoseconds: Bool, _ linkType: UInt32) throws {
        let bytes = frames(PcapFile(isNanoseconds: isNanoseconds, linkType: linkType), 300)
        try withFile(bytes) { source in
            try withTemporaryPath { path in
                try copy(source, to: path)
                #expect(FileManager.default.contents(atPath: path) == Data(bytes))
            }
        }
    }

    @Test func `what is flushed is there before the end`() throws {
        let file = PcapFile()
        let bytes = frames(file, 1)
        try withFile(bytes) { source in
            try withTemporaryPath { path in
                let capture = try CaptureFile(path: source)
                let writer = try CaptureWriter(path: path, like: capture, snapshotLength: capture.snapshotLength)
                for frame in readAll(capture).frames { try writer.write(frame.info, frame.bytes.span) }
                try writer.flush()
                #expect(FileManager.default.contents(atPath: path) == Data(bytes))
                try writer.close()
                try writer.close()
            }
        }
    }

    /// A few frames fail when they are flushed, many while they are written.
    @Test(arguments: [0, 1, 300]) func `a full disk is told`(_ count: Int) throws {
        try withFile(frames(PcapFile(), count)) { source in
            let error = try #require(throws: CaptureError.self) { try copy(source, to: "/dev/full") }
            #expect(error == CaptureError("/dev/full", "No space left on device"))
        }
    }

    /// A pcap file counts seconds from 1970 to 2106.
    @Test(arguments: [-1, 4_294_967_296_000_000_000] as [Int64]) func `a time that a pcap file cannot hold`(_ nanoseconds: Int64) throws {
        let bytes = frames(PcapFile(), 1)
        try withFile(bytes) { source in
            try withTemporaryPath { path in
                let capture = try CaptureFile(path: source)
                let writer = try CaptureWriter(path: path, like: capture, snapshotLength: capture.snapshotLength)
                let frame = try #require(readAll(capture).frames.first)
                try writer.write(frame.info, frame.bytes.span)
                var other = frame.info
                other.time = Timestamp(nanoseconds: nanoseconds)
                let error = try #require(throws: CaptureError.self) { try writer.write(other, frame.bytes.span) }
                #expect(error == CaptureError(path, "frame 1 was seen before 1970 or after 2106, and a pcap file has no such times"))
                try writer.close()
                #expect(FileManager.default.contents(atPath: path) == Data(bytes), "what was written stays")
            }
        }
    }

    /// A pcap file has one link type: all before the first other is written, and then it is told.
    @Test func `frames of several link types`() throws {
        let file = PcapngFile()
        let bytes = file.section() + file.interface() + file.enhanced(1, [1]) + file.interface(113) + file.enhanced(2, [2], on: 1)
        try withFile(bytes) { source in
            try withTemporaryPath { path in
                let error = try #require(throws: CaptureError.self) { try copy(source, to: path) }
                #expect(error == CaptureError(path, "frame 2 has link type 113 (Linux cooked v1), and a pcap file has only one: here 1 (Ethernet)"))
                #expect(readFile(path).frames.map(\.bytes) == [[1]])
            }
        }
    }

    @Test func `a path that cannot be made`() throws {
        try withFile(PcapFile().header) { source in
            let error = try #require(throws: CaptureError.self) { try copy(source, to: "/nowhere/at-all.pcap") }
            #expect(error == CaptureError("/nowhere/at-all.pcap", "No such file or directory"))
        }
    }
}
