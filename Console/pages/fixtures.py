"""The page /fixtures: all fixtures, live ones first."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, render_template, url_for

from PROPPR.Console.context import context
from PROPPR.Console.pages import arguments, fixture
from PROPPR.Console.pages.parts import mark_of, part_of
from PROPPR.Console.readings.fixtures import SHOWN, FixtureFilter, FixtureList, read_fixtures, read_leagues

blueprint = Blueprint("fixtures", __name__)
fixture.add_to(blueprint)

WORDS = {"current": "live and next", "live": "live", "next": "next", "over": "over, last 3 days"}


@blueprint.get("/fixtures")
def page() -> str:
    """The page."""
    wanted = _filter()
    reading = _read(wanted)
    return render_template(
        "fixtures.html",
        reading=reading,
        seen=mark_of(reading),
        wanted=wanted,
        leagues=read_leagues(context().database, context().now()),
        words=WORDS,
        follows=url_for("fixtures.part", **_given(wanted), page=wanted.page),
        **_around(wanted, reading),
    )


@blueprint.get("/fixtures/part")
def part() -> Response:
    """The list."""
    wanted = _filter()
    reading = _read(wanted)
    return part_of("parts/fixtures_list.html", reading, **_around(wanted, reading))


def _read(wanted: FixtureFilter) -> FixtureList:
    return read_fixtures(context().database, context().now(), wanted)


def _filter() -> FixtureFilter:
    return FixtureFilter(
        text=arguments.text("text", 100),
        league=arguments.text("league"),
        shown=arguments.option("show", SHOWN),
        page=arguments.page_number(),
    )


def _given(wanted: FixtureFilter) -> dict[str, Any]:
    given = {"text": wanted.text, "league": wanted.league, "show": wanted.shown if wanted.shown != SHOWN[0] else ""}
    return {name: value for name, value in given.items() if value}


def _around(wanted: FixtureFilter, reading: FixtureList) -> dict[str, str]:
    """The addresses of the pages before and behind."""
    given = _given(wanted)
    earlier = url_for("fixtures.page", **given, page=reading.page - 1) if reading.page > 1 else ""
    later = url_for("fixtures.page", **given, page=reading.page + 1) if reading.page < reading.pages else ""
    return {"earlier": earlier, "later": later}
