"""`proppr mappings`: which FotMob match each fixture is, and a person's word where the rules have none."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Final

import click
from rich.console import Console
from rich.table import Table

from PROPPR.SharedServices.cli.console import env_file_option, settings_or_exit
from PROPPR.SharedServices.cli.database import running_database
from PROPPR.SharedServices.service.clock import SystemClock
from PROPPR.SharedServices.storage.fixture_mappings import FixtureMappings
from PROPPR.SharedServices.storage.mapping_documents import StoredCandidate, StoredMapping

SHOWN_CANDIDATES: Final = 3
_ID: Final = click.IntRange(1, 2**63 - 1)


@click.group("mappings", invoke_without_command=True)
@env_file_option
@click.option("--all", "everything", is_flag=True, help="List the mapped fixtures too.")
@click.option("--limit", type=click.IntRange(1, 1000), default=100, show_default=True, help="Fixtures listed at most.")
@click.pass_context
def command(context: click.Context, env_file: Path, everything: bool, limit: int) -> None:
    """List the fixtures without a FotMob match, each with its best candidates and their scores.

    Of those that kicked off a day ago or later. What is settled or rejected by hand is remembered for good.
    """
    context.obj = env_file
    if context.invoked_subcommand is not None:
        return
    with _mappings(env_file) as mappings:
        rows = mappings.listed(limit=limit) if everything else mappings.unresolved(limit=limit)
    console = Console(markup=False, highlight=False)
    if not rows:
        console.print("No fixtures are mapped yet." if everything else "Every fixture has its match.")
        return
    console.print(table_of(rows, everything))
    if len(rows) == limit:
        console.print(f"The first {limit} only: --limit shows more.")
    if any(row.status == "unresolved" for row in rows):
        console.print("proppr mappings settle FIXTURE_ID MATCH_ID  or  proppr mappings reject FIXTURE_ID")


@command.command("settle")
@click.argument("fixture_id", type=_ID)
@click.argument("match_id", type=_ID)
@click.option("--swapped/--not-swapped", default=None, help="The fixture's home team is the match's away team.")
@click.pass_obj
def settle(env_file: Path, fixture_id: int, match_id: int, swapped: bool | None) -> None:
    """Say which match a fixture is; no rule changes it again."""
    with _mappings(env_file) as mappings:
        link = mappings.settle(fixture_id, match_id, swapped)
        stored = mappings.get(fixture_id)
    if stored is None or stored.match_home is None:
        click.echo(f"Fixture {fixture_id} is match {match_id} (not one of its candidates: check the number once more).")
    else:
        click.echo(f"{stored.home} - {stored.away} is match {match_id}: {stored.match_home} - {stored.match_away}.")
    if link.swapped:
        click.echo("Its sides are the other way round.")


@command.command("reject")
@click.argument("fixture_id", type=_ID)
@click.pass_obj
def reject(env_file: Path, fixture_id: int) -> None:
    """Say that a fixture has no match; no rule changes it again, `settle` does."""
    with _mappings(env_file) as mappings:
        mappings.reject(fixture_id)
    click.echo(f"Fixture {fixture_id} has no match.")


def table_of(rows: Sequence[StoredMapping], everything: bool) -> Table:
    """Return the fixtures as a table, a line per candidate of the open ones."""
    title = "fixtures and their matches" if everything else "fixtures without a match"
    table = Table(title=title, title_justify="left", box=None, header_style="bold", pad_edge=False)
    for name in ("fixture", "kick-off (UTC)", "league", "teams", "status"):
        table.add_column(name, no_wrap=name in ("fixture", "kick-off (UTC)"))
    table.add_column("score", justify="right")
    for name in ("match", "its teams", "its kick-off, league"):
        table.add_column(name, no_wrap=name == "match")
    for row in rows:
        league = " - ".join(part for part in (row.country, row.league) if part)
        status = row.reason if row.status == "unresolved" else f"{row.status}: {row.reason}"
        head = (str(row.fixture_id), _time(row.kickoff), league, f"{row.home} - {row.away}", status)
        lines = _lines(row)
        table.add_row(*head, *lines[0])
        for line in lines[1:]:
            table.add_row(*("",) * len(head), *line)
    return table


def _lines(row: StoredMapping) -> list[tuple[str, str, str, str]]:
    """Score, match, teams, kick-off and league: of the match, or of each of the best candidates."""
    if row.link is not None:
        chosen = [one for one in row.candidates if one.match_id == row.link.match_id]
        teams = " - ".join(name for name in (row.match_home, row.match_away) if name)
        turned = " (sides swapped)" if row.link.swapped else ""
        return [(_score(row.link.score), str(row.link.match_id), teams + turned, _where(chosen[0]) if chosen else "")]
    shown = row.candidates[:SHOWN_CANDIDATES] if row.status == "unresolved" else ()
    return [
        (_score(one.score), str(one.match_id), f"{one.home} - {one.away}{' (sides swapped)' if one.swapped else ''}",
         _where(one))
        for one in shown
    ] or [("", "", "", "")]  # fmt: skip


def _where(candidate: StoredCandidate) -> str:
    return f"{_time(candidate.kickoff)}, {candidate.league}"


def _score(score: float | None) -> str:
    return "" if score is None else f"{score:.2f}"


def _time(moment: datetime | None) -> str:
    return "" if moment is None else f"{moment:%Y-%m-%d %H:%M}"


@contextmanager
def _mappings(env_file: Path) -> Iterator[FixtureMappings]:
    """The mappings of the running database; what goes wrong ends the process with a line on stderr."""
    with running_database(settings_or_exit(env_file), "mappings") as database:
        yield FixtureMappings(database, SystemClock())
