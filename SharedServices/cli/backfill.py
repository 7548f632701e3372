"""`proppr backfill`: reads the books of chosen fixtures again, within the budget, and goes on where it was killed."""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

import click
from pymongo.database import Database
from pymongo.errors import PyMongoError
from rich.console import Console

from PROPPR.SharedServices.cli.backfill_options import Wanted, in_words, read_selection
from PROPPR.SharedServices.cli.backfill_run import SERVICE, STOP_SECONDS, BackfillRun, JobLease
from PROPPR.SharedServices.cli.backfill_view import LiveView, PlainView, View, Warnings
from PROPPR.SharedServices.cli.console import (
    EXIT_CONFIGURATION,
    EXIT_OK,
    EXIT_UNHEALTHY,
    env_file_option,
    refuse,
    settings_or_exit,
    stop_on_signals,
)
from PROPPR.SharedServices.cli.poller_picture import counted
from PROPPR.SharedServices.cli.provenance import claim
from PROPPR.SharedServices.cli.running import read_note, settings_of
from PROPPR.SharedServices.ingest.backfill_plan import choose_order, requests_for
from PROPPR.SharedServices.ingest.backfill_progress import Outcome, Progress
from PROPPR.SharedServices.ingest.own_resources import OwnDatabase
from PROPPR.SharedServices.service.clock import Clock, SystemClock
from PROPPR.SharedServices.service.errors import ConfigError, ProPprError
from PROPPR.SharedServices.service.redact import Redactor
from PROPPR.SharedServices.service.settings import Settings
from PROPPR.SharedServices.storage.backfills import MOST_FIXTURES, BackfillStore, Job, Selection
from PROPPR.SharedServices.storage.fixture_choice import FixtureChoice
from PROPPR.SharedServices.tracking.request_tracker import GlobalRequestTracker
from PROPPR.SharedServices.tracking.shares import OTHERS

EXIT_INTERRUPTED = 130
REFRESH = 0.2
MOST_SHOWN = 20

Documents = Database[dict[str, Any]]


@dataclass(frozen=True)
class How:
    """The options that don't choose fixtures."""

    requests: int | None
    dry_run: bool
    resume: bool
    restart: bool
    plain: bool


@click.command("backfill")
@env_file_option
@click.option("--id", "ids", multiple=True, metavar="ID", help="Fixtures by id; several by commas or repeated.")
@click.option("--id-file", type=click.File("r", errors="replace"), help="A file with ids (- for standard input).")
@click.option("--league", "leagues", multiple=True, metavar="NAME", help='A league, as "England - Premier League".')
@click.option("--from", "since", metavar="DAY", help="Kick-off from this day or time on (UTC).")
@click.option("--to", "until", metavar="DAY", help="Kick-off until this day or time, included (UTC).")
@click.option("--sport", "sports", multiple=True, metavar="SLUG", help="Only of this sport.")
@click.option("--bookmakers", metavar="A,B", help="Only at these bookmakers (default: all of BOOKMAKERS).")
@click.option("--requests", type=click.IntRange(min=1), help="Use at most so many requests for the whole job.")
@click.option("--dry-run", is_flag=True, help="Only say how many fixtures and requests it would be.")
@click.option("--resume", is_flag=True, help="Go on with the last backfill that was not finished.")
@click.option("--restart", is_flag=True, help="Begin anew, also where an earlier run was not finished.")
@click.option("--plain", is_flag=True, help="Lines instead of the bar.")
def command(
    env_file: Path,
    ids: tuple[str, ...],
    id_file: TextIO | None,
    leagues: tuple[str, ...],
    since: str | None,
    until: str | None,
    sports: tuple[str, ...],
    bookmakers: str | None,
    **how: Any,  # noqa: ANN401 - the fields of How, checked by click
) -> None:
    """Read the books of fixtures again: by id, by league, by day, or the intersection of these.

    Within the budget that the running services leave. Killed at any moment, the same command goes on where it was.
    Exit code 0: all read; 1: some failed, or it could not go on; 2: wrong arguments; 130: interrupted, state saved.
    """
    settings = settings_or_exit(env_file)
    running = read_note(settings.proppr_data_dir)
    is_demo = running is not None and running.is_demo
    settings = settings_of(settings, running)
    stop = threading.Event()
    stop_on_signals(stop)
    try:
        listed = (id_file.read(),) if id_file is not None else ()
        books = tuple(name.strip() for name in (bookmakers or "").split(",") if name.strip())
        wanted = Wanted((*ids, *listed), leagues, sports, since, until, books)
        code = _Command(settings, wanted, How(**how), stop, SystemClock(), is_demo=is_demo).run()
    except ConfigError as error:
        refuse(error)
    except PyMongoError as error:
        click.echo(
            f"proppr backfill: MongoDB does not answer ({type(error).__name__}): `proppr doctor` tells", err=True
        )
        sys.exit(EXIT_UNHEALTHY)
    except ProPprError as error:
        click.echo(f"proppr backfill: {Redactor(settings.secrets()).text(str(error))}", err=True)
        sys.exit(EXIT_UNHEALTHY)
    sys.exit(code)


