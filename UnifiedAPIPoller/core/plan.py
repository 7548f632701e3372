"""What a cycle asks for when the budget can't pay for everything. Pure.

The order in which a short budget is spent: (1) the pairs of bookmaker and sport that no WebSocket carries, (2) those it
carries, whose main markets are current without us; among equals the one whose watermark is oldest. What is beyond the
look-back of the cycles is read by fixture, new fixtures first, then by kick-off, from what the cycles of the next ten
minutes leave.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

RESERVE_SECONDS: Final = 600.0
# Within this time the updater has stored what the stream told us, so that hardly anything of an answer is left to be
# written; merged at once it would take books away under the updater's hands. And the work of a cycle is spread: in one
# go it would take half a minute's processor from the updater. All rests together: two fifths of the interval.
HOLD_SECONDS: Final = 5.0
MOST_HELD: Final = 0.4
HOUR: Final = 3600.0


class Pair(NamedTuple):
    """What one request of a cycle is about."""

    bookmaker: str
    sport: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """A pair that is due, with what its place in the order depends on."""

    pair: Pair
    covered: bool
    complete_until: int | None


@dataclass(frozen=True, slots=True)
class Purse:
    """What of the budget is ours: requests that could be made now, and the guarantee per hour."""

    free: int
    guaranteed: int


@dataclass(frozen=True, slots=True)
class CyclePlan:
    """The pairs to ask for now, in this order, and those that have to wait for another cycle.

    `holds` are the seconds for which the answers about pairs that a stream carries are to rest before they are merged.
    """

    asked: tuple[Pair, ...]
    postponed: tuple[Pair, ...] = ()
    holds: Mapping[Pair, float] = field(default_factory=dict)


def plan_cycle(candidates: Sequence[Candidate], purse: Purse, interval: float) -> CyclePlan:
    """Choose the pairs of a cycle. With ten minutes of cycles in the purse all are asked; below that as many as our
    guarantee pays for at this pace, and always one: only who asks and is refused gets back what was lent."""
    ordered = sorted(candidates, key=_order)
    pairs = tuple(candidate.pair for candidate in ordered)
    carried = [candidate.pair for candidate in ordered if candidate.covered]
    holds = dict.fromkeys(carried, min(HOLD_SECONDS, MOST_HELD * interval / max(1, len(carried))))
    if purse.free >= reserve(len(pairs), interval):
        return CyclePlan(pairs, (), holds)
    sustained = max(1, math.floor(purse.guaranteed * interval / HOUR))
    affordable = max(1, min(len(pairs), sustained, purse.free))
    return CyclePlan(pairs[:affordable], pairs[affordable:], holds)


def reserve(pairs: int, interval: float) -> int:
    """The requests that the cycles of the next ten minutes need."""
    return math.ceil(pairs * RESERVE_SECONDS / interval)


def to_spare(purse: Purse, pairs: int, interval: float) -> int:
    """The requests that may be spent beside the cycles."""
    return max(0, purse.free - reserve(pairs, interval))


def _order(candidate: Candidate) -> tuple[bool, int, Pair]:
    known = -1 if candidate.complete_until is None else candidate.complete_until
    return (candidate.covered, known, candidate.pair)
