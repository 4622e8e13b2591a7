@testable import Demux
import FrameScript
import Testing
import Wire

/// The open-addressing table against a dictionary that does the same.
@Suite struct SlotIndexTests {
    /// - Parameter hash: how keys are hashed; a bad one makes them crowd.
    private func compareWithDictionary(keys: Int, steps: Int, seed: UInt64, hash: @escaping (UInt64) -> UInt64) {
        var random = SeededGenerator(seed: seed)
        var index = SlotIndex()
        var model: [UInt64: Int32] = [:]
        var keyOfSlot: [UInt64] = []
        var free: [Int32] = []
        var wrong = 0
        for _ in 0..<steps {
            let key = UInt64.random(in: 0..<UInt64(keys), using: &random)
            let found = index.find(hash(key)) { keyOfSlot[Int($0)] == key }
            if found != model[key] ?? -1 { wrong += 1 }
            if let slot = model[key] {
                // Removal asks for the hash of the slot that goes as well, so that its key stays until then.
                index.remove(hash(key), slot) { hash(keyOfSlot[Int($0)]) }
                model[key] = nil
                free.append(slot)
            } else {
                let slot = free.popLast() ?? Int32(keyOfSlot.count)
                if Int(slot) == keyOfSlot.count { keyOfSlot.append(key) } else { keyOfSlot[Int(slot)] = key }
                index.insert(hash(key), slot) { hash(keyOfSlot[Int($0)]) }
                model[key] = slot
            }
            if index.count != model.count { wrong += 1 }
        }
        #expect(wrong == 0)
        for key in 0..<UInt64(keys) where index.find(hash(key), { keyOfSlot[Int($0)] == key }) != model[key] ?? -1 {
            Issue.record("key \(key) is lost")
        }
    }

    @Test func `With a good hash`() {
        let hasher = KeyedHash()
        compareWithDictionary(keys: 3000, steps: 60_000, seed: 1) { hasher.hash($0, 0) }
    }

    /// All in one run, around the end of the array and beyond it.
    @Test func `With a hash that crowds them`() {
        compareWithDictionary(keys: 300, steps: 20_000, seed: 2) { 1000 + $0 % 7 }
    }

    /// Tags alike, places alike: only the keys tell them apart.
    @Test func `With the same hash for all`() {
        compareWithDictionary(keys: 100, steps: 5_000, seed: 3) { _ in 0xffff_ffff_ffff_ffff }
    }

    @Test func `An empty one finds nothing, and removing what is not there changes nothing`() {
        var index = SlotIndex()
        #expect(index.find(42) { _ in true } == -1)
        index.insert(42, 0) { _ in 42 }
        index.remove(43, 1) { _ in 42 }
        #expect(index.count == 1)
        #expect(index.find(42) { $0 == 0 } == 0)
    }
}

/// SipHash-1-3 over words.
@Suite struct KeyedHashTests {
    @Test func `One key gives one hash`() {
        let hasher = KeyedHash()
        #expect(hasher.hash(1, 2) == hasher.hash(1, 2))
        #expect(hasher.hash(1, 2, 3) == hasher.hash(1, 2, 3))
        #expect(hasher.hash(1, 2, 3, 4, 5) == hasher.hash(1, 2, 3, 4, 5))
        let copy = hasher
        #expect(copy.hash(1, 2) == hasher.hash(1, 2))
    }

    @Test func `Another instance has another key`() {
        #expect(Set((0..<100).map { _ in KeyedHash().hash(1, 2) }).count == 100)
    }

    /// Each bit of the input changes about half of the output's.
    @Test func `Each input bit counts`() {
        let hasher = KeyedHash()
        for word in 0..<2 {
            for bit in 0..<64 {
                var changed = 0
                for sample in UInt64(0)..<16 {
                    let flip = UInt64(1) << UInt64(bit)
                    let before = hasher.hash(sample, sample)
                    let after = word == 0 ? hasher.hash(sample ^ flip, sample) : hasher.hash(sample, sample ^ flip)
                    changed += (before ^ after).nonzeroBitCount
                }
                #expect((384...640).contains(changed), "bit \(bit) of word \(word) changes \(changed) of 1024 bits")
            }
        }
    }

    @Test func `The order of the words counts`() {
        let hasher = KeyedHash()
        #expect(hasher.hash(1, 2) != hasher.hash(2, 1))
        #expect(hasher.hash(1, 2, 3) != hasher.hash(3, 2, 1))
    }

    /// Both directions of a conversation have one key; no other four-tuple has it.
    @Test func `A conversation's key is free of direction, and of nothing else`() throws {
        let a = try #require(IPAddress("10.0.0.1"))
        let b = try #require(IPAddress("10.0.0.2"))
        func tuple(_ from: IPAddress, _ fromPort: UInt16, _ to: IPAddress, _ toPort: UInt16, _ number: IPProtocol) -> FourTuple {
            FourTuple(source: from, sourcePort: fromPort, destination: to, destinationPort: toPort, transport: number)
        }
        let there = ConversationKey.of(tuple(a, 1, b, 2, .tcp))
        let back = ConversationKey.of(tuple(b, 2, a, 1, .tcp))
        #expect(there.key == back.key && there.direction != back.direction)
        for other in [
            tuple(a, 2, b, 1, .tcp), tuple(a, 1, b, 2, .udp), tuple(a, 1, b, 3, .tcp), tuple(a, 1, a, 2, .tcp),
            tuple(b, 1, b, 2, .tcp), tuple(a, 513, b, 2, .tcp),
        ] { #expect(ConversationKey.of(other).key != there.key) }
        #expect(ConversationKey.of(tuple(a, 7, a, 7, .tcp)).key.isToItself)
        #expect(!ConversationKey.of(tuple(a, 7, a, 8, .tcp)).key.isToItself)
        #expect(!ConversationKey.of(tuple(a, 7, b, 7, .tcp)).key.isToItself)
    }
}
