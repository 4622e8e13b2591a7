extension CommandSpec {
    static let serve = CommandSpec(
        name: "serve",
        usage: ["portwatch serve SERVICE [options]"],
        summary: "a built-in server: echo, visitor, finger, sort, file, web, mail, auth or login",
        options: [
            OptionSpec(.model, nil, "model", "MODEL", "iterative: one client at a time; processes: a child for each connection; threads: a thread for each; events: one thread for all"),
            OptionSpec(.servicePort, nil, "port", "N", "listen on this port instead of the service's own (0: the system chooses)"),
            OptionSpec(.bind, nil, "bind", "ADDR", "bind to this address (127.0.0.1)"),
            OptionSpec(.backlog, nil, "backlog", "N", "how many connections may wait in the accept queue (6; Linux lets one more in)"),
            OptionSpec(.farm, nil, "farm", "N", "so many processes on the one port, in a reuse-port group; one that dies is replaced"),
            OptionSpec(.udp, nil, "udp", nil, "echo over UDP: each datagram goes back to whoever sent it"),
            OptionSpec(.numberLines, nil, "number-lines", nil, "echo: send each line back as \"N: line\", one client after the other"),
            OptionSpec(.once, nil, "once", nil, "echo: one receive, one send, then the next client"),
            OptionSpec(.root, nil, "root", "DIR", "the folder that file and web serve (the current one), the Maildir of mail (Maildir)"),
            OptionSpec(.authority, nil, "auth", "HOST:PORT", "where login asks (127.0.0.1:5196), and file too if this is given: then OPEN needs a TOKEN"),
            OptionSpec(.users, nil, "users", "FILE", "the accounts of auth (users): lines NAME:HASH:PERMISSION,…"),
            OptionSpec(.addUser, nil, "add-user", "NAME", "auth: add NAME, who must be new, to the accounts, with the password that standard input gives, and end"),
            OptionSpec(.grant, nil, "grant", "LIST", "with --add-user: what NAME may, such as read,write for file"),
        ] + socketOptions + [
            OptionSpec(.connections, nil, "connections", "N", "serve no more than N clients at once (1024); others wait in the accept queue, and who is silent for 10 seconds then makes room"),
            OptionSpec(.lineLength, nil, "line-length", "BYTES", "end a connection whose line is longer (65536)"),
            OptionSpec(.timeout, nil, "timeout", "SECONDS", "end a connection without a byte for so long (300), whose line takes as long (60), or what it began twelve times as long; sets SO_RCVTIMEO and SO_SNDTIMEO"),
            OptionSpec(.quiet, "q", nil, nil, "no line for each connection and message"),
            OptionSpec(.privateNetwork, nil, "private", nil, "in a network namespace of its own: every port is free, nobody outside reaches it"),
            OptionSpec(.help, "h", "help", nil, "this text"),
        ],
        notes: [
            "Ports: echo 1234, visitor 5193, finger 79, sort 5194, file 5195, web 8080, mail 2525, auth 5196, login 5197. Without --model: iterative for visitor and echo --number-lines and --once, processes for finger, else events.",
            "The first line on standard output is \"listening on ADDRESS:PORT\". On SIGINT and SIGTERM nobody is accepted any more, what is under way has 10 seconds to end, and the exit status is 0; a second signal ends it at once.",
            "file without --auth lets whoever connects read and write below DIR; web gives all below DIR but names that begin with a dot. An output that nobody reads for a second loses lines, which are counted. A UDP echo stops answering a peer that sends nothing but what it was sent, a thousand times in a row.",
        ])

    static let connect = CommandSpec(
        name: "connect",
        usage: ["portwatch connect SERVICE [options] [HOST [PORT]]"],
        summary: "a built-in client: asks, and prints what comes back",
        options: [
            OptionSpec(.udp, nil, "udp", nil, "echo over UDP: each line is a datagram"),
            OptionSpec(.numberLines, nil, "number-lines", nil, "echo: send a line, wait for the line that answers it, then the next"),
            OptionSpec(.user, nil, "user", "NAME", "visitor, auth, login: who you are; finger: whom you look for (without it: all)"),
            OptionSpec(.from, nil, "from", "ADDRESS", "mail: the sender"),
            OptionSpec(.to, nil, "to", "ADDRESS", "mail: a recipient; may repeat"),
            OptionSpec(.sourcePort, nil, "source-port", "N", "connect from this port"),
            OptionSpec(.bind, nil, "bind", "ADDR", "connect from this address"),
        ] + socketOptions + [
            OptionSpec(.timeout, nil, "timeout", "SECONDS", "give up when the server does not answer for so long; sets SO_RCVTIMEO and SO_SNDTIMEO"),
            OptionSpec(.privateNetwork, nil, "private", nil, "in a network namespace of its own, where nobody listens"),
            OptionSpec(.help, "h", "help", nil, "this text"),
        ],
        notes: [
            "Without HOST and PORT: 127.0.0.1 and the service's own port.",
            "Standard input: what echo, sort and file send; the paths that web asks for, one a line; the message that mail gives; the password of auth and login, and then the session's lines.",
        ])

    static let lookup = CommandSpec(
        name: "lookup",
        usage: ["portwatch lookup host|service|protocol|network NAME|NUMBER"],
        summary: "what the databases of names say of a host, a service, a protocol or a network",
        options: [OptionSpec(.help, "h", "help", nil, "this text")],
        notes: [
            "A name gives its numbers, a number its name: getaddrinfo and getnameinfo, getservbyname and getservbyport, getprotobyname and getprotobynumber, getnetbyname and getnetbyaddr. Exit status: 0 it is there, 1 it is not, 64 the command line is wrong.",
            "Examples: portwatch lookup host localhost; portwatch lookup service 80; portwatch lookup protocol udp; portwatch lookup network 127.0.0.0.",
        ])

    /// What is asked of the sockets of both.
    private static let socketOptions: [OptionSpec] = [
        OptionSpec(.receiveBuffer, nil, "receive-buffer", "BYTES", "SO_RCVBUF of the socket"),
        OptionSpec(.sendBuffer, nil, "send-buffer", "BYTES", "SO_SNDBUF of the socket"),
        OptionSpec(.noDelay, nil, "no-delay", nil, "TCP_NODELAY: small segments go at once"),
        OptionSpec(.noReuseAddress, nil, "no-reuse-address", nil, "leave SO_REUSEADDR off, so that connections in TIME_WAIT hold their port"),
        OptionSpec(.verbose, "v", nil, nil, "the attributes of each socket, as getsockname, getpeername and getsockopt tell them"),
        OptionSpec(.traceCalls, nil, "trace-calls", nil, "each socket call with its arguments, result and time, on standard error"),
        OptionSpec(.json, nil, "json", nil, "with --trace-calls: as JSON lines"),
    ]
}