class _Command:
    """One call of the command."""

    def __init__(
        self, settings: Settings, wanted: Wanted, how: How, stop: threading.Event, clock: Clock, *, is_demo: bool
    ) -> None:
        self._settings = settings
        self._wanted = wanted
        self._how = how
        self._stop = stop
        self._clock = clock
        self._is_demo = is_demo
        self._warnings = Warnings(Redactor(settings.secrets()))
        logging.getLogger().addHandler(self._warnings)

    def run(self) -> int:
        """Do what was asked for; the exit code."""
        if self._how.resume and (self._wanted != Wanted() or self._how.restart):
            raise ConfigError("--resume", "takes the fixtures of the last unfinished backfill: name no others with it")
        if not self._how.dry_run:
            self._settings.require("ODDS_API_KEY")
        own = OwnDatabase(self._settings, self._clock, SERVICE)
        try:
            claim(own.database, is_demo=self._is_demo)
            selection = self._selection(own.database)
            if selection is None:
                click.echo("no unfinished backfill is kept")
                return EXIT_OK
            click.echo(f"backfill {selection.key}: {in_words(selection)}")
            return self._dry_run(own.database, selection) if self._how.dry_run else self._read(own.database, selection)
        finally:
            own.close()

    def _selection(self, database: Documents) -> Selection | None:
        if self._how.resume:
            job = BackfillStore(database, self._clock).last_unfinished()
            return None if job is None else job.selection
        choice = FixtureChoice(database)
        selection = read_selection(
            self._wanted, choice.leagues() if self._wanted.leagues else (), self._settings.bookmakers
        )
        if len(choice.choose(selection, MOST_FIXTURES + 1)) > MOST_FIXTURES:
            raise ConfigError("--from, --to", f"more than {MOST_FIXTURES:,} fixtures: choose fewer at a time")
        return selection

    def _dry_run(self, database: Documents, selection: Selection) -> int:
        choice = FixtureChoice(database)
        job = self._kept(BackfillStore(database, self._clock), selection)
        done = set(job.done) if job else set()
        lookups = [each for each in choice.unknown(selection.ids) if each not in done]
        order = choose_order(choice.choose(selection, MOST_FIXTURES), selection.ids, done, self._clock.now_ms())
        fixtures = len(order.ids) + len(lookups)
        cost = requests_for(fixtures, len(selection.bookmakers), self._settings.batch_size, len(lookups))
        tracker = GlobalRequestTracker(self._settings.max_api_requests_per_hour, database=database, clock=self._clock)
        free = next(share.free for share in tracker.usage().services if share.service == OTHERS)
        click.echo(f"{counted(fixtures, 'fixture')} to read{f', {len(done):,} are read already' if done else ''}")
        if lookups:
            click.echo(f"{len(lookups):,} of them are not registered yet and are looked up first")
        if order.over:
            click.echo(f"{order.over:,} more are over: no bookmaker prices them any more (name their ids to read them)")
        click.echo(f"{counted(cost, 'request')} at least; {free:,} are free now")
        return EXIT_OK

    def _kept(self, store: BackfillStore, selection: Selection) -> Job | None:
        """The unfinished job to go on with."""
        job = None if self._how.restart else store.load(selection.key)
        return None if job is None or job.finished_at is not None else job

    def _read(self, database: Documents, selection: Selection) -> int:
        lease = JobLease(database, selection, self._clock)
        if not lease.take(self._stop, click.echo):
            if self._stop.is_set():
                return EXIT_INTERRUPTED
            click.echo(f"proppr backfill: {lease.holder} works on the same backfill now", err=True)
            return EXIT_UNHEALTHY
        try:
            return self._run(database, selection, lease.fence)
        finally:
            lease.stop(self._clock.monotonic() + 2.0)

    def _run(self, database: Documents, selection: Selection, fence: Callable[[], int]) -> int:
        store = BackfillStore(database, self._clock)
        held = store.hold(selection, fence)
        job = self._kept(store, selection)
        if job is None:
            job = held.begin()
        else:
            held.resume()
            click.echo(
                f"goes on: {counted(len(job.done), 'fixture')} read with {counted(job.requests, 'request')} since "
                f"{job.started_at:%Y-%m-%d %H:%M} UTC (--restart begins anew)"
            )
        run = BackfillRun(
            self._settings, database, job, held, self._clock, self._stop, most_requests=self._how.requests
        )
        self._watch(run)
        outcome = run.outcome or Outcome("stopped")
        return report(outcome, run.progress, dict(run.tally.rejected))

    def _watch(self, run: BackfillRun) -> None:
        console = Console(markup=False, highlight=False)
        view: View = PlainView() if self._how.plain or not console.is_terminal else LiveView(console)
        began = self._clock.monotonic()
        with view:
            self._warnings.view = view
            run.start()
            while not run.ended and not self._clock.wait(self._stop, REFRESH):
                self._show(view, run, began)
            if not run.ended:
                view.tell(f"stops: finishes what is under way, {STOP_SECONDS:.0f} s at most")
            run.close()
            self._show(view, run, began)
        self._warnings.view = PlainView()

    def _show(self, view: View, run: BackfillRun, began: float) -> None:
        now = self._clock.monotonic()
        view.show(run.progress, now - began, now)


