"""What a backfill tells of itself while it runs, and at its end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from PROPPR.SharedServices.ingest.absences import has_prices
from PROPPR.SharedServices.providers.odds_api.models import OddsAnswer

End = Literal["done", "stopped", "spent", "refused", "misconfigured", "taken_over", "broken"]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a job is. `before` are the fixtures that earlier runs had read; `until` (monotonic) ends the waiting.

    `total` is 0 while `lookups` fixtures are still to be looked up.
    """

    total: int = 0
    lookups: int = 0
    before: int = 0
    read: int = 0
    absent: int = 0
    over: int = 0
    registered: int = 0
    requests: int = 0
    failed: dict[int, str] = field(default_factory=dict)
    refused: tuple[str, ...] = ()
    waiting: str = ""
    until: float | None = None

    @property
    def done(self) -> int:
        """Fixtures whose books are stored, or that have none."""
        return self.read + self.absent


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run ended, and why if not because everything was read."""

    end: End
    reason: str = ""


class Answers:
    """What the answers of one batch said, those asked for again included."""

    def __init__(self) -> None:
        self.priced: set[int] = set()
        self._unread: dict[int | None, str] = {}

    def note(self, answer: OddsAnswer) -> None:
        """Take in one answer."""
        self.priced |= {one.fixture_id for one in answer.snapshots if has_prices(one)}
        self.priced |= {one.fixture_id for one in answer.partial if one.lines}
        for reject in answer.rejects:
            if reject.lossy:
                self._unread[reject.fixture_id] = f"partly unreadable: {reject.reason} at {reject.field}"

    def doubts(self, batch: Sequence[int]) -> dict[int, str]:
        """The fixtures of which something could not be read; where that says not of which, all that are missing."""
        found = {each: self._unread[each] for each in batch if each in self._unread}
        if None in self._unread:
            found |= {each: self._unread[None] for each in batch if each not in self.priced}
        return found
