"""Numbers as far as they are known: a bet may settle where every number that is possible gives the same result."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from PROPPR.SharedServices.grading.result import Pending, Reason, Shown

Number = int | float


class Waits(Exception):
    """What a bet waits for, on the way to the one who asked for a decision."""

    def __init__(self, reason: Reason, detail: str) -> None:
        self.pending = Pending(reason, detail)
        super().__init__(reason, detail)


@dataclass(frozen=True, slots=True)
class Count:
    """A number somewhere from `low` to `high`; a certain one has both the same, an uncertain one says `why` it is."""

    low: Number
    high: Number
    why: Pending | None = None

    @property
    def certain(self) -> bool:
        """Whether it is one number."""
        return self.low == self.high

    @property
    def shown(self) -> Shown:
        """The number, or the range as text."""
        return self.low if self.certain else f"{self.low} to {self.high}"

    def within(self, low: Number, high: Number, why: Pending) -> Count:
        """The count widened to hold `low` to `high` too."""
        if low >= self.low and high <= self.high:
            return self
        return Count(min(low, self.low), max(high, self.high), self.why or why)

    def __add__(self, other: Count) -> Count:
        return Count(self.low + other.low, self.high + other.high, self.why or other.why)


def certain(number: Number) -> Count:
    """A count that is known."""
    return Count(number, number)


def together(counts: Iterable[Count]) -> Count:
    """The sum of counts, none being 0."""
    whole = certain(0)
    for count in counts:
        whole = whole + count
    return whole
