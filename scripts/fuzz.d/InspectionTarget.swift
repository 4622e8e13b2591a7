import Inspection
import Render
import Timeline

/// Frames through the whole inspection with any options; what comes out is read and judged.
enum InspectionTarget {
    static func run(_ input: [UInt8]) throws(Finding) {
        var data = FuzzData(input)
        let shown = Shown(&data)
        let (text, count) = try inspect(shown, FrameFeed(data))
        try shown.judge(text, frames: count)
        // Tables hash by other keys each time, and nothing that is shown may depend on that.
        if shown.isRepeated {
            let (again, _) = try inspect(shown, FrameFeed(data))
            try check(text == again, "not the same a second time:\n\(String(decoding: text, as: UTF8.self))\n\(String(decoding: again, as: UTF8.self))")
        }
    }

    private static func inspect(_ shown: Shown, _ feed: FrameFeed) throws(Finding) -> (text: [UInt8], frames: Int) {
        var feed = feed
        var count = 0
        let output = Output.shared
        output.clear()
        do {
            let storybook = shown.drawsLadder ? Storybook(Timeline(), keepsSockets: false, keepsTexts: false) : nil
            var inspection = Inspection(options: shown.options, isLive: shown.isLive, output: output.descriptor, storybook: storybook)
            if let storybook {
                storybook.onEnd = { [unowned storybook] out in
                    LadderRenderer(options: shown.options.text).render(storybook.timeline, into: &out)
                    return false
                }
            }
            while let frame = feed.next() {
                count += 1
                try inspection.take(frame.info, frame.bytes.span)
            }
            try inspection.finish()
        } catch {
            throw Finding("the output failed: \(error)")
        }
        return (output.text, count)
    }
}
