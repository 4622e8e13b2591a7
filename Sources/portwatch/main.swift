import Glibc
import PortwatchCLI

exit(PortwatchCLI.run(CommandLine.arguments))
