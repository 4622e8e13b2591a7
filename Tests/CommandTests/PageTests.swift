import Foundation
import Testing

/// The page of `--html`, driven in a real browser: headless Chromium, by `scripts/page.d/drive.py`.
@Suite(.serialized, .timeLimit(.minutes(10))) struct PageTests {
    /// Opens a page and does to it what the actions say.
    ///
    /// - Returns: what each action gave.
    static func drive(_ page: String, _ actions: [[Any]], size: String = "1280x800") throws -> [Any] {
        let script = Portwatch.repository.appendingPathComponent("scripts/page.d/drive.py").path
        let input = try JSONSerialization.data(withJSONObject: actions)
        let finished = try Command.run(["/usr/bin/python3", script, page, size], input: input)
        #expect(finished.status == 0, "\(finished.errors)")
        return try #require(try JSONSerialization.jsonObject(with: Data(finished.output.utf8)) as? [Any])
    }

    /// With the page of a capture.
    static func withPage<R>(_ words: [String], _ body: (String) throws -> R) throws -> R {
        try Command.withFolder { folder in
            let page = folder + "/page.html"
            let finished = try Portwatch.run(words + ["--html", page])
            try #require(finished.status == 0, "\(finished.errors)")
            return try body(page)
        }
    }

    /// The picture at a beat and a step.
    private static let picture = "document.querySelector('#stage svg').outerHTML"

    // MARK: Opening and playing

    @Test(arguments: [
        ["demo", "multiplex"], ["demo", "queue"], ["demo", "closed"], ["--read", Portwatch.capture("web")],
        ["--read", Portwatch.capture("fragments")], ["--read", Portwatch.capture("arp")], ["--read", Portwatch.capture("ipv6-echo")],
        ["--read", Portwatch.capture("vxlan")], ["--read", Portwatch.capture("udp-unreachable")],
    ])
    func `opens from a file without an error or a request, at every moment`(_ words: [String]) throws {
        try PageTests.withPage(words) { page in
            let results = try PageTests.drive(
                page,
                [
                    ["open"],
                    ["js", """
                        const story = portwatch.controls.story();
                        for (const beat of story.beats) for (let step = 0; step < beat.steps; step += 1) portwatch.player.seek(beat.index, step);
                        for (const tab of ['ladder', 'bytes', 'sockets']) document.querySelector(`[data-tab=${tab}]`).click();
                        for (const beat of story.beats) portwatch.player.seek(beat.index, 5);
                        return document.body.dataset.ready;
                        """],
                    ["log"],
                ])
            #expect(results[1] as? String == "yes")
            #expect(results[2] as? [String] == [])
        }
    }

    @Test func `plays on by itself, pauses at the picture that seek gives, and ends`() throws {
        try PageTests.withPage(["--read", Portwatch.capture("refused")]) { page in
            let results = try PageTests.drive(
                page,
                [
                    ["open"], ["key", "Plus"], ["key", "Plus"], ["key", "Space"], ["until", "return portwatch.player.state.beat > 0"], ["key", "Space"],
                    ["js", "return [portwatch.player.state.isPlaying, portwatch.player.state.beat, \(PageTests.picture)]"],
                    ["js", "const s = portwatch.player.state; portwatch.player.seek(s.beat, s.step); return \(PageTests.picture)"],
                    ["js", "portwatch.player.seek(portwatch.controls.story().beats.length - 1, 6); portwatch.player.play(); return 0"],
                    ["until", "return !portwatch.player.state.isPlaying"],
                    ["js", "return [portwatch.player.state.isPlaying, portwatch.player.state.step]"], ["log"],
                ])
            let paused = try #require(results[6] as? [Any])
            #expect(paused[0] as? Bool == false)
            #expect((paused[1] as? Int ?? 0) > 0)
            #expect(paused[2] as? String == results[7] as? String)
            #expect((results[10] as? [Any])?[0] as? Bool == false)
            #expect((results[10] as? [Any])?[1] as? Int == 7)
            #expect(results[11] as? [String] == [])
        }
    }

    @Test(arguments: [["demo", "echo"], ["--read", Portwatch.capture("multiplex")]])
    func `a moment has one picture, whichever side one comes from`(_ words: [String]) throws {
        try PageTests.withPage(words) { page in
            let results = try PageTests.drive(
                page,
                [
                    ["open"],
                    ["js", """
                        const { player } = portwatch, s = player.state;
                        const see = () => \(PageTests.picture) + document.getElementById('sentence').textContent + document.getElementById('candidates').innerHTML;
                        const there = new Map(), wrong = [];
                        player.seek(0, 0);
                        for (let last = ''; ; ) { const here = s.beat + '/' + s.step; if (here === last) break; there.set(here, see()); last = here; player.stepBy(1); }
                        for (let last = ''; ; ) { const here = s.beat + '/' + s.step; if (here === last) break; if (there.get(here) !== see()) wrong.push(here); last = here; player.stepBy(-1); }
                        for (const here of [...there.keys()].filter((_, place) => place % 7 === 3)) { const [beat, step] = here.split('/'); player.seek(+beat, +step); if (there.get(here) !== see()) wrong.push('seek ' + here); }
                        return [there.size, wrong];
                        """],
                ])
            let found = try #require(results[1] as? [Any])
            #expect((found[0] as? Int ?? 0) > 80)
            #expect(found[1] as? [String] == [])
        }
    }

    // MARK: What it shows

    @Test(arguments: ["multiplex", "echo", "refused", "udp-echo", "ipv6-echo", "farm"])
    func `shows the socket, the verdicts and the bytes that the JSON lines have`(_ name: String) throws {
        let lines = try Portwatch.json(try Portwatch.run(["--read", Portwatch.capture(name), "--json", "--explain"]).output)
        try PageTests.withPage(["--read", Portwatch.capture(name)]) { page in
            let results = try PageTests.drive(
                page,
                [
                    ["open", "#tab=bytes"],
                    ["js", """
                        return portwatch.controls.story().frames.map(beat => {
                          portwatch.player.seek(beat.index, 5);
                          const rows = [...document.querySelectorAll('#candidates tr[data-socket]')].map(row => [row.dataset.socket, row.querySelector('.signs').textContent, row.classList.contains('win')]);
                          const fields = Object.fromEntries([...document.querySelectorAll('#panel .field')].map(field => [field.children[0].textContent, field.children[1].textContent]));
                          const filled = [...document.querySelectorAll('#stage .door path[stroke-width="4"]')].map(path => path.parentNode.dataset.socket);
                          return { number: beat.frame.number, rows, filled, fields, nobody: Boolean(document.querySelector('#stage #nobody')) };
                        });
                        """],
                ])
            let frames = try #require(results[1] as? [[String: Any]])
            #expect(frames.count == lines.count)
            for (frame, line) in zip(frames, lines) {
                let number = (line["frame"] as? [String: Any])?["number"] as? Int
                #expect(frame["number"] as? Int == number)
                let demux = try #require(line["demux"] as? [String: Any])
                let receiver = (demux["receiver"] as? [String: Any])?["id"] as? String
                let expected = (demux["candidates"] as? [[String: Any]] ?? []).map { candidate in
                    let id = candidate["socket"] as? String ?? ""
                    let signs = [candidate["from"], candidate["to"]].map { $0 as? Bool == true ? "=" : "≠" }.joined(separator: " ")
                    return "\(id) \(signs) \(id == receiver)"
                }
                let rows = (frame["rows"] as? [[Any]] ?? []).map { "\($0[0]) \($0[1]) \($0[2] as? Bool == true)" }
                // There is room for so many rows; the others are counted.
                #expect(expected.count > rows.count ? Set(rows).isSubset(of: expected) : rows == expected, "frame \(number ?? 0)")
                if let receiver { #expect((frame["filled"] as? [String])?.contains(receiver) == true, "frame \(number ?? 0): \(receiver)") }
                if demux["rule"] as? String == "closed-port" { #expect(frame["nobody"] as? Bool == true) }
                let fields = try #require(frame["fields"] as? [String: String])
                for transport in ["tcp", "udp"] {
                    guard let header = line[transport] as? [String: Any] else { continue }
                    #expect(fields["from port"] == (header["srcport"] as? Int).map(String.init))
                    #expect(fields["to port"] == (header["dstport"] as? Int).map(String.init))
                }
                if let ip = line["ip"] as? [String: Any] {
                    #expect(fields["from address"] == ip["src"] as? String)
                    #expect(fields["to address"] == ip["dst"] as? String)
                }
                if let ip = line["ipv6"] as? [String: Any] { #expect(fields["to address"] == ip["dst"] as? String) }
            }
        }
    }

    @Test func `a scene shows who calls, and the kernel's proof`() throws {
        try PageTests.withPage(["demo", "multiplex"]) { page in
            let look = "return [document.getElementById('sentence').textContent, document.getElementById('second').textContent, document.querySelector('#stage svg').textContent]"
            let results = try PageTests.drive(
                page, [["open", "#frame=24&step=0"], ["js", look], ["open", "#frame=24&step=5"], ["js", look], ["open", "#frame=24&step=6"], ["js", look], ["open", "#frame=24&step=7"], ["js", look]])
            let texts = [1, 3, 5, 7].map { results[$0] as? [String] ?? ["", "", ""] }
            #expect(texts[0][0] == "Host B’s browser calls send: it gives C5 18 bytes to send.")
            #expect(texts[1][0] == "C6 gets it: it alone accepts from B:9157 to port 80.")
            #expect(texts[1][1].contains("C2: it has the same two ports, but its peer is host A."))
            #expect(texts[2][0] == "18 bytes go into C6’s receive buffer.")
            #expect(texts[2][1].hasPrefix("✓"))
            #expect(texts[2][2].contains("= = ✓"))
            #expect(texts[3][0].hasPrefix("Host C’s webd reads: recv(6) = 18"))
        }
    }

    @Test func `of a group that shares a port it names the one that had it, once that is known`() throws {
        try PageTests.withPage(["demo", "farm"]) { page in
            let results = try PageTests.drive(
                page,
                [
                    ["open"],
                    ["js", """
                        const beat = portwatch.controls.story().frames.find(beat => beat.frame.rule === 'reuse-port-group');
                        portwatch.player.seek(beat.index, 5);
                        return [document.getElementById('sentence').textContent, document.querySelector('.timeline .now .to').textContent];
                        """],
                ])
            #expect(results[1] as? [String] == ["L1 gets it: one of the group that shares port 8080.", "⇒ L1"])
        }
    }

    @Test func `two addresses of one host are told apart`() throws {
        try PageTests.withPage(["demo", "twins"]) { page in
            let look = """
                return [document.getElementById('sentence').textContent, document.getElementById('second').textContent,
                    ...['key', 'lose[data-socket=C6]', 'win'].map(row => document.querySelector('#candidates .' + row).children[1].textContent)]
                """
            let results = try PageTests.drive(page, [["open", "#frame=17&step=5"], ["js", look]], size: "1024x768")
            let wanted = [
                "C10 gets it: it alone accepts from A′:9158 to port 80.",
                "C6: it has the same two ports, but its peer is 10.0.0.1. L1: it fits too, but connected sockets are asked first.",
                "A′:9158", "A:9158", "A′:9158",
            ]
            #expect(results[1] as? [String] == wanted)
        }
    }

    // MARK: Keys and links

    @Test func `takes the keys and the links`() throws {
        try PageTests.withPage(["--read", Portwatch.capture("multiplex")]) { page in
            let here = "return [portwatch.player.here().frame ? portwatch.player.here().frame.number : 0, portwatch.player.state.step]"
            let steps: [(keys: [String], check: String, wanted: [Int])] = [
                (["Home"], here, [1, 0]), (["ArrowRight"], here, [1, 1]), (["PageDown"], here, [1, 2]), (["ArrowLeft"], here, [1, 1]),
                (["PageUp"], here, [1, 0]), (["Shift+ArrowRight"], here, [2, 0]), (["Shift+ArrowLeft"], here, [1, 0]), (["End"], here, [33, 7]),
                (["5"], here, [17, 0]), (["0"], here, [1, 0]), (["ArrowDown"], here, [2, 5]),
                (["d"], "return [document.documentElement.dataset.theme === 'dark' ? 1 : 0]", [1]),
                (["d"], "return [document.documentElement.dataset.theme === 'dark' ? 1 : 0]", [0]),
                (["h"], "return [document.querySelectorAll('#panel .field').length > 10 ? 1 : 0]", [1]),
                (["l"], "return [document.querySelectorAll('#panel svg.ladder').length]", [1]),
                (["s"], "return [document.querySelectorAll('#panel .sockets').length]", [1]),
                (["t"], "return [document.querySelectorAll('#panel .timeline').length]", [1]),
                (["Plus"], "return [portwatch.player.state.speed]", [3]), (["Minus"], "return [portwatch.player.state.speed]", [2]),
                (["a"], "return [portwatch.player.state.skipsAcks ? 1 : 0]", [1]), (["a"], "return [portwatch.player.state.skipsAcks ? 1 : 0]", [0]),
                (["b"], "return [document.getElementById('blank').hidden ? 1 : 0]", [0]), (["b"], "return [document.getElementById('blank').hidden ? 1 : 0]", [1]),
                (["g"], "return [portwatch.player.state.scale > 1 ? 1 : 0]", [1]), (["g", "g"], "return [portwatch.player.state.scale]", [1]),
                (["p"], "return [document.body.classList.contains('is-presenter') ? 1 : 0]", [1]),
                (["Escape"], "return [document.body.classList.contains('is-presenter') ? 1 : 0]", [0]),
                (["?"], "return [document.getElementById('help').open ? 1 : 0]", [1]), (["?"], "return [document.getElementById('help').open ? 1 : 0]", [0]),
                (["q"], "return [portwatch.player.state.isQuiz ? 1 : 0]", [1]), (["q"], "return [portwatch.player.state.isQuiz ? 1 : 0]", [0]),
            ]
            var actions: [[Any]] = [["open"]]
            for step in steps {
                for key in step.keys { actions.append(["key", key]) }
                actions.append(["js", step.check])
            }
            let checks = try PageTests.drive(page, actions).compactMap { $0 as? [Int] }
            try #require(checks.count == steps.count)
            for (found, step) in zip(checks, steps) { #expect(found == step.wanted, "\(step.keys)") }

            let links = try PageTests.drive(
                page,
                [
                    ["open", "#frame=12&step=5&theme=dark"], ["js", here + ".concat(document.documentElement.dataset.theme === 'dark' ? 1 : 0)"],
                    ["js", "location.hash = '#frame=30&step=2'"], ["until", "return portwatch.player.here().frame.number === 30"], ["js", here],
                    ["js", "portwatch.player.seek(portwatch.controls.story().frameByNumber.get(7).index, 3); return 0"], ["until", "return location.hash.includes('=7&')"], ["js", "return location.hash"],
                ])
            #expect(links[1] as? [Int] == [12, 5, 1])
            #expect(links[4] as? [Int] == [30, 2])
            #expect(links[7] as? String == "#frame=7&step=3&theme=dark")
        }
    }

    // MARK: Safety

    /// Datagrams alike, so many.
    private static func capture(_ payload: [UInt8], count: Int = 1) -> Data {
        func big(_ number: Int) -> [UInt8] { [UInt8(number >> 8), UInt8(number & 255)] }
        let udp = big(9157) + big(1234) + big(8 + payload.count) + [0, 0] + payload
        let ip: [UInt8] = [0x45, 0] + big(20 + udp.count) + [0, 1, 0x40, 0, 64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2]
        let frame = ip + udp
        var file: [UInt8] = [0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 101, 0, 0, 0]
        let record: [UInt8] = [1, 0, 0, 0, 0, 0, 0, 0] + [UInt8(frame.count), 0, 0, 0] + [UInt8(frame.count), 0, 0, 0] + frame
        for _ in 0..<count { file += record }
        return Data(file)
    }

    @Test func `a hostile payload stays text`() throws {
        let payload = "</script><script>window.hacked=1</script><!--<img src=x onerror=hacked=1>\u{202e}\u{2028}]]>"
        try Command.withFolder { folder in
            let (capture, page) = ("\(folder)/</title><script>hacked=1<!--.pcap".replacingOccurrences(of: "</", with: "<\\"), folder + "/page.html")
            try PageTests.capture(Array(payload.utf8)).write(to: URL(fileURLWithPath: capture))
            #expect(try Portwatch.run(["--read", capture, "--html", page]).status == 0)
            let text = try String(contentsOfFile: page, encoding: .utf8)
            #expect(!text.contains("\u{202e}") && !text.contains("\u{2028}"))
            let results = try PageTests.drive(
                page, [["open", "#tab=bytes"], ["js", "return [typeof window.hacked, document.images.length, document.scripts.length, document.querySelector('.preview').textContent]"], ["log"]])
            let found = try #require(results[1] as? [Any])
            #expect(found[0] as? String == "undefined")
            #expect(found[1] as? Int == 0)
            #expect(found[2] as? Int == 2)
            #expect((found[3] as? String)?.hasPrefix("</script><script>window.hacked=1") == true)
            #expect(results[2] as? [String] == [])
        }
    }

    @Test func `a command's own sockets, and a process with a hostile name`() throws {
        try Command.withFolder { folder in
            let (page, name) = (folder + "/page.html", "<script><!--")
            try "#!/bin/bash\nexec 3<>/dev/tcp/127.0.0.1/1234; sleep 0.5; echo hello >&3; read -r line <&3; sleep 0.5\n".write(toFile: "\(folder)/\(name)", atomically: true, encoding: .utf8)
            let finished = try Command.shell(
                "chmod +x '\(folder)/\(name)'; $P --private --html \(page) -- sh -c '$P serve echo >/dev/null & sleep 0.5; \"\(folder)/\(name)\"; kill $!'")
            #expect(finished.status == 0, "\(finished.errors)")
            #expect(finished.errors.contains("wrote a page of "))
            let results = try PageTests.drive(
                page,
                [
                    ["open", "#frame=4&step=6"],
                    ["js", "return [document.scripts.length, document.querySelector('#stage svg').textContent, document.getElementById('second').textContent]"], ["log"],
                ])
            let found = try #require(results[1] as? [Any])
            #expect(found[0] as? Int == 2)
            #expect((found[1] as? String)?.contains("<script") == true)
            #expect((found[1] as? String)?.contains("one host") == true)
            #expect((found[2] as? String)?.hasPrefix("✓") == true)
            #expect(results[2] as? [String] == [])
        }
    }

    @Test func `a long capture says how much of it was left out`() throws {
        try Command.withFolder { folder in
            let (capture, page) = (folder + "/long.pcap", folder + "/page.html")
            try PageTests.capture(Array("hello\n".utf8), count: 10_050).write(to: URL(fileURLWithPath: capture))
            let finished = try Portwatch.run(["--read", capture, "--html", page])
            #expect(finished.errors.contains("wrote a page of 10000 frames to \(page); 50 more are left out"))
            let results = try PageTests.drive(page, [["open", "#frame=9990&step=5"], ["js", "return [document.getElementById('title').textContent, document.querySelectorAll('*').length < 500]"], ["log"]])
            let found = try #require(results[1] as? [Any])
            #expect(found[0] as? String == "long.pcap · the first 10000; 50 more are left out")
            #expect(found[1] as? Bool == true)
            #expect(results[2] as? [String] == [])
        }
    }

    // MARK: For everybody

    @Test func `with reduced motion nothing travels`() throws {
        try PageTests.withPage(["--read", Portwatch.capture("multiplex")]) { page in
            let results = try PageTests.drive(
                page,
                [
                    ["calm"], ["open", "#frame=4&step=0"],
                    ["js", """
                        window.moved = []; portwatch.player.setSpeed(2); portwatch.player.play();
                        const look = () => { for (const animation of document.getAnimations()) for (const frame of animation.effect.getKeyframes()) if (frame.transform) moved.push(frame.transform); requestAnimationFrame(look); };
                        look();
                        """],
                    ["until", "return portwatch.player.state.beat >= 6"], ["js", "portwatch.player.pause(); return moved.length"],
                ])
            #expect(results[4] as? Int == 0)
        }
    }

    @Test(arguments: ["1280x800", "390x844"])
    func `axe-core finds nothing wrong`(_ size: String) throws {
        try PageTests.withPage(["demo", "multiplex"]) { page in
            let shows = ["#frame=24&step=5", "#frame=24&step=5&theme=dark", "#frame=10&step=4&quiz", "#frame=12&step=6&tab=ladder", "#frame=12&step=6&tab=bytes", "#frame=12&step=6&tab=sockets&theme=dark"]
            var actions: [[Any]] = []
            for link in shows { actions += [["open", link], ["axe"]] }
            actions += [["key", "v"], ["axe"], ["key", "?"], ["axe"], ["key", "Escape"], ["js", "document.querySelector('#stage .door').dispatchEvent(new MouseEvent('click', { bubbles: true }))"], ["axe"]]
            let found = try PageTests.drive(page, actions, size: size).compactMap { $0 as? [String] }
            #expect(found.count == shows.count + 3)
            #expect(found.flatMap { $0 } == [])
        }
    }

    @Test(arguments: ["1280x800", "1024x768", "390x844"], [["demo", "multiplex"], ["demo", "queue"], ["demo", "binding"], ["--read", Portwatch.capture("farm")]])
    func `no text is below 14 px, squeezed out of shape, cut, covered, or outside of the picture`(_ size: String, _ words: [String]) throws {
        try PageTests.withPage(words) { page in
            let results = try PageTests.drive(
                page,
                [
                    ["open"],
                    ["js", """
                        const wrong = new Set();
                        for (const beat of portwatch.controls.story().beats) for (const step of beat.frame ? [0, 1, 2, 3, 4, 5, 6, 7] : [0]) {
                          portwatch.player.seek(beat.index, step);
                          const stage = document.querySelector('#stage svg').getBoundingClientRect();
                          const meet = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 2 && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 3;
                          const texts = [...document.querySelectorAll('#stage svg text')].filter(text => text.textContent).map(text => [text, text.getBoundingClientRect()]);
                          const movers = [...document.querySelectorAll('#stage svg .mover')].map(mover => [mover, mover.getBoundingClientRect()]);
                          texts.forEach(([text, box], place) => {
                            for (const [other, its] of texts.slice(place + 1)) if (meet(box, its)) wrong.add(`over each other: ${beat.index}/${step} ${text.textContent} | ${other.textContent}`);
                            for (const [mover, its] of movers) if (!mover.contains(text) && meet(box, its)) wrong.add(`covered: ${beat.index}/${step} ${text.textContent}`);
                          });
                          for (const id of ['sentence', 'second']) { const line = document.getElementById(id); if (line.scrollHeight > line.clientHeight + 2) wrong.add(`cut: ${line.textContent}`); }
                          for (const text of document.querySelectorAll('#stage svg text')) {
                            const box = text.getBoundingClientRect(), at = `${beat.index}/${step} ${text.textContent}`;
                            if (parseFloat(text.getAttribute('font-size')) < 14) wrong.add('small: ' + at);
                            if (box.left < stage.left - 1 || box.right > stage.right + 1 || box.top < stage.top - 1 || box.bottom > stage.bottom + 1) wrong.add('outside: ' + at);
                            const squeezed = text.getAttribute('textLength');
                            if (squeezed) { const copy = text.cloneNode(true); copy.removeAttribute('textLength'); text.parentNode.append(copy); if (squeezed < copy.getComputedTextLength() * 0.72) wrong.add('squeezed: ' + at); copy.remove(); }
                          }
                          for (const node of document.querySelectorAll('header *, aside *, footer button, #say p')) if (node.childElementCount === 0 && node.textContent && node.getClientRects().length && parseFloat(getComputedStyle(node).fontSize) < 14) wrong.add('small: ' + node.outerHTML.slice(0, 80));
                        }
                        return [...wrong].slice(0, 12);
                        """],
                ], size: size)
            #expect(results[1] as? [String] == [])
        }
    }

    @Test func `a question gives nothing away before it is answered`() throws {
        try PageTests.withPage(["demo", "multiplex"]) { page in
            let look = """
                const text = document.body.innerText, svg = document.querySelector('#stage svg').outerHTML;
                return [document.querySelectorAll('#quiz [data-choice]').length, [...document.querySelectorAll('.timeline .now')].some(row => row.textContent.includes('⇒')) || [...document.querySelectorAll('.timeline .later .text')].some(row => row.textContent) ? 1 : 0,
                  /id="envelope"[^]*?stroke="var\\(--h/.test(svg) ? 1 : 0, text.includes('gets it: it alone') ? 1 : 0];
                """
            let results = try PageTests.drive(
                page, [["open", "#frame=10&step=7&quiz"], ["js", look], ["key", "Shift+ArrowRight"], ["key", "Shift+ArrowLeft"], ["key", "End"], ["open", "#frame=10&step=4&quiz"], ["js", look], ["key", "a"], ["js", "return document.getElementById('sentence').textContent"], ["js", "return document.querySelectorAll('#quiz .right, #quiz .wrong').length"]])
            let before = try #require(results[1] as? [Int])
            #expect(before[0] >= 3)
            #expect(Array(before[1...]) == [0, 0, 0])
            #expect(results[6] as? [Int] == before)
            #expect((results[8] as? String)?.contains("gets it") == true)
            #expect(results[9] as? Int == 1)
        }
    }

    @Test func `what a question is about is in no table and no card before it is answered; a clicker's step answers`() throws {
        try PageTests.withPage(["demo", "multiplex"]) { page in
            let results = try PageTests.drive(
                page,
                [
                    ["open", "#frame=14&step=4&quiz&tab=sockets"],
                    ["js", """
                        const question = portwatch.player.here().frame.question;
                        document.querySelector('#panel [data-socket=C1]').click();
                        return [question.text, document.getElementById('title').textContent, document.querySelector('#panel [data-socket=C1]').textContent, document.getElementById('card').textContent];
                        """],
                    ["key", "Escape"], ["key", "PageDown"], ["key", "PageDown"],
                    ["js", "return [document.getElementById('quiz').textContent, document.querySelector('#panel [data-socket=C1]').textContent]"],
                    ["js", "window.dispatchEvent(new Event('beforeprint')); return document.getElementById('print').textContent"],
                ])
            let before = try #require(results[1] as? [String]), after = try #require(results[5] as? [String])
            #expect(before[0] == "What does ss show for C1 now?")
            #expect(before[1] == "multiplex")
            for text in before[2...] { #expect(!text.contains("CLOSE_WAIT") && !text.contains("next") && text.contains("ESTABLISHED"), "\(text)") }
            #expect(after[0].contains("is right: CLOSE-WAIT") && !after[0].contains("so far"))
            #expect(after[1].contains("CLOSE_WAIT"))
            #expect((results[6] as? String)?.contains("A quiz is on") == true)
        }
    }

    @Test func `asks what the terminal asks, under the same letters`() throws {
        let lines = try Portwatch.json(try Portwatch.run(["--read", Portwatch.capture("multiplex"), "--quiz", "--json"]).output)
        let wanted = try lines.map { line in
            let choices = try #require(line["choices"] as? [[String: Any]])
            return "\(line["frame"] ?? "") \(line["text"] ?? "") \(line["right"] ?? "") " + choices.map { "\($0["letter"] ?? "") \($0["socket"] as? String ?? $0["text"] as? String ?? "")" }.joined(separator: ", ")
        }
        try PageTests.withPage(["--read", Portwatch.capture("multiplex")]) { page in
            let results = try PageTests.drive(
                page,
                [
                    ["open"],
                    ["js", """
                        return portwatch.controls.story().frames.filter(beat => beat.frame.question).map(({ frame }) => `${frame.number} ${frame.question.text} ${frame.question.choices[frame.question.right].letter} `
                          + frame.question.choices.map(choice => `${choice.letter} ${choice.socket || choice.text}`).join(', '));
                        """],
                ])
            #expect(results[1] as? [String] == wanted)
            #expect(wanted.count >= 6)
        }
    }

    @Test func `counts hands twice, and draws both under the answer`() throws {
        try PageTests.withPage(["demo", "multiplex"]) { page in
            let bars = "return [...document.querySelectorAll('#quiz .hands span')].map(bar => +bar.textContent)"
            func keys(_ keys: [String]) -> [[Any]] { keys.map { ["key", $0] } }
            let results = try PageTests.drive(
                page,
                [["open", "#frame=10&step=4&quiz"]] + keys(["v", "3", "Enter", "1", "2", "Enter", "4", "v"]) + [["js", bars]]
                    + keys(["v", "1", "Enter", "9", "v"]) + [["js", bars]] + keys(["d"]) + [["js", bars]]).compactMap { $0 as? [Int] }
            #expect(results == [[3, 12, 4, 0, 0], [3, 1, 12, 9, 4, 0, 0, 0, 0, 0], [3, 1, 12, 9, 4, 0, 0, 0, 0, 0]])
        }
    }

    @Test func `a picture saves as SVG with its colours inside, a page prints, a listener hears`() throws {
        try PageTests.withPage(["demo", "multiplex"]) { page in
            let results = try PageTests.drive(
                page,
                [
                    ["open", "#frame=24&step=5"],
                    ["js", "const text = portwatch.controls.pictureFile(); return [text.includes('var('), new DOMParser().parseFromString(text, 'image/svg+xml').querySelector('parsererror') !== null, text.includes('#08736F')]"],
                    ["js", "dispatchEvent(new Event('beforeprint')); return [document.querySelectorAll('#print svg.ladder').length, document.querySelectorAll('#print tr').length, document.querySelectorAll('#print figcaption').length]"],
                    ["js", "return [document.querySelector('#stage svg').getAttribute('aria-label') === document.getElementById('sentence').textContent, document.getElementById('say').getAttribute('aria-live') === 'polite', document.querySelectorAll('button:not([aria-label])').values().every(button => button.textContent.trim())]"],
                ])
            #expect(results[1] as? [Bool] == [false, false, true])
            // The ladder on two pages, the head and seven sockets, and each look-up that is new.
            let printed = try #require(results[2] as? [Int])
            #expect(Array(printed[..<2]) == [2, 8])
            #expect(printed[2] > 4)
            #expect(results[3] as? [Bool] == [true, true, true])
        }
    }

    // MARK: Command line

    @Test func `says what it wrote, where it could not, and what goes together`() throws {
        try Command.withFolder { folder in
            let good = try Portwatch.run(["--read", Portwatch.capture("echo"), "--html", folder + "/a.html"])
            #expect(good.output.isEmpty)
            #expect(good.errors.hasSuffix("wrote a page of 19 frames to \(folder)/a.html\n"))
            let both = try Portwatch.run(["--read", Portwatch.capture("echo"), "--html", folder + "/b.html", "--print"])
            #expect(both.output == (try Portwatch.run(["--read", Portwatch.capture("echo")])).output)
            let piped = try Portwatch.run(["--read", Portwatch.capture("echo"), "--html", "-"])
            #expect(piped.output == (try String(contentsOfFile: folder + "/a.html", encoding: .utf8)))
            let nowhere = try Portwatch.run(["--read", Portwatch.capture("echo"), "--html", folder + "/no/such.html"])
            #expect(nowhere.status == 1)
            #expect(nowhere.errors.contains("No such file or directory"))
        }
    }
}
