"""The page /value: prices above the sharp bookmaker's."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, render_template, url_for

from PROPPR.Console.context import context
from PROPPR.Console.pages import arguments
from PROPPR.Console.pages.parts import mark_of, part_of
from PROPPR.Console.readings.fixtures import read_leagues
from PROPPR.Console.readings.value import ORDERS, ValueBet, ValueFilter, read_values

blueprint = Blueprint("value", __name__)


@blueprint.get("/value")
def page() -> str:
    """The page."""
    wanted = _filter()
    reading = _read(wanted)
    console = context()
    return render_template(
        "value.html",
        reading=reading,
        seen=mark_of(reading),
        wanted=wanted,
        orders=ORDERS,
        leagues=read_leagues(console.database, console.now()),
        bookmakers=console.settings.bookmakers,
        follows=url_for("value.part", **_given(wanted)),
    )


@blueprint.get("/value/part")
def part() -> Response:
    """The list."""
    wanted = _filter()
    return part_of("parts/value_list.html", _read(wanted), wanted=wanted)


def _read(wanted: ValueFilter) -> tuple[ValueBet, ...]:
    return read_values(context().database, context().now(), wanted)


def _filter() -> ValueFilter:
    return ValueFilter(
        least=max(0.0, arguments.number("least") or 0.0),
        bookmaker=arguments.text("bookmaker"),
        league=arguments.text("league"),
        text=arguments.text("text", 100),
        order=arguments.option("order", ORDERS),
    )


def _given(wanted: ValueFilter) -> dict[str, Any]:
    given = {
        "least": f"{wanted.least:g}" if wanted.least else "", "bookmaker": wanted.bookmaker, "league": wanted.league,
        "text": wanted.text, "order": wanted.order if wanted.order != ORDERS[0] else "",
    }  # fmt: skip
    return {name: value for name, value in given.items() if value}
