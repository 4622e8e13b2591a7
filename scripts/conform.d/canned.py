"""Canned input for the check of the comparison: one frame as both programs say it, and for each rule what differs."""

import json

import rules

# One frame as both programs say it: a SYN with options.
OURS = json.loads("""{"frame": {"number": 1, "time_epoch": "2.000000001", "len": 74, "cap_len": 74, "protocols": "eth:ip:tcp"},
"eth": {"src": "00:00:00:00:00:01", "dst": "00:00:00:00:00:02", "type": 33024},
"vlan": [{"id": 5, "priority": 1, "dei": false, "etype": 2048}],
"ip": {"hdr_len": 20, "dsfield": 0, "len": 60, "id": 7, "flags": {"df": true, "mf": false}, "frag_offset": 0, "ttl": 64,
"proto": 6, "checksum": 4660, "checksum_status": "good", "src": "10.0.0.1", "dst": "10.0.0.2"},
"tcp": {"srcport": 1025, "dstport": 80, "stream": 0, "seq_raw": 9, "ack_raw": 0, "hdr_len": 40, "flags": 2,
"window_size_value": 100, "checksum": 1, "checksum_status": "bad", "urgent_pointer": 0, "len": 0,
"options": {"mss_val": 1460, "sack_perm": true, "sack": [[1, 2]]}},
"demux": {"sender": null, "receiver": null, "rule": "listener", "evidence": "capture"}}""")
THEIRS = {"frame.number": "1", "frame.time_epoch": "2.000000001", "frame.len": "74", "frame.cap_len": "74",
          "frame.protocols": "eth:ethertype:vlan:ethertype:ip:tcp", "frame.encap_type": "1",
          "eth.src": "00:00:00:00:00:01", "eth.dst": "00:00:00:00:00:02", "eth.type": "0x8100", "vlan.id": "5",
          "vlan.priority": "1", "vlan.dei": "0", "vlan.etype": "0x0800", "ip.hdr_len": "20", "ip.dsfield": "0x00",
          "ip.len": "60", "ip.id": "0x0007", "ip.flags.df": "1", "ip.flags.mf": "0", "ip.frag_offset": "0",
          "ip.ttl": "64", "ip.proto": "6", "ip.checksum": "0x1234", "ip.checksum.status": "1", "ip.src": "10.0.0.1",
          "ip.dst": "10.0.0.2", "tcp.srcport": "1025", "tcp.dstport": "80", "tcp.stream": "0", "tcp.seq_raw": "9",
          "tcp.seq": "9", "tcp.ack_raw": "0", "tcp.hdr_len": "40", "tcp.flags": "0x0002",
          "tcp.window_size_value": "100", "tcp.checksum": "0x0001", "tcp.checksum.status": "0",
          "tcp.urgent_pointer": "0", "tcp.len": "0", "tcp.option_kind": "2,4,5", "tcp.option_len": "4,2,10", "tcp.options.mss_val": "1460",
          "tcp.options.sack_le": "1", "tcp.options.sack_re": "2"}

QUOTING = {"tcp": None, "ip__proto": 1, "icmp": {"type": 3, "code": 3, "checksum": 1, "checksum_status": "good",
           "quoted": {"ip": dict(OURS["ip"], src="10.0.0.9", proto=17), "udp": {"srcport": 5, "dstport": 6, "stream": 0}}}}


def quoting(**changes):
    """tshark's view of an ICMP error that quotes a datagram, as what differs from the canned frame."""
    fields_there = {name: f"{value},{value}" for name, value in THEIRS.items() if name.startswith("ip.")}
    fields_there.update({name: "" for name in THEIRS if name.startswith("tcp.")})
    fields_there.update({"frame.protocols": "eth:ethertype:vlan:ethertype:ip:icmp:ip:udp", "ip.proto": "1,17",
                         "ip.src": "10.0.0.1,10.0.0.9", "icmp.type": "3", "icmp.code": "3", "icmp.checksum": "1",
                         "icmp.checksum.status": "1", "udp.srcport": "5", "udp.dstport": "6", "udp.stream": "0"})
    return dict({name.replace(".", "__"): value for name, value in fields_there.items()}, **changes)


