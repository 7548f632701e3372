"""What a round of grading has done."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

MOST_CORRECTIONS = 200


@dataclass(frozen=True, slots=True)
class Correction:
    """A bet whose match or race was corrected after it was settled."""

    collection: str
    bet_id: str
    match_id: int | str | None
    before: str
    after: str
    difference: float


@dataclass
class RoundReport:
    """Counts of bets: read, settled by result, waiting by reason; of matches: looked up, of new revisions.

    `written` are documents that were changed. `refused` says that the source did not want to be asked, or that the
    day's requests are used up; `problems` are lines for people.
    """

    started_at: datetime
    finished_at: datetime | None = None
    read: int = 0
    written: int = 0
    settled: Counter[str] = field(default_factory=Counter)
    waiting: Counter[str] = field(default_factory=Counter)
    looked_up: int = 0
    revisions: int = 0
    to_look_up: int = 0
    rechecked: int = 0
    corrections: list[Correction] = field(default_factory=list)
    corrected: int = 0
    refused: str | None = None
    problems: list[str] = field(default_factory=list)

    @property
    def seconds(self) -> float:
        """How long it took."""
        return 0.0 if self.finished_at is None else (self.finished_at - self.started_at).total_seconds()

    def corrects(self, correction: Correction) -> None:
        """Note a correction; the first 200 in full."""
        self.corrected += 1
        if len(self.corrections) < MOST_CORRECTIONS:
            self.corrections.append(correction)

    def __str__(self) -> str:
        parts = [f"{self.read} pending bets read", f"{sum(self.settled.values())} settled"]
        parts += [f"{number} {result}" for result, number in sorted(self.settled.items())]
        parts += [f"{sum(self.waiting.values())} wait", f"{self.looked_up} matches looked up"]
        if self.rechecked:
            parts.append(f"{self.rechecked} settled bets checked again, {self.corrected} corrected")
        return ", ".join(parts)
