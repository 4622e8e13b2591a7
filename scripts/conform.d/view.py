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
        # Whether tshark numbers streams in what does not count here, or ended before it numbered all.
        self.beside = False
        self.has_route = False
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
            if self.layer == "vlan":
                self.tag(table, f"vlan.{tags}.", index)
                tags += 1
            elif name == "vlan":
                tags = self.service_tags(table, tags)
            elif index == 0:
                self.take(table, name + ".")
            self.place += 1

    def tag(self, table, prefix, index):
        """A tag has a type or a length. tshark names `ethertype` between a type and what follows."""
        self.take({path: table[path] for path in ("id", "priority", "dei")}, prefix, index)
        names_type = self.layers[self.place + 1:self.place + 2] == ["ethertype"]
        left = {path: len(self.record.all(f"vlan.{path}")) - self.seen.get(f"vlan.{path}", 0) for path in ("etype", "len")}
        path = "etype" if left["len"] == 0 or names_type and left["etype"] > 0 else "len"
        self.take({path: table[path]}, prefix, self.turn(f"vlan.{path}"))

    def service_tags(self, table, tags):
        """One service tag, or two: tshark takes a second one that follows at once into the same layer."""
        both = self.seen.get("svid", 0) < len(self.record.all("ieee8021ad.svid"))
        for kind in ("svid", "cvid") if both else ("id",):
            text = self.record.at("ieee8021ad." + kind, self.turn(kind))
            self.take({path: table[path] for path in ("priority", "dei")}, f"vlan.{tags}.", self.turn("service"))
            if text is not None:
                self.fields[f"vlan.{tags}.id"] = number(text)
            tags += 1
        return tags

    def internet(self, prefix):
        layer = self.layer
        index = self.turn(layer)
        self.place += 1
        upper = self.ipv4(prefix + "ip.", index) if layer == "ip" else self.ipv6(prefix + "ipv6.", index)
        self.transport(prefix, upper)

    def ipv4(self, prefix, index):
        self.take(fields.IPV4, prefix, index)
        route = self.record.at("ip.cur_rt", self.seen.get("route", 0))
        if route and self.fields.get(prefix + "hdr_len", 0) > fields.IPV4_HEADER:
            # With a source route tshark puts the final hop into ip.dst, and what the header says here.
            self.fields[prefix + "dst"] = route
            self.turn("route")
            self.has_route = self.has_route or prefix == "ip."
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
            rest = self.layers[self.place:]
            is_cut = self.record.at("_ws.malformed") is not None
            self.beside = is_cut if layer in ("ip", "ipv6") else not fields.NUMBERED.isdisjoint(rest)
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
        own = self.own(layer, name)
        if prefix:
            # What the error around it has not is the quote's, from the first one on.
            outer = self.own(layer, f"{layer}.")
            place = {path: 1 if path in fields.ICMP_EVERY or path == outer else 0 for path in table}
            for path in table:
                self.fields.pop(name + path, None)
                if own == "" or path == own or path in fields.ICMP_EVERY:
                    self.take({path: table[path]}, name, place[path])
            return
        if own != "":
            for path in table:
                if path != own and path not in fields.ICMP_EVERY:
                    self.fields.pop(name + path, None)
        if self.layer in ("ip", "ipv6"):
            self.internet(f"{layer}.quoted.")

    def own(self, layer, name):
        """The one field of its own that an error has, None for one without, and the empty name for what is no error."""
        kind = self.fields.get(name + "type")
        if (layer, kind) == ("icmp", 3) and self.fields.get(name + "code") != fields.FRAGMENTATION_NEEDED:
            return None
        return fields.ICMP_ERRORS[layer].get(kind, "")

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
        for index, edges in enumerate(next(self.sack_options(), ())):
            self.fields[f"tcp.options.sack.{index}.0"] = number(edges[0])
            self.fields[f"tcp.options.sack.{index}.1"] = number(edges[1])

    def sack_options(self):
        """Of each SACK option with a length that RFC 2018 §3 gives it, the blocks; tshark shows those of others as well."""
        left, right = iter(self.record.all("tcp.options.sack_le")), iter(self.record.all("tcp.options.sack_re"))
        for kind, length in self.tcp_option_lengths():
            if kind != "5" or length is None:
                continue
            room = int(length) - 2
            # Half a block has its left edge alone.
            blocks = [(next(left, None), next(right, None) if end <= room else None) for end in range(8, room + 5, 8)]
            if blocks and room % 8 == 0:
                yield [block for block in blocks if None not in block]
