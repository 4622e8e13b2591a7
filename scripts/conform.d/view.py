"""Makes one tshark record into the fields of portwatch's JSON that it should have.

Each layer counts where it stands on the outermost IP header; what a tunnel or an ICMP
error carries is no field of the frame's own.
"""

import fields
from fields import number

# Inter-Switch Link: tshark takes the frame for one by its destination, and shows the inner Ethernet header alone.
ISL = ["eth", "eth"]


class View:
    """Walks the layers of one record from the outside in. `fields` is what came of it."""

    def __init__(self, record):
        self.record = record
        self.layers = record.layers
        self.place = 0
        self.seen = {}
        self.fields = {}
        self.take(fields.FRAME)
        if self.layers[:2] == ISL:
            return
        self.link()
        if self.fields.get("ppp.protocol") in fields.NO_PPP_PROTOCOLS:
            return
        if self.layer == "arp":
            self.take(fields.ARP, "arp.")
        elif self.layer in ("ip", "ipv6"):
            self.internet("")

    @property
    def layer(self):
        return self.layers[self.place] if self.place < len(self.layers) else None

    def turn(self, layer):
        """Which of the layers of its kind this one is, from the outside."""
        index = self.seen.get(layer, 0)
        self.seen[layer] = index + 1
        return index

    def take(self, table, prefix="", index=0):
        """Enters the fields of a layer, which have its name in front unless another prefix is given."""
        for path, (name, convert) in table.items():
            text = self.record.at(name, index)
            if text is not None:
                self.fields[prefix + path] = convert(text)

    def link(self):
        tags = 0
        if self.layer == "eth":
            self.take(fields.ETHERNET, "eth.")
            self.place += 1
        while self.layer in fields.LINKS:
            table, name = fields.LINKS[self.layer]
            index = self.turn(self.layer)
            if name == "vlan":
                self.take(table, f"vlan.{tags}.", index)
                tags += 1
            elif index == 0:
                self.take(table, name + ".")
            self.place += 1

    def internet(self, prefix):
        layer = self.layer
        index = self.turn(layer)
        self.place += 1
        upper = self.ipv4(prefix + "ip.", index) if layer == "ip" else self.ipv6(prefix + "ipv6.", index)
        self.transport(prefix, upper)

    def ipv4(self, prefix, index):
        self.take(fields.IPV4, prefix, index)
        if index == 0 and self.record.at("ip.cur_rt"):
            # With a source route tshark puts the final hop into ip.dst, and what the header says here.
            self.fields[prefix + "dst"] = self.record.at("ip.cur_rt")
        upper = self.fields.get(prefix + "proto")
        while self.layer == "ah":
            upper = self.next_header("ah", upper)
        return upper

    def ipv6(self, prefix, index):
        self.take(fields.IPV6, prefix, index)
        upper = self.fields.get(prefix + "nxt")
        while self.layer in fields.EXTENSIONS:
            layer = self.layer
            # The first of several counts, unless it says that the packet is whole.
            if layer == "ipv6.fraghdr" and not self.is_part(prefix, self.seen.get(layer, 0)):
                self.take(fields.FRAGMENT, prefix, self.seen.get(layer, 0))
            elif layer == "ipv6.routing" and prefix + "routing.type" not in self.fields:
                self.take(fields.ROUTING, prefix, self.seen.get(layer, 0))
            upper = self.next_header(layer, upper)
        if upper is not None:
            self.fields[prefix + "proto"] = upper
        return upper

    def is_part(self, prefix, index):
        """Whether the fragment header known so far counts, and not the one that comes."""
        known = [self.fields.get(prefix + "fraghdr." + name) for name in ("offset", "more")]
        coming = [self.record.at("ipv6.fraghdr." + name, index) for name in ("offset", "more")]
        return any(known) or known != [None, None] and all(text in ("0", "False", None) for text in coming)

    def next_header(self, layer, upper):
        text = self.record.at(fields.EXTENSIONS[layer], self.turn(layer))
        self.place += 1
        return upper if text is None else number(text)

    def transport(self, prefix, upper):
        layer = self.layer
        table, name, protocol = fields.TRANSPORTS.get(layer, (None, None, None))
        if table is None or protocol != upper or prefix + fields.WRONG_VERSION.get(layer, "–") + ".src" in self.fields:
            return
        index = self.turn(layer)
        self.take(table, f"{prefix}{name}.", index)
        self.place += 1
        if layer == "tcp":
            self.tcp(prefix)
        elif layer == "igmp":
            self.igmp(prefix)
        elif layer in fields.ICMP_ERRORS:
            self.icmp(layer, prefix, table, index)

    def icmp(self, layer, prefix, table, index):
        name = f"{prefix}{layer}."
        if prefix:
            # The error around it has no such fields, so the first ones are the quote's.
            self.take({path: table[path] for path in fields.ICMP_QUERY if path in table}, name, 0)
            return
        if self.fields.get(name + "type") in fields.ICMP_ERRORS[layer]:
            for path in fields.ICMP_QUERY:
                self.fields.pop(name + path, None)
        if self.layer in ("ip", "ipv6"):
            self.internet(f"{layer}.quoted.")

    def igmp(self, prefix):
        if self.fields.get(prefix + "igmp.type") not in fields.IGMP_TYPES:
            self.fields.pop(prefix + "igmp.maddr", None)

    def tcp_option_lengths(self):
        """The kinds of options with their lengths, which the end of the list and a filler have not."""
        lengths = iter(self.record.all("tcp.option_len"))
        return [(kind, next(lengths, None)) for kind in self.record.all("tcp.option_kind") if kind not in ("0", "1")]

    def tcp(self, prefix):
        if prefix:
            # In a quote tshark enters the sequence number under this name, or twice.
            if self.record.at("tcp.seq") is not None:
                self.fields[prefix + "tcp.seq_raw"] = number(self.record.at("tcp.seq"))
            return
        if ("4", "2") in self.tcp_option_lengths():
            self.fields["tcp.options.sack_perm"] = 1
        left, right = self.record.all("tcp.options.sack_le"), self.record.all("tcp.options.sack_re")
        for index, edges in enumerate(zip(left, right)):
            self.fields[f"tcp.options.sack.{index}.0"] = number(edges[0])
            self.fields[f"tcp.options.sack.{index}.1"] = number(edges[1])
