"""What became of a bet, and why one waits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Final

PENDING: Final = "pending"
"""The status of a bet that is not settled."""

VOID: Final = "void: "
"""How the rule of a bet begins whose match or race did not take place."""

Shown = str | int | float | None
"""A number, or a text such as "2-1", that a bet was settled on."""


class Result(StrEnum):
    """How a bet ended. The value is the status in documents."""

    WON = "won"
    LOST = "lost"
    REFUND = "refund"
    HALF_WON = "half_won"
    HALF_LOST = "half_lost"


class Reason(StrEnum):
    """Why a bet waits. The value is the beginning of `grading.reason`."""

    NOT_FINISHED = "not finished"
    NOT_PLAYED = "not played"
    STATE_UNKNOWN = "state unknown"
    UNKNOWN_NUMBER = "unknown number"
    SOURCES_DISAGREE = "sources disagree"
    INCOMPLETE = "incomplete data"
    AMBIGUOUS_PLAYER = "ambiguous player"
    UNKNOWN_PLAYER = "unknown player"
    UNKNOWN_TEAM = "unknown team"
    UNCLEAR_RULE = "unclear rule"
    UNREADABLE_MATCH = "unreadable match"
    WRONG_MATCH = "wrong match"
    BAD_BET = "bad bet"
    NO_RESULT = "no result"
    NO_MATCH = "no match"


@dataclass(frozen=True, slots=True)
class Settled:
    """A settled bet. `returns` is what comes back, stake included, to the cent; `profit_loss` is it less the stake.

    `actual` is the number or score that decided, None where none did; `numbers` are those that were looked at;
    `rule` names what was applied.
    """

    result: Result
    actual: Shown
    returns: Decimal
    profit_loss: Decimal
    rule: str
    numbers: Mapping[str, Shown] = field(default_factory=dict)

    @property
    def is_void(self) -> bool:
        """Whether it was refunded because its match or race did not take place."""
        return self.rule.startswith(VOID)


@dataclass(frozen=True, slots=True)
class Pending:
    """A bet that waits, and why."""

    reason: Reason
    detail: str = ""

    def __str__(self) -> str:
        return f"{self.reason}: {self.detail}" if self.detail else str(self.reason)


@dataclass(frozen=True, slots=True)
class Decision:
    """What a rule makes of a match, before money."""

    result: Result
    actual: Shown
    numbers: Mapping[str, Shown] = field(default_factory=dict)


def mean_result(results: Iterable[Result]) -> Result:
    """The result of a stake laid in equal parts on one or two bets that ended so.

    Two parts of a quarter line are neighbours, so one can't be won and the other lost: ValueError.
    """
    parts = set(results)
    if len(parts) == 1:
        return parts.pop()
    if parts == {Result.WON, Result.REFUND}:
        return Result.HALF_WON
    if parts == {Result.LOST, Result.REFUND}:
        return Result.HALF_LOST
    raise ValueError(f"no halves of one line: {sorted(parts)}")


def mirrored(result: Result) -> Result:
    """The result of the opposite bet of two (over and under, home and away of one handicap)."""
    return _MIRROR[result]


_MIRROR: Final[Mapping[Result, Result]] = {
    Result.WON: Result.LOST,
    Result.LOST: Result.WON,
    Result.REFUND: Result.REFUND,
    Result.HALF_WON: Result.HALF_LOST,
    Result.HALF_LOST: Result.HALF_WON,
}
