import Capture
import Glibc
import Inspection
import Platform
import Presentation
import Render
import Timeline
import Wire

/// A file that is presented in time, step by step, or as a quiz.
extension InspectCommand {
    /// More frames than anybody steps through; each is kept with its text.
    private static let keptFrames = 10_000

    mutating func present(_ file: CaptureFile, _ path: String, _ filter: CaptureFilter?) throws(CommandFailure) {
        announce(file, path)
        let writer = try writer(like: file, file.snapshotLength)
        switch settings.presentation.form {
        case .atOnce: break
        case .paced(let pace): try tellInTime(file, filter, writer, pace)
        case .stepped: try step(file, path, filter, writer)
        case .quiz(let seed): try quiz(file, path, filter, writer, seed: seed)
        }
    }

    /// Reads the file and fills the storybook.
    ///
    /// - Returns: what went wrong in the end, where that leaves something to be presented.
    private func tell(
        _ file: CaptureFile, _ filter: CaptureFilter?, _ writer: consuming CaptureWriter?, _ options: InspectionOptions,
        into storybook: Storybook, notice: @escaping @Sendable (String) -> Void
    ) -> CommandFailure? {
        var run = CaptureRun(
            filter: filter.map { FileFilter($0, linkType: file.linkType, snapshotLength: file.snapshotLength, tell: notice) },
            writer: writer, flushesWriter: settings.flushesWriter,
            inspection: Inspection(options: options, isLive: false, output: STDOUT_FILENO, storybook: storybook),
            limit: settings.limit)
        var failure: CommandFailure?
        do {
            _ = try run.run(file)
        } catch {
            failure = CommandFailure(error)
        }
        reportIncomplete(run.incompleteDatagrams, notice)
        return failure
    }

    // MARK: In time

    private func tellInTime(
        _ file: CaptureFile, _ filter: CaptureFilter?, _ writer: consuming CaptureWriter?, _ pace: Pace
    ) throws(CommandFailure) {
        Interruption.begin()
        let presenter = PacePresenter(
            pace, explains: settings.inspection.text.explains, output: STDOUT_FILENO, notice: console.notice)
        let storybook = Storybook(Timeline(limit: 0), keepsSockets: false)
        presenter.follow(storybook)
        let failure = tell(file, filter, writer, settings.inspection, into: storybook, notice: console.notice)
        presenter.finish()
        if let error = presenter.failure, error.code != EPIPE { throw .failed("standard output: \(error.reason)", hint: nil) }
        if let failure { throw failure }
    }

    // MARK: Step by step

    private func step(
        _ file: CaptureFile, _ path: String, _ filter: CaptureFilter?, _ writer: consuming CaptureWriter?
    ) throws(CommandFailure) {
        guard Terminal.isTerminal(STDOUT_FILENO) else { throw InspectCommand.noTerminal }
        Interruption.begin()
        let text = settings.inspection.text
        let storybook = Storybook(Timeline(limit: InspectCommand.keptFrames), keepsSockets: true)
        let failure = tell(file, filter, writer, stepOptions(text.columns), into: storybook, notice: console.notice)
        // Whoever ends a capture that is on its way through a pipe wants to see it; whoever ends the reading of a file does not.
        if Interruption.wasRequested, path != "-" { return }
        if storybook.tellings.isEmpty, failure == nil {
            console.notice("no frame to step through")
            return
        }
        let again: (Int) -> Storybook? = { columns in self.again(path, columns) }
        var presenter = StepPresenter(
            storybook, hasUnicode: text.hasUnicode, explains: text.explains, showsSockets: settings.inspection.showsSockets,
            retell: path == "-" ? nil : again)
        do {
            guard try presenter.run() else { throw InspectCommand.noTerminal }
        } catch let error as SystemError {
            throw CommandFailure.failed("the terminal: \(error)", hint: nil)
        } catch let error as CommandFailure {
            throw error
        } catch {
            throw CommandFailure.failed("\(error)", hint: nil)
        }
        if let failure { throw failure }
    }

    /// The same file for another width.
    private func again(_ path: String, _ columns: Int) -> Storybook? {
        guard let file = try? CaptureFile(path: path, snapshotLength: settings.capture.snapshotLength) else { return nil }
        let filter: CaptureFilter?
        do {
            filter = try compile(file.linkType, file.snapshotLength)
        } catch {
            return nil
        }
        let storybook = Storybook(Timeline(limit: InspectCommand.keptFrames), keepsSockets: true)
        // What there was to be said was said the first time; now it would stand in the middle of the screen.
        _ = tell(file, filter, nil, stepOptions(columns), into: storybook, notice: { _ in })
        return storybook
    }

    private func stepOptions(_ columns: Int?) -> InspectionOptions {
        var options = settings.inspection
        options.text.columns = columns
        options.text.explains = true
        options.text.repeatsLookups = true
        options.showsSockets = false
        return options
    }

    static let noTerminal = CommandFailure.failed(
        "--step: there is no terminal to show it on, or none to read keys from", hint: "--pace 1 shows a frame a second, in a pipe too.")
}

// MARK: Quiz

extension InspectCommand {
    private func quiz(
        _ file: CaptureFile, _ path: String, _ filter: CaptureFilter?, _ writer: consuming CaptureWriter?, seed: UInt64?
    ) throws(CommandFailure) {
        Interruption.begin()
        let storybook = Storybook(Timeline(limit: InspectCommand.keptFrames), keepsSockets: false)
        var options = stepOptions(100)
        options.isJSON = false
        options.text.showsHeader = false
        options.text.showsEvents = true
        options.text.hasColor = false
        let failure = tell(file, filter, writer, options, into: storybook, notice: console.notice)
        if Interruption.wasRequested, path != "-" { return }
        let leftOut = storybook.timeline.leftOut
        if leftOut > 0 { console.notice("questions are about the first \(InspectCommand.keptFrames) frames; \(leftOut) more are left out") }
        try QuizRun(
            storybook, seed: seed, isJSON: settings.inspection.isJSON, readsStandardInput: path == "-",
            hasUnicode: settings.inspection.text.hasUnicode, hasColor: settings.inspection.text.hasColor, console
        ).run()
        if let failure { throw failure }
    }
}
