import Demux
import Glibc
import Wire

struct Options {
    var segments = 10_000
    var seed = UInt64.random(in: 0..<1_000_000_000)
    var world: UInt64?
    var rules = HostRules.all
    var listsRules = false
    /// In a user namespace already.
    var isInside = false

    init() {}

    init(_ words: ArraySlice<String>) throws {
        var words = words
        while let word = words.popFirst() {
            switch word {
            case "--rules": listsRules = true
            case "--inside": isInside = true
            case "--break":
                let name = words.popFirst() ?? ""
                guard let rule = HostRules.named.first(where: { $0.name == name })?.rule else {
                    throw Failure("no rule is called \"\(name)\" (--rules)", 0)
                }
                rules.remove(rule)
            case "--segments", "--seed", "--world":
                guard let number = words.popFirst().flatMap({ UInt64($0) }) else { throw Failure("\(word) needs a number", 0) }
                switch word {
                case "--segments": segments = Int(clamping: number)
                case "--seed": seed = number
                default: world = number
                }
            default: throw Failure("what is \(word)?", 0)
            }
        }
    }

    var words: String {
        "--seed \(seed) --segments \(segments)"
            + HostRules.named.filter { !rules.contains($0.rule) }.map { " --break \($0.name)" }.joined()
    }
}

/// An ordinary user becomes root of a user namespace of their own, and this program starts again there.
func tryAsOrdinaryUser() -> Bool {
    let words = ["unshare", "-r", "--", "/proc/self/exe"] + CommandLine.arguments.dropFirst() + ["--inside"]
    var pointers = words.map { strdup($0) }
    // What /proc/self/exe is to unshare(1) is another file.
    var path = [CChar](repeating: 0, count: 4096)
    let count = readlink("/proc/self/exe", &path, 4095)
    if count > 0 { pointers[3] = strdup(String(decoding: path[..<count].map(UInt8.init(bitPattern:)), as: UTF8.self)) }
    pointers.append(nil)
    execvp("unshare", pointers)
    return false
}

/// - Returns: whether all agreed.
func run(_ options: Options) throws -> Bool {
    // unshare(2) first: after it every socket is in the namespaces.
    let network = try Network()
    let crowd = Crowd(network)
    let diag = try Diag()
    let judge = Judge(mostShown: options.rules == .all ? 5 : 1)
    say("differential \(options.words)")
    judge.isTracing = options.world != nil
    let begin = clock()
    var number = options.world ?? 0
    while judge.segments < options.segments {
        judge.place = "seed \(options.seed) world \(number)"
        let seed = options.seed &* 0x9e37_79b9_7f4a_7c15 &+ number
        World(network, crowd, diag, judge, seed: seed, rules: options.rules).run(budget: options.segments - judge.segments)
        number += 1
        // A rule that was taken away is missed as soon as something disagrees.
        if options.world != nil || options.rules != .all && judge.disagreements > 0 { break }
    }
    let kinds = Judge.Kind.allCases.map { "\($0.rawValue) \(judge.counts[$0] ?? 0)" }.joined(separator: ", ")
    let rules = judge.rules.sorted { $0.value > $1.value }.map { "\($0.key.word) \($0.value)" }.joined(separator: ", ")
    say("  \(kinds)\n  \(rules)")
    let seconds = Double(clock() - begin) / Double(CLOCKS_PER_SEC)
    say("  \(judge.segments) segments in \(number) worlds, \(Int(seconds * 10) / 10) s of processor time")
    say("\(judge.disagreements) disagreements")
    return judge.disagreements == 0
}

/// A line, and at once: what follows may hang.
func say(_ words: Any) {
    let line = Array("\(words)\n".utf8)
    _ = write(1, line, line.count)
}
