"""Compares the two views of a frame."""

import fields
from rules import ABSENT, RULES


class Frame:
    """One frame: both views, and what a rule looks at."""

    def __init__(self, ours, theirs, stops=None, link_type="", layers=(), malformed=False,
                 options=(), family=None, beside=False, has_route=False):
        self.ours = ours
        self.theirs = theirs
        self.stops = stops or {}
        self.link_type = link_type
        self.layers = layers or [""]
        self.malformed = malformed
        self.options = options
        self.family = family
        self.beside = beside
        self.has_route = has_route

    def compare(self):
        """The differences as (path, ours, theirs), and those that are none as (path, rule).

        A layer that one side lacks is one difference."""
        found, excused = set(), []
        lacking = layers(self.ours) ^ layers(self.theirs)
        for path in self.ours.keys() | self.theirs.keys():
            mine, other = self.ours.get(path, ABSENT), self.theirs.get(path, ABSENT)
            if mine == other or mine is ABSENT and is_optional(path):
                continue
            rule = self.rule(path, mine, other)
            if rule:
                excused.append((path, rule))
            elif layer_of(path) in lacking:
                found.add((layer_of(path), *("none" if side is ABSENT else "there" for side in (mine, other))))
            else:
                found.add((path, mine, other))
        return sorted(found, key=str), excused

    def rule(self, path, mine, other):
        for rule in RULES:
            if rule(self, path, mine, other):
                return rule.__name__.replace("_", "-")
        return None


def is_optional(path):
    words = path.split(".")
    if words[0] == "vlan":
        del words[1]
    elif words[1] == "quoted":
        del words[:2]
    return ".".join(words) in fields.OPTIONAL


def layer_of(path):
    """`icmp.quoted.ip.src` belongs to `icmp.quoted.ip`, `vlan.1.id` to `vlan.1`."""
    words = path.split(".")
    if words[1] == "quoted":
        return ".".join(words[:3])
    return ".".join(words[:2]) if words[0] == "vlan" else words[0]


def layers(view):
    return {layer_of(path) for path in view if not is_optional(path)}
