import CPlatform
import Glibc

/// A number that counts up for this process, its threads, and all children that it forks from here on.
public final class SharedCounter: Sendable {
    private let number: UInt

    /// - Throws: ``SystemError`` where there is no memory to share.
    public init() throws(SystemError) {
        guard let page = unsafe pw_shared_counter() else { throw SystemError(errno, in: "mmap") }
        number = UInt(bitPattern: page)
    }

    /// Adds one.
    ///
    /// - Returns: the sum, which nobody else has got.
    public func increment() -> UInt64 {
        guard let page = unsafe UnsafeMutablePointer<UInt64>(bitPattern: number) else { return 0 }
        return unsafe pw_shared_counter_add(page)
    }

    /// Adds a number, which may be negative.
    ///
    /// - Returns: the sum.
    @discardableResult
    public func add(_ number: Int) -> Int {
        guard let page = unsafe UnsafeMutablePointer<UInt64>(bitPattern: self.number) else { return 0 }
        return unsafe Int(pw_shared_counter_change(page, Int64(number)))
    }
}
