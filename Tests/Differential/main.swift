import Demux
import Glibc
import Wire

// The rule held against the kernel: random sockets in private namespaces, random segments, and of each what the model
// says, what the kernel's own look-up says and where it really went.
//
//   Differential [--segments N] [--seed N] [--world N] [--break RULE] [--rules]
//
// Exit status 0 where all agreed, 1 where something disagreed, 2 where it could not be tried.

var options = Options()
do {
    options = try Options(CommandLine.arguments.dropFirst())
} catch {
    say(error)
    exit(2)
}
if options.listsRules {
    for (name, _) in HostRules.named { say(name) }
    exit(0)
}
do {
    exit(try run(options) ? 0 : 1)
} catch {
    if let failure = error as? Failure, !options.isInside, tryAsOrdinaryUser() { say(failure) }
    say("differential: \(error)")
    exit(2)
}
