"""`proppr stats`: make a run of the statistics now, and look at fixtures, teams and players."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, NoReturn, TypeVar

import click
import msgspec
from rich.console import Console, RenderableType

from PROPPR.SharedServices.cli.console import EXIT_UNHEALTHY, env_file_option, settings_or_exit, stop_on_signals
from PROPPR.SharedServices.cli.database import running_database, told_errors
from PROPPR.SharedServices.cli.poller_picture import printable
from PROPPR.SharedServices.cli.provenance import claim
from PROPPR.SharedServices.cli.running import read_note, settings_of
from PROPPR.SharedServices.cli.stats_cells import APPEARANCE, STATISTICS
from PROPPR.SharedServices.cli.stats_find import Known, KnownFixture, find_fixture, find_player, find_team
from PROPPR.SharedServices.cli.stats_panels import Panel, fixture_panels, player_panels, team_panels
from PROPPR.SharedServices.cli.stats_reader import FixtureReading, StatsReader
from PROPPR.SharedServices.cli.stats_view import WINDOWS, fixture_view, player_view, team_view
from PROPPR.SharedServices.service.clock import SystemClock

MOST_LISTED: Final = 20
WIDE: Final = 150
Command = TypeVar("Command", bound=Callable[..., Any])


@click.group("stats")
@env_file_option
@click.pass_context
def command(context: click.Context, env_file: Path) -> None:
    """Make a run of the statistics now, or look at a fixture, a team or a player. A dash is what is not known.

    Exit code 1: nothing was found, or several were (they are listed); 2: wrong arguments.
    """
    context.obj = env_file


def _png(context: click.Context, parameter: click.Parameter, path: Path | None) -> Path | None:
    if path is not None and path.suffix.lower() != ".png":
        raise click.BadParameter("a picture is written as .png")
    if path is not None and not path.absolute().parent.is_dir():
        raise click.BadParameter(f"there is no directory {path.parent}")
    return path


def _shown(statistics: Sequence[str]) -> Callable[[Command], Command]:
    """The options of every look at something: a picture of which numbers, or JSON."""

    def add(function: Command) -> Command:
        kind = click.Path(dir_okay=False, writable=True, path_type=Path)
        for option in (
            click.option("--json", "as_json", is_flag=True, help="The stored documents as JSON instead of tables."),
            click.option("--statistic", "statistics", multiple=True, type=click.Choice(list(statistics)),
                         help="What the picture shows; may be repeated."),
            click.option("--plot", type=kind, callback=_png, metavar="FILE.png",
                         help="Draw the last ten matches against the line."),
        ):  # fmt: skip
            function = option(function)
        return function

    return add


season_option = click.option("--season", metavar="NAME", help='A season, as "2025/2026" (default: the newest).')


@command.command("run")
@click.option("--plain", is_flag=True, help="Lines instead of the bars.")
@click.pass_obj
def run(env_file: Path, plain: bool) -> None:
    """Make the daily run now; where one was cut off, go on with it.

    Within the day's budget of requests. Does nothing while a running service keeps the statistics. Exit code 0: every
    league was worked up; 1: some were not, or another process keeps the statistics; 130: interrupted.
    """
    from PROPPR.SharedServices.cli import stats_run
    from PROPPR.SharedServices.ingest.own_resources import OwnDatabase

    settings = settings_or_exit(env_file)
    running = read_note(settings.proppr_data_dir)
    is_demo = running is not None and running.is_demo
    settings, clock, stop = settings_of(settings, running), SystemClock(), threading.Event()
    stop_on_signals(stop)
    console = Console(markup=False, highlight=False)
    bars = console.is_terminal and not plain
    view: stats_run.View = stats_run.BarView(console) if bars else stats_run.PlainView(clock)
    with told_errors(settings):
        own = OwnDatabase(settings, clock, "stats-run")
        try:
            claim(own.database, is_demo=is_demo)
            code, report = stats_run.run_by_hand(settings, own.database, clock, stop, view)
        finally:
            own.close()
    if report is not None:
        console.print(stats_run.report_table(report))
        for note in stats_run.report_notes(report):
            console.print(note)
    sys.exit(code)


@command.command("fixture")
@click.argument("which", metavar="FIXTURE")
@click.option("--window", type=click.Choice(list(WINDOWS)), default="last10", show_default=True, help="Of averages.")
@click.option("--halves", is_flag=True, help="Also the halves.")
@_shown(STATISTICS)
@click.pass_obj
def fixture(
    env_file: Path, which: str, window: str, halves: bool, plot: Path | None, statistics: tuple[str, ...], as_json: bool
) -> None:
    """Show what is predicted for a fixture: its id at odds-api.io, FotMob's id of the match, or "Home - Away"."""
    with _reader(env_file) as reader:
        reading = _fixture(reader, which)
    value = {"predicted_lines": reading.lines, "player_projections": reading.players}
    title = f"{reading.lines['home_team']} - {reading.lines['away_team']}"
    note = f"kick-off {reading.lines['kickoff']:%Y-%m-%d %H:%M} UTC, {reading.lines['league']}; the last ten matches"
    _picture(plot, title, note, fixture_panels(reading, statistics))
    _print(value if as_json else fixture_view(reading, window, halves=halves), plot)


