"""Which field of tshark's stands at which path of portwatch's JSON.

A table says for a layer, path by path, tshark's field and how its text becomes our value.
"""


def number(text):
    """tshark writes decimal, hexadecimal with 0x, and booleans as 0 and 1."""
    return int(text, 0)


def eights(text):
    """Wireshark counts fragment offsets in eights; portwatch in bytes."""
    return number(text) * 8


def words(text):
    return number(text) // 4


def status(text):
    return ("bad", "good", "unverified", "absent", "illegal")[number(text)]


def there(_):
    return 1


TEXT = str


def table(prefix, numbers="", texts="", **others):
    """Most paths are tshark's names, less the layer's own."""
    entries = {path: (prefix + path, number) for path in numbers.split()}
    entries.update((path, (prefix + path, TEXT)) for path in texts.split())
    entries.update(others)
    return entries


CHECKSUM = "checksum_status"

FRAME = {"frame.len": ("frame.len", number), "frame.cap_len": ("frame.cap_len", number),
         "frame.time_epoch": ("frame.time_epoch", TEXT)}
ETHERNET = table("eth.", "type len", "src dst")
TAG = table("vlan.", "id priority dei etype len")
# Where tshark knows 802.1ad, a tag's EtherType is the next layer's affair.
SERVICE_TAG = table("ieee8021ad.", "id priority dei")
LLC = table("llc.", "dsap ssap control oui type pid")
PPPOE = table("pppoe.", "code session_id payload_length")
PPP = table("ppp.", "protocol")
HDLC = table("chdlc.", "protocol")
ARP = table("arp.", "opcode hw.type hw.size proto.type proto.size",
            "src.hw_mac src.proto_ipv4 dst.hw_mac dst.proto_ipv4")

IPV4 = table("ip.", "hdr_len dsfield len id flags.df flags.mf ttl proto checksum", "src dst",
             frag_offset=("ip.frag_offset", eights), **{CHECKSUM: ("ip.checksum.status", status)})
IPV6 = table("ipv6.", "tclass flow plen nxt hlim", "src dst")
FRAGMENT = table("ipv6.", "fraghdr.more fraghdr.ident", **{"fraghdr.offset": ("ipv6.fraghdr.offset", eights)})
ROUTING = table("ipv6.", "routing.type routing.segleft")

TCP = table("tcp.", """srcport dstport stream seq_raw ack_raw hdr_len flags window_size_value checksum urgent_pointer len
    options.mss_val options.wscale.shift options.timestamp.tsval options.timestamp.tsecr
    options.user_to_val options.user_to_granularity options.mptcp.subtype options.ao.keyid options.ao.rnextkeyid""",
            **{CHECKSUM: ("tcp.checksum.status", status)})
UDP = table("udp.", "srcport dstport stream length checksum", **{CHECKSUM: ("udp.checksum.status", status)})
UDPLITE = table("udp.", "srcport dstport stream checksum_coverage checksum",
                **{CHECKSUM: ("udp.checksum.status", status)})
ICMP = table("icmp.", """type code checksum ident seq mtu pointer num_addrs addr_entry_size lifetime
    originate_timestamp receive_timestamp transmit_timestamp ext.echo.seq""", "redir_gw address_mask",
             **{CHECKSUM: ("icmp.checksum.status", status)})
ICMPV6 = table("icmpv6.", """type code checksum echo.identifier echo.sequence_number mtu pointer
    mld.maximum_response_delay mld.maximum_response_code mldr.nb_mcast_records nd.ra.cur_hop_limit nd.ra.flag nd.ra.router_lifetime
    nd.ra.reachable_time nd.ra.retrans_timer nd.na.flag ext.echo.seq""",
               """mld.multicast_address nd.ns.target_address nd.na.target_address nd.rd.target_address
    rd.na.destination_address""", **{CHECKSUM: ("icmpv6.checksum.status", status)})
# What any message has, and what an ICMP error has beside. Other fields that stand in a frame with an error are those of
# the message that it quotes.
ICMP_EVERY = ("type", "code", "checksum", CHECKSUM)
ICMP_ERRORS = {"icmp": {3: "mtu", 4: None, 5: "redir_gw", 11: None, 12: "pointer"},
               "icmpv6": {1: None, 2: "mtu", 3: None, 4: "pointer"}}
