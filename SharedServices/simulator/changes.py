"""The log of what changed, every market's rows before and after: an oracle can tell what must be stored by now."""

from __future__ import annotations

from collections import deque
from typing import Literal, NamedTuple

from PROPPR.SharedServices.simulator.messages import iso, quoted

ChangeKind = Literal["quote", "no_markets", "deleted"]


class ChangesLostError(LookupError):
    """Changes that were asked for are not kept any more."""


class MarketChange(NamedTuple):
    """One market's rows before and after a message; both sides are JSON arrays.

    `at` is the simulated ms at which it was said, `updated_at` what the market then claims. A book that is withdrawn as
    a whole (`no_markets`, `deleted`) is one change for each of its markets, with no rows after it.
    """

    sequence: int
    at: int
    kind: ChangeKind
    fixture_id: int
    feed: str
    market: str
    updated_at: int
    before: bytes
    after: bytes

    def encode(self, with_before: bool) -> bytes:
        """The change as /_sim/changes tells it."""
        before = b'"before":%b,' % self.before if with_before else b""
        return b'{"sequence":%d,"at":%d,"kind":"%b","fixture_id":%d,"feed":%b,"market":%b,"updated_at":%d,%b%b' % (
            self.sequence,
            self.at,
            self.kind.encode(),
            self.fixture_id,
            quoted(self.feed),
            quoted(self.market),
            self.updated_at,
            before,
            b'"updatedAt":"%b","after":%b}' % (iso(self.updated_at), self.after),
        )


class ChangeLog:
    """The newest changes of rows, in the order of their sequence numbers; at most `size` of them."""

    def __init__(self, size: int) -> None:
        self._kept: deque[MarketChange] = deque(maxlen=size)
        self.total = 0
        self._lost_until = 0

    def append(self, change: MarketChange) -> None:
        """Log a change; the oldest one goes where the log is full."""
        if len(self._kept) == self._kept.maxlen:
            self._lost_until = (self._kept[0] if self._kept else change).sequence
        self._kept.append(change)
        self.total += 1

    def __len__(self) -> int:
        return len(self._kept)

    def newest(self, after: int = 0, limit: int | None = None) -> list[MarketChange]:
        """The kept changes after a sequence number, oldest first.

        `limit` may be exceeded so that all changes of one sequence number come together: go on after the last one.
        """
        found: list[MarketChange] = []
        for change in reversed(self._kept):
            if change.sequence <= after:
                break
            found.append(change)
        found.reverse()
        if limit is None or limit >= len(found):
            return found
        end = max(0, limit)
        while 0 < end < len(found) and found[end].sequence == found[end - 1].sequence:
            end += 1
        return found[:end]

    def complete(self, after: int, limit: int | None = None) -> list[MarketChange]:
        """Like `newest`; raises ChangesLostError where a change after that sequence number is not kept any more."""
        if after < self._lost_until:
            raise ChangesLostError(f"changes up to {self._lost_until} are not kept any more")
        return self.newest(after, limit)

    def describe(self) -> dict[str, int]:
        """Figures for /_sim/stats; `lost_until` is the newest sequence number of which a change was lost, or 0."""
        return {"kept": len(self._kept), "total": self.total, "lost_until": self._lost_until}
