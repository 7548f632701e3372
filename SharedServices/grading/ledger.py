"""Profit and return of settled bets: pure sums over documents, to the cent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

from PROPPR.SharedServices.grading.bets import BadBet
from PROPPR.SharedServices.grading.processors.immediate_bet_grader import calculate_returns
from PROPPR.SharedServices.grading.readers.bets import COLLECTIONS
from PROPPR.SharedServices.grading.readers.common import MARKET, STATISTIC, read_stake
from PROPPR.SharedServices.grading.readers.fields import Fields
from PROPPR.SharedServices.grading.readers.statuses import read_status
from PROPPR.SharedServices.grading.result import PENDING
from PROPPR.SharedServices.grading.rules.returns import to_the_cent

Document = Mapping[str, Any]
DIMENSIONS: Final = ("bot", "bookmaker", "market", "month")
MOST_GROUPS: Final = 10_000
OTHERS: Final = "(others)"
UNKNOWN: Final = "(not known)"
BOOKMAKER: Final = ("bookmaker", "bookie", "sportsbook")
LEGS: Final = ("legs", "selections")


@dataclass
class Sum:
    """Settled bets together. `stake` is what was staked on them, refunds included; `won` counts half won ones, too."""

    bets: int = 0
    won: int = 0
    refunds: int = 0
    stake: Decimal = Decimal(0)
    profit: Decimal = Decimal(0)

    @property
    def returned(self) -> float | None:
        """Profit as part of the settled stake."""
        return float(self.profit / self.stake) if self.stake else None

    def add(self, entry: Entry) -> None:
        """Count a bet, or bets of one status."""
        self.bets += entry.bets
        self.won += entry.bets * (entry.status in ("won", "half_won"))
        self.refunds += entry.bets * (entry.status == "refund")
        self.stake += entry.stake
        self.profit += entry.profit


@dataclass(frozen=True, slots=True)
class Entry:
    """A settled bet as the ledger counts it, or several that differ in nothing but their money."""

    status: str
    stake: Decimal
    profit: Decimal
    settled_at: datetime | None
    groups: Mapping[str, str]
    bets: int = 1


@dataclass
class Ledger:
    """All sums. `unreadable` counts settled bets whose stake or returns can't be read: they are in no sum."""

    total: Sum = field(default_factory=Sum)
    by: dict[str, dict[str, Sum]] = field(default_factory=lambda: {name: {} for name in DIMENSIONS})
    days: dict[str, Decimal] = field(default_factory=dict)
    unreadable: int = 0

    def add(self, collection: str, document: Document) -> None:
        """Count a document, if it is settled."""
        status = read_status(document.get("status"))
        if status is None or status == PENDING:
            return
        try:
            entry = read_entry(collection, document, status)
        except BadBet:
            self.unreadable += 1
            return
        self.count(entry)

    def count(self, entry: Entry) -> None:
        """Count what was read."""
        self.total.add(entry)
        self.count_groups(entry)

    def count_groups(self, entry: Entry) -> None:
        """Count bets under their groups and their day alone: they are in the total already."""
        for name, value in entry.groups.items():
            sums = self.by[name]
            key = value if value in sums or len(sums) < MOST_GROUPS else OTHERS
            sums.setdefault(key, Sum()).add(entry)
        if entry.settled_at is not None:
            day = f"{entry.settled_at:%Y-%m-%d}"
            self.days[day] = self.days.get(day, Decimal(0)) + entry.profit

    def rows(self, dimension: str) -> list[tuple[str, Sum]]:
        """The sums of a dimension: months in order, all else by profit."""
        found = self.by[dimension].items()
        return sorted(found) if dimension == "month" else sorted(found, key=lambda row: (-row[1].profit, row[0]))

    def course(self) -> list[tuple[str, Decimal]]:
        """The profit up to the end of each day on which a bet was settled."""
        whole = Decimal(0)
        course = []
        for day in sorted(self.days):
            whole += self.days[day]
            course.append((day, whole))
        return course

    def plain(self) -> dict[str, Any]:
        """The same as plain data; money and returns as numbers."""
        by = {name: {key: _plain(one) for key, one in self.rows(name)} for name in DIMENSIONS}
        course = [{"day": day, "profit": float(profit)} for day, profit in self.course()]
        return {"total": _plain(self.total), "by": by, "course": course, "unreadable": self.unreadable}


def sum_up(documents: Iterable[tuple[str, Document]]) -> Ledger:
    """The ledger of documents, each with its collection."""
    ledger = Ledger()
    for collection, document in documents:
        ledger.add(collection, document)
    return ledger


def read_entry(collection: str, document: Document, status: str) -> Entry:
    """A settled bet. What came back is what is stored, else what stake, odds and status give. Raises BadBet."""
    fields = Fields(document)
    stake = to_the_cent(read_stake(fields))
    returns = fields.number("returns")
    profit = fields.number("profit_loss")
    if returns is not None:
        profit = returns - stake
    elif profit is None:
        profit = Decimal(str(calculate_returns(document, status))) - stake
    settled_at = fields.moment("settled_at") or fields.moment("kickoff")
    return Entry(status, stake, to_the_cent(profit), settled_at, groups_of(collection, fields, settled_at))


def groups_of(collection: str, fields: Fields, settled_at: datetime | None) -> dict[str, str]:
    """What a settled bet counts under, by dimension. Raises BadBet."""
    market = fields.text(*MARKET) or fields.text(*STATISTIC) or UNKNOWN
    return {
        "bot": COLLECTIONS[collection],
        "bookmaker": fields.text(*BOOKMAKER) or UNKNOWN,
        "market": "accumulator" if fields.raw(*LEGS) is not None else market,
        "month": UNKNOWN if settled_at is None else f"{settled_at.astimezone(UTC):%Y-%m}",
    }


def _plain(one: Sum) -> dict[str, Any]:
    return {
        "bets": one.bets, "won": one.won, "refunds": one.refunds, "stake": float(one.stake),
        "profit": float(one.profit), "return": one.returned,
    }  # fmt: skip
