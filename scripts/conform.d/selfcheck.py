"""The comparison itself, on canned input: what differs must be seen, and each rule must end where it ends."""

import copy
import struct
import tempfile

import compare
import ends
import explained
import fields
import portwatch
import rules
import run
import streams
import tshark
import view
from canned import OURS, QUOTING, RULES, THEIRS, quoting

OTHER = {"good": "bad", "bad": "good", "2.000000001": "2.000000002"}


class Failure(Exception):
    pass


def require(holds, what):
    if not holds:
        raise Failure(what)


def record(values):
    return tshark.Record("\t".join(values.get(name, "") for name in fields.NAMES) + "\n")


def compared(ours, theirs):
    """The differences, and the rules by which others are none."""
    seen = record(theirs)
    differences, excused = run.both_views(ours, seen).compare()
    return {path for path, *_ in differences}, {rule for _, rule in excused}


def changed(values, **changes):
    """A copy with other values at these paths, `__` standing for a dot; None takes the field away."""
    values = copy.deepcopy(values)
    for name, value in changes.items():
        *path, key = name.split("__") if isinstance(values.get("frame"), dict) else [name.replace("__", ".")]
        holder = values
        for step in path:
            holder = holder.setdefault(step, {})
        if value is None:
            holder.pop(key)
        else:
            holder[key] = copy.deepcopy(value)
    return values


def same_is_same():
    require(compared(OURS, THEIRS) == (set(), set()), "equal views differ")


def each_falsified_field_is_seen():
    flat = portwatch.flat(OURS)
    require(len(flat) > 35, "the canned frame has lost its fields")
    theirs = view.View(record(THEIRS)).fields
    for path, value in flat.items():
        wrong = dict(flat, **{path: value + 1 if isinstance(value, int) else OTHER.get(value, "00:00:00:00:00:09")})
        found = {found for found, *_ in compare.Frame(wrong, theirs).compare()[0]}
        require(found == {path}, f"a false {path} gives {sorted(found)}")


def each_missing_field_is_seen():
    flat = portwatch.flat(OURS)
    theirs = view.View(record(THEIRS)).fields
    for path in flat:
        if compare.is_optional(path):
            continue
        for ours, others in ((without(flat, path), theirs), (flat, without(theirs, path))):
            found = {found for found, *_ in compare.Frame(ours, others).compare()[0]}
            require(found == {path}, f"a missing {path} gives {sorted(found)}")


def without(values, path):
    return {key: value for key, value in values.items() if key != path}


def a_missing_layer_is_one_difference():
    require(compared(changed(OURS, tcp=None), THEIRS)[0] == {"tcp"}, "our TCP is missing, and it is not said so")
    inner = changed(THEIRS, frame__protocols="eth:ethertype:vlan:ethertype:ip:ip:tcp")
    require("tcp" in compared(OURS, inner)[0], "TCP in a tunnel counts as the frame's own")


def a_field_that_nobody_knows_is_seen():
    require(compared(changed(OURS, tcp__novelty=1), THEIRS)[0] == {"tcp.novelty"}, "a new field passes unseen")


def blocks_without_a_packet_are_no_frames():
    require(record(THEIRS).is_frame and not record(changed(THEIRS, frame__encap_type="")).is_frame, "what a frame is")


def a_quote_is_not_the_frame():
    ours = changed(OURS, **QUOTING)
    require(compared(ours, changed(THEIRS, **quoting())) == (set(), set()), "the same quote differs")
    del ours["icmp"]["quoted"]["udp"]["stream"]
    differing = {"icmp.quoted.udp.dstport", "icmp.quoted.udp.stream"}
    require(compared(ours, changed(THEIRS, **quoting(udp__dstport="7")))[0] == differing, "quotes")


def every_rule_has_its_section():
    names = {rule.__name__.replace("_", "-") for rule in rules.RULES}
    missing = (names | set(ends.RULES) | {streams.SHIFTED}) - explained.sections()
    require(not missing, f"not in docs/conformance.md: {missing}")
    untested = names - {rule for rule, *_ in RULES}
    require(not untested, f"rules without a check: {untested}")


def tshark_may_end_where_it_must():
    for message, rule in ends.ENDINGS:
        require(ends.ending_rule("", [2, 1], (0, ""), (2, f"tshark: {message} 9")) == rule, message)
        require(ends.ending_rule("", [1, 2], (0, ""), (2, message)) != rule, f"{message}, and portwatch has fewer frames")
    require(ends.ending_rule("", [2, 1], (0, ""), (2, "something else")) is None, "any error passes")


def the_first_block_may_end_as_it_likes():
    told = (1, "portwatch: x: the first block says that it has 96 bytes at its start and 1 at its end")
    refused = (2, "(pcapng: total block lengths (first 96 and second 1) don't match)")
    require(ends.ending_rule("", [3, 0], told, refused) == "first-block", "the first block's end")
    require(ends.ending_rule(__file__, [3, 1], told, refused) is None, "another block's end")
    require(ends.ending_rule(__file__, [3, 0], (0, ""), refused) is None, "the first block's end, and portwatch does not say so")


