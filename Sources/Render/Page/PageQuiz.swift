import Timeline

/// The questions of a page: those of `--quiz`, with the same letters.
enum PageQuiz {
    static func write(_ storybook: Storybook, _ json: inout JSONWriter, _ out: inout OutputBuffer) {
        let text = QuizText(storybook, hasUnicode: true, columns: 100)
        json.key("questions", &out)
        json.array(&out) { json, out in
            for question in Quiz(storybook.timeline).questions {
                json.object(&out) { json, out in write(question, text, &json, &out) }
            }
        }
    }

    private static func write(_ question: QuizQuestion, _ text: QuizText, _ json: inout JSONWriter, _ out: inout OutputBuffer) {
        json.field("moment", question.moment, &out)
        json.field("asksForSocket", question.kind.asksForSocket, &out)
        json.field("text", text.asks(question), &out)
        json.field("right", question.right, &out)
        if let reply = question.reply.flatMap({ text.frame($0) }) { json.field("comesBack", reply.segment, &out) }
        json.key("choices", &out)
        json.array(&out) { json, out in
            for (place, choice) in question.choices.enumerated() {
                json.object(&out) { json, out in
                    text.put(choice, at: place, &json, &out)
                    // What it is called once all is told.
                    json.field("name", text.words(choice).shown(hasUnicode: true), &out)
                    json.field("why", text.reason(question, place).shown(hasUnicode: true), &out)
                }
            }
        }
    }
}
