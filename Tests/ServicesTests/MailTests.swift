import Testing

@testable import Services

@Suite struct `A path of SMTP` {
    @Test func `is an address in angle brackets, with parameters`() {
        let path = MailService.path("FROM:<a@b> SIZE=9 BODY=7BIT", after: "FROM:")
        #expect(path?.address == "a@b" && path?.parameters == ["SIZE=9", "BODY=7BIT"])
        #expect(MailService.path("from: <>", after: "FROM:")?.address == "")
        for wrong in ["FROM:a@b", "TO:<a>", "FROM:<a b>", "FROM:<a", "", "FROM:<a\u{1}b>", "FROM:<" + String(repeating: "x", count: 300) + ">"] {
            #expect(MailService.path(wrong, after: "FROM:") == nil)
        }
    }
}
