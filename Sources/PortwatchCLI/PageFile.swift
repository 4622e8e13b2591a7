import Glibc
import Platform
import Render

/// The file of `--html`: opened before anything is captured, so that a folder that is not there is heard of at once, and
/// written when all is over.
struct PageFile: ~Copyable {
    private let path: String
    private let descriptor: Descriptor

    /// - Parameter path: `-` for standard output.
    init(_ path: String) throws(CommandFailure) {
        self.path = path
        do {
            descriptor = Descriptor(
                owning: try retrying("open") {
                    path == "-" ? fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3) : unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
                })
        } catch {
            throw .failed("\(path): \(error.reason)", hint: nil)
        }
    }

    /// Writes the page, and says what is in it.
    consuming func write(_ storybook: Storybook, _ console: Console) throws(CommandFailure) {
        let timeline = storybook.timeline
        let page = Page.render(storybook)
        let path = self.path
        do {
            try writeAll(descriptor.rawValue, page.span)
            try descriptor.close()
        } catch where error.code == EPIPE {
            return
        } catch {
            throw .failed("\(path): \(error.reason)", hint: nil)
        }
        let frames = timeline.frames.reduce(into: 0) { count, _ in count += 1 }
        let place = path == "-" ? "" : " to \(path)"
        let rest = timeline.leftOut == 0 ? "" : "; \(timeline.leftOut) more are left out, so that it stays quick: a filter or -c chooses which"
        console.notice("wrote a page of \(frames) frame\(frames == 1 ? "" : "s")\(place)\(rest)")
    }
}
