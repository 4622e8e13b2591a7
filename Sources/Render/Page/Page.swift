import Timeline

/// A timeline as one page that any browser opens, from a file too: no network, no library, nothing beside it.
///
/// The page is a template with what it needs put inside: style sheet, program, and the timeline as JSON. Whatever comes from
/// a capture is in the JSON alone, and there in a form that no parser of HTML can take for a tag.
public enum Page {
    /// - Returns: UTF-8.
    public static func render(_ storybook: Storybook) -> [UInt8] {
        let timeline = storybook.timeline
        var out: [UInt8] = []
        var template = PackageResources.page_html[...]
        while let mark = next(in: template) {
            out += template[..<mark.range.lowerBound]
            switch mark.name {
            case "style": out += PackageResources.page_css
            case "program": out += program
            case "title": out += escaped(timeline.title.isEmpty ? "portwatch" : "portwatch · \(timeline.title)")
            case "timeline": out += PageData.json(storybook)
            default: preconditionFailure("the template asks for \(mark.name)")
            }
            template = template[mark.range.upperBound...]
        }
        out += template
        return out
    }

    /// In the order in which one needs the other.
    private static var program: [UInt8] {
        PackageResources.model_js + PackageResources.words_js + PackageResources.geometry_js + PackageResources.shapes_js
            + PackageResources.stage_js + PackageResources.motion_js + PackageResources.side_js + PackageResources.bytes_js
            + PackageResources.quiz_js + PackageResources.player_js + PackageResources.controls_js
    }

    // MARK: Template

    private struct Mark {
        let name: String
        let range: Range<Int>
    }

    /// The next `[[name]]`.
    private static func next(in template: ArraySlice<UInt8>) -> Mark? {
        let (open, close) = (UInt8(ascii: "["), UInt8(ascii: "]"))
        var place = template.startIndex
        while place + 1 < template.endIndex {
            if template[place] == open, template[place + 1] == open, let end = template[place...].firstIndex(of: close) {
                return Mark(name: String(decoding: template[(place + 2)..<end], as: UTF8.self), range: place..<(end + 2))
            }
            place += 1
        }
        return nil
    }

    /// As text of HTML.
    private static func escaped(_ text: String) -> [UInt8] {
        var out: [UInt8] = []
        for byte in text.shown(hasUnicode: true).utf8 {
            switch byte {
            case UInt8(ascii: "<"): out += Array("&lt;".utf8)
            case UInt8(ascii: ">"): out += Array("&gt;".utf8)
            case UInt8(ascii: "&"): out += Array("&amp;".utf8)
            default: out.append(byte)
            }
        }
        return out
    }
}
