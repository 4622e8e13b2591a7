/// How long a client has been at what it has begun and not ended, and at the line that it is in.
struct Pace {
    private var begun: ContinuousClock.Instant?
    private var lineBegun: ContinuousClock.Instant?
    private var steps = 0

    /// The service has had a turn. Whoever was answered begins anew.
    mutating func observe(_ service: any Service, answered: Bool, at now: ContinuousClock.Instant) {
        guard service.isMidway else {
            begun = nil
            lineBegun = nil
            return
        }
        if begun == nil || answered { begun = now }
        let taken = service.steps
        if !service.isMidLine {
            lineBegun = nil
        } else if lineBegun == nil || answered || taken != steps {
            lineBegun = now
        }
        steps = taken
    }

    /// When it has taken too long; `nil` while nothing is begun.
    func end(_ limits: Limits) -> ContinuousClock.Instant? {
        guard let begun else { return nil }
        let end = begun + limits.whole
        guard let lineBegun else { return end }
        return min(end, lineBegun + limits.request)
    }
}
