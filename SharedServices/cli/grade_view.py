"""What `proppr grade` shows: verdicts, bets that wait, and the round. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from rich.table import Table

from PROPPR.SharedServices.cli.poller_picture import printable
from PROPPR.SharedServices.grading.readers.bets import COLLECTIONS
from PROPPR.SharedServices.grading.result import Settled
from PROPPR.SharedServices.grading.scheduler.judging import Verdict
from PROPPR.SharedServices.grading.scheduler.report import RoundReport
from PROPPR.SharedServices.storage.pending_bets import WaitingBet, what_of


def verdict_row(collection: str, document: dict[str, Any], verdict: Verdict) -> tuple[str, ...]:
    """A bet and what became of it, as cells."""
    outcome = verdict.outcome
    head = (COLLECTIONS[collection], printable(str(document.get("bet_id", document["_id"])))[:40], what_of(document))
    if isinstance(outcome, Settled):
        shown = "" if outcome.actual is None else str(outcome.actual)
        return (*head, str(outcome.result), shown, f"{outcome.returns:.2f}", printable(outcome.rule))
    return (*head, "waits", "", "", printable(str(outcome))[:200])


def verdicts_table(rows: Sequence[tuple[str, ...]]) -> Table:
    """Verdicts as a table."""
    table = Table(box=None, header_style="bold", pad_edge=False)
    for name in ("bot", "bet", "on", "result", "actual", "returns", "rule or reason"):
        table.add_column(name, justify="right" if name == "returns" else "left", no_wrap=name in ("bot", "result"))
    for row in rows:
        table.add_row(*row)
    return table


def pending_table(rows: Sequence[WaitingBet], now: datetime) -> Table:
    """Bets that wait, a line each."""
    table = Table(title=f"{len(rows)} bets wait", title_justify="left", box=None, header_style="bold", pad_edge=False)
    for name in ("bot", "bet", "waits for", "reason", "on"):
        table.add_column(name, no_wrap=name != "reason", overflow="ellipsis" if name == "on" else "fold")
    for row in rows:
        age = "" if row.since is None else _age(now - row.since)
        table.add_row(COLLECTIONS[row.collection], printable(row.bet_id), age, printable(row.reason), row.what)
    return table


def report_lines(report: RoundReport, *, dry: bool) -> list[str]:
    """The round in words."""
    lines = [f"{'would be: ' if dry else ''}{report}"]
    lines += [f"waits: {number} {reason}" for reason, number in sorted(report.waiting.items())]
    lines += [
        f"corrected: {one.bet_id} (match {one.match_id}): {one.before} -> {one.after}, {one.difference:+.2f}"
        for one in report.corrections
    ]
    if report.to_look_up:
        lines.append(f"{report.to_look_up} matches are still to be looked up")
    if report.refused:
        lines.append(f"the source refuses: {report.refused}")
    return lines + [f"problem: {problem}" for problem in report.problems]


def _age(age: timedelta) -> str:
    hours = age.total_seconds() / 3600
    if hours < 0:
        return "to come"
    return f"{hours * 60:.0f} min" if hours < 2 else f"{hours:.0f} h" if hours < 72 else f"{hours / 24:.0f} days"
