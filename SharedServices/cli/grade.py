"""`proppr grade`: grade now, look at what waits and why, and explain how a bet was settled."""

from __future__ import annotations

import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import click
from pymongo.database import Database
from rich.console import Console

from PROPPR.SharedServices.cli.console import EXIT_UNHEALTHY, env_file_option, settings_or_exit, stop_on_signals
from PROPPR.SharedServices.cli.database import running_database
from PROPPR.SharedServices.cli.grade_import import read_results
from PROPPR.SharedServices.cli.grade_view import pending_table, report_lines, verdict_row, verdicts_table
from PROPPR.SharedServices.cli.poller_picture import printable
from PROPPR.SharedServices.cli.running import read_note, settings_of
from PROPPR.SharedServices.grading.scheduler.explanation import explain as explained
from PROPPR.SharedServices.grading.scheduler.judging import Verdict
from PROPPR.SharedServices.grading.scheduler.unified_grading_scheduler import GradingStopped, UnifiedGradingScheduler
from PROPPR.SharedServices.service.clock import SystemClock
from PROPPR.SharedServices.service.leases import LeaseLost
from PROPPR.SharedServices.service.settings import Settings
from PROPPR.SharedServices.storage.collections import ensure_collections
from PROPPR.SharedServices.storage.horse_results import HorseResults

EXIT_INTERRUPTED: Final = 130
MOST_SHOWN: Final = 200
Document = dict[str, Any]
_ID: Final = click.IntRange(1, 2**63 - 1)


@dataclass(frozen=True)
class Choice:
    """What the options of the group and of `run` ask for."""

    dry: bool
    fixtures: tuple[int, ...]


_dry = click.option("--dry-run", "dry", is_flag=True, help="Only say what would be settled, on what is stored.")
_fixture = click.option("--fixture", "fixtures", multiple=True, type=_ID, metavar="ID",
                        help="Only bets on this fixture or match; may be repeated.")  # fmt: skip


@click.group("grade", invoke_without_command=True)
@env_file_option
@_dry
@_fixture
@click.option("--pending", is_flag=True, help="List the bets that wait, a line each, with the reason.")
@click.option("--limit", type=click.IntRange(1, 100_000), default=500, show_default=True, help="Bets listed at most.")
@click.option("--import-results", "results", type=click.Path(exists=True, dir_okay=False, path_type=Path),
              metavar="FILE", help="Store results of races (CSV or JSON), then grade.")  # fmt: skip
@click.pass_context
def command(
    context: click.Context, env_file: Path, dry: bool, fixtures: tuple[int, ...], pending: bool, limit: int,
    results: Path | None,
) -> None:  # fmt: skip
    """Grade once, now. `proppr grade explain BET_ID` tells how a bet was settled or why it waits.

    Exit code 1: another process grades (nothing was done), or the bet is not known.
    """
    context.obj = env_file
    if context.invoked_subcommand is not None:
        return
    if pending:
        _list_pending(env_file, limit)
        return
    if results is not None:
        _import(env_file, results)
    _grade(env_file, Choice(dry, fixtures))


@command.command("run")
@_dry
@_fixture
@click.pass_obj
def run(env_file: Path, dry: bool, fixtures: tuple[int, ...]) -> None:
    """Grade once, now: what is stored first, then what has to be asked for."""
    _grade(env_file, Choice(dry, fixtures))


@command.command("explain")
@click.argument("bet_id")
@click.pass_obj
def explain(env_file: Path, bet_id: str) -> None:
    """Show a bet, the numbers that it was settled on, and the rule."""
    with _database(env_file) as (database, settings):
        explanation = explained(database, settings, SystemClock(), bet_id)
    if explanation is None:
        click.echo(f"proppr: no bet {printable(bet_id)}", err=True)
        sys.exit(EXIT_UNHEALTHY)
    click.echo("\n".join(printable(line) for line in explanation.lines()))


def _grade(env_file: Path, choice: Choice) -> None:
    stop = threading.Event()
    stop_on_signals(stop)
    console = Console(markup=False, highlight=False)
    rows: list[tuple[str, ...]] = []
    counted: Counter[str] = Counter()

    def note(collection: str, document: Document, verdict: Verdict) -> None:
        counted[collection] += 1
        if len(rows) < MOST_SHOWN:
            rows.append(verdict_row(collection, document, verdict))

    with _database(env_file) as (database, settings):
        grader = UnifiedGradingScheduler(database=database, settings=settings, instance="grade run", stop=stop)
        try:
            work = grader.dry_run if choice.dry else grader.run_once
            report = work(choice.fixtures or None, note)
        except GradingStopped:
            click.echo("interrupted; what was settled stays, the same command goes on from here")
            sys.exit(EXIT_INTERRUPTED)
        except LeaseLost as error:
            click.echo(f"proppr grade: {error}: nothing was done; --dry-run and --pending work beside it", err=True)
            sys.exit(EXIT_UNHEALTHY)
        finally:
            grader.close()
    if rows:
        console.print(verdicts_table(rows))
    if sum(counted.values()) > len(rows):
        console.print(f"The first {len(rows)} of {sum(counted.values())}.")
    for line in report_lines(report, dry=choice.dry):
        console.print(printable(line))


def _list_pending(env_file: Path, limit: int) -> None:
    console = Console(markup=False, highlight=False, width=None if sys.stdout.isatty() else 200)
    with _database(env_file) as (database, settings):
        grader = UnifiedGradingScheduler(database=database, settings=settings)
        rows = list(grader.parts.pending.listed(limit))
    console.print(pending_table(rows[:limit], SystemClock().now()) if rows else "No bet waits.")


def _import(env_file: Path, path: Path) -> None:
    try:
        rows = read_results(path)
    except ValueError as error:
        click.echo(f"proppr: {printable(str(error))}", err=True)
        sys.exit(EXIT_UNHEALTHY)
    with _database(env_file) as (database, _):
        changed = HorseResults(database, SystemClock()).store(rows)
    click.echo(f"{len(rows)} runners read, results of {len(changed)} races are new or corrected")


@contextmanager
def _database(env_file: Path) -> Iterator[tuple[Database[Document], Settings]]:
    """The running database, prepared; what goes wrong ends the process with a line on stderr."""
    settings = settings_or_exit(env_file)
    with running_database(settings, "grade") as database:
        ensure_collections(database, settings.proppr_history_days)
        yield database, settings_of(settings, read_note(settings.proppr_data_dir))
