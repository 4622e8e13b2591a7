import Glibc
import Inspection
import Platform
import Render
import Scenes
import Timeline

/// `portwatch demo --check`: plays every scene once, silently, and says which this machine allows. For the lecturer, before
/// the class.
enum SceneCheck {
    static func run(_ console: Console) throws(CommandFailure) {
        let width = Scenes.all.map(\.name.count).max() ?? 0
        var failures = 0
        for scene in Scenes.all {
            let start = ContinuousClock().now
            let complaint = try play(scene)
            let name = scene.name + String(repeating: " ", count: width - scene.name.count + 2)
            if let complaint {
                failures += 1
                try console.print(name + "no    \(complaint)")
            } else {
                let time = start.duration(to: ContinuousClock().now).components
                try console.print(name + "ok    \(time.seconds).\(time.attoseconds / 100_000_000_000_000_000) s")
            }
        }
        if failures > 0 { throw .failed("\(failures) of \(Scenes.all.count) scenes cannot be played here", hint: nil) }
    }

    /// In a process of its own, since a stage cannot be left again.
    ///
    /// - Returns: why it cannot be played; `nil` where it can.
    private static func play(_ scene: any Scene) throws(CommandFailure) -> String? {
        do {
            let words = try PipeEnds()
            switch try Platform.fork() {
            case .child:
                do {
                    var options = InspectionOptions()
                    options.text.columns = 100
                    try Player.play(scene, into: Storybook(Timeline(), keepsSockets: false), options)
                    leave(0)
                } catch {
                    try? writeAll(words.writing.rawValue, "\(error)" + (error.hint.map { "; \($0)" } ?? ""))
                    leave(1)
                }
            case .parent(let child):
                let reading = words.keepReading()
                var text: [UInt8] = []
                var chunk = [UInt8](repeating: 0, count: 4096)
                while true {
                    let count = try retrying("read") { unsafe read(reading.rawValue, &chunk, chunk.count) }
                    if count == 0 { break }
                    text += chunk[..<count]
                }
                switch reap(child, waits: true)?.end {
                case .exited(status: 0): return nil
                case .killed(let signal): return "it was ended by signal \(signal)"
                default: return String(decoding: text, as: UTF8.self)
                }
            }
        } catch {
            throw .failed("demo --check: \(error)", hint: nil)
        }
    }
}
