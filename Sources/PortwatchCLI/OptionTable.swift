/// One option of a command: declared once, and from that parsed, listed by `--help`, described in the manual page
/// and completed by shells.
struct OptionSpec: Sendable {
    /// What the program knows it by.
    let id: OptionID
    let short: Character?
    let long: String?
    /// What its argument is called; `nil` for none.
    let argument: String?
    let help: String
    /// Whether it does something. One that is not built yet is an error that says so.
    let isBuilt: Bool

    init(_ id: OptionID, _ short: Character?, _ long: String?, _ argument: String? = nil, _ help: String, isBuilt: Bool = true) {
        self.id = id
        self.short = short
        self.long = long
        self.argument = argument
        self.help = help
        self.isBuilt = isBuilt
    }

    /// `-i, --interface NAME`.
    var signature: String {
        let names = [short.map { "-\($0)" }, long.map { "--\($0)" }].compactMap { $0 }.joined(separator: ", ")
        return names + (argument.map { " \($0)" } ?? "")
    }

    /// As the user typed or could have typed it: `--ladder`, `-C`.
    var name: String { long.map { "--\($0)" } ?? short.map { "-\($0)" } ?? "" }
}

/// A command form: its name, its options, what `--help` says around them.
struct CommandSpec: Sendable {
    /// `nil` for inspecting, which has no subcommand.
    let name: String?
    let usage: [String]
    let summary: String
    let options: [OptionSpec]
    /// Further paragraphs of `--help` and the manual page.
    let notes: [String]
}

enum OptionID: Sendable {
    // Inspecting, with tcpdump's letters.
    case interface, read, write, count, noNames, snapshotLength, listInterfaces, listLinkTypes, linkType, linkLayer
    case quiet, verbose, hex, hexText, text, time, absoluteSequence, skipChecksums, lineBuffered, packetBuffered
    case notPromiscuous, direction, filterFile, dumpFilter, bufferSize, print, immediate
    // Inspecting, portwatch's own.
    case port, host, explain, sockets, ladder, json, page, color, privateNetwork, mine, check
    case pace, step, quiz, seed
    // Serving and connecting.
    case udp, servicePort, bind, numberLines, once, sourcePort
    case model, backlog, farm, root, authority, users, addUser, grant, connections, lineLength, traceCalls
    case receiveBuffer, sendBuffer, timeout, noDelay, noReuseAddress, user, from, to
    // This machine's sockets.
    case process
    case help, version, generate, costs
    case later
}

