import Capture
import Testing
import Wire

@Suite struct `Filters of files with several link types` {
    private let udp: [UInt8] = [0x45, 0, 0, 28, 0, 0, 0, 0, 64, 17, 0, 0, 192, 0, 2, 1, 192, 0, 2, 2, 0x23, 0xc5, 0x19, 0x1c, 0, 8, 0, 0]

    private func passes(_ filter: FileFilter, _ frame: [UInt8], _ linkType: LinkType) -> Bool {
        filter.passes(FrameInfo(number: 1, time: Timestamp(nanoseconds: 0), originalLength: frame.count, linkType: linkType), frame.span)
    }

    @Test func `one program a link type`() throws {
        var told: [String] = []
        let first = try CaptureFilter("udp port 6428", linkType: .ethernet)
        let filter = FileFilter(first, linkType: .ethernet, snapshotLength: 65_535) { told.append($0) }
        let ethernet = [UInt8](repeating: 2, count: 12) + [8, 0] + udp
        for _ in 0..<2 {
            #expect(passes(filter, ethernet, .ethernet))
            #expect(passes(filter, udp, .raw))
            #expect(!passes(filter, ethernet, .raw))
            #expect(passes(filter, [2, 0, 0, 0] + udp, .null))
        }
        #expect(told.isEmpty)
    }

    @Test func `where it means nothing no frame passes, and that is told once`() throws {
        var told: [String] = []
        let first = try CaptureFilter("ether host 2:2:2:2:2:2", linkType: .ethernet)
        let filter = FileFilter(first, linkType: .ethernet, snapshotLength: 65_535) { told.append($0) }
        for _ in 0..<3 {
            #expect(passes(filter, [UInt8](repeating: 2, count: 14), .ethernet))
            #expect(!passes(filter, udp, .raw))
        }
        #expect(told.count == 1)
        #expect(told.first?.hasSuffix(": no frame of link type 12 (raw IP) passes") == true)
    }
}
