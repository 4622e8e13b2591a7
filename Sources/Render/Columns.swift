import Demux
import Wire

/// The widths of the columns that hold addresses and names. They only grow.
struct ColumnWidths {
    var from: Int
    var to: Int
    var who = 4
    var rule = 10
    /// Behind what the generation is for.
    var process = 21
    /// Counts the changes, so that what was laid out before is known to be out of date.
    private(set) var generation: UInt32 = 0

    /// - Parameter address: what the columns of the addresses begin with.
    init(address: Int) {
        from = address
        to = address
    }

    mutating func grow(from: Int, to: Int) {
        guard from > self.from || to > self.to else { return }
        self.from = max(self.from, from)
        self.to = max(self.to, to)
        generation &+= 1
    }

    mutating func grow(who: Int, rule: Int) {
        guard who > self.who || rule > self.rule else { return }
        self.who = max(self.who, who)
        self.rule = max(self.rule, rule)
        generation &+= 1
    }
}

extension ColumnWidths {
    mutating func grow(process: Int) { self.process = max(self.process, process) }
}

enum Columns {
    /// How many columns the bytes from `start` take: one a character, none for colours.
    ///
    /// All text that is shown is ours and narrow; what comes from frames is escaped to ASCII.
    static func count(_ out: borrowing OutputBuffer, from start: Int) -> Int {
        out.withBytes(from: start) { bytes in
            var columns = 0
            var isEscape = false
            for index in bytes.indices {
                let byte = bytes[index]
                if byte == 0x1b { isEscape = true }
                if !isEscape, byte & 0xc0 != 0x80 { columns += 1 }
                if isEscape, byte == UInt8(ascii: "m") { isEscape = false }
            }
            return columns
        }
    }
}

extension Columns {
    /// Breaks what was written from `start` on into lines of at most so many columns, at spaces where there are any.
    static func wrap(_ out: inout OutputBuffer, from start: Int, columns: Int, indent: Int) {
        guard columns > 16, count(out, from: start) > columns else { return }
        // A few words must find room.
        let indent = min(indent, columns - 16)
        let text = out.withBytes(from: start) { bytes in
            unsafe bytes.withUnsafeBufferPointer { unsafe String(decoding: $0, as: UTF8.self) }
        }
        out.truncate(to: start)
        var line = text[...]
        var room = columns
        while line.unicodeScalars.count > room {
            let scalars = line.unicodeScalars
            let limit = scalars.index(scalars.startIndex, offsetBy: room)
            let cut = line[..<limit].lastIndex(of: " ").flatMap { $0 > line.startIndex ? $0 : nil } ?? limit
            out.append(String(line[..<cut]))
            out.trimSpaces()
            out.append(UInt8(ascii: "\n"))
            out.append(spaces: indent)
            line = line[cut...].drop { $0 == " " }
            room = columns - indent
        }
        out.append(String(line))
    }
}

/// The texts of both ends of a packet: address and port, address alone, or hardware address, whichever there is.
struct EndTexts {
    let source: String
    let destination: String

    init(_ packet: Packet) {
        if let ends = packet.ports, !EndTexts.isLaterFragment(packet) {
            source = ends.source.description
            destination = ends.destination.description
        } else if let from = packet.source, let to = packet.destination {
            source = from.description
            destination = to.description
        } else {
            switch packet.link {
            case .ethernet(let header):
                source = header.source.description
                destination = header.destination.description
            case .cooked(let header):
                source = header.source?.description ?? ""
                destination = ""
            case .none, .null:
                source = ""
                destination = ""
            }
        }
    }

    private static func isLaterFragment(_ packet: Packet) -> Bool {
        packet.fragmentPlace.map { $0.offset != 0 } ?? false
    }
}

/// The middle of a line, kept for each conversation and direction: while the same socket gets the packets of one
/// direction by the same rule, it is the same to the byte.
///
/// An entry is two cache lines: what it holds for, and the text.
@safe
struct MiddleCache: ~Copyable {
    /// Two entries a conversation. Beyond this many conversations the middle is written anew each time.
    private static let slots = 1 << 14
    /// The longest text that is kept; one with two long IPv6 addresses is not.
    static let longest = 104
    typealias Text = InlineArray<104, UInt8>

