import Timeline

/// A lecture demonstration: who takes part, and in which order they make their calls.
///
/// It is played on namespaces of its own, by processes of its own, and everything it claims is checked while it plays: a
/// scene that the kernel does not bear out ends with an error.
public protocol Scene: Sendable {
    /// As the command line has it.
    var name: String { get }
    /// What it shows, in a line.
    var summary: String { get }
    var layout: Stage.Layout { get }
    func play(_ director: Director) throws
}

extension Scene {
    public var layout: Stage.Layout { .one }
}

/// All scenes, in the order of a lecture.
public enum Scenes {
    public static let all: [any Scene] = [
        EchoScene(),
        EncapsulationScene(),
        MultiplexScene(),
        TwinsScene(),
        TwoTupleScene(),
        UDPConnectScene(),
        StreamScene(),
        LossScene(),
        QueueScene(),
        ConcurrentScene(),
        ClosedScene(),
        BindingScene(),
        HalfCloseScene(),
        VisitorScene(),
        FingerScene(),
        KilledScene(),
        FarmScene(),
        PortsScene(),
        BothScene(),
    ]

    public static func named(_ name: String) -> (any Scene)? { all.first { $0.name == name } }
}
