"""The end of a capture: both programs get through it, or both stop, after the same frames."""

import subprocess

# What tshark says where it ends at a link type that it does not know, or at a frame shorter than a pseudo-header.
UNKNOWN = "contains record data that TShark doesn't support"
TOO_SMALL = "too small to have even a pseudo-header"
# And where an option of a pcapng block does not fit into its block.
OPTION = "Not enough data to handle option of length"
# What both say where the length at the end of a pcapng file's first block is another than that at its start.
BLOCK_LENGTHS, FIRST_BLOCK = "total block lengths", "the first block says"
ENDINGS = ((UNKNOWN, "unknown-link-type"), (TOO_SMALL, "pseudo-header"), (OPTION, "block-option"))
FIRST, NO_CAPTURE = "first-block", "no-capture"
# The rules about the end of a file.
RULES = [rule for _, rule in ENDINGS] + [FIRST, NO_CAPTURE]


def ending_rule(capture, counts, ours, theirs):
    if counts[1] == 0 and BLOCK_LENGTHS in theirs[1] and ours[0] == 1 and FIRST_BLOCK in ours[1]:
        return FIRST
    for message, rule in ENDINGS:
        if message in theirs[1] and counts[0] >= counts[1]:
            return rule
    return NO_CAPTURE if counts[0] == 0 and ours[0] == 1 and not is_capture(capture) else None


def is_capture(file):
    """Whether Wireshark takes the file for a pcap or pcapng file: it knows many more."""
    words = ["capinfos", "-t", file]
    told = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False).stdout
    return "- pcap" in told


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
