"""What is known about quotes that are not there: clears, and answers that list all markets of a feed.

Both keep a quote from before them from coming back, whatever arrives first. Times are ms of the bookmakers' clocks.
"""

from __future__ import annotations

import msgspec


class Clear(msgspec.Struct, frozen=True, gc=False):
    """A clear of a feed, or several joined: quotes up to it no longer count.

    Of joined ones `at` is the time of the newest, `sequence` the highest, and `timed` the time of the newest that had
    no sequence, where others had one.
    """

    at: int
    sequence: int | None
    timed: int | None = None

    @property
    def by_time(self) -> int | None:
        """Quotes up to this time no longer count, whatever their sequence."""
        return self.at if self.sequence is None else self.timed

    def precedes(self, updated_at: int, sequence: int | None) -> bool:
        """Whether a quote came after every clear: by the sequence where both are known, else by time."""
        if self.by_time is not None and updated_at <= self.by_time:
            return False
        if sequence is not None and self.sequence is not None:
            return sequence > self.sequence
        return updated_at > self.at


class Inventory(msgspec.Struct, frozen=True, gc=False):
    """How far the full answers about a feed reach: a market that the newest of them lacked had no quote then.

    `as_of` is a time that answers without a sequence were made at or after (0: there was none). `sequence` is that of
    answers with one, and `newest` their time, for quotes whose own sequence is unknown.
    """

    as_of: int = 0
    sequence: int | None = None
    newest: int = 0

    @property
    def at(self) -> int:
        """The latest time that any of the answers was certainly made at or after."""
        return max(self.as_of, self.newest)

    def excludes(self, at: int, sequence: int | None) -> bool:
        """Whether a market that is not in the book stays out: its quote, seen at `at`, is older than the answers."""
        if at < self.as_of:
            return True
        if sequence is not None and self.sequence is not None:
            return sequence <= self.sequence
        return at < self.newest


def newest_clear(first: Clear | None, second: Clear | None) -> Clear | None:
    """Two clears of one feed together."""
    if first is None or second is None:
        return first or second
    sequence = newest_sequence(first.sequence, second.sequence)
    timed = None if sequence is None else newest_sequence(first.by_time, second.by_time)
    return Clear(max(first.at, second.at), sequence, timed)


def joined_inventory(first: Inventory | None, second: Inventory | None) -> Inventory | None:
    """How far two answers, or series of answers, about one feed reach together."""
    if first is None or second is None:
        return first or second
    return Inventory(
        max(first.as_of, second.as_of),
        newest_sequence(first.sequence, second.sequence),
        max(first.newest, second.newest),
    )


def newest_sequence(first: int | None, second: int | None) -> int | None:
    """The higher of two sequences (or times), either of which may be unknown."""
    if first is None or second is None:
        return second if first is None else first
    return max(first, second)
