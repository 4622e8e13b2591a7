import Timeline

extension QuizText {
    /// The fields of a choice: its letter, and of a socket its name, what it is, and what it accepts.
    func put(_ choice: QuizChoice, at place: Int, _ json: inout JSONWriter, _ out: inout OutputBuffer) {
        json.field("letter", "\(QuizQuestion.letter(place))", &out)
        guard case .socket(let socket) = choice else {
            json.field("text", words(choice).shown(hasUnicode: true), &out)
            return
        }
        // A socket that this frame shows first has no name yet.
        if case .known = socket.role { json.field("socket", socket.name?.description ?? "", &out) } else { json.null("socket", &out) }
        json.field("text", meaning(alone: socket), &out)
        json.field("from", socket.from?.description ?? "any", &out)
        json.field("to", socket.to.description, &out)
    }

    /// What a socket is, where no column beside it says so.
    private func meaning(alone socket: QuizSocket) -> String {
        switch socket.role {
        case .known: socket.kind.word
        case .sender: "the socket that sends it"
        case .ofThePort: "a \(noun(socket.kind)) on that port"
        case .new(let maker): "a new connected socket, made by \(maker.map { "\($0)" } ?? "a listener") now"
        case .newForSender: "a new datagram socket, for this sender alone"
        }
    }
}