@command.command("team")
@click.argument("name")
@season_option
@_shown(STATISTICS)
@click.pass_obj
def team(
    env_file: Path, name: str, season: str | None, plot: Path | None, statistics: tuple[str, ...], as_json: bool
) -> None:
    """Show a team's season by its name, as a person writes it, or by FotMob's id."""
    with _reader(env_file) as reader:
        team_id = _one(name, reader.teams(), find_team)
        reading = reader.team(team_id, season)
        if reading is None:
            _nothing(f"of {name} there is no season {season}")
    shown = reading.team
    _picture(plot, shown["team_name"], f"the last ten matches up to season {shown['season']}",
             team_panels(reading, statistics))  # fmt: skip
    _print({"team_stats": shown, "predicted_lines": reading.coming} if as_json else team_view(reading), plot)


@command.command("player")
@click.argument("name")
@season_option
@_shown(APPEARANCE)
@click.pass_obj
def player(
    env_file: Path, name: str, season: str | None, plot: Path | None, statistics: tuple[str, ...], as_json: bool
) -> None:
    """Show a player's season by his name, as a person writes it, or by FotMob's id."""
    with _reader(env_file) as reader:
        player_id = _one(name, reader.players(), find_player)
        reading = reader.player(player_id, season)
        if reading is None:
            _nothing(f"of {name} there is no season {season}")
    shown = reading.player
    title = f"{shown['player_name']}, {shown.get('team') or 'team not known'}"
    _picture(plot, title, f"the last ten appearances up to season {shown['season']}",
             player_panels(reading, statistics))  # fmt: skip
    _print({"player_stats": shown, "player_projections": reading.coming} if as_json else player_view(reading), plot)


def _fixture(reader: StatsReader, which: str) -> FixtureReading:
    if which.isascii() and which.isdecimal():
        number = int(which)
        found = reader.fixture(number) if number < 2**63 else []
        if not found:
            _nothing(reader.why_not(number) if number < 2**63 else f"{which} is no id")
        if len(found) > 1:
            _several([_in_words(each.lines) for each in found])
        return found[0]
    now = SystemClock().now()
    known = find_fixture(which, reader.predicted(), now)
    if not known:
        registered = find_fixture(which, reader.registered(), now)
        _nothing(reader.why_not(registered[0].id) if registered else f"no fixture is like {which!r}")
    if len(known) > 1:
        _several([_listed(each) for each in known])
    return reader.fixture(known[0].id)[0]


def _one(name: str, known: Sequence[Known], find: Callable[[str, Sequence[Known]], list[Known]]) -> int:
    """The id that is meant; ends the process with a list where several may be."""
    if name.isascii() and name.isdecimal():
        return next((each.id for each in known if each.id == int(name)), 0) or _nothing(f"nobody has the id {name}")
    found = find(name, known)
    if not found:
        _nothing(f"nobody is called {name!r}" if known else "there are no statistics yet: `proppr stats run`")
    if len(found) > 1:
        _several([f"{each.id:>12}  {each.name} ({each.detail})" for each in found])
    return found[0].id


def _nothing(why: str) -> NoReturn:
    click.echo(f"proppr stats: {printable(why)}", err=True)
    sys.exit(EXIT_UNHEALTHY)


def _several(lines: Sequence[str]) -> NoReturn:
    click.echo("proppr stats: several may be meant; say which by its id", err=True)
    for line in lines[:MOST_LISTED]:
        click.echo(printable(line), err=True)
    if len(lines) > MOST_LISTED:
        click.echo(f"and {len(lines) - MOST_LISTED} more", err=True)
    sys.exit(EXIT_UNHEALTHY)


def _listed(each: KnownFixture) -> str:
    return f"{each.id:>12}  {each.home} - {each.away} ({each.kickoff:%Y-%m-%d %H:%M} UTC, {each.league})"


def _in_words(lines: dict[str, Any]) -> str:
    known = KnownFixture(lines["fixture_id"], lines["home_team"], lines["away_team"], lines["kickoff"], lines["league"])
    return f"{_listed(known)}: FotMob match {lines.get('fotmob_match_id')}"


def _picture(path: Path | None, title: str, note: str, panels: Sequence[Panel]) -> None:
    if path is None:
        return
    from PROPPR.SharedServices.cli.stats_plot import draw  # slow to import: only where something is drawn

    try:
        draw(path, title, note, panels)
    except OSError as error:
        click.echo(f"proppr stats: {path} can't be written: {error.strerror}", err=True)
        sys.exit(EXIT_UNHEALTHY)


def _print(what: dict[str, Any] | RenderableType, plot: Path | None) -> None:
    if isinstance(what, dict):
        click.echo(msgspec.json.format(msgspec.json.encode(what)).decode())
    else:
        # A file or a pipe has no width of its own: nothing need be cut off there.
        narrow = sys.stdout.isatty() or "COLUMNS" in os.environ
        Console(markup=False, highlight=False, width=None if narrow else WIDE).print(what)
    if plot is not None:
        click.echo(f"drawn: {plot}", err=True)


@contextmanager
def _reader(env_file: Path) -> Iterator[StatsReader]:
    """The statistics of the running database."""
    with running_database(settings_or_exit(env_file), "stats") as database:
        yield StatsReader(database, SystemClock())
