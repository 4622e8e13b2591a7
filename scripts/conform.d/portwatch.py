"""portwatch's view of a capture: its JSON lines, each made flat."""

import json
import os

import fields


def command(capture):
    return [os.environ["PORTWATCH"], "--read", capture, "-n", "--json"]


def frames(lines):
    """The objects that are frames. A line that is no JSON is a frame without a number, and so a difference."""
    for line in lines:
        try:
            frame = json.loads(line)
        except ValueError:
            frame = {"frame": {"number": f"no JSON: {line[:80]!r}"}}
        if "frame" in frame:
            yield frame


def flat(frame):
    """{"ip": {"flags": {"df": true}}} becomes {"ip.flags.df": 1}; the places in a list are numbers."""
    into = {}
    flatten(frame, "", into)
    return into


def flatten(value, prefix, into):
    if isinstance(value, dict):
        for key, inner in value.items():
            path = prefix + key
            if key not in fields.OWN_LAYERS and not path.startswith(fields.OWN):
                flatten(inner, path + ".", into)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            flatten(inner, f"{prefix}{index}.", into)
    else:
        into[prefix[:-1]] = int(value) if isinstance(value, bool) else value


def unknown_family(frame):
    """The address family at which portwatch stopped, if that is why: `address family 131074`."""
    stopped = frame.get("stopped", {})
    family = stopped.get("detail", "").removeprefix("address family ")
    return int(family) if stopped.get("layer") in ("null", "loop") and family.isdecimal() else None


def stops(frame):
    """Where portwatch says that it stopped: {"icmp.quoted.tcp": "truncated"}."""
    found = {}
    for prefix, holder in (("", frame), ("icmp.quoted.", frame.get("icmp", {}).get("quoted", {})),
                           ("icmpv6.quoted.", frame.get("icmpv6", {}).get("quoted", {}))):
        if "stopped" in holder:
            layer = holder["stopped"]["layer"]
            found[prefix + ("udp" if layer == "udplite" else layer)] = holder["stopped"]["reason"]
    return found
