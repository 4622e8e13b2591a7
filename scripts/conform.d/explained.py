"""The explained differences: a list by capture, frame and field, in the file `explained`.

A line is `CAPTURE FRAMES FIELD SECTION NAME`: the first 16 digits of the content's SHA-256, frame
numbers (`3,7-9`), the field, the section of docs/conformance.md that says why, and the
capture's name for whoever reads the list.
"""

import hashlib
import os

FOLDER = os.path.dirname(os.path.abspath(__file__))
LIST = os.path.join(FOLDER, "explained")
DOCUMENT = os.path.join(FOLDER, "..", "..", "docs", "conformance.md")


def digest(capture):
    with open(capture, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:16]


def numbers(text):
    for part in text.split(","):
        first, _, last = part.partition("-")
        yield from range(int(first), int(last or first) + 1)


def parse(lines, sections):
    """{capture: {(frame, field): section}}; a line that is wrong ends the program."""
    entries = {}
    for place, line in enumerate(lines, 1):
        words = line.split()
        if not words or words[0].startswith("#"):
            continue
        if len(words) != 5 or len(words[0]) != 16 or words[3] not in sections:
            raise SystemExit(f"conform: explained, line {place}: {line.strip()}")
        for frame in numbers(words[1]):
            entries.setdefault(words[0], {})[frame, words[2]] = words[3]
    return entries


def sections():
    """The names of the document's sections: what stands in its headings' first word in backquotes."""
    with open(DOCUMENT, encoding="utf-8") as file:
        return {line.split("`")[1] for line in file if line.startswith("#") and "`" in line}


def load():
    with open(LIST, encoding="utf-8") as file:
        return parse(file, sections())
