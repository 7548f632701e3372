"""The figures of a soak of the fleet as tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import click
from fleet_verdict import Result, Slopes
from rich.console import Console
from rich.table import Table


def show(result: Result, broken: Sequence[str]) -> None:
    """Print the processes, the queues, then the rest; then a line for each broken promise."""
    console = Console(width=150)
    console.print(_processes(result))
    console.print(_queues(result.slopes))
    rest = Table(title="the whole", show_header=False)
    for row in _rest(result):
        rest.add_row(*row)
    console.print(rest)
    for line in broken:
        click.echo(f"BROKEN {line}")
    if not broken:
        click.echo("every promise held")


def _processes(result: Result) -> Table:
    table = Table(title=f"{result.measured / 60:.1f} minutes, judged over the last {result.judged / 60:.1f}")
    for name in ("process", "MB before", "MB after", "MB most", "MB an hour", "own MB an hour", "files", "an hour",
                 "threads", "processors"):  # fmt: skip
        table.add_column(name, justify="left" if name == "process" else "right")
    for one in result.slopes:
        table.add_row(
            one.name, f"{one.first:.1f}", f"{one.last:.1f}", f"{one.most:.1f}", f"{one.growth:+.2f}",
            f"{one.own_growth:+.2f}", f"{one.files[0]:.0f}-{one.files[1]:.0f}", f"{one.files_growth:+.1f}",
            f"{one.threads[0]:.0f}-{one.threads[1]:.0f}", f"{one.processor:.2f}",
        )  # fmt: skip
    return table


def _queues(slopes: Sequence[Slopes]) -> Table:
    table = Table("process", "queue", "most", "an hour", title="queues that ever held something")
    for one in slopes:
        for name, (rise, most) in one.queues.items():
            if most:
                table.add_row(one.name, name.removeprefix("proppr_"), f"{most:.0f}", f"{rise:+.1f}")
    return table


def _rest(result: Result) -> Iterator[tuple[str, str]]:
    yield from _age(result)
    books, bets, notes = result.books, result.bets, result.notes
    found = ", ".join(f"{name} {books[name]}" for name in ("missing", "surplus", "wrong"))
    yield "books", f"{books['lines']:,} lines: {found}; right {books['right_after_s']} s after silence"
    yield "history", f"{books['changes']:,} changes {books['by_source']}, {books['broken_chains']} broken chains"
    yield "drops", f"{books['drops']:,}, {books['drop_errors']} missing, twice or none"
    yield "value bets, arbitrages", f"{books['value_bets']:,}, {books['arbitrages']:,}"
    yield "bets settled", f"{dict(bets.settled)}, {len(bets.wrong)} wrong, {bets.corrected} corrected"
    yield "bets waiting", f"{dict(bets.waiting)} of {bets.placed:,} placed, {len(bets.late)} without need"
    for name, value in notes.items():
        yield name.replace("_", " "), str(value)


def _age(result: Result) -> Iterator[tuple[str, str]]:
    fresh = result.fresh
    stored = f"{fresh.stored:.4%} of the time, longest gap {fresh.longest_gap:.2f} s"
    yield "something stored within the last second", stored
    if fresh.without_kills is not None:
        yield "the same without the minute after a kill", f"{fresh.without_kills:.4%}"
    gaps = ", ".join(f"{begin:.0f}: {end - begin:.2f}" for begin, end in fresh.gaps[:40])
    yield "beyond a second, at s: for s", gaps or "never"
    yield "newest quote under a second old", f"{fresh.made:.4%} of the time, oldest {fresh.oldest:.2f} s"
    held = f"{fresh.made_when_sent:.4%} (held back or catching up: {fresh.late:.0f} s)"
    yield "the same while the provider did not hold back", held
