"""tshark's view of a capture: its fields, frame by frame, at the paths of portwatch's JSON.

Dissectors above the transport layer are off, so that none of them merges, splits or
reassembles anything, and so that no packet inside a tunnel is taken for the outer one.
"""

import os
import subprocess
import tempfile

import fields

# What stays on; everything else is disabled by name, in a settings folder of its own.
LAYERS = """frame eth ethertype vlan ieee8021ad llc sll null raw ppp ppp_hdlc pppoes chdlc ip ipv6 ipv6.hopopts ipv6.routing
ipv6.dstopts ipv6.fraghdr ah tcp mptcp udp udplite icmp icmpv6 igmp sctp dccp arp atmarp data pcapng file-pcapng pkt_comment""".split()
KEPT_PREFIXES = ("_ws.", "tcp.options")

PREFERENCES = """tcp.relative_sequence_numbers:FALSE tcp.analyze_sequence_numbers:TRUE
tcp.desegment_tcp_streams:FALSE tcp.try_heuristic_first:FALSE tcp.check_checksum:TRUE
udp.check_checksum:TRUE udplite.check_checksum:TRUE
ip.check_checksum:TRUE ip.defragment:FALSE ipv6.defragment:FALSE ipv6.tso_support:TRUE sctp.checksum:crc-32c""".split()

COLUMN = {name: index for index, name in enumerate(fields.NAMES)}


class Settings:
    """A settings folder that holds nothing but the list of disabled dissectors."""

    def __init__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="portwatch-conform-")
        self.environment = dict(os.environ, WIRESHARK_CONFIG_DIR=self.folder.name, HOME=self.folder.name,
                                XDG_CONFIG_HOME=self.folder.name, LC_ALL="C", TZ="UTC")
        known = subprocess.run(["tshark", "-G", "protocols"], env=self.environment, check=True, text=True,
                               stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
        names = [line.split("\t")[2] for line in known.splitlines()]
        disabled = [name for name in names if name not in LAYERS and not name.startswith(KEPT_PREFIXES)]
        if "tcp" not in names or len(disabled) < 1000:
            raise SystemExit("conform: tshark does not list its protocols")
        with open(os.path.join(self.folder.name, "disabled_protos"), "w", encoding="ascii") as file:
            file.write("\n".join(disabled) + "\n")

    def command(self, capture, *arguments):
        preferences = [word for preference in PREFERENCES for word in ("-o", preference)]
        return ["tshark", "-n", "-r", capture, *preferences, *arguments]

    def fields_command(self, capture):
        names = [word for name in fields.NAMES for word in ("-e", name)]
        return self.command(capture, "-T", "fields", "-E", "separator=/t", "-E", "occurrence=a",
                            "-E", "aggregator=,", *names)


class Record:
    """One line of tshark's: a list of values for each field, the outermost first."""

    def __init__(self, line):
        self.columns = line.rstrip("\n").split("\t")

    def all(self, name):
        text = self.columns[COLUMN[name]]
        return text.split(",") if text else []

    def at(self, name, index=0):
        values = self.all(name)
        return values[index] if index < len(values) else None

    @property
    def is_frame(self):
        # tshark numbers a pcapng file's custom and journal blocks as well; these have no link type.
        return self.columns[COLUMN["frame.encap_type"]] != ""

    @property
    def layers(self):
        return self.columns[COLUMN["frame.protocols"]].split(":")