def report(outcome: Outcome, progress: Progress, dead_letters: dict[str, int]) -> int:
    """Say how it ended; the exit code."""
    absent = f", {progress.absent:,} of them without prices" if progress.absent else ""
    looked_up = f"; {progress.registered:,} looked up and registered" if progress.registered else ""
    click.echo(f"{counted(progress.done, 'fixture')} read{absent}, {counted(progress.requests, 'request')}{looked_up}")
    if progress.over:
        click.echo(f"{progress.over:,} left out: they are over")
    if progress.refused:
        click.echo(f"not read, because the provider refuses them: {', '.join(progress.refused)}", err=True)
    for reason, count in dead_letters.items():
        click.echo(
            f"{counted(count, 'part')} could not be stored ({reason}): see the collection dead_letters", err=True
        )
    for fixture_id, reason in list(progress.failed.items())[:MOST_SHOWN]:
        click.echo(f"failed: {fixture_id}: {reason}", err=True)
    if len(progress.failed) > MOST_SHOWN:
        click.echo(f"failed: {len(progress.failed) - MOST_SHOWN:,} more, see the collection backfills", err=True)
    if outcome.end == "stopped":
        click.echo("interrupted; the same command goes on from here")
        return EXIT_INTERRUPTED
    if outcome.end == "spent":
        click.echo(f"{outcome.reason}; with a higher --requests the same command goes on from here", err=True)
    elif outcome.end != "done":
        click.echo(f"proppr backfill: {outcome.reason}", err=True)
    if outcome.end == "misconfigured":
        return EXIT_CONFIGURATION
    troubled = outcome.end != "done" or progress.failed or progress.refused or dead_letters
    return EXIT_UNHEALTHY if troubled else EXIT_OK
