import Glibc
import Platform
import Wire

/// The multicast groups that the machine has joined, each on an interface: `/proc/net/igmp` and `/proc/net/igmp6`.
///
/// The kernel gives no notice when one is joined, so the files are read again when the last reading is a tenth of a
/// second old.
struct MulticastGroups {
    struct Member: Hashable {
        let address: IPAddress
        let device: UInt32
    }

    private let folder: String
    private let clock: @Sendable () -> UInt64
    private var members: Set<Member> = []
    private var addresses: Set<IPAddress> = []
    private var readAt: UInt64?

    /// In nanoseconds.
    private static let age: UInt64 = 100_000_000
    /// Some 5,000 groups.
    private static let mostBytes = 1 << 20

    init(folder: String = "/proc/net", clock: @escaping @Sendable () -> UInt64 = monotonicNanoseconds) {
        self.folder = folder
        self.clock = clock
    }

    /// - Parameter device: the interface's index; 0 for any.
    mutating func hasJoined(_ group: IPAddress, device: UInt32) -> Bool {
        let now = clock()
        if readAt.map({ now - $0 >= MulticastGroups.age }) ?? true {
            read()
            readAt = now
        }
        return device == 0 ? addresses.contains(group) : members.contains(Member(address: group, device: device))
    }

    private mutating func read() {
        // A machine without IPv6 has no igmp6; one that cannot be read has nothing to say.
        let four = (try? readTextFile("\(folder)/igmp", limit: MulticastGroups.mostBytes)) ?? ""
        let six = (try? readTextFile("\(folder)/igmp6", limit: MulticastGroups.mostBytes)) ?? ""
        members = Set(MulticastGroups.parse(igmp: four) + MulticastGroups.parse(igmp6: six))
        addresses = Set(members.map(\.address))
    }

    /// `2\teth0 : 1 V3`, then for each group of that interface `\t\t\t010000E0 1 0:00000000 0`: the address as the
    /// number that the machine reads in it.
    static func parse(igmp text: String) -> [Member] {
        var device: UInt32 = 0
        var members: [Member] = []
        for line in text.split(separator: "\n") {
            guard let first = line.split(whereSeparator: { $0 == " " || $0 == "\t" }).first else { continue }
            if line.first == "\t" {
                guard first.utf8.count == 8, let bits = UInt32(first, radix: 16) else { continue }
                members.append(Member(address: IPAddress(ipv4: UInt32(bigEndian: bits)), device: device))
            } else {
                device = UInt32(first) ?? 0
            }
        }
        return members
    }

    /// `1    lo    ff020000000000000000000000000001     1 0000000C 0`.
    static func parse(igmp6 text: String) -> [Member] {
        text.split(separator: "\n").compactMap { line in
            let words = line.split(separator: " ")
            guard words.count >= 3, words[2].utf8.count == 32, let device = UInt32(words[0]),
                let high = UInt64(words[2].prefix(16), radix: 16), let low = UInt64(words[2].suffix(16), radix: 16)
            else { return nil }
            return Member(address: IPAddress(ipv6High: high, low: low), device: device)
        }
    }
}
