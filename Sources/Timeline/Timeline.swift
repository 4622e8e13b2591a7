import Demux
import Wire

/// What happened, told in the order of cause: socket calls, the segments that they send, and the sockets that come and go.
///
/// Pure: it knows neither the terminal nor the page that show it. A capture gives frames alone; a scene gives calls too.
public struct Timeline: Sendable {
    /// A computer of a scene: the namespace that plays it.
    public struct Host: Equatable, Sendable {
        /// `A`; empty where there is but one.
        public let name: String
        public let address: IPAddress

        public init(name: String, address: IPAddress) {
            self.name = name
            self.address = address
        }
    }

    /// A process whose calls are told.
    public struct Participant: Equatable, Sendable {
        /// What it is to the scene: `server`, `client 2`.
        public let name: String
        /// The process's name and number, as `ps` shows them.
        public let process: String
        public let processID: Int32
        /// Its place in ``Timeline/hosts``.
        public let host: Int

        public init(name: String, process: String, processID: Int32, host: Int) {
            self.name = name
            self.process = process
            self.processID = processID
            self.host = host
        }
    }

    public var title: String
    public var hosts: [Host] = []
    public var participants: [Participant] = []
    public private(set) var moments: [Moment] = []
    /// How many moments were left out for lack of room.
    public private(set) var leftOut = 0
    private let limit: Int

    /// - Parameter limit: how many moments there may be; later ones are only counted.
    public init(title: String = "", limit: Int = 100_000) {
        self.title = title
        self.limit = limit
    }

    /// Whether a further moment would only be counted.
    public var isFull: Bool { moments.count >= limit }

    public mutating func append(_ moment: Moment) {
        guard !isFull else {
            leftOut += 1
            return
        }
        moments.append(moment)
    }

    public var frames: some Sequence<FrameMoment> {
        moments.lazy.compactMap { if case .frame(let frame) = $0 { frame } else { nil } }
    }
}

/// One thing that happened.
public enum Moment: Sendable {
    case frame(FrameMoment)
    case call(CallMoment)
    /// What a participant wrote to its standard output, a line; by its place in ``Timeline/participants``.
    case printed(participant: Int, String)
    /// A sentence about what there is to be seen.
    case said(String)
    /// What the kernel shows of its sockets or its processes, line by line, and by which means: `ss -ltn`.
    case shown(source: String, [String])
    /// A part of the scene begins.
    case heading(String)
    /// A participant was ended by a signal.
    case died(participant: Int, signal: Int32)
    /// Sockets that ended without a segment: closed by their process, or with it.
    case ended([SocketName])
}
