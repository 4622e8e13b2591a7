import Capture
import Inspection
import Render
import Timeline

/// Plays a scene from the first call to the last.
public enum Player {
    /// - Parameters:
    ///   - storybook: gets what is told, moment by moment.
    ///   - path: where the frames are written to, if anywhere.
    ///   - seed: for other ports than the usual ones.
    public static func play(
        _ scene: any Scene, into storybook: Storybook, _ options: InspectionOptions, capture path: String? = nil, seed: UInt64? = nil
    ) throws(StageError) {
        let stage = try Stage(scene.layout)
        do {
            storybook.timeline.title = "\(scene.name): \(scene.summary)"
            let writer = try path.map { try CaptureWriter(path: $0, like: stage.captures[0], snapshotLength: 262_144) }
            let director = Director(stage, storybook, options, seed: seed, writer: writer)
            try scene.play(director)
            try director.finish()
            try writer?.close()
        } catch let error as StageError {
            throw error
        } catch {
            throw .failed("\(error)")
        }
    }
}
