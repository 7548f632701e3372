"""Rows of matches as the lists of days, leagues and teams have them; invented teams."""

from __future__ import annotations

from typing import Any

Row = dict[str, Any]


def side(team_id: object, name: str, score: int | None = None, long_name: str | None = None) -> Row:
    """One side of a row."""
    found: Row = {"id": team_id, "name": name}
    found |= {} if score is None else {"score": score}
    return found | ({} if long_name is None else {"longName": long_name})


def status(
    reason: str | None,
    score: str | None = None,
    *,
    started: bool = True,
    finished: bool = True,
    cancelled: bool = False,
    awarded: bool | None = None,
) -> Row:
    """A `status` object; kick-off on 16 May 2026, 14:00 UTC."""
    found: Row = {
        "utcTime": "2026-05-16T14:00:00.000Z", "started": started, "finished": finished, "cancelled": cancelled,
    }  # fmt: skip
    found |= {} if score is None else {"scoreStr": score}
    found |= {} if awarded is None else {"awarded": awarded}
    return found | ({} if reason is None else {"reason": {"short": reason, "long": "text"}})


def listed(match_id: object, home: Row, away: Row, state: Row) -> Row:
    """A row of a list."""
    return {"id": match_id, "home": home, "away": away, "status": state}


def day_of(*rows: Row) -> Row:
    """A day with one group of a competition."""
    group = {
        "ccode": "ENG", "id": 5001, "primaryId": 50, "parentLeagueId": 50, "name": "Second Division Group 2",
        "matches": [{"tournamentStage": "3", **row} for row in rows],
    }  # fmt: skip
    return {"leagues": [group], "date": "20260516"}
