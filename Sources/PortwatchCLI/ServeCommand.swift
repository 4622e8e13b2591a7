enum ServeCommand {
    static func run(_ arguments: [String], _ console: Console) throws(CommandFailure) {
        throw .usage("serve: not built yet", .serve)
    }
}
enum ConnectCommand {
    static func run(_ arguments: [String], _ console: Console) throws(CommandFailure) {
        throw .usage("connect: not built yet", .connect)
    }
}
