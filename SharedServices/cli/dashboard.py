"""The picture on the terminal: a rich renderable for a TTY, one line of text otherwise. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from PROPPR.SharedServices.cli.children import ChildState
from PROPPR.SharedServices.cli.readings import Board, DropReading, HealthReading, ValueReading
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
    """Everything that one refresh shows."""

    title: str
    rows: Sequence[ServiceRow]
    board: Board
    budget: Usage | None = None
    notes: Sequence[str] = ()


def render(picture: Picture) -> RenderableType:
    """The full picture for a terminal."""
    parts: list[RenderableType] = [_services(picture.rows)]
    troubles = [printable(f"{row.name}: {row.complaint}") for row in picture.rows if row.complaint]
    parts += [Text(trouble, style="yellow", overflow="ellipsis", no_wrap=True) for trouble in troubles]
    parts += [_drops(picture.board.drops), _values(picture.board.values), Text(_footer(picture), style="dim")]
    parts += [Text(note, style="dim") for note in picture.notes]
    return Panel(Group(*parts), title=picture.title, title_align="left", border_style="blue")


def summary_line(picture: Picture) -> str:
    """The same in one line, for logs and pipes."""
    services = ", ".join(f"{row.name} {row.status}{_speed_words(row.speed)}" for row in picture.rows)
    newest = f"; newest drop {_drop_words(picture.board.drops[0])}" if picture.board.drops else ""
    value = f"; newest value bet {_value_words(picture.board.values[0])}" if picture.board.values else ""
    return printable(f"{services}; {_footer(picture)}{newest}{value}")


def printable(text: str) -> str:
    """`text` without anything that could move the cursor or break a line: names come from outside."""
    return "".join(character if character.isprintable() else " " for character in text)


def budget_words(usage: Usage) -> str:
    """How much of the hour's requests is used, by whom, and what lowers the budget if anything does."""
    users = ", ".join(f"{share.service} {share.used}" for share in usage.services if share.used)
    lowered = f", lowered by {usage.lowered_by}" if usage.lowered_by else ""
    return f"{usage.used} of {usage.limit} requests this hour" + (f" ({users})" if users else "") + lowered


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


def _titled(title: str) -> Table:
    return Table(title=title, title_justify="left", expand=True, box=None, padding=(0, 1, 0, 0), header_style="bold")


def _add_names(table: Table) -> None:
    """Columns that give way when the terminal is narrow."""
    for heading, share in (("fixture", 4), ("bookmaker", 2), ("selection", 4)):
        table.add_column(heading, no_wrap=True, overflow="ellipsis", ratio=share)


def _drops(drops: Sequence[DropReading]) -> Table:
    table = _titled("newest drops")
    table.add_column("time", no_wrap=True)
    _add_names(table)
    for heading in ("from", "to", "drop"):
        table.add_column(heading, justify="right", no_wrap=True)
    for drop in drops:
        prices = (f"{drop.old_odds:g}", f"{drop.new_odds:g}", f"{drop.drop_pct:.2f} %")
        table.add_row(f"{drop.at:%H:%M:%S}", *map(printable, (drop.fixture, drop.bookmaker, drop.selection)), *prices)
    return table


def _values(values: Sequence[ValueReading]) -> Table:
    table = _titled("newest value bets")
    _add_names(table)
    for heading in ("odds", "sharp", "value", "margin removed"):
        table.add_column(heading, justify="right", no_wrap=True)
    for bet in values:
        figures = (_number(bet.odds, 2), printable(bet.sharp), f"{bet.expected_value:.1f}", _number(bet.fair, 1))
        table.add_row(*map(printable, (bet.fixture, bet.bookmaker, bet.selection)), *figures)
    return table


def _footer(picture: Picture) -> str:
    counts = ", ".join(f"{count:,} {name}" for name, count in picture.board.counts.items())
    return "; ".join(part for part in (counts, budget_words(picture.budget) if picture.budget else "") if part)


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
