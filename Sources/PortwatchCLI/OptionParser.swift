import CPlatform
import Glibc
import Platform

/// A command line taken apart by getopt_long(3).
struct ParsedCommandLine {
    /// The options in the order in which they were given, each with its argument.
    var options: [(id: OptionID, value: String)] = []
    /// What is no option, in order: filter words, host and port.
    var words: [String] = []
    /// What stands behind the first `--`, if there was one.
    var command: [String]?

    /// Parses the arguments, without the program's and the subcommand's name.
    init(_ arguments: [String], _ spec: CommandSpec) throws(CommandFailure) {
        // A character that no option has, before all: words are given in their order, as code 1.
        let short = "-:" + spec.options.compactMap { option in
            option.short.map { String($0) + (option.argument == nil ? "" : ":") }
        }.joined()
        let strings = CStrings(["portwatch"] + arguments)
        let names = CStrings(spec.options.map { $0.long ?? "" })
        var long = unsafe [pw_option]()
        for (index, option) in spec.options.enumerated() where option.long != nil {
            unsafe long.append(
                pw_option(
                    name: names.pointers[index], has_argument: option.argument == nil ? 0 : 1,
                    value: ParsedCommandLine.firstLongCode + Int32(index)))
        }
        pw_getopt_reset()
        let count = Int32(arguments.count + 1)
        while true {
            let before = pw_optind()
            let code = unsafe pw_getopt_long(count, strings.pointers, short, long, Int32(long.count))
            let place = Int(pw_optind())
            if code == -1 {
                // It stops at the end or at `--`, which it steps over: then there may be nothing behind.
                if max(before, 1) < count { command = Array(arguments[(place - 1)...]) }
                return
            }
            let value = unsafe pw_optarg().map { unsafe String(cString: $0) } ?? ""
            if code == 1 {
                words.append(value)
                continue
            }
            let option = try ParsedCommandLine.option(code, spec, arguments, place)
            guard option.isBuilt else { throw .usage("\(option.name): not built yet", spec) }
            options.append((option.id, value))
        }
    }

    private static let firstLongCode: Int32 = 1000

    private static func option(
        _ code: Int32, _ spec: CommandSpec, _ arguments: [String], _ place: Int
    ) throws(CommandFailure) -> OptionSpec {
        let wrong = pw_optopt()
        let typed = typedName(wrong, spec, arguments, place)
        if code == Int32(UInt8(ascii: ":")) { throw .usage("\(typed): wants an argument", spec) }
        if code == Int32(UInt8(ascii: "?")) {
            let isKnown = wrong >= firstLongCode
            throw .usage("\(typed): \(isKnown ? "takes no argument" : "no such option")", spec)
        }
        if code >= firstLongCode { return spec.options[Int(code - firstLongCode)] }
        let letter = Character(UnicodeScalar(UInt8(truncatingIfNeeded: code)))
        guard let option = spec.options.first(where: { $0.short == letter }) else {
            throw .usage("-\(letter): no such option", spec)
        }
        return option
    }

    /// The option that getopt_long complains of: its letter, its long name, or the word as it was typed.
    private static func typedName(_ code: Int32, _ spec: CommandSpec, _ arguments: [String], _ place: Int) -> String {
        if code >= firstLongCode, Int(code - firstLongCode) < spec.options.count {
            return spec.options[Int(code - firstLongCode)].name
        }
        if code > 0, code < 128 { return "-\(Character(UnicodeScalar(UInt8(code))))" }
        let index = place - 2
        return index >= 0 && index < arguments.count ? arguments[index] : "option"
    }
}
