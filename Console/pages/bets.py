"""The page /bets: what waits and why, what was settled, and the story of a single bet."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, render_template, url_for

from PROPPR.Console.context import context
from PROPPR.Console.pages import arguments
from PROPPR.Console.pages.parts import mark_of, part_of
from PROPPR.Console.readings.bets import BOTS, LONGEST_ID, BetFilter, BetLists, read_bets, read_explanation

blueprint = Blueprint("bets", __name__)


@blueprint.get("/bets")
def page() -> str:
    """The page."""
    wanted = _filter()
    reading = _read(wanted)
    return render_template(
        "bets.html",
        reading=reading,
        seen=mark_of(reading),
        wanted=wanted,
        bots=tuple(BOTS),
        day=arguments.text("until", 10) if wanted.until else "",
        follows=url_for("bets.part", **_given(wanted), page=wanted.page),
        **_around(wanted, reading),
    )


@blueprint.get("/bets/part")
def part() -> Response:
    """The lists."""
    wanted = _filter()
    reading = _read(wanted)
    return part_of("parts/bets_lists.html", reading, **_around(wanted, reading))


@blueprint.get("/bets/bet")
def bet() -> tuple[str, int]:
    """How a bet was settled, or why it waits. 404 where there is no such bet."""
    bet_id = arguments.text("id", LONGEST_ID)
    console = context()
    found = read_explanation(console.database, console.settings, console.clock, bet_id)
    return render_template("bet.html", bet_id=bet_id, found=found), 200 if found else 404


def _read(wanted: BetFilter) -> BetLists:
    return read_bets(context().database, context().now(), wanted)


def _filter() -> BetFilter:
    day = arguments.day("until")
    return BetFilter(
        bot=arguments.option("bot", ("", *BOTS)),
        until=None if day is None else day + timedelta(days=1),
        page=arguments.page_number(),
    )


def _given(wanted: BetFilter) -> dict[str, Any]:
    until = "" if wanted.until is None else f"{wanted.until - timedelta(days=1):%Y-%m-%d}"
    return {name: value for name, value in {"bot": wanted.bot, "until": until}.items() if value}


def _around(wanted: BetFilter, reading: BetLists) -> dict[str, str]:
    given = _given(wanted)
    return {
        "earlier": url_for("bets.page", **given, page=reading.page - 1) if reading.page > 1 else "",
        "later": url_for("bets.page", **given, page=reading.page + 1) if reading.more else "",
    }
