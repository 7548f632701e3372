"""The list of a day's matches."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from PROPPR.SharedServices.football.errors import At
from PROPPR.SharedServices.football.fields import Json, as_object, items, optional_integer, optional_text, text
from PROPPR.SharedServices.football.listed_match import (
    ListedMatch,
    OnReject,
    Row,
    read_id,
    read_listed_match,
    read_rows,
)
from PROPPR.SharedServices.football.model import League


def read_day(payload: Mapping[str, Any], on_reject: OnReject | None = None) -> tuple[ListedMatch, ...]:
    """Return the matches of a day, each with its league: the stage's own id, the competition as `parent_id`.

    The day is a calendar day of the zone that was asked for, so matches near midnight may be on the neighbouring day's
    page: whoever wants all matches of a stretch of time reads the day before and the day after too, and judges by
    `kickoff`. Raises LayoutChanged where the list is not as known; single strange rows go to `on_reject`.
    """
    rows: list[Row] = []
    for number, value in enumerate(items(payload, "leagues")):
        with At("leagues", number):
            group = as_object(value)
            matches, league = items(group, "matches"), _league(group)
        rows += [
            Row(("leagues", number, "matches", place), match, partial(_read_match, league))
            for place, match in enumerate(matches)
        ]
    return read_rows(rows, on_reject)


def _read_match(league: League, row: Json) -> ListedMatch | None:
    stage = optional_text(row, "tournamentStage")
    return read_listed_match(row, replace(league, round=stage), stage)


def _league(group: Json) -> League:
    own = read_id(group, "id")
    competition = optional_integer(group, "parentLeagueId") or optional_integer(group, "primaryId")
    return League(
        own,
        text(group, "name"),
        country_code=optional_text(group, "ccode"),
        parent_id=None if competition == own else competition,
    )
