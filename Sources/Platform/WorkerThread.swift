import Glibc

/// Runs work on a thread of its own, that nobody waits for. The corresponding C function is `pthread_create`.
///
/// - Parameter stack: the stack's size in bytes. The system's default is 8 MiB, of address space alone.
/// - Throws: ``SystemError`` with `EAGAIN` where there can be no more threads; then the work is not done.
public func startThread(stack: Int = 524_288, _ work: @escaping @Sendable () -> Void) throws(SystemError) {
    var attributes = pthread_attr_t()
    unsafe pthread_attr_init(&attributes)
    defer { unsafe _ = pthread_attr_destroy(&attributes) }
    unsafe pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
    unsafe pthread_attr_setstacksize(&attributes, stack)
    let box = unsafe Unmanaged.passRetained(Work(work))
    var thread = pthread_t()
    let code = unsafe pthread_create(&thread, &attributes, runWork, box.toOpaque())
    if code != 0 {
        unsafe box.release()
        throw SystemError(code, in: "pthread_create")
    }
}

private final class Work: Sendable {
    let work: @Sendable () -> Void
    init(_ work: @escaping @Sendable () -> Void) { self.work = work }
}

private func runWork(_ box: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let box = unsafe box else { return nil }
    unsafe Unmanaged<Work>.fromOpaque(box).takeRetainedValue().work()
    return nil
}
