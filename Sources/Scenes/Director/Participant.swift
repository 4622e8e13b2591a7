/// A participant of a scene, for the scene to name it by.
public struct Participant: Equatable, Sendable {
    let place: Int
}
