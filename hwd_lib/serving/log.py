"""The log of a server that strangers write into: whatever they send, an entry stays an entry, and short.

A line break in a name would forge an entry, a control character could command the terminal of whoever reads
the log, and one message of 2 MB could be quoted whole. So what is not printable is escaped, what is long is
cut, lines after the first are marked, and of very many entries only a few a second are written.
"""

import logging
import time

LONGEST_LINE = 300  # characters
MOST_LINES = 30  # of one entry: a traceback has its cause in the last ones
MOST_ENTRIES = {True: (50, 2), False: (200, 20)}  # at once, and each second: warnings, and what is less


class Plain(logging.Formatter):
    """Another formatter's text, made harmless."""

    def __init__(self, formatter=None):
        super().__init__()
        self.formatter = formatter or logging.Formatter("%(levelname)s | %(message)s")

    def format(self, record):
        """The entry as text."""
        lines = [plain(line) for line in self.formatter.format(record).split("\n")]
        if len(lines) > MOST_LINES:
            lines = [lines[0], "…", *lines[2 - MOST_LINES :]]
        return "\n  | ".join(lines)


def plain(line):
    """A line with what is not printable escaped, and not too long."""
    if len(line) > LONGEST_LINE:
        line = f"{line[:LONGEST_LINE]} … ({len(line)} characters)"
    return line if line.isprintable() else "".join(c if c.isprintable() else ascii(c)[1:-1] for c in line)


class Few(logging.Filter):
    """Lets a number of entries pass, and then a few each second; says how many did not.

    Warnings do not use up the room of what is only told: that a kernel started, or ended.
    """

    def __init__(self):
        super().__init__()
        now = time.monotonic()
        self.room = {serious: (float(most), now) for serious, (most, _) in MOST_ENTRIES.items()}
        self.left_out = 0

    def filter(self, record):
        """Is this one to be written?"""
        serious, now = record.levelno >= logging.WARNING, time.monotonic()
        most, each_second = MOST_ENTRIES[serious]
        room, last = self.room[serious]
        room = min(most, room + each_second * (now - last))
        passes = room >= 1
        self.room[serious] = room - passes, now
        if not passes:
            self.left_out += 1
        elif self.left_out:
            record.msg, record.args = f"({self.left_out} entries left out) {record.getMessage()}", None
            self.left_out = 0
        return passes


def tame(*handlers):
    """Make what these handlers write harmless, and what is written where there is no handler."""
    for handler in (*handlers, logging.lastResort):
        if not isinstance(handler.formatter, Plain):
            handler.setFormatter(Plain(handler.formatter))
            handler.addFilter(Few())
