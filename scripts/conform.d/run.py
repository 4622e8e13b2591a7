"""Runs both programs over one capture, side by side, and compares frame by frame."""

import collections
import dataclasses
import itertools
import subprocess
import tempfile

import compare as comparison
import explained
import portwatch
import tshark
import view

# A program that takes longer over one capture hangs, or has far too much to do.
SECONDS = 600
# What tshark says where it ends at a link type that it does not know, or at a frame shorter than a pseudo-header.
UNKNOWN = "contains record data that TShark doesn't support"
TOO_SMALL = "too small to have even a pseudo-header"
# And where an option of a pcapng block does not fit into its block.
OPTION = "Not enough data to handle option of length"
ENDINGS = ((UNKNOWN, "unknown-link-type"), (TOO_SMALL, "pseudo-header"), (OPTION, "block-option"))


@dataclasses.dataclass
class Difference:
    frame: int
    field: str
    ours: object
    theirs: object


@dataclasses.dataclass
class Result:
    capture: str
    digest: str = ""
    frames: int = 0
    counts: collections.Counter = dataclasses.field(default_factory=collections.Counter)
    rules: collections.Counter = dataclasses.field(default_factory=collections.Counter)
    differences: list = dataclasses.field(default_factory=list)

    def differ(self, frame, field, ours, theirs):
        self.differences.append(Difference(frame, field, ours, theirs))


class Program:
    """A program whose lines are read while it runs; its messages are kept."""

    def __init__(self, words, environment=None):
        self.messages = tempfile.TemporaryFile()
        # A command that does not come to an end is ended, so that the other's lines do not wait forever.
        self.process = subprocess.Popen(["timeout", str(SECONDS), *words], env=environment, text=True,
                                        encoding="utf-8", errors="replace", stdin=subprocess.DEVNULL,
                                        stdout=subprocess.PIPE, stderr=self.messages)
        self.lines = self.process.stdout

    def end(self):
        """The exit status, and the messages that are no greeting."""
        self.lines.close()
        status = self.process.wait()
        self.messages.seek(0)
        text = self.messages.read().decode(errors="replace")
        self.messages.close()
        return status, " ".join(line for line in text.splitlines() if not is_greeting(line))


def is_greeting(line):
    return not line or line.startswith(("Running as user", "reading from file"))


def compare(settings, capture):
    result = Result(capture)
    try:
        result.digest = explained.digest(capture)
    except OSError as error:
        result.differ(0, "file", error.strerror, "")
        return result
    ours = Program(portwatch.command(capture))
    theirs = Program(settings.fields_command(capture), settings.environment)
    records = (record for record in map(tshark.Record, theirs.lines) if record.is_frame)
    counts = [0, 0]
    for place, pair in enumerate(itertools.zip_longest(portwatch.frames(ours.lines), records), 1):
        counts = [count + (side is not None) for count, side in zip(counts, pair)]
        if None not in pair:
            compare_frame(result, place, *pair)
    compare_ends(result, counts, ours.end(), theirs.end())
    return result


def compare_frame(result, place, mine, record):
    result.frames += 1
    result.counts["frame.number"] += 1
    if mine["frame"]["number"] != place:
        result.differ(place, "frame.number", mine["frame"]["number"], place)
    frame = both_views(mine, record)
    result.counts.update(frame.ours.keys() & frame.theirs.keys())
    differences, excused = frame.compare()
    result.rules.update(rule for _, rule in excused)
    for path, left, right in differences:
        result.differ(place, path, left, right)


def both_views(mine, record):
    return comparison.Frame(portwatch.flat(mine), view.View(record).fields, portwatch.stops(mine),
                            record.at("frame.encap_type"), record.layers, record.at("_ws.malformed") is not None,
                            record.all("tcp.option_kind"), portwatch.unknown_family(mine))


NO_CAPTURE = "no-capture"
# The rules about the end of a file.
RULES = [rule for _, rule in ENDINGS] + [NO_CAPTURE]


def ending_rule(capture, counts, ours, theirs):
    for message, rule in ENDINGS:
        if message in theirs[1] and counts[0] >= counts[1]:
            return rule
    return NO_CAPTURE if counts[0] == 0 and ours[0] == 1 and not is_capture(capture) else None


def is_capture(file):
    """Whether Wireshark takes the file for a pcap or pcapng file: it knows many more."""
    words = ["capinfos", "-t", file]
    told = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False).stdout
    return "- pcap" in told


def compare_ends(result, counts, ours, theirs):
    """Both get through the file, or both stop, after the same frames."""
    result.counts["end"] += 1
    rule = ending_rule(result.capture, counts, ours, theirs)
    if rule:
        result.rules[rule] += 1
        return
    if counts[0] != counts[1]:
        result.differ(min(counts) + 1, "frames", *counts)
    if ours[0] not in (0, 1) or (ours[0] == 0) != (theirs[0] == 0):
        result.differ(max(counts), "end", *(f"{status} {message}".strip() for status, message in (ours, theirs)))