extension CommandSpec {
    static let inspect = CommandSpec(
        name: nil,
        usage: ["portwatch [options] [filter expression]", "portwatch [options] [filter expression] -- COMMAND [ARG...]"],
        summary: "shows, for every frame, which socket gets it and why",
        options: [
            OptionSpec(.interface, "i", "interface", "NAME", "capture on this interface (a number of -D will do; any: all of them; without it the first of -D)"),
            OptionSpec(.read, "r", "read", "FILE", "read a saved capture (-: standard input)"),
            OptionSpec(.write, "w", "write", "FILE", "write the frames to a file (-: standard output) instead of showing them"),
            OptionSpec(.print, nil, "print", nil, "with -w or --html: show them as well"),
            OptionSpec(.count, "c", nil, "N", "end after N frames"),
            OptionSpec(.port, nil, "port", "N", "only this port, ICMP errors about it included; may repeat; a service name will do"),
            OptionSpec(.host, nil, "host", "ADDR", "only to or from this host; may repeat"),
            OptionSpec(.explain, nil, "explain", nil, "under each frame the look-up: who was asked, who won, why the others lost"),
            OptionSpec(.sockets, nil, "sockets", nil, "the socket table at the end (with -q: that alone)"),
            OptionSpec(.ladder, nil, "ladder", nil, "a sequence chart at the end instead of lines: a column a socket, an arrow a frame"),
            OptionSpec(.json, nil, "json", nil, "JSON lines instead of text"),
            OptionSpec(.pace, nil, "pace", "PACE", "with -r: in time; real, as it was captured; ×0.1 or x0.1, a tenth as fast; 0.5, 500ms or 2s, so long before each frame"),
            OptionSpec(.step, nil, "step", nil, "with -r: a key a frame, back as well as forward (? lists the keys)"),
            OptionSpec(.quiz, nil, "quiz", nil, "with -r: ask which socket gets a frame, where the answer is new; without a terminal, a worksheet; with --json, an object a question"),
            OptionSpec(.seed, nil, "seed", "N", "with --quiz: another order of the choices, the same for each who has the same N"),
            OptionSpec(.page, nil, "html", "FILE", "a page for any browser instead of text: the frames find their sockets before one's eyes (-: standard output)"),
            OptionSpec(.noNames, "n", nil, nil, "numbers, no names: -v says 80, not 80 (http)"),
            OptionSpec(.privateNetwork, nil, "private", nil, "in a network namespace of its own, on its lo: no root needed, every port free, nothing reaches the machine's network"),
            OptionSpec(.mine, nil, "mine", nil, "with -- COMMAND: only what its sockets and its children's send and get"),
            OptionSpec(.quiet, "q", nil, nil, "less: no protocol, no sequence numbers, no payload"),
            OptionSpec(.verbose, "v", nil, nil, "the header fields under each frame; -vv: the link layer's and the frame's, too"),
            OptionSpec(.linkLayer, "e", nil, nil, "the link-layer header"),
            OptionSpec(.hex, "x", nil, nil, "the packet's bytes; -xx: from the link layer on"),
            OptionSpec(.hexText, "X", nil, nil, "the packet's bytes, and as text; -XX: from the link layer on"),
            OptionSpec(.text, "A", nil, nil, "the packet as text"),
            OptionSpec(.time, "t", nil, nil, "-t: no time; -tt: since 1970; -ttt: since the frame before; -tttt: date and time, UTC; -ttttt: since the first frame, as without it"),
            OptionSpec(.absoluteSequence, "S", nil, nil, "sequence numbers as they are, not counted from the first"),
            OptionSpec(.skipChecksums, "K", nil, nil, "do not verify checksums"),
            OptionSpec(.lineBuffered, "l", nil, nil, "write each line at once"),
            OptionSpec(.packetBuffered, "U", nil, nil, "with -w: write each frame at once"),
            OptionSpec(.snapshotLength, "s", "snapshot-length", "BYTES", "take no more of each frame than this (0: all, 262144)"),
            OptionSpec(.notPromiscuous, "p", nil, nil, "leave the interface out of promiscuous mode"),
            OptionSpec(.direction, "Q", nil, "in|out|inout", "only frames that go this way"),
            OptionSpec(.bufferSize, "B", nil, "KIB", "room for frames that wait to be read (8192)"),
            OptionSpec(.immediate, nil, "immediate-mode", nil, "each frame at once, at the price of lost bursts"),
            OptionSpec(.listInterfaces, "D", "list-interfaces", nil, "list the interfaces"),
            OptionSpec(.listLinkTypes, "L", nil, nil, "list the interface's link types"),
            OptionSpec(.linkType, "y", nil, "TYPE", "capture with this link type"),
            OptionSpec(.filterFile, "F", nil, "FILE", "read the filter expression from a file"),
            OptionSpec(.dumpFilter, "d", nil, nil, "print the compiled filter and end; -dd: as C; -ddd: as numbers"),
            OptionSpec(.color, nil, "color", "WHEN", "auto, always or never (also NO_COLOR)"),
            OptionSpec(.help, "h", "help", nil, "this text"),
            OptionSpec(.version, nil, "version", nil, "the version"),
            OptionSpec(.later, "C", nil, "MB", "", isBuilt: false),
            OptionSpec(.later, "G", nil, "SECONDS", "", isBuilt: false),
            OptionSpec(.later, "W", nil, "COUNT", "", isBuilt: false),
            OptionSpec(.later, "Z", nil, "USER", "", isBuilt: false),
            OptionSpec(.later, nil, "conversations", nil, "", isBuilt: false),
            OptionSpec(.later, nil, "endpoints", nil, "", isBuilt: false),
            OptionSpec(.later, nil, "follow", "N", "", isBuilt: false),
            OptionSpec(.generate, nil, "generate", "man|bash|zsh|fish", ""),
        ],
        notes: [
            "The filter expression is libpcap's (see pcap-filter(7)) and stands last. Frame numbers are places in the source, also under a filter.",
            "In the column \"who\": L a listener, C a connected socket, D a datagram socket; ✓ (! in ASCII) behind a name, the kernel was asked and said so; ? behind a name, presumed: nothing shows it yet; – nobody; empty, no socket is looked for.",
            "In the column \"rule\": four-tuple, a connected socket has both ends; listener, none has, and this is the port's; datagram, UDP's port; time-wait, the rest of an ended connection; group-delivery, multicast or broadcast; icmp-error, to whoever sent the quoted packet; reuse-port-group, one of the sockets that share the port (L1+3: L1 or one of three more); fragment and no-ports, no look-up; nobody, the kernel itself answers.",
            "A terminal of 120 columns and more, and a pipe, get the protocol and the sequence numbers as well; below 92 columns the segment stands on a second line.",
            "The chart (--ladder) has a column for each socket, under its host and its process where these are known, clients at the left: │ while it is there, ┊ in TIME_WAIT, × where it ends; ● where a frame arrives, with ✓ and ? as above; ┼ passes a socket by; ╌ presumed; ✗ nobody has that port, and the host's kernel (·) answers. Where the columns do not fit, the chart folds: a new head names those that the next frames are for. It is as wide as the terminal; a pipe gets 100 columns, or as many as COLUMNS says. It ends after 100,000 frames.",
            "COMMAND is run once the capture listens, and ends it. Its exit status is portwatch's: 128 + N after signal N, 127 not found, 126 not to be run; 1 where portwatch itself failed. What it leaves running is ended: SIGTERM, after a second SIGKILL. So is the command itself where the capture ends first (-c N). SIGTERM and SIGHUP are passed on to it.",
            "In a private network namespace (--private) whoever is not root is root of a user namespace, and so is COMMAND. The option is that of serve, connect, which and sockets, too; each has a namespace of its own, so that a server and its client meet only as one -- COMMAND, or by nsenter(1).",
            "SIGUSR1 prints the counters of a live capture. Exit status: 0 fine, 1 it failed, 64 the command line is wrong.",
            "Examples: portwatch --read FILE --explain; sudo portwatch -i lo --port 1234; portwatch --private -- sh -c 'portwatch serve echo & sleep 1; date | portwatch connect echo'; portwatch serve echo; portwatch connect echo. The options of these: portwatch serve --help, portwatch connect --help.",
        ])

