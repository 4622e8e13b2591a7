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
# The address families of null and loop headers: IPv4, and IPv6 as NetBSD, FreeBSD and Darwin number it.
FAMILIES = (2, 24, 28, 30)
# What is in front of the IP header: how long each layer may be.
LINK_HEADERS = {"eth": (14,), "vlan": (4,), "ieee8021ad": (4, 8), "sll": (16, 20), "null": (4,), "pppoes": (6,),
                "chdlc": (4,), "ethertype": (0,), "raw": (0,), "ppp": (1, 2, 3, 4, 5)}
TAGS = ("vlan", "ieee8021ad")
IPV6_HEADER, ICMP_HEADER, IGMP_HEADER = 40, 8, 8
IGMP_REPORT, REDIRECT = 0x22, 5
# Where tshark may end with a malformed packet: before it is known what the packet carries.
GIVING_UP = ("ipv6.hopopts", "ipv6.dstopts", "ipv6.routing")
TRANSPORT_PREFIXES = tuple(sorted({f"{name}." for _, name, _ in fields.TRANSPORTS.values()}))
CUT_EXTENSIONS = {"ipv6.hopopts": 0, "ipv6.dstopts": 60, "ah": 51}
# The checksums that are over the addresses as well.
PSEUDO_SUMS = tuple(f"{name}.{fields.CHECKSUM}" for name in ("tcp", "udp", "icmpv6"))
STREAMS = ("tcp.stream", "udp.stream")
# What is known of an IPv6 packet by its extension headers.
EXTENSION_PATHS = ("ipv6.proto", "ipv6.fraghdr.", "ipv6.routing.")
# The destinations of Cisco's Inter-Switch Link.
ISL_ADDRESSES = ("01:00:0c:00:00:", "03:00:0c:00:00:")
CUT_WHOLE = ("vlan", "ip", "ipv6", "igmp", "icmp", "icmpv6")
OPTION_KINDS = {"mss_val": "2", "wscale": "3", "sack_perm": "4", "sack": "5", "timestamp": "8", "user_to_val": "28",
                "user_to_granularity": "28", "ao": "29", "mptcp": "30"}


def behind(frame, layers):
    """How many bytes the frame may have behind these link headers; none of them where one is not known."""
    # Some files say a length below what was captured.
    rests = {max(frame.theirs["frame.len"], frame.theirs["frame.cap_len"])}
    for layer in layers:
        rests = {rest - length for rest in rests for length in LINK_HEADERS.get(layer, ())}
        if layer == "pppoes" and rests and "pppoe.payload_length" in frame.ours:
            rests.add(frame.ours["pppoe.payload_length"])
    return rests


def is_cut(frame):
    return frame.theirs.get("frame.cap_len", 0) < frame.theirs.get("frame.len", 0)


def quoted(path):
    """`icmp.quoted.` for what stands in a quote."""
    before, word, _ = path.rpartition("quoted.")
    return before + word


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
    if not path.endswith(fields.CHECKSUM):
        return False
    # In what an ICMP error quotes tshark lets it pass; of a cut datagram and to a tunnel's port portwatch verifies nothing.
    return (mine, other) in ((("bad", "absent"),) if ".quoted." in path else (("bad", "illegal"), ("unverified", "illegal")))


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
    return mine == 0 and other in lengths_there(frame, path)


def lengths_there(frame, path):
    """What an IP header's length may say where it says what is there: in a frame, or quoted by an ICMP error."""
    if path == "icmp.quoted.ip.len":
        # Of a redirect's quote tshark takes 64 bits behind the header.
        least = {frame.theirs["icmp.quoted.ip.hdr_len"] + 8} if frame.theirs["icmp.type"] == REDIRECT else set()
        return {frame.theirs["ip.len"] - frame.theirs["ip.hdr_len"] - ICMP_HEADER} | least
    if path == "icmpv6.quoted.ipv6.plen":
        return {frame.theirs["ipv6.plen"] - ICMP_HEADER - IPV6_HEADER}
    layer = path.split(".")[0]
    if path not in ("ip.len", "ipv6.plen") or layer not in frame.layers:
        return set()
    rests = behind(frame, frame.layers[:frame.layers.index(layer)])
    return rests if layer == "ip" else {rest - IPV6_HEADER for rest in rests}


