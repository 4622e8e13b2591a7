import Services

/// `--help`, the manual page and the shell completions, all from the declared tables.
enum HelpText {
    /// The text of `--help`.
    static func help(_ spec: CommandSpec) -> String {
        var lines = ["portwatch\(spec.name.map { " \($0)" } ?? ""): \(spec.summary)", ""]
        for (index, usage) in usages(spec).enumerated() {
            lines.append((index == 0 ? "usage: " : "       ") + usage)
        }
        lines.append("")
        let shown = spec.options.filter { $0.isBuilt && !$0.help.isEmpty }
        let width = 30
        for option in shown {
            let signature = option.short == nil ? "    \(option.signature)" : option.signature
            let pad = String(repeating: " ", count: max(2, width - signature.count - 2))
            lines += wrapped(option.help, first: "  " + signature + pad, width: 100, indent: width)
        }
        for note in spec.notes {
            lines.append("")
            lines += wrapped(note, first: "", width: 100, indent: 0)
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// The forms that belong to a command; the command without a name lists all.
    private static func usages(_ spec: CommandSpec) -> [String] {
        spec.name == nil ? CommandSpec.all.flatMap(\.usage) : spec.usage
    }

    /// The one line that stands under the message of a wrong command line.
    static func usageLine(_ spec: CommandSpec) -> String {
        "usage: \(spec.usage[0])   (portwatch\(spec.name.map { " \($0)" } ?? "") --help lists the options)"
    }

    private static func wrapped(_ text: String, first: String, width: Int, indent: Int) -> [String] {
        var lines: [String] = []
        var line = first
        var isEmpty = true
        for word in text.split(separator: " ") {
            if !isEmpty, line.count + 1 + word.count > width {
                lines.append(line)
                line = String(repeating: " ", count: indent)
                isEmpty = true
            }
            line += isEmpty ? word : " " + word
            isEmpty = false
        }
        return lines + [line]
    }

    // MARK: Manual page

    /// The manual page in man(7)'s macros.
    static func manual() -> String {
        var lines = [
            ".\\\" Made by: portwatch --generate man", ".TH PORTWATCH 1 \"\" \"portwatch \(portwatchVersion)\"",
            ".SH NAME", "portwatch \\- \(roff(CommandSpec.inspect.summary))", ".SH SYNOPSIS",
        ]
        for usage in CommandSpec.all.flatMap(\.usage) {
            lines += [".B \(roff(usage))", ".br"]
        }
        lines += [
            ".SH DESCRIPTION",
            "portwatch captures frames from an interface or reads them from a file, decodes their headers, and shows "
                + "for each which socket gets it: by its four-tuple, by a listener's or a datagram socket's port, or "
                + "nobody. Beside it stand built\\-in servers and clients, to make the traffic.",
        ]
        for spec in CommandSpec.all {
            lines.append(".SH \(roff(spec.name.map { "OPTIONS OF \($0.uppercased())" } ?? "OPTIONS"))")
            for option in spec.options where option.isBuilt && !option.help.isEmpty {
                lines += [".TP", ".B \(roff(option.signature))", roff(option.help)]
            }
            for note in spec.notes { lines += [".PP", roff(note)] }
        }
        lines += [
            ".SH ENVIRONMENT", "NO_COLOR, if not empty: no colours. LC_ALL, LC_CTYPE, LANG: UTF\\-8 signs or ASCII. COLUMNS: the width",
            "of a terminal that does not say it, and of a chart that goes into a pipe.", ".SH SEE ALSO", ".BR tcpdump (8),", ".BR ss (8),", ".BR pcap\\-filter (7)",
        ]
        return lines.joined(separator: "\n") + "\n"
    }

    private static func roff(_ text: String) -> String {
        var out = ""
        for character in text {
            switch character {
            case "\\": out += "\\e"
            case "-": out += "\\-"
            default: out.append(character)
            }
        }
        return out.hasPrefix(".") || out.hasPrefix("'") ? "\\&" + out : out
    }

    // MARK: Completions

    /// A completion script for bash, zsh or fish.
    static func completions(_ shell: String) -> String? {
        switch shell {
        case "bash": bash()
        case "zsh": zsh()
        case "fish": fish()
        default: nil
        }
    }

    private static func names(_ spec: CommandSpec) -> [String] {
        spec.options.filter { $0.isBuilt && !$0.help.isEmpty }.flatMap { option in
            [option.short.map { "-\($0)" }, option.long.map { "--\($0)" }].compactMap { $0 }
        }
    }

    /// What may stand behind a command's name, with a space behind it.
    private static func firstWords(_ spec: CommandSpec) -> String {
        switch spec.name {
        case "serve", "connect": Catalogue.all.map { $0.name + " " }.joined()
        case "lookup": "host service protocol network "
        case "which": "tcp udp "
        default: ""
        }
    }

    private static func bash() -> String {
        let cases = CommandSpec.all.dropFirst().map { spec in
            "        \(spec.name ?? "")) words=\"\(firstWords(spec))\(names(spec).joined(separator: " "))\" ;;"
        }.joined(separator: "\n")
        return """
            # bash completion for portwatch. Made by: portwatch --generate bash
            _portwatch() {
                local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} words
                case $before in
                    -r|--read|-w|--write|-F) COMPREPLY=($(compgen -f -- "$word")); return ;;
                    -i|--interface) COMPREPLY=($(compgen -W "any $(ls /sys/class/net 2>/dev/null)" -- "$word")); return ;;
                esac
                case ${COMP_WORDS[1]} in
            \(cases)
                    *) words="\(names(.inspect).joined(separator: " "))"
                       [ "$COMP_CWORD" -eq 1 ] && words="$words \(CommandSpec.all.compactMap(\.name).joined(separator: " "))" ;;
                esac
                COMPREPLY=($(compgen -W "$words" -- "$word"))
            }
            complete -F _portwatch portwatch

            """
    }

    private static func zsh() -> String {
        func quoted(_ text: String) -> String {
            text.replacing("'", with: "'\\''").replacing("[", with: "\\[").replacing("]", with: "\\]").replacing(":", with: "\\:")
        }
        let lines = CommandSpec.inspect.options.filter { $0.isBuilt && !$0.help.isEmpty }.flatMap { option in
            [option.short.map { "-\($0)" }, option.long.map { "--\($0)" }].compactMap { $0 }.map { name in
                let argument = option.argument.map { ":\(quoted($0)):" + (option.id == .read || option.id == .write ? "_files" : "") } ?? ""
                return "    '*\(name)[\(quoted(option.help))]\(argument)' \\"
            }
        }
        return """
            #compdef portwatch
            # zsh completion for portwatch. Made by: portwatch --generate zsh
            _arguments -s \\
            \(lines.joined(separator: "\n"))
                '*:word:(\(CommandSpec.all.compactMap(\.name).joined(separator: " ")))'

            """
    }

    private static func fish() -> String {
        func quoted(_ text: String) -> String { text.replacing("\\", with: "\\\\").replacing("'", with: "\\'") }
        var lines = ["# fish completion for portwatch. Made by: portwatch --generate fish"]
        for spec in CommandSpec.all {
            let condition = spec.name.map { "__fish_seen_subcommand_from \($0)" } ?? "__fish_use_subcommand"
            if let name = spec.name {
                lines.append("complete -c portwatch -n __fish_use_subcommand -a \(name) -d '\(quoted(spec.summary))'")
            }
            for option in spec.options where option.isBuilt && !option.help.isEmpty {
                var line = "complete -c portwatch -n '\(condition)'"
                if let short = option.short { line += " -s \(short)" }
                if let long = option.long { line += " -l \(long)" }
                if option.argument != nil { line += " -r" }
                lines.append(line + " -d '\(quoted(option.help))'")
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }
}

/// The version of the program.
let portwatchVersion = "0.1.0"