    static let which = CommandSpec(
        name: "which",
        usage: ["portwatch which tcp|udp SOURCE DESTINATION [options]"],
        summary: "which socket of this machine the kernel would give a segment or datagram to, and why",
        options: [
            OptionSpec(.interface, "i", "interface", "NAME", "as if it arrived on this interface (without it: the one that leads to SOURCE; lo for this machine's own addresses)"),
            OptionSpec(.json, nil, "json", nil, "one JSON object instead of text"),
            OptionSpec(.noNames, "n", nil, nil, "numbers, no names of services and users"),
            OptionSpec(.privateNetwork, nil, "private", nil, "in a network namespace of its own: what the kernel says where there is no socket"),
            OptionSpec(.help, "h", "help", nil, "this text"),
        ],
        notes: [
            "SOURCE and DESTINATION are written 127.0.0.1:9157 and [::1]:9157. The answer is the kernel's own, of this moment; why the others lost, portwatch's rule says. Source port 0 asks for the listener, whatever is connected. Firewalls are not asked.",
            "Exit status: 0 a socket gets it, 1 nobody does, 2 it failed, 64 the command line is wrong.",
            "Examples: portwatch which tcp 127.0.0.1:9157 127.0.0.1:1234; portwatch which udp [::1]:9157 [::1]:53.",
        ])

    static let sockets = CommandSpec(
        name: "sockets",
        usage: ["portwatch sockets [options]"],
        summary: "this machine's sockets, in the order in which the demultiplexer searches them",
        options: [
            OptionSpec(.port, nil, "port", "N", "only with this port at either end; may repeat; a service name will do"),
            OptionSpec(.host, nil, "host", "ADDR", "only with this address at either end; may repeat; a name will do"),
            OptionSpec(.process, nil, "process", "NAME|PID", "only of this process, with the connections that it may accept; may repeat"),
            OptionSpec(.json, nil, "json", nil, "JSON lines instead of text"),
            OptionSpec(.noNames, "n", nil, nil, "numbers, no names of services and users"),
            OptionSpec(.privateNetwork, nil, "private", nil, "in a network namespace of its own, where there is none"),
            OptionSpec(.help, "h", "help", nil, "this text"),
            OptionSpec(.costs, nil, "costs", nil, ""),
        ],
        notes: [
            "The kernel shows its sockets to everybody; which process holds one it shows only to the process's own user, and to whoever has the rights CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH.",
            "*:80 takes connections to every address of both IP versions, 0.0.0.0:80 to every IPv4 address, [::]:80 to every IPv6 address alone.",
        ])

    /// All command forms.
    static let all = [inspect, serve, connect, demo, which, sockets, lookup]
}
