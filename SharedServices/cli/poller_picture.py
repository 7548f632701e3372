"""The budget and the poller on the terminal: tables for `proppr status`, lines for the live picture. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from rich.table import Table
from rich.text import Text

from PROPPR.SharedServices.ingest.poller_readings import PairReading, PollerReading
from PROPPR.SharedServices.storage.stream_coverage import Coverage
from PROPPR.SharedServices.tracking.usage import Usage

MOST_NAMED = 3


def printable(text: str) -> str:
    """`text` without anything that could move the cursor or break a line: names come from outside."""
    return "".join(character if character.isprintable() else " " for character in text)


def budget_words(usage: Usage) -> str:
    """How much of the hour's requests is used, by whom, and what lowers the budget if anything does."""
    users = ", ".join(f"{share.service} {share.used}" for share in usage.services if share.used)
    lowered = f", lowered by {usage.lowered_by}" if usage.lowered_by else ""
    return f"{usage.used} of {usage.limit} requests this hour" + (f" ({users})" if users else "") + lowered


def budget_table(usage: Usage) -> Table:
    """Each service's part of the budget, and when there is more."""
    table = titled(f"budget: {usage.used:,} of {usage.limit:,} requests used in the last hour, {usage.free:,} free")
    table.add_column("service", no_wrap=True)
    for heading in ("used", "guaranteed", "free now"):
        table.add_column(heading, justify="right", no_wrap=True)
    for share in usage.services:
        table.add_row(share.service, f"{share.used:,}", f"{share.guaranteed:,}", f"{share.free:,}")
    return table


def budget_notes(usage: Usage) -> str:
    """What lowers the budget and for how long, or when the next part of it returns; empty where nothing is used."""
    until = "" if usage.reset is None else f"{datetime.fromtimestamp(usage.reset / 1000, UTC):%H:%M:%S} UTC"
    if usage.lowered_by:
        return f"lowered by {usage.lowered_by}" + (f", until {until}" if until else "")
    return f"the next part returns at {until}" if until else ""


def pairs_table(reading: PollerReading) -> Table:
    """How current each bookmaker and sport is."""
    table = titled("books by REST")
    table.add_column("bookmaker", no_wrap=True, overflow="ellipsis", ratio=2)
    table.add_column("sport", no_wrap=True, overflow="ellipsis", ratio=2)
    for heading in ("behind", "to re-read"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("", no_wrap=True, overflow="ellipsis", ratio=4)
    for pair in reading.pairs:
        style = "red" if pair.refusal is not None else "yellow" if reading.is_late(pair) else ""
        words = Text(printable(_state_words(pair)), style=style)
        names = (printable(pair.bookmaker), printable(pair.sport))
        table.add_row(*names, Text(seconds_words(pair.lag), style=style), f"{pair.waiting:,}", words)
    return table


def poller_notes(reading: PollerReading) -> list[str]:
    """What the table does not say: the queue of re-reads, and what the WebSocket carries."""
    notes = [f"{counted(reading.rereads, 'fixture')} to be read again"] if reading.rereads else []
    return notes + [printable(stream_words(stream)) for stream in reading.streams]


def poller_line(reading: PollerReading) -> str:
    """The poller in one line: how far behind, what waits, who is set aside; empty where it never worked."""
    if not reading.pairs:
        return ""
    aside = [pair.bookmaker for pair in reading.pairs if pair.refusal is not None]
    asked = [pair for pair in reading.pairs if pair.refusal is None]
    parts = [_worst_words(asked)] if asked else []
    parts += [f"{counted(reading.rereads, 're-read')} to do"] if reading.rereads else []
    parts += [f"set aside: {_named(aside)}"] if aside else []
    by_stream = sum(pair.by_stream for pair in reading.pairs)
    parts.append(f"{by_stream} of {len(reading.pairs)} also by WebSocket")
    return printable("REST: " + ", ".join(parts))


def stream_words(stream: Coverage) -> str:
    """What one WebSocket carries."""
    sports = ", ".join(sorted(stream.sports)) or "all sports"
    part = "" if stream.is_whole else ", in part only (filters, or connections that take turns)"
    books = ", ".join(sorted(stream.bookmakers))
    return f"WebSocket: {sports} at {books}, {len(stream.markets)} markets{part}"


def seconds_words(seconds: float | None) -> str:
    """A lag as a person says it."""
    if seconds is None:
        return "never read"
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"


def counted(number: int, noun: str) -> str:
    """`1 request`, `2 requests`."""
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def titled(title: str) -> Table:
    """An empty table as all of these look."""
    return Table(title=title, title_justify="left", expand=True, box=None, padding=(0, 1, 0, 0), header_style="bold")


def _state_words(pair: PairReading) -> str:
    if pair.refusal is not None:
        return f"set aside, tried hourly: {pair.refusal}"
    parts = ["main markets by WebSocket"] if pair.by_stream else []
    parts += ["a hole is being closed by re-reads"] if pair.has_hole else []
    return ", ".join(parts)


def _worst_words(pairs: list[PairReading]) -> str:
    never = [pair.bookmaker for pair in pairs if pair.lag is None]
    if never:
        return f"never read: {_named(never)}"
    worst = max(pairs, key=lambda pair: pair.lag or 0.0)
    return f"at most {seconds_words(worst.lag)} behind ({worst.bookmaker}, {worst.sport})"


def _named(names: Iterable[str]) -> str:
    unique = list(dict.fromkeys(names))
    more = f" and {len(unique) - MOST_NAMED} more" if len(unique) > MOST_NAMED else ""
    return ", ".join(unique[:MOST_NAMED]) + more
