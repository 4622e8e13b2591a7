"""Stream numbers: the same on both sides, or shifted behind a frame that only one side numbers."""

IP_HEADERS = ("ip.src", "ipv6.src")
SHIFTED, ROUTED = "stream-shifted", "routed-stream"


class Streams:
    """Which of portwatch's stream numbers is which of tshark's, for TCP and for UDP.

    They are equal, until a frame in which only one side numbers something, for a reason that a rule or the table of what
    is compared gives. Behind it the numbers may be shifted; then still the same packets must be of one stream."""

    def __init__(self):
        self.ours, self.theirs = {}, {}
        self.shifted = set()

    def agree(self, path, mine, other):
        """Enters a pair of numbers; whether they are the same stream's, and may differ."""
        protocol = path.split(".")[-2]
        one = self.ours.setdefault((protocol, mine), other)
        another = self.theirs.setdefault((protocol, other), mine)
        return protocol in self.shifted and (one, another) == (other, mine)

    def shift(self, path):
        self.shifted.add(path.split(".")[-2])

    def shift_all(self):
        self.shifted.update(("tcp", "udp"))


def compare(result, frame, differences, excused):
    """Takes the stream numbers out of the differences that differ for a reason that lies further in front."""
    for path in frame.ours.keys() & frame.theirs.keys():
        if path.endswith(".stream") and (path, ROUTED) not in excused:
            difference = (path, frame.ours[path], frame.theirs[path])
            if result.streams.agree(*difference) and difference in differences:
                differences.remove(difference)
                result.rules[SHIFTED] += 1
    for path, _ in excused:
        if path.endswith(".stream"):
            result.streams.shift(path)
    # Where only one sees an IP packet, nobody compares what is in it.
    alone = frame.ours.keys() ^ frame.theirs.keys()
    if frame.beside or any(path in IP_HEADERS for path, _ in excused if path in alone):
        result.streams.shift_all()
