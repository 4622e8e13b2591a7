/// A key, as a terminal sends it.
public enum Key: Equatable, Sendable {
    /// A printable character of ASCII.
    case character(Character)
    case enter, backspace, escape, tab
    case left, right, up, down, pageUp, pageDown, home, end
    /// Ctrl-L: the screen is to be drawn anew.
    case redraw
    /// Something that no one asks for.
    case other
}

/// Makes keys of bytes. A key of several bytes begins with ESC, as the key Esc does, which is that byte alone.
public struct KeyReader {
    private var rest: [UInt8] = []

    public init() {}

    /// Whether the bytes so far may be the key Esc, or the beginning of another: what comes next, and how soon, tells.
    public var waitsForMore: Bool { !rest.isEmpty }

    /// The keys that are whole with these bytes.
    public mutating func take(_ bytes: some Sequence<UInt8>) -> [Key] {
        rest += bytes
        var keys: [Key] = []
        while let (key, count) = KeyReader.first(rest[...]) {
            rest.removeFirst(count)
            keys.append(key)
        }
        // No key is so long: it is no terminal's.
        if rest.count > 32 {
            rest = []
            keys.append(.other)
        }
        return keys
    }

    /// Nothing more came: what was begun is whole.
    public mutating func takeRest() -> [Key] {
        defer { rest = [] }
        if rest.isEmpty { return [] }
        return rest.count == 1 ? [.escape] : [.other]
    }

    private static let escape: UInt8 = 0x1b

    /// The first key, and how many bytes it has; `nil` while it is not whole.
    private static func first(_ bytes: ArraySlice<UInt8>) -> (Key, Int)? {
        guard let byte = bytes.first else { return nil }
        switch byte {
        case escape: return sequence(bytes)
        case 0x0a, 0x0d: return (.enter, 1)
        case 0x08, 0x7f: return (.backspace, 1)
        case 0x09: return (.tab, 1)
        case 0x0c: return (.redraw, 1)
        case 0x20..<0x7f: return (.character(Character(UnicodeScalar(byte))), 1)
        default: return (.other, 1)
        }
    }

    /// `ESC [ parameters letter` (ECMA-48 §5.4), or `ESC O letter` (SS3).
    private static func sequence(_ bytes: ArraySlice<UInt8>) -> (Key, Int)? {
        let bytes = Array(bytes)
        guard bytes.count > 1 else { return nil }
        switch bytes[1] {
        case UInt8(ascii: "O"):
            return bytes.count > 2 ? (named(bytes[2], []), 3) : nil
        case UInt8(ascii: "["):
            guard let end = bytes.indices.dropFirst(2).first(where: { (0x40..<0x7f).contains(bytes[$0]) || bytes[$0] == escape }) else {
                return nil
            }
            // It broke off: the next key begins.
            if bytes[end] == escape { return (.other, end) }
            return (named(bytes[end], bytes[2..<end]), end + 1)
        case escape: return (.escape, 1)
        // With Alt; the key itself is not sought.
        default: return (.other, 2)
        }
    }

    private static func named(_ letter: UInt8, _ parameters: ArraySlice<UInt8>) -> Key {
        switch letter {
        case UInt8(ascii: "A"): return .up
        case UInt8(ascii: "B"): return .down
        case UInt8(ascii: "C"): return .right
        case UInt8(ascii: "D"): return .left
        case UInt8(ascii: "H"): return .home
        case UInt8(ascii: "F"): return .end
        case UInt8(ascii: "M"): return .enter
        case UInt8(ascii: "~"):
            // The number stands first; behind a semicolon, which modifier keys were down.
            switch String(decoding: parameters.prefix { $0 != UInt8(ascii: ";") }, as: UTF8.self) {
            case "1", "7": return .home
            case "4", "8": return .end
            case "5": return .pageUp
            case "6": return .pageDown
            default: return .other
            }
        default: return .other
        }
    }
}
