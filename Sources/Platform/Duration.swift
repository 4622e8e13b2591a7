extension Duration {
    /// For `poll` and `epoll_wait`: rounded up, since rounded down they would be called in vain until it is time.
    public var inMilliseconds: Int32 {
        let (seconds, attoseconds) = components
        let milliseconds = seconds * 1_000 + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000
        return Int32(clamping: max(0, milliseconds))
    }
}
