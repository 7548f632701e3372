"""The page /logs: the errors of all processes, to search and to follow."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

from flask import Blueprint, Response, render_template, request, url_for

from PROPPR.Console.context import context
from PROPPR.Console.pages.parts import mark_of, part_of
from PROPPR.Console.readings.logs import LEVELS, LogFilter, LogPage, Position, printable, read_logs, read_services

blueprint = Blueprint("logs", __name__)

_NAMES: Final = ("service", "level", "since", "until", "words")
_LONGEST: Final = 100


@blueprint.get("/logs")
def page() -> str:
    """The page."""
    chosen = _filter()
    reading = _read(chosen)
    return render_template(
        "logs.html", reading=reading, seen=mark_of(reading), services=read_services(context().database), levels=LEVELS,
        given=_given(), follows=_follows(chosen), **_ways(reading, chosen),
    )  # fmt: skip


@blueprint.get("/logs/part")
def part() -> Response:
    """The entries."""
    chosen = _filter()
    reading = _read(chosen)
    return part_of("parts/logs_lines.html", reading, **_ways(reading, chosen))


def _read(chosen: LogFilter) -> LogPage:
    """The entries without secrets: they hold none of their service's, and none of ours must be shown either."""
    found = read_logs(context().database, chosen)
    clean = context().redactor.text
    lines = tuple(
        replace(
            line, message=clean(line.message), traceback=clean(line.traceback),
            extra=tuple((clean(name), clean(value)) for name, value in line.extra),
        )
        for line in found.lines
    )  # fmt: skip
    return replace(found, lines=lines)


def _ways(reading: LogPage, chosen: LogFilter) -> dict[str, str]:
    """Where the pager leads."""
    return {"newer": "" if chosen.before is None else _address(None), "older": _address(reading)}


def _address(found: LogPage | None) -> str:
    """The address of the page behind this one, or of the first; empty at the end."""
    values = _named()
    if found is None:
        return url_for("logs.page", **values)
    return url_for("logs.page", **values, before=str(found.older)) if found.older is not None else ""


def _follows(chosen: LogFilter) -> str:
    """The address at which new entries are asked for as they come; empty where none can."""
    if chosen.before is not None or chosen.until is not None:
        return ""
    return url_for("logs.part", **_named())


def _named() -> dict[str, Any]:
    """What was given, for an address."""
    return {name: value for name, value in _given().items() if value}


def _given() -> dict[str, str]:
    """What the form had, cut to a sane length."""
    return {name: printable(request.args.get(name, "")).strip()[:_LONGEST] for name in _NAMES}


def _filter() -> LogFilter:
    """What can't be read is left out, as if it had not been given."""
    given = _given()
    return LogFilter(
        service=given["service"][:100],
        level=given["level"] if given["level"] in LEVELS else "",
        since=_moment(given["since"]),
        until=_moment(given["until"]),
        words=given["words"],
        before=Position.read(request.args.get("before", "")),
    )


def _moment(text: str) -> datetime | None:
    """A time in UTC as the field of a form has it, `2026-11-21T12:00`."""
    try:
        return datetime.fromisoformat(text).replace(tzinfo=UTC)
    except ValueError:
        return None
