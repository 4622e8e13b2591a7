import Capture
import Inspection
import Wire

/// A capture file: how it is packed, in what pieces it comes and how it is shown, and then its bytes.
enum ReaderTarget {
    static func run(_ input: [UInt8]) throws(Finding) {
        var data = FuzzData(input)
        let way = data.byte()
        let piece = [1, 2, 3, 7, 16, 100, 1_000, 65_536][Int(way & 7)]
        let snapshotLength = way & 8 == 0 ? Int(data.byte()) : .max
        let shown = way & 0x80 == 0 ? nil : Shown(&data)
        let plain = data.rest()
        let file = way >> 5 & 3 == 1 ? Packing.gzip(plain) : way >> 5 & 3 == 2 ? Packing.zstd(plain) : plain

        let whole = Reading(file, MemorySource(file))
        try expectSound(whole)
        try expectSameInPieces(whole, file, piece)
        try expectCut(whole, file, snapshotLength)
        if !Packing.isPacked(file) { try expectSameAsLibpcap(whole, file) }
        if plain.count != file.count { try expectSamePacked(whole, plain) }
        if let shown { try show(file, shown, whole) }
    }

    private static func expectSound(_ reading: Reading) throws(Finding) {
        for (index, frame) in reading.frames.enumerated() {
            try check(frame.info.number == UInt64(index + 1), "frame \(index + 1) is number \(frame.info.number)")
            try check(frame.bytes.count <= 128 << 20 && frame.info.originalLength >= 0, "frame \(index + 1): \(frame.info)")
            try check(frame.info.fractionDigits == 6 || frame.info.fractionDigits == 9, "\(frame.info.fractionDigits) digits")
        }
        try check(reading.error?.reason.isEmpty != true, "an error without a reason")
    }

    /// However its bytes come, a file has the same frames, and ends the same way. And where it says that the next frame
    /// need not be waited for, it is not waited for.
    private static func expectSameInPieces(_ whole: Reading, _ file: [UInt8], _ piece: Int) throws(Finding) {
        let source = PatientSource(file, piece: piece)
        let pieces = Reading(file, source)
        try check(!pieces.waitedUnasked, "waited, and said that it need not")
        try check(pieces.frames == whole.frames, "in pieces of \(piece): \(pieces.frames.count) frames, in one \(whole.frames.count), or others")
        try check(pieces.annotations == whole.annotations, "in pieces of \(piece) other annotations")
        // What exactly is wrong with packed data the libraries find out in different ways, and what a file that is no capture
        // seems to be is judged by what came first.
        let isVague = Packing.isPacked(file) || whole.error?.reason.hasPrefix("not a capture file: ") == true
        try check(isVague ? (pieces.error == nil) == (whole.error == nil) : pieces.error == whole.error, "in pieces of \(piece): \(String(describing: pieces.error)), in one \(String(describing: whole.error))")
    }

    private static func expectCut(_ whole: Reading, _ file: [UInt8], _ length: Int) throws(Finding) {
        guard length < .max else { return }
        let cut = Reading(file, MemorySource(file), snapshotLength: length)
        try check(cut.frames.count == whole.frames.count && cut.error == whole.error, "cut to \(length): other frames")
        for (one, other) in zip(cut.frames, whole.frames) {
            try check(one.info == other.info && one.bytes == Array(other.bytes.prefix(length)), "cut to \(length): frame \(one.info.number)")
        }
    }

    private static func expectSameAsLibpcap(_ whole: Reading, _ file: [UInt8]) throws(Finding) {
        let reading = (whole.frames, whole.error)
        if let difference = difference(reading, LibpcapReading(file), comparesTimes: !hasFineTicks(file)) { throw Finding(difference) }
    }

    /// Whether there may be an interface with a resolution that libpcap cannot reckon with: `if_tsresol`, in either byte order.
    private static func hasFineTicks(_ file: [UInt8]) -> Bool {
        guard file.count >= 5 else { return false }
        return (0..<file.count - 4).contains { place in
            let head = Array(file[place..<place + 4])
            guard head == [9, 0, 1, 0] || head == [0, 9, 0, 1] else { return false }
            return file[place + 4] > 0xa2 || (20..<0x80).contains(file[place + 4])
        }
    }

    /// Packed, a file has what it has unpacked.
    private static func expectSamePacked(_ whole: Reading, _ plain: [UInt8]) throws(Finding) {
        // What was packed already is unpacked once.
        guard !Packing.isPacked(plain), !plain.isEmpty else { return }
        let unpacked = Reading(plain, MemorySource(plain))
        try check(unpacked.frames == whole.frames && unpacked.error == whole.error, "packed it has other frames")
    }

    /// Through the whole inspection, with what the file says of itself.
    private static func show(_ file: [UInt8], _ shown: Shown, _ whole: Reading) throws(Finding) {
        let output = Output.shared
        output.clear()
        do {
            let inspection = Inspection(options: shown.options, isLive: false, output: output.descriptor)
            var run = CaptureRun(filter: nil, writer: nil, flushesWriter: false, inspection: inspection, limit: nil)
            _ = try run.run(try CaptureFile(MemorySource(file), name: "memory"))
        } catch {
            try check(whole.error != nil, "an error: \(error)")
        }
        try shown.judge(output.text, frames: whole.frames.count)
    }
}

/// What was read of a file.
private struct Reading {
    private(set) var frames: [ReadFrame] = []
    /// Each in words.
    private(set) var annotations: [String] = []
    private(set) var error: CaptureError?
    private(set) var waitedUnasked = false

    init(_ file: [UInt8], _ source: any ByteSource, snapshotLength: Int = .max) {
        do throws(CaptureError) {
            let capture = try CaptureFile(source, name: "memory", snapshotLength: snapshotLength)
            try read(capture, source as? PatientSource)
        } catch {
            self.error = error
        }
    }

    private mutating func read(_ capture: CaptureFile, _ patient: PatientSource?) throws(CaptureError) {
        var step = FrameStep.frame
        while case .frame = step {
            let isReady = !capture.mayWait
            let before = patient?.reads
            defer { if isReady, patient?.reads != before { waitedUnasked = true } }
            step = try capture.next { info, bytes in
                frames.append(ReadFrame(info: info, bytes: bytes.indices.map { bytes[$0] }))
                annotations.append("\(capture.annotations(of: info))")
            }
        }
    }
}

/// A pipe that somebody fills slowly.
private final class PatientSource: ByteSource {
    private let memory: MemorySource
    private(set) var reads = 0

    init(_ bytes: [UInt8], piece: Int) { memory = MemorySource(bytes, piece: piece) }

    var canWait: Bool { true }
    var mayWait: Bool { true }

    func read(into buffer: inout MutableSpan<UInt8>) throws(CaptureError) -> Int {
        reads += 1
        return try memory.read(into: &buffer)
    }
}
