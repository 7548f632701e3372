"""The page /arbitrages: bets at several bookmakers that together win whatever happens."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, render_template, url_for

from PROPPR.Console.context import context
from PROPPR.Console.pages import arguments
from PROPPR.Console.pages.parts import mark_of, part_of
from PROPPR.Console.readings.arbitrages import Arbitrage, ArbitrageFilter, read_arbitrages
from PROPPR.Console.readings.fixtures import read_leagues

blueprint = Blueprint("arbitrages", __name__)


@blueprint.get("/arbitrages")
def page() -> str:
    """The page."""
    wanted = _filter()
    reading = _read(wanted)
    console = context()
    return render_template(
        "arbitrages.html",
        reading=reading,
        seen=mark_of(reading),
        wanted=wanted,
        leagues=read_leagues(console.database, console.now()),
        error_margin=console.settings.proppr_arbitrage_error_margin,
        follows=url_for("arbitrages.part", **_given(wanted)),
    )


@blueprint.get("/arbitrages/part")
def part() -> Response:
    """The list."""
    wanted = _filter()
    return part_of("parts/arbitrages_list.html", _read(wanted), wanted=wanted)


def _read(wanted: ArbitrageFilter) -> tuple[Arbitrage, ...]:
    return read_arbitrages(context().database, context().now(), wanted)


def _filter() -> ArbitrageFilter:
    return ArbitrageFilter(
        least=max(0.0, arguments.number("least") or 0.0) / 100,
        league=arguments.text("league"),
        errors=arguments.text("errors") != "no",
    )


def _given(wanted: ArbitrageFilter) -> dict[str, Any]:
    least = f"{100 * wanted.least:g}" if wanted.least else ""
    given = {"least": least, "league": wanted.league, "errors": "" if wanted.errors else "no"}
    return {name: value for name, value in given.items() if value}
