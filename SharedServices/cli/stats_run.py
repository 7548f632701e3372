"""`proppr stats run`: the daily run now, by hand, while it can be watched."""

from __future__ import annotations

import threading
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Any, Final, Protocol, Self

import click
from pymongo.database import Database
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as RichProgress
from rich.table import Table
from rich.text import Text

from PROPPR.SharedServices.cli.console import EXIT_OK, EXIT_UNHEALTHY
from PROPPR.SharedServices.cli.poller_picture import counted, printable
from PROPPR.SharedServices.cli.stats_readings import read_last_run, run_words
from PROPPR.SharedServices.service.clock import Clock
from PROPPR.SharedServices.service.leases import LeaseLost
from PROPPR.SharedServices.service.settings import Settings
from PROPPR.StatsUpdateFM.core.pipeline.daily_run import RunStopped
from PROPPR.StatsUpdateFM.core.pipeline.report import Progress, RunReport
from PROPPR.StatsUpdateFM.core.pipeline.stats_update import StatsPipeline

EXIT_INTERRUPTED: Final = 130
PLAIN_EVERY: Final = 5.0
MOST_PROBLEMS: Final = 20
STAGES: Final = {"listing": "reading lists", "updating": "leagues"}


class View(AbstractContextManager["View"], Protocol):
    """Shows how far a run is; `show` is called from the thread that runs it."""

    def show(self, progress: Progress) -> None: ...
    def tell(self, text: str) -> None: ...


class BarView:
    """A bar a stage, on a terminal."""

    def __init__(self, console: Console) -> None:
        self._bars = RichProgress(
            TextColumn("{task.fields[stage]:<14}", markup=False), BarColumn(), MofNCompleteColumn(),
            TimeElapsedColumn(), TextColumn("{task.fields[what]}", markup=False), console=console,
        )  # fmt: skip
        self._tasks: dict[str, Any] = {}

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bars.stop()

    def show(self, progress: Progress) -> None:
        """Move the bar of the stage."""
        if progress.stage not in self._tasks:
            for task in self._tasks.values():  # a stage that is over shows nothing more beside its bar
                self._bars.update(task, what="")
            self._tasks[progress.stage] = self._bars.add_task("", stage=STAGES[progress.stage], what="", total=None)
        task = self._tasks[progress.stage]
        self._bars.update(task, completed=progress.done, total=progress.total, what=printable(progress.what))

    def tell(self, text: str) -> None:
        """A line above the bars."""
        self._bars.console.print(printable(text))


class PlainView:
    """A line at the beginning and the end of a stage, and every five seconds."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._stage = ""
        self._said_at = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass

    def show(self, progress: Progress) -> None:
        """Say it, if it is time to."""
        now = self._clock.monotonic()
        if progress.stage == self._stage and progress.done < progress.total and now - self._said_at < PLAIN_EVERY:
            return
        self._stage, self._said_at = progress.stage, now
        at = f": {progress.what}" if progress.what else ""
        self.tell(f"{STAGES[progress.stage]} {progress.done} of {progress.total}{at}")

    def tell(self, text: str) -> None:
        """One line."""
        click.echo(printable(text))


def run_by_hand(
    settings: Settings, database: Database[dict[str, Any]], clock: Clock, stop: threading.Event, view: View
) -> tuple[int, RunReport | None]:
    """Make the run, or go on with one that was cut off; the exit code and what it did.

    While another process keeps the statistics nothing is done, and the last run's end is told.
    """
    pipeline = StatsPipeline(database=database, settings=settings, clock=clock, instance="stats run", stop=stop)
    try:
        with view:
            report = pipeline.run_daily_update(view.show)
    except RunStopped:
        click.echo("interrupted; the same command, or the service, goes on from here")
        return EXIT_INTERRUPTED, None
    except LeaseLost as error:
        if stop.is_set():
            return EXIT_INTERRUPTED, None
        click.echo(f"proppr stats: {error}: it makes the runs itself, nothing was done", err=True)
        click.echo(f"the last run: {run_words(read_last_run(database), clock.now())}", err=True)
        return EXIT_UNHEALTHY, None
    finally:
        pipeline.close()
    return (EXIT_OK if report.ok else EXIT_UNHEALTHY), report


def report_table(report: RunReport) -> Table:
    """The run, a line a league."""
    took = (report.finished_at - report.started_at).total_seconds()
    title = f"{report.run_id}: {counted(len(report.leagues), 'league')} in {took:.0f} s"
    table = Table(
        title=Text(title + (", taken up where an earlier one was cut off" if report.resumed else "")),
        title_justify="left", title_style="bold", box=None, header_style="dim", pad_edge=False,
    )  # fmt: skip
    table.add_column("league", overflow="ellipsis")
    table.add_column("season", no_wrap=True)
    for heading in ("looked up", "new", "waiting", "teams", "players", "fixtures", "mapped", "lines", "projections"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("", no_wrap=True)
    for each in report.leagues:
        name = printable(each.name) or str(each.league_id)
        numbers = (
            each.looked_up, each.revisions, each.postponed, each.teams, each.players, each.fixtures, each.mapped,
            each.lines, each.projections,
        )  # fmt: skip
        style = "yellow" if each.problems else ""
        table.add_row(name, each.season or "-", *map(str, numbers), Text(each.outcome, style=style))
    return table


def report_notes(report: RunReport) -> list[str]:
    """What the table does not say: what went wrong, what waits, whose leagues nobody knows."""
    notes = [problem.text for problem in report.problems]
    notes += [f"{each.name or each.league_id}: {problem.text}" for each in report.failed for problem in each.problems]
    if len(notes) > MOST_PROBLEMS:
        notes = [*notes[:MOST_PROBLEMS], f"{len(notes) - MOST_PROBLEMS} problems more"]
    waiting = report.total("postponed")
    if waiting:
        notes.append(f"{counted(waiting, 'look-up')} will follow when the day's requests allow")
    if report.unmapped:
        shown = ", ".join(" - ".join(part for part in league if part) for league in report.unmapped[:5])
        more = f" and {len(report.unmapped) - 5} more" if len(report.unmapped) > 5 else ""
        notes.append(f"fixtures of leagues that FotMob's are not known of: {shown}{more} (`proppr mappings`)")
    return [printable(note) for note in notes]