IPV6 = {"frame__protocols": "eth:ethertype:vlan:ethertype:ipv6", "ipv6__src": "::ffff:102:304"}
IGMP = {"frame__protocols": "eth:ethertype:vlan:ethertype:ip:igmp", "ip__proto": "2"}
ARP = {"frame__protocols": "eth:ethertype:vlan:ethertype:arp"}
NO_IP = {name.replace(".", "__"): "" for name in THEIRS if name.startswith(("ip.", "tcp."))}
CUT_IP = dict({name: "" for name in NO_IP if name.startswith("tcp__")}, frame__protocols="eth:ethertype:vlan:ethertype:ip")
CUT = {"stopped": {"layer": "tcp", "reason": "truncated"}}
ISL = {"eth__dst": "01:00:0c:00:00:00", "vlan": [], "ip": None, "tcp": None}
NO_FAMILY = {"stopped": {"layer": "null", "reason": "unsupported", "detail": "address family 131074"},
             "eth": None, "vlan": [], "ip": None, "tcp": None}
LOOP = {"frame__protocols": "null:ip:tcp"}
GIVEN_UP = dict(CUT_IP, ip__hdr_len="24")
AUTHENTICATION = {"frame__protocols": "eth:ethertype:vlan:ethertype:ip:ah:tcp", "ip__proto": "51", "ah__next_header": "6"}
SCTP = {"tcp": None, "ip__proto": 132, "sctp": {"srcport": 1, "dstport": 2, "verification_tag": 3}}
SCTP_THERE = {"frame__protocols": "eth:ethertype:vlan:ethertype:ip:sctp", "ip__proto": "132", "sctp__srcport": "1",
              "sctp__dstport": "2", "sctp__verification_tag": "3", "sctp__checksum__status": "1"}
QUERY = {"tcp": None, "ip__proto": 2, "igmp": {"type": 0x11, "checksum": 5, "checksum_status": "good"}}
QUERY_THERE = dict(IGMP, igmp__type="0x11", igmp__checksum="5", igmp__checksum__status="0")
LISTENER = {"ip": None, "tcp": None, "ipv6": {"nxt": 58, "proto": 58},
            "icmpv6": {"type": 130, "mld": {"maximum_response_code": 40115}}}
LISTENER_THERE = {"frame__protocols": "eth:ethertype:vlan:ethertype:ipv6:icmpv6", "ipv6__nxt": "58", "icmpv6__type": "130"}
DATAGRAM = {"tcp": None, "ip__proto": 17, "udp": {"srcport": 1, "dstport": 2, "length": 39, "checksum_status": "good"}}
DATAGRAM_THERE = {"frame__protocols": "eth:ethertype:vlan:ethertype:ip:udp", "ip__proto": "17", "udp__srcport": "1",
                  "udp__dstport": "2", "udp__length": "39", "udp__checksum__status": "2"}
