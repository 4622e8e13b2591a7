import CPlatform
import Glibc

/// Waits for any of many descriptors. The corresponding C functions are those of `epoll`.
///
/// It is level-triggered: what was not dealt with is reported again. Closing a descriptor takes it out.
public struct EventQueue: ~Copyable, Sendable {
    public struct Event: Sendable {
        /// The number given to ``add(_:for:tag:)``.
        public let tag: UInt64
        public let ready: Readiness
    }

    private let descriptor: Descriptor
    private var flags: [UInt32]
    private var tags: [UInt64]

    /// - Parameter capacity: how many events one ``wait(milliseconds:)`` returns at most.
    public init(capacity: Int = 64) throws(SystemError) {
        descriptor = Descriptor(owning: try retrying("epoll_create1") { pw_epoll_create() })
        flags = Array(repeating: 0, count: capacity)
        tags = Array(repeating: 0, count: capacity)
    }

    /// The number of the queue itself.
    public var rawDescriptor: Int32 { descriptor.rawValue }

    public func add(_ member: Int32, for events: Readiness, tag: UInt64) throws(SystemError) {
        try retrying("epoll_ctl") { pw_epoll_add(descriptor.rawValue, member, events.epollFlags, tag) }
    }

    public func modify(_ member: Int32, for events: Readiness, tag: UInt64) throws(SystemError) {
        try retrying("epoll_ctl") { pw_epoll_modify(descriptor.rawValue, member, events.epollFlags, tag) }
    }

    public func remove(_ member: Int32) throws(SystemError) {
        try retrying("epoll_ctl") { pw_epoll_remove(descriptor.rawValue, member) }
    }

    /// What is ready now, or is so first within the time.
    ///
    /// - Parameter milliseconds: how long to wait at most; `nil` waits without end.
    public mutating func wait(milliseconds: Int32? = nil) throws(SystemError) -> [Event] {
        var ready: [Event] = []
        try wait(into: &ready, milliseconds: milliseconds)
        return ready
    }

    /// The same, into room that the caller has.
    public mutating func wait(into ready: inout [Event], milliseconds: Int32? = nil) throws(SystemError) {
        let capacity = Int32(tags.count)
        let count = try retrying("epoll_wait") {
            unsafe pw_epoll_wait(descriptor.rawValue, &flags, &tags, capacity, milliseconds ?? -1)
        }
        ready.removeAll(keepingCapacity: true)
        for index in 0..<Int(count) {
            ready.append(Event(tag: tags[index], ready: Readiness(rawValue: Int16(truncatingIfNeeded: flags[index]))))
        }
    }
}

extension Readiness {
    /// On Linux the constants of `epoll` have the values of those of `poll` (epoll_ctl(2), sys/epoll.h).
    fileprivate var epollFlags: UInt32 { UInt32(UInt16(bitPattern: rawValue)) }
}
