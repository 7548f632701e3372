"""The picture on the terminal: a rich renderable for a TTY, one line of text otherwise. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from PROPPR.SharedServices.cli.children import ChildState
from PROPPR.SharedServices.cli.grade_readings import BetsReading, bets_line
from PROPPR.SharedServices.cli.poller_picture import (
    budget_notes,
    budget_table,
    budget_words,
    pairs_table,
    poller_line,
    poller_notes,
    printable,
    titled,
)
from PROPPR.SharedServices.cli.readings import ArbitrageReading, Board, DropReading, HealthReading, ValueReading
from PROPPR.SharedServices.cli.stats_readings import StatsReading, stats_line
from PROPPR.SharedServices.ingest.poller_readings import PollerReading
from PROPPR.SharedServices.tracking.usage import Usage

STATUS_STYLES = {
    "healthy": "green",
    "running": "green",
    "ready": "green",
    "starting": "yellow",
    "degraded": "yellow",
    "restarting": "yellow",
    "stopped": "dim",
}

# Of the live picture: frame, poller, statistics, headings and footer; processes, troubles and notes take a line each.
FIXED_LINES = 15


@dataclass(frozen=True)
class Speed:
    """What a service does a second, and its latency from frame to acknowledged write in milliseconds."""

    messages: float | None = None
    writes: float | None = None
    latency_p50: float | None = None
    latency_p99: float | None = None


@dataclass(frozen=True)
class ServiceRow:
    """One line of the table: the process, its health if it has any, its speed."""

    name: str
    child: ChildState | None = None
    health: HealthReading | None = None
    speed: Speed = field(default_factory=Speed)

    @property
    def status(self) -> str:
        """The process' state until it answers, then what it says of itself."""
        if self.child is not None and self.child.state != "running":
            return self.child.state
        if self.health is None:
            return "running"
        return "starting" if self.child is not None and self.health.status == "down" else self.health.status

    @property
    def complaint(self) -> str:
        """Why it is not well, in words."""
        if self.child is not None and self.child.last_error:
            return self.child.last_error
        return self.health.complaint if self.health is not None and self.health.status != "down" else ""


@dataclass(frozen=True)
class Picture:
    """Everything that one refresh shows. `detailed` has a table for the budget and one for the poller."""

    title: str
    rows: Sequence[ServiceRow]
    board: Board
    budget: Usage | None = None
    notes: Sequence[str] = ()
    poller: PollerReading = field(default_factory=PollerReading)
    detailed: bool = False
    stats: StatsReading = field(default_factory=StatsReading)
    bets: BetsReading = field(default_factory=BetsReading)


