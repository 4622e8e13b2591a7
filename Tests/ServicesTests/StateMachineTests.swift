import Foundation
import Platform
import Testing
import Wire

@testable import Services

/// Services without sockets: what goes in, what comes out.
@Suite struct `A service` {
    let peer = Endpoint(.ipv4Loopback, 9157)

    /// Drives a service as a server would, and returns all that it sends; stops where it closes.
    func converse(_ service: any Service, _ pieces: [ArraySlice<UInt8>], _ limits: Limits = Limits()) -> (output: String, isClosed: Bool) {
        var service = service
        var output: [UInt8] = []
        /// Carries out a turn and those that follow from it.
        func carryOut(_ first: (inout any Service, inout Turn) -> Void) -> Bool {
            var turn = Turn(with: peer, limits, talks: true)
            first(&service, &turn)
            while true {
                output += turn.output
                if turn.ending != nil { return true }
                var next = Turn(with: peer, limits, talks: true)
                if case .work(let work)? = turn.question {
                    service.hear(.text(work()), &next)
                } else if turn.question != nil {
                    service.hear(.failed("nobody is there"), &next)
                } else if turn.continues {
                    service.proceed(&next)
                } else {
                    return false
                }
                turn = next
            }
        }
        func text() -> String { String(decoding: output, as: UTF8.self) }
        if carryOut({ $0.begin(&$1) }) { return (text(), true) }
        for piece in pieces where !piece.isEmpty {
            if carryOut({ $0.receive(piece, &$1) }) { return (text(), true) }
        }
        // First the end, then what was sent until then.
        let isClosed = carryOut { $0.endOfInput(&$1) }
        return (text(), isClosed)
    }

    /// The Date of an answer changes by the second.
    private func timeless(_ text: String) -> String {
        text.split(separator: "\r\n", omittingEmptySubsequences: false).filter { !$0.hasPrefix("Date: ") }.joined(separator: "\n")
    }

