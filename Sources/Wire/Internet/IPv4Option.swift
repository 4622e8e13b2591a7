/// One option of an IPv4 header (RFC 791 §3.1; IANA, "IP Option Numbers"). Decoded only when shown.
public enum IPv4Option: Equatable, Sendable {
    case endOfList
    case noOperation
    /// Record route, and the loose and strict source route: the addresses, and how many of them are used.
    case route(Route, addresses: [UInt32], used: Int)
    /// Timestamps, each with its address where the option has them, and how many hosts found no room.
    case timestamps([(address: UInt32?, time: UInt32)], overflow: UInt8)
    case routerAlert(UInt16)
    case other(type: UInt8, length: UInt8)
    /// The length contradicts the header, and nothing after it can be read; or it contradicts the type alone.
    case malformed(type: UInt8, length: UInt8)

    public enum Route: UInt8, Sendable {
        case record = 7
        case loose = 131
        case strict = 137
    }

    public static func == (one: IPv4Option, other: IPv4Option) -> Bool {
        switch (one, other) {
        case (.endOfList, .endOfList), (.noOperation, .noOperation): true
        case (.route(let a, let b, let c), .route(let d, let e, let f)): a == d && b == e && c == f
        case (.timestamps(let a, let b), .timestamps(let c, let d)): b == d && a.elementsEqual(c, by: ==)
        case (.routerAlert(let a), .routerAlert(let b)): a == b
        case (.other(let a, let b), .other(let c, let d)), (.malformed(let a, let b), .malformed(let c, let d)): a == c && b == d
        default: false
        }
    }

    /// Reads the options that stand in `range`, which is what was captured of them, and never past it. One that was cut is
    /// none: only what contradicts the header as it was sent is malformed.
    ///
    /// - Parameter end: where the header ends.
    static func all(in range: Range<Int>, end: Int, of bytes: Span<UInt8>) -> [IPv4Option] {
        var options: [IPv4Option] = []
        var offset = range.lowerBound
        while offset < range.upperBound, let option = next(bytes, &offset, captured: range.upperBound, end: end) {
            options.append(option)
            if case .endOfList = option { break }
        }
        return options
    }

    /// - Returns: `nil` for one that was cut.
    private static func next(_ bytes: Span<UInt8>, _ offset: inout Int, captured: Int, end: Int) -> IPv4Option? {
        let start = offset
        let type = bytes[start]
        offset += 1
        if type == 0 { return .endOfList }
        if type == 1 { return .noOperation }
        // Where the length is nonsense nobody knows where the next would begin.
        offset = captured
        guard start + 1 < captured else { return captured < end ? nil : .malformed(type: type, length: 0) }
        let length = bytes[start + 1]
        guard length >= 2, start + Int(length) <= end else { return .malformed(type: type, length: length) }
        guard start + Int(length) <= captured else { return nil }
        offset = start + Int(length)
        switch type {
        case 7, 131, 137: return route(bytes, type, start..<offset) ?? .malformed(type: type, length: length)
        case 68: return timestamps(bytes, start..<offset) ?? .malformed(type: type, length: length)
        case 148: return length == 4 ? .routerAlert(bytes.uint16(at: start + 2)) : .malformed(type: type, length: length)
        default: return .other(type: type, length: length)
        }
    }

    /// Type, length, pointer, addresses. "The pointer is relative to this option, and the smallest legal value [...] is 4".
    private static func route(_ bytes: Span<UInt8>, _ type: UInt8, _ range: Range<Int>) -> IPv4Option? {
        guard let route = Route(rawValue: type), range.count >= 3, range.count % 4 == 3 else { return nil }
        let pointer = Int(bytes[range.lowerBound + 2])
        guard pointer >= 4, pointer % 4 == 0 else { return nil }
        let addresses = stride(from: range.lowerBound + 3, to: range.upperBound, by: 4).map { bytes.uint32(at: $0) }
        return .route(route, addresses: addresses, used: min((pointer - 4) / 4, addresses.count))
    }

    /// Type, length, pointer, overflow and flag; then times, or pairs of address and time where the flag says so.
    private static func timestamps(_ bytes: Span<UInt8>, _ range: Range<Int>) -> IPv4Option? {
        guard range.count >= 4, bytes[range.lowerBound + 2] >= 5 else { return nil }
        let last = bytes[range.lowerBound + 3]
        let hasAddresses = last & 0xf != 0
        let step = hasAddresses ? 8 : 4
        guard (range.count - 4) % step == 0 else { return nil }
        // Before the pointer they are used.
        let end = min(range.upperBound, range.lowerBound + Int(bytes[range.lowerBound + 2]) - 1)
        let times = stride(from: range.lowerBound + 4, to: range.upperBound, by: step).filter { $0 + step <= end }.map {
            hasAddresses ? (bytes.uint32(at: $0), bytes.uint32(at: $0 + 4)) : (nil, bytes.uint32(at: $0))
        }
        return .timestamps(times, overflow: last >> 4)
    }

    private static let names: [UInt8: String] = [
        10: "experimental measurement", 11: "MTU probe", 12: "MTU reply", 25: "quick start", 30: "experiment", 82: "traceroute",
        94: "experiment", 130: "security", 133: "extended security", 134: "commercial security", 136: "stream identifier",
        142: "visa", 144: "IMI traffic", 145: "extended protocol", 147: "address extension", 149: "selective broadcast",
        151: "dynamic packet state", 152: "upstream multicast", 158: "experiment", 205: "experimental flow control", 222: "experiment",
    ]
    fileprivate static func name(_ type: UInt8) -> String { names[type] ?? "option \(type)" }
}

extension Packet {
    /// The options of the IPv4 header, as far as they were captured; none of an IPv6 header.
    public func ipv4Options(in bytes: Span<UInt8>) -> [IPv4Option] {
        guard case .ipv4(let header) = internet else { return [] }
        let start = Int(internetOffset) + IPv4Header.minimumLength
        let end = Int(internetOffset) + Int(header.headerLength)
        let captured = min(end, bytes.count, Int(capturedLength))
        return start < captured ? IPv4Option.all(in: start..<captured, end: end, of: bytes) : []
    }
}

extension IPv4Option {
    public var isMalformed: Bool { if case .malformed = self { true } else { false } }

    /// The number of the option, with the copied flag and the class (IANA, "IP Option Numbers").
    public var type: UInt8 {
        switch self {
        case .endOfList: 0
        case .noOperation: 1
        case .route(let route, _, _): route.rawValue
        case .timestamps: 68
        case .routerAlert: 148
        case .other(let type, _), .malformed(let type, _): type
        }
    }
}

extension IPv4Option: CustomStringConvertible {
    public var description: String {
        switch self {
        case .endOfList: return "end"
        case .noOperation: return "NOP"
        case .route(let route, let addresses, let used):
            let name = route == .record ? "record route" : route == .loose ? "loose source route" : "strict source route"
            let list = (route == .record ? Array(addresses.prefix(used)) : addresses).map { IPAddress(ipv4: $0).description }
            return ([name] + list).joined(separator: " ") + " (\(used) of \(addresses.count) used)"
        case .timestamps(let times, let overflow):
            let list = times.map { ($0.address.map { IPAddress(ipv4: $0).description + " " } ?? "") + "\($0.time)" }
            return (["timestamps"] + list).joined(separator: " ") + (overflow > 0 ? " (\(overflow) found no room)" : "")
        case .routerAlert(let value): return "router alert \(value)"
        case .other(let type, let length): return "\(IPv4Option.name(type)), \(length) B"
        case .malformed(let type, let length): return "malformed option \(type), length \(length)"
        }
    }
}
