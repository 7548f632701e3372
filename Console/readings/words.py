"""What was bet on, in words; numbers and times out of documents that others wrote. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any


def selection(market: str, side: str, line: object = None, who: object = None) -> str:
    """`Totals 2.5 over`, `Player Shots Ivo Brask 1.5 over`: market, man or label, line and side."""
    return " ".join(part for part in (market, str(who or ""), line_text(line), side) if part)


def line_text(line: object) -> str:
    """A line without needless digits: `2.5`, `3`; empty for none."""
    if isinstance(line, bool) or not isinstance(line, int | float):
        return "" if line is None else str(line)
    return f"{line:g}"


def handicap_text(line: float | None) -> str:
    """A handicap with its sign: `-1.5`, `+0.5`, `0`; empty for none."""
    return "" if line is None else f"{line:+g}" if line else "0"


def league_text(country: object, league: object) -> str:
    """`England - Premier League`, as value bets name it."""
    return " - ".join(str(part) for part in (country, league) if part)


def number_in(document: Mapping[str, Any], name: str) -> float | None:
    """A number, None for anything else."""
    value = document.get(name)
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def moment_in(document: Mapping[str, Any], name: str) -> datetime | None:
    """A time in UTC, None for anything else."""
    value = document.get(name)
    if not isinstance(value, datetime):
        return None
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value
