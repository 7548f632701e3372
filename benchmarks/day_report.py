"""The figures of a simulated day, the promises they are held against, and how they are shown."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import click
from day_watch import DayWatch
from ledger import undisturbed
from oracle import Verdict
from rich.console import Console
from rich.table import Table

MINUTE = 60_000
INTERVAL = 60.0
BATCH = 10
# A book that a bookmaker withdrew as a whole is not in /odds/updated: the look for such books comes every half hour.
VANISHED_WITHIN = 30 * MINUTE + int(INTERVAL * 1000)
MOST_REQUESTS = 1.1
MOST_EXAMPLES = 8


@dataclass
class Figures:
    """What a day brought. Times are simulated ms; `forced` is how many fixtures each outage forced to read again."""

    watch: DayWatch
    hours: float
    factor: float
    forced: list[int] = field(default_factory=list)
    recoveries: list[int] = field(default_factory=list)
    memory: list[tuple[int, int]] = field(default_factory=list)
    verdict: Verdict = field(default_factory=Verdict)
    synced_after: int | None = None
    polled_for: int = 0
    fixtures: int = 0
    own_calls: int = 0
    exit_code: int = 0
    stalls: list[float] = field(default_factory=list)

    @property
    def requested(self) -> int:
        """The poller's requests, failed ones included."""
        return self.watch.requests.total - self.own_calls

    @property
    def least(self) -> int:
        """The least possible: bookmakers x sports x cycles, and a tenth of the fixtures that were new or in a hole."""
        cycles = sum(self.watch.requests.cycles.values())
        return cycles + math.ceil(self.fixtures / BATCH) + sum(math.ceil(each / BATCH) for each in self.forced)

    @property
    def ratio(self) -> float:
        """Requests made to the least possible."""
        return self.requested / max(1, self.least)

    @property
    def cycles(self) -> float:
        """Cycles made: answered requests per bookmaker."""
        made = self.watch.requests.cycles
        return sum(made.values()) / len(self.watch.bookmakers)

    @property
    def cycles_possible(self) -> float:
        """Cycles for which the provider was there."""
        begin = self.watch.outages[0][0] if self.watch.outages else 0
        down = sum(until - since for since, until in self.watch.outages)
        return (self.polled_for - down) / 1000 / INTERVAL if begin else self.polled_for / 1000 / INTERVAL

    def broken(self) -> list[str]:
        """The promises that were not kept."""
        ledger, found = self.watch.ledger, []
        if ledger.missed:
            found.append(f"{len(ledger.missed)} updates were not stored when their cycle was over")
        if ledger.unproven:
            found.append(f"{ledger.unproven} markets with updates that were never seen stored")
        if ledger.vanished:
            found.append(f"{len(ledger.vanished)} withdrawn books are still stored")
        if self.watch.oldest_vanished > VANISHED_WITHIN:
            found.append(f"a withdrawn book stood for {self.watch.oldest_vanished / MINUTE:.1f} minutes")
        if self.verdict.faults:
            found.append(f"{self.verdict.faults} faults at the end of the day")
        if self.ratio > MOST_REQUESTS:
            found.append(f"{self.ratio:.3f} times the least possible number of requests")
        if self.exit_code:
            found.append(f"the poller ended with {self.exit_code}")
        return found


def show(figures: Figures) -> None:
    """Print one table, then what was not kept."""
    title = f"{figures.hours:g} simulated hours at {figures.factor:g} times, the poller alone"
    table = Table(title=title, show_header=False)
    for row in (*_updates(figures), *_outages(figures), *_requests(figures), *_end(figures)):
        table.add_row(*row)
    Console(width=150).print(table)
    watch = figures.watch
    for missed in watch.ledger.missed[:MOST_EXAMPLES]:
        click.echo(f"  missed: {missed}")
    for feed, at in list(watch.ledger.vanished.items())[:MOST_EXAMPLES]:
        age = undisturbed(at, watch.clock.now_ms(), watch.outages)
        click.echo(f"  still stored: {feed}, withdrawn {_minutes(age)} minutes ago")
    for example in figures.verdict.examples:
        click.echo(f"  {example}")
    for problem in figures.broken():
        click.echo(f"BROKEN: {problem}")


Row = tuple[str, str]


def _updates(figures: Figures) -> list[Row]:
    watch, ledger = figures.watch, figures.watch.ledger
    gone = ledger.gone_after
    late = (
        f", {len(ledger.repaired)} of them stored {_minutes(max(ledger.repaired))} min late" if ledger.repaired else ""
    )
    stored = f"{ledger.changes:,}: {ledger.proven:,} seen stored, {len(ledger.missed)} missed{late}"
    return [
        ("changes of a market's rows", stored),
        ("in holes, waiting to be read again when due", f"{ledger.waited:,}"),
        (
            "from said to seen stored, p50 / p99, s",
            " / ".join(_seconds(_part(ledger.delays, part)) for part in (0.5, 0.99)),
        ),
        ("worst lag of a watermark outside outages, s", _seconds(watch.worst_lag)),
        ("withdrawn books gone, and after how long, p50, min", f"{len(gone):,}, {_minutes(_part(gone, 0.5))}"),
        ("oldest withdrawn book outside outages, min", _minutes(watch.oldest_vanished)),
    ]


def _outages(figures: Figures) -> list[Row]:
    watch = figures.watch
    return [
        ("first reading of everything, min", _minutes(figures.synced_after)),
        ("outages, min", ", ".join(_minutes(until - since) for since, until in watch.outages)),
        ("all re-reads through after an outage, min", ", ".join(map(_minutes, figures.recoveries))),
        ("holes, worst age outside outages, min", f"{watch.holes}, {_minutes(watch.worst_hole)}"),
    ]


def _requests(figures: Figures) -> list[Row]:
    requests = figures.watch.requests
    kinds = ", ".join(f"{name} {count:,}" for name, count in requests.by_endpoint.most_common())
    holes = " + ".join(map(str, figures.forced)) or "0"
    least = f"{figures.least:,} = {sum(requests.cycles.values()):,} of cycles + {figures.fixtures:,} fixtures / 10"
    sizes = ", ".join(f"{size}: {count}" for size, count in sorted(requests.sizes.items()))
    return [
        ("cycles", f"{figures.cycles:,.1f} of {figures.cycles_possible:,.1f} possible"),
        ("requests", f"{figures.requested:,} ({kinds})"),
        ("least possible", f"{least} + ({holes}) in holes / 10"),
        ("ratio", f"{figures.ratio:.3f}"),
        ("answers of /odds/multi by fixtures", sizes),
    ]


def _end(figures: Figures) -> list[Row]:
    verdict = figures.verdict
    memory = [size / 2**20 for _, size in figures.memory] or [0.0]
    faults = f"missing {verdict.missing}, surplus {verdict.surplus}, wrong {verdict.wrong}"
    return [
        ("end of the day", f"{verdict.lines:,} lines: {faults}"),
        ("resident memory, MB", f"{max(memory):.0f} at most, {memory[-1]:.0f} at last"),
        ("stalls of the machine", f"{len(figures.stalls)}, the longest {max(figures.stalls, default=0.0):.1f} real s"),
    ]


def _part(values: list[int], part: float) -> int:
    ordered = sorted(values) or [0]
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))]


def _minutes(milliseconds: int | None) -> str:
    return "never" if milliseconds is None else f"{milliseconds / MINUTE:.1f}"


def _seconds(milliseconds: int) -> str:
    return f"{milliseconds / 1000:.0f}"