def a_variant_is_one_under_the_usual_magic_number():
    told = ends.file_type
    try:
        for magic, name, holds in ((ends.PCAP, "rh6_1pcap", True), (ends.PCAP, "pcap", False),
                                   (ends.SECTION, "rh6_1pcap", False)):
            ends.file_type = lambda _, answer=name: answer
            with tempfile.NamedTemporaryFile() as file:
                file.write(magic[::-1])
                file.flush()
                require(ends.is_guessed(file.name) == holds, f"{name} is {'not ' if holds else ''}guessed")
    finally:
        ends.file_type = told


def blocks_are_walked_as_their_lengths_say():
    def block(kind, body, end=None):
        length = struct.pack("<I", 12 + len(body))
        return struct.pack("<I", kind) + length + body + (length if end is None else end)
    first = block(0x0A0D0D0A, ends.MAGIC + bytes(12))
    padded = first + block(ends.SIMPLE_PACKET, struct.pack("<I", 5) + bytes(12))
    exact = first + block(ends.SIMPLE_PACKET, struct.pack("<I", 5) + bytes(8))
    lying = first + block(ends.SIMPLE_PACKET, struct.pack("<I", 5) + bytes(12), end=bytes(4))
    for content, holds in ((padded, True), (exact, False), (lying, False)):
        with tempfile.NamedTemporaryFile() as file:
            file.write(content)
            file.flush()
            require(ends.has_padding(file.name) == holds, f"padding is {'not ' if holds else ''}seen")


def streams_may_be_shifted_and_no_more():
    def pairs(*numbers, shift_at=None):
        known, seen = streams.Streams(), []
        for place, (mine, other) in enumerate(numbers):
            if place == shift_at:
                known.shift("tcp.stream")
            seen.append(mine == other or known.agree("tcp.stream", mine, other))
            if mine == other:
                known.agree("tcp.stream", mine, other)
        return seen
    require(pairs((0, 0), (1, 2)) == [True, False], "a shift without a reason")
    require(pairs((0, 0), (1, 2), (1, 2), shift_at=1) == [True] * 3, "a shift")
    require(pairs((0, 0), (0, 1), shift_at=1) == [True, False], "one stream of portwatch's is two of tshark's")
    require(pairs((0, 0), (1, 0), shift_at=1) == [True, False], "two streams of portwatch's are one of tshark's")


def a_file_that_is_no_capture_may_be_refused():
    refused, read = ([0, 1], (1, ""), (0, "")), ([1, 1], (1, ""), (0, ""))
    told = ends.is_capture
    try:
        for is_capture, ending, rule in ((False, refused, ends.NO_CAPTURE), (True, refused, None), (False, read, None)):
            ends.is_capture = lambda _, answer=is_capture: answer
            require(ends.ending_rule("", *ending) == rule, f"{ending}, and the file is {'a' if is_capture else 'no'} capture")
    finally:
        ends.is_capture = told


def each_rule_ends_where_it_ends():
    for rule, ours, theirs, not_ours, not_theirs in RULES:
        differences, excused = compared(changed(OURS, **ours), changed(THEIRS, **theirs))
        require(differences == set() and excused == {rule}, f"{rule}: {differences} {excused}")
        differences, _ = compared(changed(OURS, **not_ours), changed(THEIRS, **not_theirs))
        require(differences, f"{rule} excuses too much")


def explanations_are_for_a_frame_and_a_field():
    entries = explained.parse(["# head", "0123456789abcdef 3,7-8 tcp.len cut some.pcap"], {"cut"})
    require(entries == {"0123456789abcdef": {(3, "tcp.len"): "cut", (7, "tcp.len"): "cut", (8, "tcp.len"): "cut"}}, entries)
    for line in ("0123456789abcdef 3 tcp.len nowhere some.pcap", "* 3 tcp.len cut some.pcap", "0123456789abcdef tcp.len cut"):
        try:
            explained.parse([line], {"cut"})
        except (SystemExit, ValueError):
            continue
        raise Failure(f"this passes as an explanation: {line}")


CHECKS = [every_rule_has_its_section, tshark_may_end_where_it_must, the_first_block_may_end_as_it_likes,
          a_variant_is_one_under_the_usual_magic_number, blocks_are_walked_as_their_lengths_say,
          streams_may_be_shifted_and_no_more, a_file_that_is_no_capture_may_be_refused, same_is_same,
          each_falsified_field_is_seen, each_missing_field_is_seen, a_missing_layer_is_one_difference, a_field_that_nobody_knows_is_seen, blocks_without_a_packet_are_no_frames, a_quote_is_not_the_frame,
          each_rule_ends_where_it_ends, explanations_are_for_a_frame_and_a_field]


def passes():
    good = True
    for check in CHECKS:
        try:
            check()
        except Failure as failure:
            good = False
            print(f"conform: {check.__name__.replace('_', ' ')}: {failure}")
    if good:
        print(f"{len(CHECKS)} checks of the comparison passed")
    return good
