"""The page /ledger: what the settled bets have brought, over time and by bot, bookmaker, market and month."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, Response, current_app, jsonify, render_template, url_for

from PROPPR.Console.context import context
from PROPPR.Console.pages import arguments
from PROPPR.Console.pages.parts import mark_of, part_of
from PROPPR.Console.readings.ledger import LedgerReader
from PROPPR.SharedServices.grading.ledger import DIMENSIONS, Ledger

blueprint = Blueprint("ledger", __name__)

MOST_ROWS = 100
_READER = "console.ledger"


@blueprint.get("/ledger")
def page() -> str:
    """The page."""
    reading = _read()
    return render_template(
        "ledger.html",
        reading=reading,
        seen=mark_of(reading.plain()),
        dimensions=DIMENSIONS,
        most=MOST_ROWS,
        given={name: arguments.text(name, 10) if arguments.day(name) else "" for name in ("since", "until")},
        follows=url_for("ledger.part", **_given()),
        data=url_for("ledger.course", **_given()),
    )


@blueprint.get("/ledger/part")
def part() -> Response:
    """The tables."""
    reading = _read()
    return part_of("parts/ledger_tables.html", reading, reading.plain(), dimensions=DIMENSIONS, most=MOST_ROWS)


@blueprint.get("/ledger/course.json")
def course() -> Response:
    """For the chart: [seconds since 1970 at the day's begin, profit up to the day's end] for each day, in order."""
    days = ((datetime.fromisoformat(f"{day}T00:00:00+00:00"), profit) for day, profit in _read().course())
    return jsonify(points=[[day.timestamp(), float(profit)] for day, profit in days])


def _read() -> Ledger:
    since, until = arguments.day("since"), arguments.day("until")
    reader: LedgerReader = current_app.extensions.setdefault(_READER, LedgerReader(context().database))
    return reader.read(since, None if until is None else until + timedelta(days=1))


def _given() -> dict[str, Any]:
    return {name: arguments.text(name, 10) for name in ("since", "until") if arguments.day(name)}
