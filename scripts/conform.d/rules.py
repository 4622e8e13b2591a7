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


def length_zero(_, path, mine, other):
    return path.endswith(("ip.len", "ipv6.plen")) and mine == 0 and other is not ABSENT


def stopped(frame, path, mine, other):
    """Where portwatch says that a header is cut or nonsense it shows what is whole; tshark may give up before."""
    layer = next((layer for layer in frame.stops if path.startswith(layer + ".")), None)
    if layer is None:
        return False
    if path == layer + ".len":
        return frame.stops[layer] == "malformed"
    return other is ABSENT or path.startswith("tcp.options.") and mine is ABSENT


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
    return frame.layers[:2] == view.ISL


def null_family(frame, path, mine, other):
    return mine is ABSENT and "unsupported" in (frame.stops.get("null"), frame.stops.get("loop"))


def igmp_of_others(frame, path, mine, other):
    return path.startswith("igmp.checksum") and other is ABSENT and frame.ours.get("igmp.type") not in fields.IGMP_TYPES


def atm_arp(frame, path, mine, other):
    return path.startswith("arp.") and other is ABSENT and frame.ours.get("arp.hw.type") == ATM


def service_tag(frame, path, mine, other):
    return path.startswith("vlan.") and path.endswith(".etype") and other is ABSENT and "ieee8021ad" in frame.layers


def length_past_end(_, path, mine, other):
    return path.startswith("vlan.") and path.endswith(".len") and other is ABSENT


def latest_time(_, path, mine, other):
    return path == "frame.time_epoch" and mine == LATEST and other is not ABSENT and float(other) > float(mine)


RULES = [same_address, checksum_offloaded, checksum_absent, checksum_illegal, negative_zero, time_fraction, latest_time,
         pseudo_header, length_clamped, length_zero, stopped, option_given_up, fragment_length, quote,
         inter_switch_link, null_family, igmp_of_others, atm_arp, service_tag, length_past_end]
