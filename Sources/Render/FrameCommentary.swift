/// What a capture says of a frame beside its bytes and its time. It is shown, and nothing depends on it.
public final class FrameCommentary: Sendable {
    /// Its place among the interfaces of its section.
    public let interfaceID: Int?
    /// Its time, where a ``Timestamp`` cannot hold it.
    public let farTime: (seconds: Int64, nanoseconds: UInt64)?
    public let interfaceName: String?
    public let interfaceDescription: String?
    /// What somebody wrote about the frame.
    public let comments: [String]
    /// What is odd about its record.
    public let remarks: [String]
    /// What the file says of itself, before this frame: of what, and the text.
    public let preamble: [(subject: String, text: String)]

    public init(
        interfaceID: Int? = nil, farTime: (seconds: Int64, nanoseconds: UInt64)? = nil, interfaceName: String? = nil, interfaceDescription: String? = nil, comments: [String] = [],
        remarks: [String] = [], preamble: [(subject: String, text: String)] = []
    ) {
        self.interfaceID = interfaceID
        self.farTime = farTime
        self.interfaceName = interfaceName
        self.interfaceDescription = interfaceDescription
        self.comments = comments
        self.remarks = remarks
        self.preamble = preamble
    }
}

extension String {
    /// The text with nothing in it that a terminal would obey or not show: controls, marks of direction and the like
    /// become escapes, and so does what is not ASCII where that cannot be shown.
    func shown(hasUnicode: Bool) -> String {
        var text = ""
        for scalar in unicodeScalars {
            switch scalar {
            case "\n": text += "\\n"
            case "\r": text += "\\r"
            case "\t": text += "\\t"
            case " "..."~": text.unicodeScalars.append(scalar)
            case _ where hasUnicode && scalar.isShown: text.unicodeScalars.append(scalar)
            default: text += "\\u{\(String(scalar.value, radix: 16))}"
            }
        }
        return text
    }
}

extension Unicode.Scalar {
    fileprivate var isShown: Bool {
        switch properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned, .surrogate: false
        default: true
        }
    }
}
