extension CommandSpec {
    static let demo = CommandSpec(
        name: "demo",
        usage: ["portwatch demo", "portwatch demo SCENE [options]"],
        summary: "a lecture demonstration: servers, clients and the wire between them, told call by call and segment by segment",
        options: [
            OptionSpec(.explain, nil, "explain", nil, "under each segment the look-up: who was asked, who won, why the others lost"),
            OptionSpec(.ladder, nil, "ladder", nil, "a sequence chart instead of lines: a column a socket, an arrow a frame, calls beside them"),
            OptionSpec(.step, nil, "step", nil, "a key a step, back as well as forward (? lists the keys)"),
            OptionSpec(.pace, nil, "pace", "PACE", "in time: 0.5, 500ms or 2s before each step; real, as it was played; ×0.1 or x0.1, a tenth as fast"),
            OptionSpec(.quiz, nil, "quiz", nil, "ask which socket gets a segment, where the answer is new; v takes a show of hands; without a terminal, a worksheet"),
            OptionSpec(.json, nil, "json", nil, "with --quiz: an object a question"),
            OptionSpec(.write, "w", "write", "FILE", "write the frames to a file as well"),
            OptionSpec(.page, nil, "html", "FILE", "a page for any browser instead of text: the segments find their sockets before one's eyes (-: standard output)"),
            OptionSpec(.seed, nil, "seed", "N", "other ports than the usual ones, and another order of a quiz's choices: homework of each student's own"),
            OptionSpec(.color, nil, "color", "WHEN", "auto, always or never (also NO_COLOR)"),
            OptionSpec(.check, nil, "check", nil, "play all scenes once, silently, and say which of them this machine allows"),
            OptionSpec(.help, "h", "help", nil, "this text"),
        ],
        notes: [
            "Without a scene: the list of them. A scene is played in network namespaces of its own: no root is needed, every port is free, and nothing reaches the machine's network.",
            "A call stands beside its participant; ▸ is a sentence that was checked at that moment. In the column \"who\": L a listener, C a connected socket, D a datagram socket, – nobody; ✓ (! in ASCII), the kernel says so. Frames that acknowledge and do nothing else are left out, and their numbers missing; the chart and the file have them.",
            "Examples: portwatch demo; portwatch demo multiplex; portwatch demo echo --explain; portwatch demo multiplex --html multiplex.html.",
        ])
}