def cut_header(frame, path, mine, other):
    words = path.split(".")
    if path == "ipv6.proto" and mine is not ABSENT:
        # Of an extension header that is cut behind its first byte tshark does not show what would follow.
        return frame.stops.get("ipv6") == "truncated" and CUT_EXTENSIONS.get(frame.layers[-1]) == other
    if mine is not ABSENT or words[0] not in CUT_WHOLE or frame.stops.get(words[0]) != "truncated":
        return False
    # Of ICMP what the type makes of the last four bytes of eight is shown when all of them are there.
    if words[0] in ("icmp", "icmpv6") and path not in (f"{words[0]}.{name}" for name in fields.ICMP_EVERY):
        return True
    header = ".".join(words[:2] if words[0] == "vlan" else words[:1]) + "."
    return not any(known.startswith(header) for known in frame.ours)


def stopped(frame, path, mine, other):
    """Where portwatch says that a header is cut or nonsense it shows what is whole; tshark may give up before."""
    layer = next((layer for layer in frame.stops if path.startswith(layer + ".")), None)
    if layer is None:
        return False
    if path == "tcp.len":
        return frame.stops[layer] == "malformed" or mine is ABSENT
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


def quote(frame, path, mine, other):
    """tshark dissects less of some quotes, and nothing of a quote in a quote; what is not verified has no status."""
    if path.count(".quoted.") > 1:
        return other is ABSENT
    if ".quoted." in path and mine is ABSENT and frame.stops.get(quoted(path) + "ip") == "truncated":
        return True
    if path.endswith("tcp.stream") and mine is ABSENT and frame.stops.get(quoted(path) + "tcp") == "truncated":
        return ".quoted." in path
    if ".quoted." not in path or path.endswith(PORTS) and not (path.endswith("stream") and other is ABSENT):
        return False
    return ABSENT in (mine, other) or path.endswith(fields.CHECKSUM) and "unverified" in (mine, other)


def inter_switch_link(frame, path, mine, other):
    if other is not ABSENT or path.startswith("frame.") or not frame.ours.get("eth.dst", "").startswith(ISL_ADDRESSES):
        return False
    # Where the inner header is cut, or is no Ethernet one, tshark shows none of them.
    return frame.layers[:2] == view.ISL and path.startswith(("eth.", "llc.")) or "eth.dst" not in frame.theirs


def null_family(frame, path, mine, other):
    if mine is not ABSENT or path.startswith("frame.") or frame.family is None:
        return False
    orders = (int.from_bytes(frame.family.to_bytes(4, "big"), order) for order in ("big", "little"))
    return not any(family in FAMILIES for family in orders)


def igmp_of_others(frame, path, mine, other):
    is_other = frame.ours.get("igmp.type") not in fields.IGMP_TYPES
    return is_other and path.startswith("igmp.checksum") and (other is ABSENT or path == "igmp.checksum_status" and other == "unverified")


def atm_arp(frame, path, mine, other):
    return path.startswith("arp.") and other is ABSENT and frame.ours.get("arp.hw.type") == ATM


def service_tag(frame, path, mine, other):
    """tshark shows no type of a service tag, and knows no length there: what is behind that is data."""
    if other is not ABSENT or "ieee8021ad" not in frame.layers:
        return False
    if path.startswith("vlan.") and path.endswith(".etype"):
        return True
    tags = [layer for layer in frame.layers if layer in TAGS]
    has_length = "ieee8021ad" in tags[-1:] and any(known.startswith("vlan.") and known.endswith(".len") for known in frame.ours)
    return has_length and not frame.theirs.keys() & {"ip.src", "ipv6.src", "llc.dsap"} and not path.startswith(("frame.", "eth."))


def length_past_end(frame, path, mine, other):
    if not path.startswith("vlan.") or not path.endswith(".len") or other is not ABSENT:
        return False
    tags = [place for place, layer in enumerate(frame.layers) if layer in TAGS]
    tag = int(path.split(".")[1])
    rests = behind(frame, frame.layers[:tags[tag] + 1]) if tag < len(tags) else set()
    return any(mine > rest for rest in rests)


def given_up(frame, path, mine, other):
    """tshark ends at an option of an IP header, or at an IPv6 extension header, that leads out of the packet."""
    last = frame.layers[-1]
    # It does not say so in a fragment, in a quote, and where the capture ends.
    if not (frame.malformed or "ipv6.fraghdr" in frame.layers or quoted(path) or is_cut(frame)):
        return False
    if last not in GIVING_UP and (last != "ip" or frame.ours.get("ip.hdr_len", 0) <= fields.IPV4_HEADER):
        return False
    inner = path.removeprefix(quoted(path))
    if inner.startswith(TRANSPORT_PREFIXES):
        return other is ABSENT
    return last in GIVING_UP and inner.startswith(EXTENSION_PATHS)