    @Test func `answers the same however the stream is cut`() throws {
        let folder = "/tmp/portwatch-service-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try "hello\n".write(toFile: folder + "/a.txt", atomically: true, encoding: .utf8)
        let limits = Limits()
        let served = try ServedFolder(folder)
        let cases: [(any Service, String, String)] = [
            (NumberingEcho(limits), "one\ntwo\r\nrest", "1: one\n2: two\r\n3: rest\n"),
            (SortService(limits), "b\r\na\n\nc\n", "a\nb\n"),
            (SortService(limits), "b\na", "a\nb\n"),
            (FingerService(limits), "/W no-such-user\r\n", "no-such-user: no such user\r\n"),
            (FingerService(limits), "a@b\n", "Finger forwarding service denied\r\n"),
            (FileService(served, authority: nil, limits), "OPEN a.txt r\nREAD 3\nSEEK 1\nREAD 2\nREAD x\nCLOSE\nREAD 1\n", "OK 6\nOK 3\nhelOK 1\nOK 2\nelERROR x: not a number\nOK\nERROR no file is open\n"),
            (FileService(served, authority: nil, limits), "WRITE 3\nabcOPEN b.txt w\nWRITE 3\nabcREAD 1\nOPEN ../b r\n", "ERROR no file is open\nOK 0\nOK 3\nERROR opened for writing\nERROR not in the served folder\n"),
            (FileService(served, authority: nil, limits), "OPEN b.txt w\nWRITE x\nOPEN ../b r\n", "OK 0\nERROR x: not a number\n"),
            (FileService(served, authority: peer, limits), "OPEN a.txt r\n", "ERROR nobody to ask for permission\n"),
            (LoginService(peer, limits), "ada\nsecret\n", "login: password: Nobody to ask for the password\n"),
        ]
        for (service, input, output) in cases {
            let bytes = Array(input.utf8)
            for cut in 0...bytes.count { #expect(converse(service, [bytes[..<cut], bytes[cut...]]).output == output, "\(input)") }
        }
        let request = Array("\r\nGET /a.txt HTTP/1.1\r\nHost: x\r\n\r\nHEAD / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".utf8)
        let whole = timeless(converse(WebService(served, limits), [request[...]]).output)
        #expect(whole.contains("\n\nhello\nHTTP/1.1 200 OK\n") && whole.hasSuffix("Connection: close\n\n"))
        for cut in 0...request.count {
            #expect(timeless(converse(WebService(served, limits), [request[..<cut], request[cut...]]).output) == whole)
        }
    }

    @Test func `keeps a mail whole however it comes`() throws {
        let folder = "/tmp/portwatch-service-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let maildir = try Maildir(folder)
        // Only CRLF ends a line: the dot between bare LFs is text.
        let text = Array("EHLO me\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n..dot\r\nx\n.\ny\r\n.\r\nQUIT\r\n".utf8)
        for cut in stride(from: 0, through: text.count, by: 7) {
            let (output, isClosed) = converse(MailService(maildir, Limits()), [text[..<cut], text[cut...]])
            #expect(output.split(separator: "\r\n").map { $0.prefix(3) } == ["220", "250", "250", "250", "250", "250", "250", "354", "250", "221"])
            #expect(isClosed)
        }
        let files = try FileManager.default.contentsOfDirectory(atPath: folder + "/new")
        #expect(files.count == text.count / 7 + 1)
        for file in files { #expect(try String(contentsOfFile: folder + "/new/" + file, encoding: .utf8).hasSuffix("\n.dot\nx\n.\ny\n")) }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder + "/tmp") == [])
    }

    @Test func `closes on what is too long, too much, or wrong too often`() throws {
        let limits = Limits(lineLength: 8, message: 100)
        let long = Array("123456789012\n".utf8)[...]
        for service in [NumberingEcho(limits), SortService(limits), FingerService(limits)] as [any Service] {
            #expect(converse(service, [long], limits).isClosed)
        }
        let many = Array(String(repeating: "a\n", count: 50).utf8)[...]
        #expect(converse(SortService(limits), [many], limits).output == "")
        let folder = "/tmp/portwatch-service-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let mail = MailService(try Maildir(folder), Limits())
        let (output, isClosed) = converse(mail, [Array(String(repeating: "x\r\n", count: 100).utf8)[...]])
        #expect(isClosed && output.hasSuffix("421 too many errors\r\n"))
    }

    /// A browser sends any page's request to any port.
    @Test func `answers no lines of a web page`() throws {
        let folder = try Folder()
        let limits = Limits()
        let accounts = folder.path + "/users"
        try Accounts.add("ada", password: [120], permissions: [], to: accounts)
        let head = "POST / HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\n\r\n"
        let file = converse(FileService(try ServedFolder(folder.path), authority: nil, limits), [Array((head + "OPEN evil w\nWRITE 3\nabcCLOSE\n").utf8)[...]])
        #expect(file.isClosed && file.output.split(separator: "\n").count == 1 && file.output.hasPrefix("ERROR "))
        #expect(!FileManager.default.fileExists(atPath: folder.path + "/evil"))
        let mail = converse(MailService(try Maildir(folder.path + "/mail"), limits), [Array((head + "EHLO a\r\n").utf8)[...]])
        #expect(mail.isClosed && mail.output.split(separator: "\r\n").dropFirst() == ["421 this is no web server"])
        let services: [any Service] = [
            AuthService(try Accounts(file: accounts), try TokenSigner(), limits), LoginService(peer, limits), VisitorService(try SharedCounter()), SortService(limits),
        ]
        for service in services {
            let (output, isClosed) = converse(service, [Array((head + "b\n\0").utf8)[...]])
            #expect(isClosed && ["", "login: "].contains(output), "\(service): \(output)")
        }
    }

    @Test func `of files closes after too many errors`() throws {
        let folder = try Folder()
        let (output, isClosed) = converse(
            FileService(try ServedFolder(folder.path), authority: nil, Limits()), [Array(String(repeating: "READ 1\n", count: 100).utf8)[...]])
        #expect(isClosed && output.hasSuffix("ERROR too many errors\n") && output.split(separator: "\n").count == 21)
    }

    /// Each writes at the end that there is by then.
    @Test func `appends to what another has appended`() throws {
        let folder = try Folder()
        var two = [1, 2].map { _ in try? ServedFolder(folder.path) }.compactMap { $0 }.map { FileService($0, authority: nil, Limits()) as any Service }
        for round in ["OPEN f a\nWRITE 2\naa", "WRITE 2\nbb", "WRITE 1\nc"] {
            for index in two.indices {
                var turn = Turn(with: peer, Limits(), talks: false)
                two[index].receive(Array(round.utf8)[...], &turn)
            }
        }
        #expect(try String(contentsOfFile: folder.path + "/f", encoding: .utf8) == "aaaabbbbcc")
    }

    /// What another server on the way takes for text must not be the end here.
    @Test(arguments: ["\n.\r\n", "\r\n.\n", "\n.\n", "\r.\r\n", "\r\n.\r\r\n"])
    func `of mail ends a text only with a dot between two CRLFs`(_ end: String) throws {
        let folder = try Folder()
        let text = "EHLO me\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\nhello\(end)MAIL FROM:<evil@b>\r\nRCPT TO:<c@d>\r\nDATA\r\nevil\r\n.\r\nQUIT\r\n"
        let (output, _) = converse(MailService(try Maildir(folder.path + "/m"), Limits()), [Array(text.utf8)[...]])
        #expect(output.split(separator: "\r\n").filter { $0.hasPrefix("250 taken") }.count == 1)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path + "/m/new").count == 1)
    }

    /// Many lists that never end, of the shortest items there are.
    @Test func `that sorts keeps no more than its budget, and gives it back`() throws {
        let budget = try Budget(8_000_000)
        let half = Array(String(repeating: "x\n", count: 100_000).utf8)[...]
        func fill(_ count: Int) -> (services: [any Service], refused: Int) {
            var (services, refused) = ([any Service](), 0)
            for _ in 0..<count {
                var service: any Service = SortService(Limits(), budget)
                var turn = Turn(with: peer, Limits(), talks: false)
                service.receive(half, &turn)
                if turn.ending == nil { services.append(service) } else { refused += 1 }
            }
            return (services, refused)
        }
        for _ in 0..<3 {
            let (services, refused) = fill(40)
            // Each needs a byte and four for where it ends, twice.
            #expect((5...8).contains(services.count) && services.count + refused == 40)
        }
        #expect(converse(SortService(Limits(), budget), [Array("b\n\na".utf8)[...]]).output == "b\n")
    }

    /// Each line has its time, and the whole has one.
    @Test func `is too slow by the line, or by the whole`() throws {
        let limits = Limits(idle: .seconds(300), request: .seconds(60))
        let start = ContinuousClock.now
        func pace(_ pieces: [(at: Int, text: String)]) -> Duration? {
            var (service, pace) = (SortService(limits) as any Service, Pace())
            for piece in pieces {
                var turn = Turn(with: peer, limits, talks: false)
                service.receive(Array(piece.text.utf8)[...], &turn)
                pace.observe(service, answered: !turn.output.isEmpty, at: start + .seconds(piece.at))
            }
            return pace.end(limits).map { start.duration(to: $0) }
        }
        #expect(pace([(0, "x")]) == .seconds(60) && pace([(0, "x"), (50, "y")]) == .seconds(60))
        // Between two lines silence alone counts; the whole has twelve times that.
        #expect(pace([(0, "x\n")]) == .seconds(3_600) && pace([(0, "x"), (50, "y\nz")]) == .seconds(110))
        #expect(pace([(0, "x\n"), (3_590, "y")]) == .seconds(3_600))
    }
}

/// A folder that goes with the test.
final class Folder {
    let path = "/tmp/portwatch-service-\(UUID().uuidString)"

    init() throws { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}
