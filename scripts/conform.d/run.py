"""Runs both programs over one capture, side by side, and compares frame by frame."""

import collections
import dataclasses
import itertools
import subprocess
import tempfile

import compare as comparison
import ends
import explained
import portwatch
import streams
import tshark
import view

# A program that takes longer over one capture hangs, or has far too much to do.
SECONDS = 600


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
    streams: object = dataclasses.field(default_factory=streams.Streams)

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
    ends.compare(result, counts, ours.end(), theirs.end())
    if result.differences and ends.is_guessed(capture):
        result.differences.clear()
        result.rules[ends.VARIANT] += 1
    result.streams = None
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
    streams.compare(result, frame, differences, excused)
    for path, left, right in differences:
        result.differ(place, path, left, right)


def both_views(mine, record):
    seen = view.View(record)
    return comparison.Frame(portwatch.flat(mine), seen.fields, portwatch.stops(mine),
                            record.at("frame.encap_type"), record.layers, record.at("_ws.malformed") is not None,
                            record.all("tcp.option_kind"), portwatch.unknown_family(mine), seen.beside,
                            seen.has_route)
