"""The rules of the comparison: where the two views differ and mean the same, or mean different things.

Each is a function of the frame, the path and both values, and has the name of its section in docs/conformance.md.
"""

import ipaddress

import fields
import view

ABSENT = None
# How long the pseudo-headers are that tshark takes away from the frame, by its number for the link type: SunATM, PPP
# with a direction, IrDA, MTP2, LAPD, Bluetooth (2), SITA, I2C, NFC; ERF's has further parts.
PSEUDO_HEADERS = {"13": 4, "19": 1, "44": 16, "75": 4, "88": 16, "99": 4, "159": 4, "100": 5, "112": 5, "140": 2}
ERF, ERF_HEADER = "98", 16
# What portwatch counts, nanoseconds in 64 bits, ends in the year 2262.
LATEST = "9223372036.854775807"
ATM = 19
PORTS = ("srcport", "dstport", "stream")
# The address families of null and loop headers: IPv4, and IPv6 as Linux, NetBSD, FreeBSD and Darwin number it.
FAMILIES = (2, 10, 24, 28, 30)
# What is in front of the IP header, in layers of one length.
LINK_HEADERS = {"eth": 14, "vlan": 4, "ieee8021ad": 4, "sll": 16, "null": 4, "pppoes": 6, "chdlc": 4,
                "ethertype": 0, "raw": 0}
TAGS = ("vlan", "ieee8021ad")
IPV6_HEADER, ICMP_HEADER = 40, 8
# The destinations of Cisco's Inter-Switch Link.
ISL_ADDRESSES = ("01:00:0c:00:00:", "03:00:0c:00:00:")
CUT_WHOLE = ("vlan", "ip", "ipv6", "igmp")
OPTION_KINDS = {"mss_val": "2", "wscale": "3", "sack_perm": "4", "sack": "5", "timestamp": "8", "user_to_val": "28",
                "user_to_granularity": "28", "ao": "29", "mptcp": "30"}


def behind(frame, layers):
    """How many bytes the frame has behind these link headers; nothing of one whose length differs."""
    if not all(layer in LINK_HEADERS for layer in layers):
        return None
    return frame.theirs["frame.len"] - sum(LINK_HEADERS[layer] for layer in layers)


def same_address(_, path, mine, other):
    if ":" not in str(mine) or ":" not in str(other):
        return False
    try:
        return ipaddress.IPv6Address(mine) == ipaddress.IPv6Address(other)
    except ValueError:
        return False


def checksum_offloaded(_, path, mine, other):
    return path.endswith(fields.CHECKSUM) and (mine, other) == ("offloaded", "bad")


def checksum_absent(_, path, mine, other):
    return path.endswith(fields.CHECKSUM) and (mine, other) == ("unverified", "absent")


def checksum_illegal(_, path, mine, other):
    return path.endswith(fields.CHECKSUM) and (mine, other) == ("bad", "illegal")


def negative_zero(frame, path, mine, other):
    return path == "tcp.checksum_status" and (mine, other) == ("good", "bad") and frame.ours["tcp.checksum"] == 0xFFFF


def time_fraction(_, path, mine, other):
    """tshark counts the nanoseconds of a second in 32 bits, with a sign."""
    if path != "frame.time_epoch" or ABSENT in (mine, other):
        return False
    seconds, nanoseconds = other.lstrip("-").split(".")
    sign = -1 if other.startswith("-") else 1
    mine_seconds, mine_nanoseconds = mine.lstrip("-").split(".")
    total = int(mine_seconds) * 10**9 + int(mine_nanoseconds)
    total = -total if mine.startswith("-") else total
    return (total - int(seconds) * 10**9 - sign * int(nanoseconds)) % 2**32 == 0


def pseudo_header(frame, path, mine, other):
    if path not in ("frame.len", "frame.cap_len") or ABSENT in (mine, other):
        return False
    taken = mine - other
    return taken == PSEUDO_HEADERS.get(frame.link_type) or frame.link_type == ERF and taken >= ERF_HEADER


def length_clamped(_, path, mine, other):
    return path == "frame.len" and mine is not ABSENT and other == 2**31 - 1 < mine


def length_zero(frame, path, mine, other):
    return mine == 0 and other is not ABSENT and other == length_there(frame, path)


