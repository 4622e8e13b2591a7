"""scripts/conform: see its head. Runs both programs over the captures and prints what differs."""

import argparse
import collections
import concurrent.futures
import functools
import os
import sys

import explained
import run
import selfcheck
import show
import tshark


def arguments():
    parser = argparse.ArgumentParser(prog="conform", add_help=False)
    parser.add_argument("-v", action="store_true", dest="verbose")
    parser.add_argument("--each", action="store_true")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--frame", type=int)
    parser.add_argument("--self-check", action="store_true")
    parser.add_argument("captures", nargs="*")
    parser.error = lambda message: sys.exit(usage(message))
    options = parser.parse_args()
    if not options.captures and not options.self_check:
        parser.error("which captures?")
    if options.frame is not None and len(options.captures) != 1:
        parser.error("--frame is for one capture")
    return options


def usage(message):
    print(f"conform: {message} (--help)", file=sys.stderr)
    return 64


class Report:
    """What came of all captures."""

    def __init__(self, entries, options):
        self.entries = entries
        self.verbose = options.verbose
        self.each = options.each
        self.captures = self.frames = self.fields = self.unexplained = self.explained = 0
        self.counts = collections.Counter()
        self.kinds = collections.Counter()
        self.rules = collections.Counter()

    def add(self, result):
        self.captures += 1
        self.frames += result.frames
        self.fields += sum(result.counts.values())
        self.counts.update(result.counts)
        self.rules.update(result.rules)
        name = os.path.basename(result.capture)
        if self.each and result.frames == 0:
            self.unexplained += 1
            print(f"{name}: no frame was compared")
        entries = dict(self.entries.get(result.digest, {}))
        for difference in result.differences:
            self.tell(name, difference, entries.pop((difference.frame, difference.field), None))
        for frame, field in entries:
            self.unexplained += 1
            print(f"{name} {frame} {field}: explained, but there is no difference any more")

    def tell(self, name, difference, section):
        line = f"{name} {difference.frame} {difference.field}: ours {difference.ours} tshark's {difference.theirs}"
        if section is None:
            self.unexplained += 1
            self.kinds[difference.field] += 1
            print(line)
        else:
            self.explained += 1
            if self.verbose:
                print(f"{line} (explained: {section})")

    def finish(self):
        if self.verbose:
            for field, count in sorted(self.counts.items()):
                print(f"{count:>10} {field}")
            for rule, count in sorted(self.rules.items()):
                print(f"{count:>10} by the rule {rule}")
        print(f"{self.captures} captures, {self.frames} frames, {self.fields} fields compared: "
              f"{self.unexplained} differences, {self.explained} explained ones")
        for field, count in self.kinds.most_common():
            print(f"{count:>10} {field}")
        if self.frames == 0:
            print("conform: no frame was compared", file=sys.stderr)
        return self.unexplained == 0 and self.frames > 0


def compare_all(options):
    settings = tshark.Settings()
    report = Report(explained.load(), options)
    work = functools.partial(run.compare, settings)
    with concurrent.futures.ProcessPoolExecutor(max(1, options.jobs)) as pool:
        for result in pool.map(work, options.captures):
            report.add(result)
            sys.stdout.flush()
    return report.finish()


def main():
    options = arguments()
    if options.self_check and not selfcheck.passes():
        return 1
    if not options.captures:
        return 0
    if options.frame is not None:
        show.frame(tshark.Settings(), options.captures[0], options.frame)
        return 0
    return 0 if compare_all(options) else 1


if __name__ == "__main__":
    sys.exit(main())
