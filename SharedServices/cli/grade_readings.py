"""What `up`, `status` and `doctor` say of the bets."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from pymongo.database import Database

from PROPPR.SharedServices.cli.findings import Finding
from PROPPR.SharedServices.cli.poller_picture import printable
from PROPPR.SharedServices.grading.readers.bets import COLLECTIONS
from PROPPR.SharedServices.service.clock import Clock
from PROPPR.SharedServices.storage.pending_bets import Overview, PendingBets, what_of

DAY: Final = timedelta(days=1)
Document = dict[str, Any]


@dataclass(frozen=True)
class BetsReading:
    """Bets settled in the last 24 hours with their profit, the newest of them, and those that wait."""

    settled: int = 0
    profit: float = 0.0
    newest: str = ""
    overview: Overview | None = None


def read_bets(database: Database[Document], clock: Clock) -> BetsReading:
    """Read the bets of all bots. Raises pymongo's errors."""
    now = clock.now()
    settled, profit = 0, 0.0
    newest: tuple[datetime, str] | None = None
    for collection in COLLECTIONS:
        bets = database[collection]
        recent = {"settled_at": {"$gte": now - DAY}}
        group = {"_id": None, "number": {"$sum": 1}, "profit": {"$sum": "$profit_loss"}}
        for row in bets.aggregate([{"$match": recent}, {"$group": group}]):
            settled += int(row["number"])
            profit += float(row["profit"])
        bet = bets.find_one(recent, sort=[("settled_at", -1)])
        if bet is not None and (newest is None or bet["settled_at"] > newest[0]):
            newest = bet["settled_at"], _words(bet)
    overview = PendingBets(database).overview(now)
    return BetsReading(settled, profit, "" if newest is None else newest[1], overview)


def bets_line(reading: BetsReading) -> str:
    """The bets in a line; empty where there are none."""
    overview = reading.overview
    if overview is None or not (reading.settled or overview.waiting):
        return ""
    late = f", {overview.late:,} for more than a day" if overview.late else ""
    newest = f"; newest {reading.newest}" if reading.newest else ""
    return (
        f"bets: {reading.settled:,} settled in 24 h ({reading.profit:+,.2f}), {overview.waiting:,} wait{late}{newest}"
    )


def check_bets(database: Database[Document], clock: Clock) -> Iterator[Finding]:
    """How many bets wait for too long."""
    overview = PendingBets(database).overview(clock.now())
    if overview.late:
        reasons = sorted(overview.overdue.items(), key=lambda item: -item[1])[:3]
        detail = f"{overview.late:,} wait for more than a day: " + ", ".join(f"{why} {count}" for why, count in reasons)
        yield Finding(
            "bets", "warning", detail, "`proppr grade --pending` lists them, `proppr grade explain` tells why"
        )
    elif overview.waiting:
        yield Finding("bets", "ok", f"{overview.waiting:,} wait, none for more than a day")


def _words(bet: Document) -> str:
    actual = f" at {bet['actual_value']}" if bet.get("actual_value") is not None else ""
    return printable(f"{what_of(bet)} {bet.get('status')}{actual}, {bet.get('profit_loss')}")[:160]