def render(picture: Picture, height: int | None = None) -> RenderableType:
    """The full picture for a terminal; for one of `height` lines as many drops, bets and arbitrages as fit."""
    parts: list[RenderableType] = [_services(picture.rows)]
    troubles = [printable(f"{row.name}: {row.complaint}") for row in picture.rows if row.complaint]
    parts += [Text(trouble, style="yellow", overflow="ellipsis", no_wrap=True) for trouble in troubles]
    parts += _rest(picture)
    used = FIXED_LINES + len(picture.rows) + len(troubles) + len(picture.notes)
    board, most = picture.board, None if height is None else max(1, (height - used) // 3)
    parts += [_drops(board.drops[:most]), _values(board.values[:most]), _arbitrages(board.arbitrages[:most])]
    parts.append(Text(_footer(picture), style="dim"))
    parts += [Text(note, style="dim") for note in picture.notes]
    return Panel(Group(*parts), title=picture.title, title_align="left", border_style="blue")


def summary_line(picture: Picture) -> str:
    """The same in one line, for logs and pipes."""
    services = ", ".join(f"{row.name} {row.status}{_speed_words(row.speed)}" for row in picture.rows)
    newest = f"; newest drop {_drop_words(picture.board.drops[0])}" if picture.board.drops else ""
    value = f"; newest value bet {_value_words(picture.board.values[0])}" if picture.board.values else ""
    rest = "".join(
        f"; {line}"
        for line in (poller_line(picture.poller), stats_line(picture.stats), bets_line(picture.bets))
        if line
    )
    arbitrage = f"; newest arbitrage {_arbitrage_words(bets[0])}" if (bets := picture.board.arbitrages) else ""
    return printable(f"{services}; {_footer(picture)}{rest}{newest}{value}{arbitrage}")


def _rest(picture: Picture) -> list[RenderableType]:
    """The budget and the poller: tables where there is room, else a line."""
    poller = picture.poller
    statistics = stats_line(picture.stats)
    if not picture.detailed:
        style = "yellow" if any(poller.is_late(pair) for pair in poller.pairs) else "dim"
        lines = ((poller_line(poller), style), (statistics, "dim"), (bets_line(picture.bets), "dim"))
        return [Text(line, style=style, overflow="ellipsis", no_wrap=True) for line, style in lines if line]
    parts: list[RenderableType] = []
    if picture.budget is not None:
        notes = budget_notes(picture.budget)
        parts += [budget_table(picture.budget), *([Text(notes, style="dim")] if notes else [])]
    parts.append(pairs_table(poller) if poller.pairs else Text("the poller has not worked yet", style="dim"))
    parts += [Text(note, style="dim") for note in poller_notes(poller)]
    return [*parts, Text(statistics or "no statistics yet", style="dim"), Text(bets_line(picture.bets), style="dim")]


def _services(rows: Sequence[ServiceRow]) -> Table:
    table = Table(expand=True, box=None, padding=(0, 1, 0, 0), header_style="bold")
    for heading in ("service", "status", "up"):
        table.add_column(heading, no_wrap=True)
    for heading in ("messages/s", "writes/s", "p50 ms", "p99 ms", "queue"):
        table.add_column(heading, justify="right", no_wrap=True)
    for row in rows:
        speed, health = row.speed, row.health
        table.add_row(
            row.name,
            Text(_status_words(row), style=STATUS_STYLES.get(row.status, "red")),
            _age(health.uptime) if health and health.status != "down" else "",
            *(_number(value) for value in (speed.messages, speed.writes)),
            *(_number(value, 1) for value in (speed.latency_p50, speed.latency_p99)),
            str(health.queue_size) if health and health.status != "down" else "",
        )
    return table


def _add_names(table: Table) -> None:
    """Columns that give way when the terminal is narrow."""
    for heading, share in (("fixture", 4), ("bookmaker", 2), ("selection", 4)):
        table.add_column(heading, no_wrap=True, overflow="ellipsis", ratio=share)


def _drops(drops: Sequence[DropReading]) -> Table:
    table = titled("newest drops")
    table.add_column("time", no_wrap=True)
    _add_names(table)
    for heading in ("from", "to", "drop"):
        table.add_column(heading, justify="right", no_wrap=True)
    for drop in drops:
        prices = (f"{drop.old_odds:g}", f"{drop.new_odds:g}", f"{drop.drop_pct:.2f} %")
        table.add_row(f"{drop.at:%H:%M:%S}", *map(printable, (drop.fixture, drop.bookmaker, drop.selection)), *prices)
    return table


def _values(values: Sequence[ValueReading]) -> Table:
    table = titled("newest value bets")
    _add_names(table)
    for heading in ("odds", "sharp", "value", "margin removed"):
        table.add_column(heading, justify="right", no_wrap=True)
    for bet in values:
        figures = (_number(bet.odds, 2), printable(bet.sharp), f"{bet.expected_value:.1f}", _number(bet.fair, 1))
        table.add_row(*map(printable, (bet.fixture, bet.bookmaker, bet.selection)), *figures)
    return table


def _arbitrages(bets: Sequence[ArbitrageReading]) -> Table:
    table = titled("newest arbitrages")
    for heading, share in (("fixture", 4), ("market", 2), ("legs", 6)):
        table.add_column(heading, no_wrap=True, overflow="ellipsis", ratio=share)
    table.add_column("margin", justify="right", no_wrap=True)
    for bet in bets:
        margin = Text(_margin_words(bet), style="yellow" if bet.probable_error else "")
        table.add_row(*map(printable, (bet.fixture, bet.market, bet.legs)), margin)
    return table


def _margin_words(bet: ArbitrageReading) -> str:
    return f"{100 * bet.margin:.2f} %{' (price error?)' if bet.probable_error else ''}"


def _arbitrage_words(bet: ArbitrageReading) -> str:
    return f"{bet.fixture}, {bet.market}, {bet.legs}: {_margin_words(bet)}"


def _footer(picture: Picture) -> str:
    counts = ", ".join(f"{count:,} {name}" for name, count in picture.board.counts.items())
    budget = budget_words(picture.budget) if picture.budget and not picture.detailed else ""
    return "; ".join(part for part in (counts, budget) if part)


def _speed_words(speed: Speed) -> str:
    if speed.messages is None:
        return ""
    latency = f", p50 {speed.latency_p50:.1f} ms, p99 {speed.latency_p99:.1f} ms" if _has_latency(speed) else ""
    return f" ({speed.messages:.0f} messages/s{latency})"


def _has_latency(speed: Speed) -> bool:
    return speed.latency_p50 is not None and speed.latency_p99 is not None


def _drop_words(drop: DropReading) -> str:
    prices = f"{drop.old_odds:g} to {drop.new_odds:g} ({drop.drop_pct:.2f} %)"
    return f"{drop.fixture}, {drop.bookmaker}, {drop.selection}: {prices}"


def _value_words(bet: ValueReading) -> str:
    return f"{bet.fixture}, {bet.bookmaker}, {bet.selection} at {_number(bet.odds, 2)}: {bet.expected_value:.1f}"


def _number(value: float | None, digits: int = 0) -> str:
    return "" if value is None else f"{value:,.{digits}f}"


def _status_words(row: ServiceRow) -> str:
    restarts = row.child.restarts if row.child else 0
    return f"{row.status}, restarted {restarts}x" if restarts else row.status


def _age(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}"
