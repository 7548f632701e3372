"""Grade bets of every kind on all real matches, and hold each against a calculation straight from the raw page.

Exit code 1 if one bet is settled otherwise. Bets that wait are counted by their reason.
"""

from __future__ import annotations

import gzip
import json
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import click
from grading_bets import Expected, Maker
from grading_oracle import read_raw
from rich.console import Console
from rich.table import Table

from PROPPR.SharedServices.football.reading import read_match
from PROPPR.SharedServices.grading.bets import Accumulator, BadBet
from PROPPR.SharedServices.grading.options import GradingOptions
from PROPPR.SharedServices.grading.readers.bets import read_bet
from PROPPR.SharedServices.grading.result import Pending
from PROPPR.SharedServices.grading.settle import MatchGrader

DATA = Path(__file__).parents[2] / "shared" / "real" / "fotmob"


@dataclass
class Report:
    """What grading came to. `wrong` are bets settled otherwise than the page says, `unread` those refused."""

    settled: int = 0
    pending: Counter[str] = field(default_factory=Counter)
    undecided: int = 0
    wrong: list[str] = field(default_factory=list)
    wrong_by_market: Counter[str] = field(default_factory=Counter)
    unread: list[str] = field(default_factory=list)
    matches: int = 0
    seconds: float = 0.0

    @property
    def waiting(self) -> int:
        """Bets that wait though the page has one answer."""
        return sum(self.pending.values())


def pages(data: Path = DATA) -> Iterator[Path]:
    """All match pages, in order; lists and other pages left out."""
    return (
        path
        for path in sorted(data.glob("**/*.json.gz"))
        if (path.parent.name.startswith(("premier", "world", "laliga")) and path.name[:1].isdigit())
        or "La_Liga_2021_" in path.name
    )


def check(paths: Iterable[Path], report: Report | None = None) -> Report:
    """Grade all bets on these matches."""
    report = report or Report()
    for path in paths:
        page = json.loads(gzip.decompress(path.read_bytes()))
        if "general" in page:
            _check_match(page, report)
    return report


def _check_match(page: dict[str, Any], report: Report) -> None:
    raw = read_raw(page)
    match = read_match(page)
    grader = MatchGrader(match, GradingOptions(), match.kickoff + timedelta(hours=3))
    bets = list(Maker(raw).all())
    start = time.perf_counter()
    for expected in bets:
        _check_bet(expected, grader, report, raw.played)
    report.seconds += time.perf_counter() - start
    report.matches += 1


def _check_bet(expected: Expected, grader: MatchGrader, report: Report, played: bool) -> None:
    bet = read_bet(expected.document, expected.kind)
    if isinstance(bet, BadBet | Accumulator):
        report.unread.append(f"{expected.document}: {bet}")
        return
    outcome = grader.grade(bet)
    told = f"{grader.match.match_id} {expected.document}"
    if isinstance(outcome, Pending):
        if played and len(expected.returns) == 1 and None not in expected.returns:
            report.pending[f"{outcome.reason.value}"] += 1
        else:
            report.undecided += 1
        return
    report.settled += 1
    if not played or expected.returns != {Fraction(outcome.returns)}:
        shown = [None if one is None else float(one) for one in expected.returns]
        report.wrong_by_market[expected.document["market"]] += 1
        report.wrong.append(f"{told}: {outcome.result} {outcome.returns} on {outcome.actual}, the page says {shown}")


@click.command(help=__doc__)
@click.option("--every", default=1, help="Take every n-th match only.")
@click.option("--show", default=20, help="Wrong bets to show.")
def main(every: int, show: int) -> None:
    """Grade all and print what came of it."""
    report = check(list(pages())[::every])
    table = Table("", "", title="Bets on real matches")
    table.add_row("matches", str(report.matches))
    table.add_row("settled", f"{report.settled:,}")
    table.add_row("wrong", str(len(report.wrong)))
    table.add_row("refused", str(len(report.unread)))
    table.add_row("wait, the page does not say", f"{report.undecided:,}")
    for reason, count in report.pending.most_common():
        table.add_row(f"wait: {reason}", f"{count:,}")
    table.add_row("bets a second", f"{(report.settled + report.waiting) / max(report.seconds, 1e-9):,.0f}")
    for market, count in report.wrong_by_market.most_common(show):
        table.add_row(f"wrong: {market}", str(count))
    console = Console()
    console.print(table)
    for line in (report.wrong + report.unread)[:show]:
        console.print(line, highlight=False)
    raise SystemExit(1 if report.wrong or report.unread else 0)


if __name__ == "__main__":
    main()