def authentication_length(frame, path, mine, other):
    """An authentication header shorter than RFC 4302 §2 has it: portwatch ends there, tshark goes by its length."""
    prefix = quoted(path)
    if "ah" not in frame.layers or "malformed" not in (frame.stops.get(prefix + "ip"), frame.stops.get(prefix + "ipv6")):
        return False
    inner = path.removeprefix(prefix)
    return inner.startswith(EXTENSION_PATHS) or mine is ABSENT and inner.startswith(TRANSPORT_PREFIXES)


def final_destination(frame, path, mine, other):
    """Where a source route leads on and does not say where to, portwatch verifies nothing; tshark takes the header's."""
    if path not in PSEUDO_SUMS or mine != "unverified" or other is ABSENT:
        return False
    return is_routed(frame) or frame.ours.get("ip.hdr_len", 0) > fields.IPV4_HEADER


def routed_stream(frame, path, mine, other):
    """tshark counts a packet with a source route to the conversation with the last station, portwatch to the next one's."""
    return path in STREAMS and ABSENT not in (mine, other) and is_routed(frame)


def is_routed(frame):
    return frame.has_route or frame.ours.get("ipv6.routing.segleft", 0) > 0 or frame.layers.count("ipv6.routing") > 1


def fragment_checksum(frame, path, mine, other):
    """tshark verifies the checksums of SCTP, IGMP and ICMP in a first fragment, which has not all that they are over."""
    if not path.endswith(fields.CHECKSUM) or path.startswith(("tcp.", "udp.")) or mine != "unverified" or other is ABSENT:
        return False
    return frame.ours.get("ip.flags.mf") == 1 or frame.ours.get("ipv6.fraghdr.more") == 1


def igmp_end(frame, path, mine, other):
    """tshark takes eight bytes of an old message for all of it, and fewer as well; of a cut query it may show nothing."""
    if not path.startswith("igmp."):
        return False
    if path == "igmp.checksum_status" and other is not ABSENT:
        length = frame.ours.get("ip.len", 0) - frame.ours.get("ip.hdr_len", 0)
        if mine == "unverified":
            return frame.stops.get("igmp") == "truncated"
        return other != "unverified" and length > IGMP_HEADER and frame.ours.get("igmp.type") != IGMP_REPORT
    return other is ABSENT and is_cut(frame) and "igmp.checksum" not in frame.theirs


def datagram_end(frame, path, mine, other):
    """tshark verifies no datagram in a packet that is cut, also where the datagram ends before that."""
    if path != "udp.checksum_status" or other != "unverified" or mine == "unverified" or not is_cut(frame):
        return False
    rests = {frame.ours.get("ip.len", 0) - frame.ours.get("ip.hdr_len", 0), frame.ours.get("ipv6.plen", 0)}
    return frame.ours.get("udp.length", 0) < max(rests)


def chunk(frame, path, mine, other):
    """tshark names no type of a chunk whose length leads out of the packet."""
    return path == "sctp.chunk_type" and other is ABSENT and (frame.malformed or is_cut(frame))


def listener_code(_, path, mine, other):
    """From 32768 on tshark puts the time that the code stands for in the code's place (RFC 9777 §5.1.3)."""
    if not path.endswith("icmpv6.mld.maximum_response_code") or ABSENT in (mine, other) or mine < 0x8000:
        return False
    return other == (mine & 0xFFF | 0x1000) << ((mine >> 12 & 7) + 3)


def raw_guess(frame, path, mine, other):
    """Where a packet without a link header has another version of IP than it may have, tshark guesses."""
    if path.startswith("frame.") or ABSENT not in (mine, other):
        return False
    if frame.layers[:2] == ["ip", "ipv6"]:
        return mine is ABSENT and frame.stops.get("ip") == "malformed"
    return frame.layers[:2] == ["raw", "ppp"] or mine is ABSENT and frame.layers[0] == "raw" and frame.stops.get("raw") == "malformed"


def cooked_hardware(frame, path, mine, other):
    """Of hardware that puts a header of its own first portwatch shows nothing; tshark has dissectors that are off."""
    return mine is ABSENT and frame.layers[0] == "sll" and frame.stops.get("sll") == "unsupported" and not path.startswith("frame.")


def latest_time(_, path, mine, other):
    return path == "frame.time_epoch" and mine == LATEST and other is not ABSENT and float(other) > float(mine)


RULES = [same_address, checksum_offloaded, checksum_absent, checksum_illegal, negative_zero, time_fraction, latest_time,
         pseudo_header, length_clamped, length_zero, cut_header, stopped, given_up, option_given_up, fragment_length, quote,
         inter_switch_link, null_family, igmp_of_others, atm_arp, service_tag, length_past_end,
         authentication_length, final_destination, routed_stream, fragment_checksum, igmp_end, datagram_end, chunk, listener_code, raw_guess,
         cooked_hardware]