def length_there(frame, path):
    """What an IP header's length says where it says what is there: in a frame, or quoted by an ICMP error in IPv4."""
    if path == "icmp.quoted.ip.len":
        return frame.theirs["ip.len"] - frame.theirs["ip.hdr_len"] - ICMP_HEADER
    layer = path.split(".")[0]
    if path not in ("ip.len", "ipv6.plen") or layer not in frame.layers:
        return None
    rest = behind(frame, frame.layers[:frame.layers.index(layer)])
    return rest if layer == "ip" or rest is None else rest - IPV6_HEADER


def cut_header(frame, path, mine, other):
    words = path.split(".")
    if mine is not ABSENT or words[0] not in CUT_WHOLE or frame.stops.get(words[0]) != "truncated":
        return False
    header = ".".join(words[:2] if words[0] == "vlan" else words[:1]) + "."
    return not any(known.startswith(header) for known in frame.ours)


def stopped(frame, path, mine, other):
    """Where portwatch says that a header is cut or nonsense it shows what is whole; tshark may give up before."""
    layer = next((layer for layer in frame.stops if path.startswith(layer + ".")), None)
    if layer is None:
        return False
    if path == layer + ".len":
        return frame.stops[layer] == "malformed"
    return other is ABSENT or mine is ABSENT and is_cut_option(frame, path)


def is_cut_option(frame, path):
    """The last option, of which a piece is there; or any, where the options end behind the packet and we show none."""
    if not path.startswith("tcp.options.") or "tcp" not in frame.stops:
        return False
    if frame.stops["tcp"] == "malformed":
        return not any(known.startswith("tcp.options.") for known in frame.ours)
    return frame.options[-1:] == [OPTION_KINDS.get(path.split(".")[2])]


def option_given_up(frame, path, mine, other):
    return path.startswith("tcp.options.") and other is ABSENT and frame.malformed


def fragment_length(frame, path, mine, other):
    if path != "tcp.len" or other is not ABSENT:
        return False
    return frame.ours.get("ip.flags.mf") == 1 or "ipv6.fraghdr.offset" in frame.ours


def quote(_, path, mine, other):
    """tshark dissects less of some quotes, and verifies no ICMP message in one."""
    if ".quoted." not in path or path.endswith(PORTS) and not (path.endswith("stream") and other is ABSENT):
        return False
    return ABSENT in (mine, other) or path.endswith(fields.CHECKSUM) and other == "unverified"


def inter_switch_link(frame, path, mine, other):
    is_link = frame.layers[:2] == view.ISL and frame.ours["eth.dst"].startswith(ISL_ADDRESSES)
    return is_link and other is ABSENT and path.startswith(("eth.", "llc."))


def null_family(frame, path, mine, other):
    if mine is not ABSENT or path.startswith("frame.") or frame.family is None:
        return False
    orders = (int.from_bytes(frame.family.to_bytes(4, "big"), order) for order in ("big", "little"))
    return not any(family in FAMILIES for family in orders)


def igmp_of_others(frame, path, mine, other):
    return path.startswith("igmp.checksum") and other is ABSENT and frame.ours.get("igmp.type") not in fields.IGMP_TYPES


def atm_arp(frame, path, mine, other):
    return path.startswith("arp.") and other is ABSENT and frame.ours.get("arp.hw.type") == ATM


def service_tag(frame, path, mine, other):
    return path.startswith("vlan.") and path.endswith(".etype") and other is ABSENT and "ieee8021ad" in frame.layers


def length_past_end(frame, path, mine, other):
    if not path.startswith("vlan.") or not path.endswith(".len") or other is not ABSENT:
        return False
    tags = [place for place, layer in enumerate(frame.layers) if layer in TAGS]
    tag = int(path.split(".")[1])
    rest = behind(frame, frame.layers[:tags[tag] + 1]) if tag < len(tags) else None
    return rest is not None and mine > rest


def latest_time(_, path, mine, other):
    return path == "frame.time_epoch" and mine == LATEST and other is not ABSENT and float(other) > float(mine)


RULES = [same_address, checksum_offloaded, checksum_absent, checksum_illegal, negative_zero, time_fraction, latest_time,
         pseudo_header, length_clamped, length_zero, cut_header, stopped, option_given_up, fragment_length, quote,
         inter_switch_link, null_family, igmp_of_others, atm_arp, service_tag, length_past_end]
