import Testing

@testable import Services

@Suite struct `The pacing of the client's input` {
    private func bytes(_ text: String) -> ArraySlice<UInt8> { Array(text.utf8)[...] }

    @Test func `a stream goes out as it comes`() {
        var pacing = InputPacing(lockstep: false)
        #expect(pacing.wantsInput)
        pacing.supply(bytes("a\nb"))
        #expect(!pacing.wantsInput)
        #expect(pacing.release() == bytes("a\nb"))
        #expect(pacing.release().isEmpty)
        #expect(pacing.wantsInput)
        pacing.endInput()
        #expect(pacing.isFinished)
        #expect(!pacing.isAnswered)
        pacing.receive(bytes("a\n"))
        pacing.receive(bytes("b"))
        #expect(pacing.isAnswered)
    }

    @Test func `in lockstep a line waits for the whole reply to the one before`() {
        var pacing = InputPacing(lockstep: true)
        pacing.supply(bytes("a\nb\n"))
        #expect(pacing.release() == bytes("a\n"))
        #expect(pacing.release().isEmpty)
        #expect(!pacing.wantsInput)
        pacing.receive(bytes("1: "))
        #expect(pacing.release().isEmpty)
        pacing.receive(bytes("a\n"))
        #expect(pacing.release() == bytes("b\n"))
        pacing.receive(bytes("2: b\n"))
        #expect(pacing.wantsInput)
        #expect(pacing.isAnswered)
        pacing.endInput()
        #expect(pacing.isFinished)
    }

    @Test func `a line in pieces goes out in pieces`() {
        var pacing = InputPacing(lockstep: true)
        pacing.supply(bytes("He"))
        #expect(pacing.release() == bytes("He"))
        #expect(pacing.wantsInput)
        #expect(!pacing.isAnswered)
        pacing.supply(bytes("re\n"))
        #expect(pacing.release() == bytes("re\n"))
        #expect(!pacing.wantsInput)
    }

    @Test(arguments: [["b"], ["", "b"], ["b", ""]])
    func `in lockstep a last line is given its end`(_ pieces: [String]) {
        var pacing = InputPacing(lockstep: true)
        var sent: [UInt8] = []
        for piece in pieces {
            pacing.supply(bytes(piece))
            sent += pacing.release()
        }
        pacing.endInput()
        #expect(!pacing.isFinished)
        sent += pacing.release()
        #expect(sent == Array("b\n".utf8))
        pacing.receive(bytes("1: b\n"))
        #expect(pacing.isFinished)
    }

    @Test(arguments: [false, true])
    func `an empty input is finished and answered`(_ lockstep: Bool) {
        var pacing = InputPacing(lockstep: lockstep)
        pacing.endInput()
        #expect(pacing.isFinished)
        #expect(pacing.isAnswered)
    }

    @Test func `lines that were never sent are not answered`() {
        var pacing = InputPacing(lockstep: true)
        pacing.supply(bytes("a\nb\n"))
        _ = pacing.release()
        pacing.receive(bytes("a\n"))
        #expect(!pacing.isAnswered)
    }
}
