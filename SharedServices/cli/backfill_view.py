"""What `proppr backfill` shows while it runs: a bar on a terminal, plain lines elsewhere."""

from __future__ import annotations

import logging
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Protocol, Self

import click
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from PROPPR.SharedServices.cli.poller_picture import counted, printable
from PROPPR.SharedServices.ingest.backfill_progress import Progress
from PROPPR.SharedServices.service import leases
from PROPPR.SharedServices.service.redact import Redactor

PLAIN_EVERY = 5.0


class View(AbstractContextManager["View"], Protocol):
    """Shows progress; `elapsed` are the seconds of this run, `now` is the monotonic time."""

    def show(self, progress: Progress, elapsed: float, now: float) -> None: ...
    def tell(self, text: str) -> None: ...


def figures(progress: Progress, elapsed: float) -> str:
    """The numbers of one moment in words."""
    if progress.lookups:
        return f"{counted(progress.lookups, 'unknown fixture')} to look up, {counted(progress.requests, 'request')}"
    parts = [f"{progress.done:,} of {counted(progress.total, 'fixture')}", counted(progress.requests, "request")]
    parts += [f"{len(progress.failed):,} failed"] if progress.failed else []
    speed = rate(progress, elapsed)
    if speed is not None:
        parts.append(f"{speed:.1f} fixtures/s")
        left = max(0, progress.total - progress.done - len(progress.failed))
        parts.append(f"{_duration(left / speed)} left")
    return ", ".join(parts)


def rate(progress: Progress, elapsed: float) -> float | None:
    """Fixtures a second in this run, waiting included; None before the first."""
    read = progress.done - progress.before
    return read / elapsed if read > 0 and elapsed > 0 else None


def waiting_words(progress: Progress, now: float) -> str:
    """Why nothing happens and for how long; empty where something does."""
    if not progress.waiting:
        return ""
    seconds = "" if progress.until is None else f", again in {_duration(max(0.0, progress.until - now))}"
    return printable(f"waits: {progress.waiting}{seconds}")


def render(progress: Progress, elapsed: float, now: float) -> RenderableType:
    """The bar with its numbers, and a line for what it waits for."""
    table = Table.grid(padding=(0, 1), expand=True)
    table.add_column(ratio=1)
    table.add_column(no_wrap=True)
    bar = ProgressBar(total=max(1, progress.total), completed=progress.done)
    table.add_row(bar, Text(figures(progress, elapsed)))
    waiting = Text(waiting_words(progress, now), style="yellow", overflow="ellipsis", no_wrap=True)
    return Group(table, waiting)


class LiveView:
    """The picture of a terminal."""

    def __init__(self, console: Console) -> None:
        self._live = Live(console=console, auto_refresh=False)

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._live.stop()

    def show(self, progress: Progress, elapsed: float, now: float) -> None:
        """Draw."""
        self._live.update(render(progress, elapsed, now), refresh=True)

    def tell(self, text: str) -> None:
        """A line above the picture."""
        self._live.console.print(printable(text))


class PlainView:
    """A line every five seconds, and one whenever it begins or ends to wait."""

    def __init__(self) -> None:
        self._said_at: float | None = None
        self._waiting = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass

    def show(self, progress: Progress, elapsed: float, now: float) -> None:
        """Say it, if it is time to."""
        due = self._said_at is None or now - self._said_at >= PLAIN_EVERY
        if not due and progress.waiting == self._waiting:
            return
        self._said_at, self._waiting = now, progress.waiting
        self.tell("; ".join(part for part in (figures(progress, elapsed), waiting_words(progress, now)) if part))

    def tell(self, text: str) -> None:
        """One line."""
        click.echo(printable(text))


class Warnings(logging.Handler):
    """Puts the warnings of this process into `view`, which printed lines would tear apart.

    Not those of the lease: it is given up at every end, and who takes it over is told otherwise.
    """

    def __init__(self, redactor: Redactor) -> None:
        super().__init__(logging.WARNING)
        self.view: View = PlainView()
        self._redactor = redactor

    def emit(self, record: logging.LogRecord) -> None:
        """Show one, with its reason if it has any."""
        if record.name == leases.__name__:
            return
        reason = getattr(record, "reason", "")
        self.view.tell(self._redactor.text(f"{record.getMessage()}{f': {reason}' if reason else ''}"))


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
