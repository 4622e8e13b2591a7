import Platform
import Render

/// `--step`: a story on a terminal, a key a step, back as well as forward.
///
/// It knows nothing of where the story comes from: a capture, or a scene with its calls.
public struct StepPresenter {
    private var storybook: Storybook
    private var view: StepView
    /// Tells the story again for another width; what it was told for is folded where there is none.
    private let retell: ((_ columns: Int) -> Storybook?)?

    /// - Parameters:
    ///   - explains: whether look-ups are shown from the beginning.
    ///   - showsSockets: whether socket tables are.
    public init(
        _ storybook: Storybook, hasUnicode: Bool, explains: Bool = false, showsSockets: Bool = false,
        retell: ((_ columns: Int) -> Storybook?)? = nil
    ) {
        self.storybook = storybook
        self.retell = retell
        view = StepView(hasUnicode: hasUnicode, explains: explains, showsSockets: showsSockets)
        let leftOut = storybook.timeline.leftOut
        if leftOut > 0 { view.remark = "\(leftOut) more left out" }
    }

    /// Shows it until whoever watches quits.
    ///
    /// - Returns: `false` where there is no terminal to show it on; a story without a moment is shown at once.
    public mutating func run() throws(SystemError) -> Bool {
        guard !storybook.tellings.isEmpty else { return true }
        guard var screen = try Screen.open() else { return false }
        var columns = screen.size.columns
        while true {
            screen.draw(view.lines(storybook.tellings, screen.size))
            switch screen.next() {
            case .ended: return true
            case .key(let key):
                if !view.take(key, storybook.tellings, screen.size) { return true }
            case .changed:
                guard screen.size.columns != columns else { continue }
                columns = screen.size.columns
                if let again = retell?(columns), again.tellings.count == storybook.tellings.count { storybook = again }
            }
        }
    }
}