# The code of an unreachable message that says what fits.
FRAGMENTATION_NEEDED = 4
# The messages of other protocols that have IGMP's number are not its own.
IGMP_TYPES = (0x11, 0x12, 0x16, 0x17, 0x22)
IGMP = table("igmp.", "version type max_resp checksum num_grp_recs", "maddr",
             **{CHECKSUM: ("igmp.checksum.status", status)})
SCTP = table("sctp.", "srcport dstport verification_tag chunk_type checksum",
             **{CHECKSUM: ("sctp.checksum.status", status)})
DCCP = table("dccp.", "srcport dstport checksum type data_offset")

# tshark's layer: its fields, our name of it, its number in an IP header.
TRANSPORTS = {"tcp": (TCP, "tcp", 6), "udp": (UDP, "udp", 17), "udplite": (UDPLITE, "udp", 136),
              "icmp": (ICMP, "icmp", 1), "icmpv6": (ICMPV6, "icmpv6", 58), "igmp": (IGMP, "igmp", 2),
              "sctp": (SCTP, "sctp", 132), "dccp": (DCCP, "dccp", 33)}
IPV4_HEADER = 20
# What has a stream number.
NUMBERED = {"tcp", "udp", "udplite"}
# tshark gives these to their dissectors behind either IP header.
WRONG_VERSION = {"icmp": "ipv6", "icmpv6": "ip", "igmp": "ipv6"}
# An EtherType is no PPP protocol; tshark takes it for one.
NO_PPP_PROTOCOLS = (0x0800, 0x86DD)
EXTENSIONS = {"ipv6.hopopts": "ipv6.hopopts.nxt", "ipv6.routing": "ipv6.routing.nxt",
              "ipv6.dstopts": "ipv6.dstopts.nxt", "ipv6.fraghdr": "ipv6.fraghdr.nxt", "ah": "ah.next_header"}
LINKS = {"vlan": (TAG, "vlan"), "ieee8021ad": (SERVICE_TAG, "vlan"), "llc": (LLC, "llc"), "pppoes": (PPPOE, "pppoe"),
         "ppp": (PPP, "ppp"), "chdlc": (HDLC, "chdlc"), "ethertype": ({}, ""), "sll": ({}, ""), "null": ({}, ""),
         "raw": ({}, ""), "ppp_hdlc": ({}, "")}
# Looked at by name alone.
OTHERS = """ieee8021ad.svid ieee8021ad.cvid frame.number frame.protocols frame.encap_type ip.cur_rt tcp.seq tcp.option_kind tcp.option_len
    tcp.options.sack_le tcp.options.sack_re _ws.malformed""".split()

TABLES = [FRAME, ETHERNET, ARP, IPV4, IPV6, FRAGMENT, ROUTING, *(table for table, *_ in TRANSPORTS.values()),
          *(table for table, _ in LINKS.values())]
NAMES = list(dict.fromkeys([name for table in TABLES for name, _ in table.values()]
                           + list(EXTENSIONS.values()) + OTHERS))

# These are compared where portwatch has them: of what tshark shows beside, some is by the way.
OPTIONAL = {"vlan.dei", "vlan.len", "llc.dsap", "llc.ssap", "llc.control", "llc.oui", "llc.type", "llc.pid",
            "pppoe.payload_length", "arp.hw.type", "arp.hw.size", "arp.proto.type", "arp.proto.size",
            "sctp.chunk_type", "sctp.checksum", "sctp.checksum_status", "icmp.pointer", "icmpv6.pointer", "igmp.version",
            "ipv6.routing.type", "ipv6.routing.segleft"}

# What only portwatch has: the delivery, why it stopped, reassembly, and what lies in a tunnel.
OWN_LAYERS = {"demux", "stopped", "payload", "inner", "gre", "vxlan"}
OWN = ("frame.number", "frame.protocols", "frame.interface_id", "frame.interface_name", "frame.comment",
       "ip.fragment", "ip.reassembled", "ipv6.fragment", "ipv6.reassembled", "ip.opt",
       "tcp.options.malformed.", "tcp.options.tfo.", "tcp.options.md5", "icmp.unused", "icmpv6.unused")
