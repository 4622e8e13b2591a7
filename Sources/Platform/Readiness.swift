import Glibc

/// What a descriptor is waited for. The constants are those of `poll`.
public struct Readiness: OptionSet, Sendable {
    public let rawValue: Int16
    public init(rawValue: Int16) { self.rawValue = rawValue }

    public static let readable = Readiness(rawValue: Int16(POLLIN))
    public static let writable = Readiness(rawValue: Int16(POLLOUT))
    /// The other end is gone or the descriptor has an error. Reported unasked.
    public static let hangUp = Readiness(rawValue: Int16(POLLHUP | POLLERR | POLLNVAL))
}

/// One descriptor that is waited for, and, after the wait, what it is ready for.
public struct Awaited: Sendable {
    public let descriptor: Int32
    public let events: Readiness
    public fileprivate(set) var ready: Readiness = []

    public init(_ descriptor: Int32, for events: Readiness) {
        self.descriptor = descriptor
        self.events = events
    }
}

/// Waits until one of the descriptors is ready or the time is over. The corresponding C function is `poll`.
///
/// - Parameter milliseconds: how long at most; `nil` waits without end.
/// - Returns: how many are ready; 0 when the time is over.
@discardableResult
public func waitUntilReady(_ awaited: inout [Awaited], milliseconds: Int32? = nil) throws(SystemError) -> Int {
    var list = awaited.map { pollfd(fd: $0.descriptor, events: $0.events.rawValue, revents: 0) }
    let count = try retrying("poll") { unsafe poll(&list, nfds_t(list.count), milliseconds ?? -1) }
    for index in list.indices { awaited[index].ready = Readiness(rawValue: list[index].revents) }
    return Int(count)
}

/// Waits until one descriptor is ready, without a bound.
public func waitUntilReady(_ descriptor: Int32, for events: Readiness) throws(SystemError) {
    var one = [Awaited(descriptor, for: events)]
    try waitUntilReady(&one)
}
