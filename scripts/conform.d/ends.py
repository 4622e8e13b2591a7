"""The end of a capture: both programs get through it, or both stop, after the same frames."""

import struct
import subprocess

# What tshark says where it ends at a link type that it does not know, or at a frame shorter than a pseudo-header.
UNKNOWN = "contains record data that TShark doesn't support"
TOO_SMALL = "too small to have even a pseudo-header"
# And where an option of a pcapng block does not fit into its block.
OPTION = "Not enough data to handle option of length"
# What both say where the length at the end of a pcapng file's first block is another than that at its start.
BLOCK_LENGTHS, FIRST_BLOCK = "total block lengths", "the first block says"
PCAP = bytes.fromhex("a1b2c3d4")
VARIANTS = ("rh6_1pcap", "suse6_3pcap", "nokiapcap")
# Of pcapng: the type of a section header, its number that tells the byte order, and the types of two blocks.
SECTION, MAGIC, INTERFACE, SIMPLE_PACKET = bytes.fromhex("0a0d0d0a"), bytes.fromhex("4d3c2b1a"), 1, 3
SECTION_NUMBER = int.from_bytes(SECTION, "big")
ENDINGS = ((UNKNOWN, "unknown-link-type"), (TOO_SMALL, "pseudo-header"), (OPTION, "block-option"))
FIRST, PADDING, NO_CAPTURE, VARIANT = "first-block", "block-padding", "no-capture", "guessed-variant"
# The rules about the end of a file.
RULES = [rule for _, rule in ENDINGS] + [FIRST, PADDING, NO_CAPTURE, VARIANT]


def ending_rule(capture, counts, ours, theirs):
    if counts[1] == 0 and BLOCK_LENGTHS in theirs[1] and ours[0] == 1 and FIRST_BLOCK in ours[1]:
        return FIRST
    if counts[0] > counts[1] and BLOCK_LENGTHS in theirs[1] and has_padding(capture):
        return PADDING
    for message, rule in ENDINGS:
        if message in theirs[1] and counts[0] >= counts[1]:
            return rule
    return NO_CAPTURE if counts[0] == 0 and ours[0] == 1 and not is_capture(capture) else None


def file_type(file):
    """Wireshark's short name of it, by what is at its beginning."""
    words = ["captype", file]
    return subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                          check=False).stdout.rpartition(": ")[2].strip()


def is_capture(file):
    """Whether Wireshark takes the file for a pcap or pcapng file: it knows many more."""
    return file_type(file).endswith(("pcap", "pcapng"))


def is_guessed(file):
    """Whether Wireshark takes a pcap file with the usual magic number for one of the variants that are told by their
    records alone, and have longer record headers."""
    with open(file, "rb") as content:
        magic = content.read(4)
    return magic in (PCAP, PCAP[::-1]) and file_type(file) in VARIANTS


def blocks(content):
    """The blocks of a pcapng file as (byte order, type, whole block), as long as both lengths of each agree."""
    place, order = 0, "<"
    while place + 12 <= len(content):
        if content[place:place + 4] == SECTION:
            order = "<" if content[place + 8:place + 12] == MAGIC else ">"
        kind, length = struct.unpack_from(order + "II", content, place)
        # Some leave the padding out of the length.
        end = place + length + -length % 4
        block = content[place:end]
        if length < 12 or end > len(content) or block[-4:] != block[4:8]:
            return
        yield order, kind, block
        place = end


def has_padding(file):
    """Whether a simple packet block has room behind its packet, which is no longer than its interface's snap length."""
    with open(file, "rb") as opened:
        content = opened.read()
    snap_length = 0
    for order, kind, block in blocks(content):
        if kind == SECTION_NUMBER:
            snap_length = 0
        elif kind == INTERFACE and len(block) >= 20:
            snap_length = snap_length or struct.unpack_from(order + "I", block, 12)[0]
        elif kind == SIMPLE_PACKET and len(block) >= 16:
            length = struct.unpack_from(order + "I", block, 8)[0]
            length = min(length, snap_length or length)
            if length + -length % 4 + 16 < len(block):
                return True
    return False


def compare(result, counts, ours, theirs):
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
