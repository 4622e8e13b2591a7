import Demux
import HostSockets
import Render
import Wire

/// `portwatch sockets [options]`: this machine's sockets as the demultiplexer searches them.
enum SocketsCommand {
    static func run(_ arguments: [String], _ console: Console) throws(CommandFailure) {
        let line = try ParsedCommandLine(arguments, .sockets)
        if line.options.contains(where: { $0.id == .help }) {
            try console.print(HelpText.help(.sockets), terminator: "")
            return
        }
        if let word = (line.words + (line.command ?? [])).first { throw .usage("\(word): what is this for?", .sockets) }
        try PrivateOption.apply(line, console)
        if line.options.contains(where: { $0.id == .costs }) { return try KernelCosts().report(console) }
        let filter = try SocketFilter(line)
        var view = try HostView(resolvesNames: !line.options.contains { $0.id == .noNames })
        let entries = try entries(&view, filter)
        try write(entries, isJSON: line.options.contains { $0.id == .json })
        if let notice = view.owners.blindness.notice { console.notice("portwatch: \(notice)") }
    }

    private static func entries(_ view: inout HostView, _ filter: SocketFilter) throws(CommandFailure) -> [HostEntry] {
        do {
            let sockets = try view.kernel.all()
            view.owners.refresh()
            let makers = makers(sockets, view)
            let chosen = sockets.filter { socket in
                guard filter.fits(socket) else { return false }
                guard filter.wantsProcess else { return true }
                // A connection that waits belongs to whoever may accept it.
                return filter.fits(view.owners(of: makers[socket.cookie] ?? socket))
            }
            var entries = HostListing.entries(chosen)
            let names = Dictionary(entries.map { ($0.socket.cookie, $0.name) }) { first, _ in first }
            for index in entries.indices {
                view.complete(&entries[index])
                entries[index].madeBy = makers[entries[index].socket.cookie].flatMap { names[$0.cookie] }
            }
            return entries
        } catch {
            throw CommandFailure(error)
        }
    }

    /// By cookie, the listener of each connection that no process has accepted.
    private static func makers(_ sockets: [HostSocket], _ view: HostView) -> [UInt64: HostSocket] {
        var makers: [UInt64: HostSocket] = [:]
        for socket in sockets {
            // One whose listener is gone meanwhile has none.
            if let listener = try? view.listener(of: socket) { makers[socket.cookie] = listener }
        }
        return makers
    }

    private static func write(_ entries: [HostEntry], isJSON: Bool) throws(CommandFailure) {
        let output = HostOutput()
        var out = OutputBuffer()
        if isJSON {
            let json = HostJSONRenderer(networkNamespace: KernelSockets.networkNamespace)
            for entry in entries { json.render(entry, into: &out) }
        } else {
            HostTableRenderer(hasUnicode: output.hasUnicode, columns: output.columns).render(entries, into: &out)
        }
        try output.write(&out)
    }
}
