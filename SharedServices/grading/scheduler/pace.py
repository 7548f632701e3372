"""How long to wait between two rounds of grading. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

FASTEST: Final = 60.0
SLOWEST: Final = 3600.0
GOOD_IN_A_ROW: Final = 3


@dataclass(frozen=True, slots=True)
class Pace:
    """The seconds between two rounds, and how many were good since the last change.

    After three good rounds in a row the interval is halved, down to a minute (or to the usual one where that is
    shorter); after a round in which the source refused it is doubled, up to an hour.
    """

    usual: float
    interval: float
    good: int = 0

    @classmethod
    def of(cls, usual: float) -> Pace:
        """The pace to begin with: the usual interval."""
        return cls(usual, usual)

    def after(self, *, refused: bool) -> Pace:
        """The pace after a round."""
        if refused:
            return replace(self, interval=min(max(SLOWEST, self.usual), self.interval * 2), good=0)
        if self.good + 1 < GOOD_IN_A_ROW:
            return replace(self, good=self.good + 1)
        return replace(self, interval=max(min(FASTEST, self.usual), self.interval / 2), good=0)