    private struct Entry {
        var conversationID: UInt64 = 0
        /// Receiver, rule and evidence, in one word.
        var receiver: UInt64 = 0
        var generation: UInt32 = 0
        var count: UInt32 = 0
        var text = Text(repeating: 0)
    }

    private var entries: [Entry] = []

    private static func place(_ delivery: Delivery) -> Int { Int(delivery.slot) * 2 + Int(delivery.direction & 1) }

    @inline(__always)
    private static func receiver(_ delivery: Delivery) -> UInt64 {
        let name = delivery.receiver.map { UInt64($0.name.number) << 8 | UInt64($0.name.kind.rawValue) + 1 } ?? 0
        return name << 16 | UInt64(delivery.rule.rawValue) << 8 | UInt64(delivery.evidence.rawValue)
    }

    @inline(__always)
    func put(_ delivery: Delivery, _ generation: UInt32, _ cursor: inout OutputCursor) -> Bool {
        let place = MiddleCache.place(delivery)
        guard place < entries.count, entries[place].conversationID == delivery.conversationID,
            entries[place].generation == generation, entries[place].receiver == MiddleCache.receiver(delivery)
        else { return false }
        cursor.put(entries[place].text, count: Int(entries[place].count))
        return true
    }

    mutating func store(_ delivery: Delivery, _ generation: UInt32, from start: Int, of out: borrowing OutputBuffer) {
        let count = out.count - start
        guard count <= MiddleCache.longest, Int(delivery.slot) < MiddleCache.slots else { return }
        let place = MiddleCache.place(delivery)
        while entries.count <= place {
            entries.append(contentsOf: repeatElement(Entry(), count: max(64, entries.count)))
        }
        var entry = Entry(
            conversationID: delivery.conversationID, receiver: MiddleCache.receiver(delivery), generation: generation,
            count: UInt32(count))
        out.withBytes(from: start) { bytes in
            for index in bytes.indices { entry.text[index] = bytes[index] }
        }
        entries[place] = entry
    }
}

/// The words of the flags, made once for each combination of the lower five bits that fits sixteen bytes: in two words.
struct FlagWords {
    private static let width = 7

    private struct Entry {
        var low: UInt64 = 0
        var high: UInt64 = 0
        var count = 0
    }

    private let entries: [Entry]

    init() {
        entries = (UInt16(0)..<32).map { flags in
            let text = Array(TCPFlags(rawValue: flags).description.utf8)
            let padded = text + Array(repeating: UInt8(ascii: " "), count: max(0, 16 - text.count))
            var entry = Entry(count: text.count)
            for index in (0..<8).reversed() {
                entry.low = entry.low << 8 | UInt64(padded[index])
                entry.high = entry.high << 8 | UInt64(padded[index + 8])
            }
            return entry
        }
    }

    /// Whether these flags are among them; others are rare and put together when they come.
    @inline(__always)
    func has(_ flags: TCPFlags) -> Bool {
        flags.rawValue < 32 && entries[Int(flags.rawValue)].count <= 16
    }

    @inline(__always)
    func put(_ flags: TCPFlags, isPadded: Bool, _ cursor: inout OutputCursor) {
        let entry = entries[Int(flags.rawValue)]
        cursor.put(entry.low, entry.high, count: isPadded ? max(entry.count, FlagWords.width) : entry.count)
    }
}

/// A time of day in UTC, from seconds since 1970 by the civil calendar.
struct CalendarTime {
    /// `2026-11-20 06:22:24`.
    let text: String
    let fraction: UInt64

    init(_ time: Timestamp) {
        var seconds = time.nanoseconds / 1_000_000_000
        var rest = time.nanoseconds % 1_000_000_000
        if rest < 0 {
            rest += 1_000_000_000
            seconds -= 1
        }
        fraction = UInt64(rest)
        let day = seconds >= 0 ? seconds / 86_400 : (seconds - 86_399) / 86_400
        let second = seconds - day * 86_400
        // Days are counted from 0000-03-01, so that the leap day ends the year (Hinnant, "chrono-compatible low-level date algorithms").
        let shifted = day + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        let parts = [
            year, month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1, second / 3600, second / 60 % 60, second % 60,
        ].map { $0 < 10 ? "0\($0)" : "\($0)" }
        text = "\(parts[0])-\(parts[1])-\(parts[2]) \(parts[3]):\(parts[4]):\(parts[5])"
    }
}
