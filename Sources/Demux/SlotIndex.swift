/// An open-addressing table from hashes to slots of an array that somebody else keeps.
///
/// Linear probing over 64-bit entries: the hash's upper half beside the slot, so that a key is looked at only where
/// its tag fits. `Dictionary` does the same job at 20 ns a look-up more.
struct SlotIndex: Sendable {
    /// Tag in the upper half, slot + 1 in the lower; 0 is free.
    private var entries: [UInt64]
    private var mask: Int
    private(set) var count = 0

    init() {
        entries = [UInt64](repeating: 0, count: 1024)
        mask = 1023
    }

    /// The slot for which `isEqual` holds among those with this hash, or -1.
    @inline(__always)
    func find(_ hash: UInt64, _ isEqual: (Int32) -> Bool) -> Int32 {
        let tag = hash >> 32
        var place = Int(truncatingIfNeeded: hash) & mask
        while true {
            let entry = entries[place]
            if entry == 0 { return -1 }
            if entry >> 32 == tag {
                let slot = Int32(truncatingIfNeeded: entry) - 1
                if isEqual(slot) { return slot }
            }
            place = (place + 1) & mask
        }
    }

    /// Adds a slot that is not in the table. `hashOf` gives the hash of a slot that is, for when the table grows.
    mutating func insert(_ hash: UInt64, _ slot: Int32, hashOf: (Int32) -> UInt64) {
        // Half full at most: an absent key is found out after 2.5 probes on average.
        if (count + 1) * 2 > entries.count { grow(hashOf) }
        place(hash, slot)
        count += 1
    }

    /// Removes a slot. `hashOf` gives the hash of any slot in the table, this one included.
    mutating func remove(_ hash: UInt64, _ slot: Int32, hashOf: (Int32) -> UInt64) {
        var hole = Int(truncatingIfNeeded: hash) & mask
        while entries[hole] != 0, Int32(truncatingIfNeeded: entries[hole]) - 1 != slot { hole = (hole + 1) & mask }
        guard entries[hole] != 0 else { return }
        count -= 1
        // No tombstones: what follows moves up, unless that would put it before its own place (Knuth 6.4, algorithm R).
        var next = (hole + 1) & mask
        while entries[next] != 0 {
            let home = Int(truncatingIfNeeded: hashOf(Int32(truncatingIfNeeded: entries[next]) - 1)) & mask
            if (next - home) & mask >= (next - hole) & mask {
                entries[hole] = entries[next]
                hole = next
            }
            next = (next + 1) & mask
        }
        entries[hole] = 0
    }

    private mutating func place(_ hash: UInt64, _ slot: Int32) {
        var place = Int(truncatingIfNeeded: hash) & mask
        while entries[place] != 0 { place = (place + 1) & mask }
        entries[place] = (hash & 0xffff_ffff_0000_0000) | UInt64(UInt32(bitPattern: slot + 1))
    }

    private mutating func grow(_ hashOf: (Int32) -> UInt64) {
        let old = entries
        entries = [UInt64](repeating: 0, count: old.count * 2)
        mask = entries.count - 1
        for entry in old where entry != 0 {
            let slot = Int32(truncatingIfNeeded: entry) - 1
            place(hashOf(slot), slot)
        }
    }
}
