"""`proppr ledger`: what the settled bets have brought."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import click
import msgspec
from rich.console import Console
from rich.table import Table

from PROPPR.SharedServices.cli.console import EXIT_UNHEALTHY, env_file_option, settings_or_exit
from PROPPR.SharedServices.cli.database import running_database
from PROPPR.SharedServices.cli.poller_picture import printable
from PROPPR.SharedServices.grading.ledger import DIMENSIONS, Ledger, Sum
from PROPPR.SharedServices.storage.ledger import read_ledger

MOST_ROWS: Final = 30


@click.command("ledger")
@env_file_option
@click.option("--by", "dimensions", multiple=True, type=click.Choice(DIMENSIONS), help="Only these tables.")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="Only bets settled on this day (UTC) or later.")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="Only bets settled before this day (UTC).")
@click.option("--json", "as_json", is_flag=True, help="Everything as JSON.")
@click.option("--plot", type=click.Path(dir_okay=False, writable=True, path_type=Path), metavar="FILE.png",
              help="Draw the course of the profit, and the return by bookmaker and market.")  # fmt: skip
def command(
    env_file: Path, dimensions: tuple[str, ...], since: datetime | None, until: datetime | None, as_json: bool,
    plot: Path | None,
) -> None:  # fmt: skip
    """Show profit and return on the settled stake, by bot, bookmaker, market and month.

    Refunded stakes count as settled. Bets that a bot or a person settled count, too.
    """
    settings = settings_or_exit(env_file)
    with running_database(settings, "ledger") as database:
        ledger = read_ledger(database, _day(since), _day(until))
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(ledger.plain())).decode())
    else:
        show(ledger, dimensions or DIMENSIONS, Console(markup=False, highlight=False))
    if plot is not None:
        _draw(plot, ledger)


def show(ledger: Ledger, dimensions: tuple[str, ...], console: Console) -> None:
    """Print the tables."""
    if not ledger.total.bets:
        console.print("No bet is settled yet.")
        return
    for dimension in dimensions:
        rows = ledger.rows(dimension)
        table = Table(box=None, header_style="bold", pad_edge=False, title_justify="left")
        table.add_column(dimension, no_wrap=True, overflow="ellipsis", max_width=40)
        for name in ("bets", "won", "refunds", "stake", "profit", "return"):
            table.add_column(name, justify="right", no_wrap=True)
        for name, one in rows[:MOST_ROWS]:
            table.add_row(printable(name), *_cells(one))
        table.add_row("all", *_cells(ledger.total), style="bold")
        console.print(table)
        if len(rows) > MOST_ROWS:
            console.print(f"{len(rows) - MOST_ROWS} more: --json has them all")
        console.print()
    if ledger.unreadable:
        console.print(f"{ledger.unreadable} settled bets are in no sum: their stake or odds can't be read")


def _cells(one: Sum) -> tuple[str, ...]:
    returned = "" if one.returned is None else f"{one.returned:+.2%}"
    return str(one.bets), str(one.won), str(one.refunds), f"{one.stake:,.2f}", f"{one.profit:+,.2f}", returned


def _draw(path: Path, ledger: Ledger) -> None:
    from PROPPR.SharedServices.cli.ledger_plot import draw

    try:
        draw(path, ledger)
    except (OSError, ValueError) as error:
        click.echo(f"proppr: {path.name} can't be written: {error}", err=True)
        sys.exit(EXIT_UNHEALTHY)
    click.echo(f"{path} written", err=True)


def _day(day: datetime | None) -> datetime | None:
    return None if day is None else day.replace(tzinfo=UTC)
