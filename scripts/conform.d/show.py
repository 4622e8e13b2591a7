"""One frame, as both see it, with its bytes."""

import itertools
import json
import subprocess

import compare
import portwatch
import run
import tshark


def frame(settings, capture, number):
    ours = run.Program(portwatch.command(capture))
    mine = next(itertools.islice(portwatch.frames(ours.lines), number - 1, number), None)
    ours.end()
    theirs = run.Program(settings.fields_command(capture), settings.environment)
    records = (record for record in map(tshark.Record, theirs.lines) if record.is_frame)
    record = next(itertools.islice(records, number - 1, number), None)
    theirs.end()
    print("portwatch:", json.dumps(mine, ensure_ascii=False))
    if record is None:
        print("tshark: no such frame")
        return
    print("tshark:", record.columns[tshark.COLUMN["frame.protocols"]])
    if mine is not None:
        columns(run.both_views(mine, record))
    # tshark's own number counts blocks that are no frames.
    words = settings.command(capture, "-V", "-x", "-Y", f"frame.number == {record.at('frame.number')}")
    subprocess.run(words, env=settings.environment, check=False, stderr=subprocess.DEVNULL)


def columns(both):
    """≠ marks a difference, ~ one that is none by a rule."""
    differences, excused = both.compare()
    differing, rules = {path for path, *_ in differences}, dict(excused)
    for path in sorted(both.ours.keys() | both.theirs.keys()):
        mark = "≠" if path in differing or compare.layer_of(path) in differing else "~" if path in rules else " "
        line = f"{mark} {path:<36} {both.ours.get(path, '–')!s:<40} {both.theirs.get(path, '–')!s:<40} {rules.get(path, '')}"
        print(line.rstrip())
