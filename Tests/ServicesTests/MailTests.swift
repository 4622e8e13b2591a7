import Testing

@testable import Services

@Suite struct `A path of SMTP` {
    private func path(_ text: String) -> (address: String, parameters: [[UInt8]])? { MailService.path(Array(text.utf8), after: "FROM:") }

    @Test func `is an address in angle brackets, with parameters`() {
        let both = path("FROM:<a@b> SIZE=9 BODY=7BIT")
        #expect(both?.address == "a@b" && both?.parameters == [Array("SIZE=9".utf8), Array("BODY=7BIT".utf8)])
        #expect(path("from: <>")?.address == "")
        #expect(path(#"FROM:<"a b>\"c"@d>"#)?.address == #""a b>\"c"@d"#)
    }

    @Test(arguments: [
        "FROM:a@b", "TO:<a>", "FROM:<a b>", "FROM:<a", "", "FROM:<a\u{1}b>", "FROM:<" + String(repeating: "x", count: 300) + ">", "FROM:<a@b>SIZE=3",
        // A combining mark behind the bracket makes one Character of both.
        "FROM:<a>\u{301}x@b>", "FROM:<\u{301}a@b>", "FROM:<a\u{e9}@b>", #"FROM:<"a@b>"#,
    ])
    func `is refused where it is none`(_ text: String) {
        #expect(path(text) == nil)
    }
}
