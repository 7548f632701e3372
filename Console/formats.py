"""How times and numbers are written on the pages: the filters of the templates."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from flask import Flask

from PROPPR.Console.context import context, operator

_STEPS: Final = ((86_400 * 2, 86_400, "d"), (3_600 * 2, 3_600, "h"), (60 * 2, 60, "min"))


def register(app: Flask) -> None:
    """Make the filters and what templates may ask known to `app`."""
    for function in (utc, clock_time, iso, ago, duration, number, price, percent, money):
        app.add_template_filter(function)
    app.jinja_env.globals.update(console=context, operator=operator)
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True


def utc(moment: datetime | None) -> str:
    """`2026-11-21 12:00:05`, in UTC; a dash for None."""
    return "–" if moment is None else f"{_in_utc(moment):%Y-%m-%d %H:%M:%S}"


def clock_time(moment: datetime | None, now: datetime | None = None) -> str:
    """`12:00:05` on the day of `now` (default: the console's clock), `2026-11-20 23:59` on another; a dash for None."""
    if moment is None:
        return "–"
    moment = _in_utc(moment)
    same_day = moment.date() == _in_utc(now or context().now()).date()
    return f"{moment:%H:%M:%S}" if same_day else f"{moment:%Y-%m-%d %H:%M}"


def iso(moment: datetime) -> str:
    """What the attribute `datetime` of <time> takes: `2026-11-21T12:00:05Z`."""
    return f"{_in_utc(moment):%Y-%m-%dT%H:%M:%SZ}"


def ago(moment: datetime | None, now: datetime | None = None) -> str:
    """`3 s ago`, `in 12 min`: how far from `now` (default: the console's clock); a dash for None."""
    if moment is None:
        return "–"
    seconds = (_in_utc(now or context().now()) - _in_utc(moment)).total_seconds()
    if -2 < seconds < 1:  # two machines' clocks differ a little
        return "now"
    return f"{duration(int(seconds))} ago" if seconds > 0 else f"in {duration(int(-seconds))}"


def duration(seconds: float | None) -> str:
    """`45 s`, `12 min`, `3 h`, `2 d`: one unit, rounded down; `0.4 s` below ten; a dash for None."""
    if seconds is None:
        return "–"
    for least, unit, name in _STEPS:
        if seconds >= least:
            return f"{int(seconds // unit)} {name}"
    return f"{seconds:.1f} s" if 0 < seconds < 10 and seconds != int(seconds) else f"{int(seconds)} s"


def number(value: float | None, digits: int = 0) -> str:
    """`12,345`, with so many digits behind the point; a dash for None."""
    return "–" if value is None else f"{value:,.{digits}f}"


def price(value: float | None) -> str:
    """A decimal price: two digits, three where it has them (`1.925`); a dash for None."""
    if value is None:
        return "–"
    return f"{value:.3f}" if round(value, 3) != round(value, 2) else f"{value:.2f}"


def percent(value: float | None, digits: int = 1) -> str:
    """A fraction as `12.5 %`; a dash for None."""
    return "–" if value is None else f"{value * 100:.{digits}f} %"


def money(value: float | None) -> str:
    """`+1,234.50` or `-3.00`, so that profit and loss are told apart without colour; a dash for None."""
    if value is None:
        return "–"
    return "0.00" if abs(value) < 0.005 else f"{value:+,.2f}"


def _in_utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
