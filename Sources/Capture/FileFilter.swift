import Wire

/// A filter over a file, whose frames may differ in link type: it is compiled for each when the first of its frames comes.
public final class FileFilter {
    private let expression: String
    private let snapshotLength: Int
    private let tell: (String) -> Void
    private var program: CaptureFilter?
    /// What `program` is compiled for.
    private var linkType: LinkType
    /// All that were met; nothing where the expression means nothing there.
    private var programs: [LinkType: CaptureFilter?]

    /// - Parameters:
    ///   - first: compiled for the file's first link type.
    ///   - tell: called once for a link type that the expression cannot be compiled for. Its frames do not pass.
    public init(_ first: CaptureFilter, linkType: LinkType, snapshotLength: Int, tell: @escaping (String) -> Void) {
        expression = first.expression
        self.snapshotLength = snapshotLength
        self.tell = tell
        program = first
        self.linkType = linkType
        programs = [linkType: first]
    }

    public func passes(_ info: FrameInfo, _ bytes: Span<UInt8>) -> Bool {
        if info.linkType != linkType { turn(to: info.linkType) }
        return program?.passes(info, bytes) ?? false
    }

    private func turn(to linkType: LinkType) {
        self.linkType = linkType
        if let known = programs[linkType] {
            program = known
            return
        }
        do {
            program = try CaptureFilter(expression, linkType: linkType, snapshotLength: snapshotLength)
        } catch {
            program = nil
            tell("\(error): no frame of link type \(linkType) passes")
        }
        programs[linkType] = .some(program)
    }
}