BARE = {"eth": None, "vlan": [], "ip": None, "tcp": None}
# (rule, what is other in ours, in theirs; the same where the rule must not excuse it)
RULES = [
    ("checksum-offloaded", {"tcp__checksum_status": "offloaded"}, {}, {"tcp__checksum_status": "offloaded"}, {"tcp__checksum__status": "1"}),
    ("checksum-absent", {"tcp__checksum_status": "unverified"}, {"tcp__checksum__status": "3"},
     {"tcp__checksum_status": "good"}, {"tcp__checksum__status": "3"}),
    ("checksum-illegal", {}, {"tcp__checksum__status": "4"}, {"tcp__checksum_status": "good"}, {"tcp__checksum__status": "4"}),
    ("same-address", {"ip": None, "tcp": None, "ipv6": {"src": "::ffff:1.2.3.4"}}, IPV6,
     {"ip": None, "tcp": None, "ipv6": {"src": "::ffff:1.2.3.5"}}, IPV6),
    ("igmp-of-others", {"tcp": None, "ip__proto": 2, "igmp": {"type": 0x14, "checksum": 5}}, dict(IGMP, igmp__type="0x14"),
     {"tcp": None, "ip__proto": 2, "igmp": {"type": 0x11, "checksum": 5}}, dict(IGMP, igmp__type="0x11")),
    ("atm-arp", {"tcp": None, "ip": None, "arp": {"hw": {"type": 19}, "opcode": 1}}, ARP,
     {"tcp": None, "ip": None, "arp": {"hw": {"type": 1}, "opcode": 1}}, ARP),
    ("negative-zero", {"tcp__checksum": 65535, "tcp__checksum_status": "good"}, {"tcp__checksum": "0xffff"},
     {"tcp__checksum_status": "good"}, {}),
    ("time-fraction", {"frame__time_epoch": "10.000000005"}, {"frame__time_epoch": "2.8000000005"},
     {"frame__time_epoch": "10.000000005"}, {"frame__time_epoch": "2.8000000006"}),
    ("time-fraction", {"frame__time_epoch": "5.000000000"}, {"frame__time_epoch": "-2.1294967296"},
     {"frame__time_epoch": "5.000000000"}, {"frame__time_epoch": "2.1294967296"}),
    ("pseudo-header", {"frame__len": 78}, {"frame__encap_type": "13"}, {"frame__len": 78}, {}),
    ("length-clamped", {"frame__len": 3000000000}, {"frame__len": "2147483647"}, {"frame__len": 3000000000}, {}),
    # Behind Ethernet and a tag the frame of 74 bytes has 56.
    ("length-zero", {"ip__len": 0}, {"ip__len": "56"}, {"ip__len": 1}, {"ip__len": "56"}),
    ("length-zero", {"ip__len": 0}, {"ip__len": "56"}, {"ip__len": 0}, {"ip__len": "60"}),
    ("cut-header", {"stopped": {"layer": "ip", "reason": "truncated"}, "tcp": None, "ip": None}, CUT_IP,
     {"stopped": {"layer": "ip", "reason": "malformed"}, "tcp": None, "ip": None}, CUT_IP),
    ("cut-header", {"stopped": {"layer": "vlan", "reason": "truncated"}, "vlan": [], "tcp": None, "ip": None},
     dict(NO_IP, frame__protocols="eth:ethertype:vlan"),
     {"stopped": {"layer": "ip", "reason": "truncated"}, "tcp": None, "ip__ttl": None}, CUT_IP),
    ("stopped", {"stopped": {"layer": "tcp", "reason": "truncated"}}, {"tcp__ack_raw": ""}, {}, {"tcp__ack_raw": ""}),
    # An option that is cut is the last; of a header that ends behind the packet no option is shown.
    ("stopped", dict(CUT, tcp__options={"mss_val": 1460, "sack_perm": True}), {}, dict(CUT, tcp__options={"mss_val": 1460}), {}),
    ("stopped", {"stopped": {"layer": "tcp", "reason": "malformed"}, "tcp__options": {}}, {},
     {"stopped": {"layer": "tcp", "reason": "malformed"}, "tcp__options": {"mss_val": 1460}}, {}),
    ("stopped", {"stopped": {"layer": "tcp", "reason": "malformed"}, "tcp__options": {}}, {"tcp__len": "9"},
     {"stopped": {"layer": "tcp", "reason": "truncated"}}, {"tcp__len": "9"}),
    ("fragment-length", {"ip__flags": {"df": True, "mf": True}}, {"ip__flags__mf": "1", "tcp__len": ""}, {}, {"tcp__len": ""}),
    ("service-tag", {}, {"frame__protocols": "eth:ethertype:ieee8021ad:ethertype:ip:tcp", "ieee8021ad__id": "5",
                         "ieee8021ad__priority": "1", "ieee8021ad__dei": "0"}, {}, {"vlan__etype": ""}),
    ("length-past-end", {"vlan": [{"id": 5, "priority": 1, "dei": False, "len": 900}]}, {"vlan__etype": ""},
     {"vlan": [{"id": 5, "priority": 1, "dei": False, "len": 900}]}, {"vlan__etype": "", "vlan__len": "901"}),
    # The frame has 56 bytes behind the tag.
    ("length-past-end", {"vlan": [{"id": 5, "priority": 1, "dei": False, "len": 57}]}, {"vlan__etype": ""},
     {"vlan": [{"id": 5, "priority": 1, "dei": False, "len": 56}]}, {"vlan__etype": ""}),
    ("inter-switch-link", ISL, {"frame__protocols": "eth:eth:llc:data"}, dict(ISL, eth__dst="01:00:5e:00:00:00"),
     {"frame__protocols": "eth:eth:llc:data"}),
    ("inter-switch-link", ISL, {"frame__protocols": "eth:eth:llc:data"}, dict(ISL, frame__len=75),
     {"frame__protocols": "eth:eth:llc:data"}),
    ("quote", dict(QUOTING, icmp__quoted__udp__length=9), quoting(), QUOTING, quoting(udp__srcport="7")),
    ("quote", QUOTING, quoting(udp__length="9"), QUOTING, quoting(udp__stream="1")),
    ("option-given-up", {}, {"tcp__option_kind": "2,5", "tcp__option_len": "4,2", "tcp__options__sack_le": "",
                            "tcp__options__sack_re": "", "_ws__malformed": "1"},
     {}, {"tcp__option_kind": "2,5", "tcp__option_len": "4,2"}),
    ("null-family", NO_FAMILY, LOOP, dict(NO_FAMILY, stopped__detail="address family 33554432"), LOOP),
    ("null-family", NO_FAMILY, LOOP, dict(NO_FAMILY, frame__len=None), LOOP),
    ("given-up", {"ip__hdr_len": 24}, dict(GIVEN_UP, _ws__malformed="1"), {"ip__hdr_len": 24}, GIVEN_UP),
    ("given-up", {"ip__hdr_len": 24}, dict(GIVEN_UP, _ws__malformed="1"), {}, dict(CUT_IP, _ws__malformed="1")),
    ("authentication-length", {"tcp": None, "ip__proto": 51, "stopped": {"layer": "ip", "reason": "malformed"}}, AUTHENTICATION,
     {"tcp": None, "ip__proto": 51, "stopped": {"layer": "ip", "reason": "truncated"}}, AUTHENTICATION),
    ("final-destination", {"tcp__checksum_status": "unverified", "ip__hdr_len": 24}, {"ip__hdr_len": "24"},
     {"tcp__checksum_status": "unverified"}, {}),
    ("routed-stream", {"tcp__stream": 7, "ip__hdr_len": 24}, {"ip__cur_rt": "10.0.0.2", "ip__hdr_len": "24"},
     {"tcp__stream": 7, "ip__hdr_len": 24}, {"ip__hdr_len": "24"}),
    ("fragment-checksum", dict(SCTP, ip__flags={"df": True, "mf": True}, sctp__checksum_status="unverified"),
     dict(SCTP_THERE, ip__flags__mf="1"), dict(SCTP, sctp__checksum_status="unverified"), SCTP_THERE),
    ("chunk", dict(SCTP, sctp__checksum_status="good", sctp__chunk_type=3), dict(SCTP_THERE, _ws__malformed="1"),
     dict(SCTP, sctp__checksum_status="good", sctp__chunk_type=3), SCTP_THERE),
    ("datagram-end", dict(DATAGRAM, frame__cap_len=73), dict(DATAGRAM_THERE, frame__cap_len="73"),
     DATAGRAM, DATAGRAM_THERE),
    ("datagram-end", dict(DATAGRAM, frame__cap_len=73), dict(DATAGRAM_THERE, frame__cap_len="73"),
     dict(DATAGRAM, frame__cap_len=73, udp__length=40), dict(DATAGRAM_THERE, frame__cap_len="73", udp__length="40")),
    # 40 bytes of message, and 8.
    ("igmp-end", QUERY, QUERY_THERE, dict(QUERY, ip__len=28), dict(QUERY_THERE, ip__len="28")),
    ("listener-code", LISTENER, dict(LISTENER_THERE, icmpv6__mld__maximum_response_code="117552"),
     LISTENER, dict(LISTENER_THERE, icmpv6__mld__maximum_response_code="117553")),
    ("raw-guess", BARE, {"frame__protocols": "raw:ppp", "ppp__protocol": "0x0021"},
     BARE, {"frame__protocols": "null:ppp", "ppp__protocol": "0x0021"}),
    ("cooked-hardware", dict(BARE, stopped={"layer": "sll", "reason": "unsupported"}), {"frame__protocols": "sll:ethertype:ip:tcp"},
     dict(BARE, stopped={"layer": "sll", "reason": "truncated"}), {"frame__protocols": "sll:ethertype:ip:tcp"}),
    ("latest-time", {"frame__time_epoch": rules.LATEST}, {"frame__time_epoch": "9223372037.1"},
     {"frame__time_epoch": rules.LATEST}, {"frame__time_epoch": "9223372035.1"}),
]
