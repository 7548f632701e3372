"""The page /drops: the newest falls of prices."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, render_template, url_for

from PROPPR.Console.context import context
from PROPPR.Console.pages import arguments
from PROPPR.Console.pages.parts import mark_of, part_of
from PROPPR.Console.readings.drops import Drop, DropFilter, read_drops
from PROPPR.Console.readings.fixtures import read_leagues

blueprint = Blueprint("drops", __name__)


@blueprint.get("/drops")
def page() -> str:
    """The page."""
    wanted = _filter()
    reading = _read(wanted)
    console = context()
    return render_template(
        "drops.html",
        reading=reading,
        seen=mark_of(reading),
        wanted=wanted,
        leagues=read_leagues(console.database, console.now()),
        bookmakers=console.settings.bookmakers,
        follows=url_for("drops.part", **_given(wanted)),
    )


@blueprint.get("/drops/part")
def part() -> Response:
    """The list."""
    wanted = _filter()
    return part_of("parts/drops_list.html", _read(wanted), wanted=wanted)


def _read(wanted: DropFilter) -> tuple[Drop, ...]:
    return read_drops(context().database, context().now(), wanted)


def _filter() -> DropFilter:
    return DropFilter(
        least=max(0.0, arguments.number("least") or 0.0),
        bookmaker=arguments.text("bookmaker"),
        league=arguments.text("league"),
    )


def _given(wanted: DropFilter) -> dict[str, Any]:
    given = {
        "least": f"{wanted.least:g}" if wanted.least else "",
        "bookmaker": wanted.bookmaker,
        "league": wanted.league,
    }
    return {name: value for name, value in given.items() if value}
