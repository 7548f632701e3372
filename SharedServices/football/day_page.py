"""The list of a day's matches."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from PROPPR.SharedServices.football.listed_match import ListedMatch, OnReject, Row, read_listed_match, read_rows
from PROPPR.SharedServices.football.model import League
from PROPPR.SharedServices.football.page_parts import Part, part_of, text


def read_day(payload: Mapping[str, Any], on_reject: OnReject | None = None) -> tuple[ListedMatch, ...]:
    """Return the matches of a day, each with its league: the stage's own id, the competition as `parent_id`.

    The day is a calendar day of the zone that was asked for, so matches near midnight may be on the neighbouring day's
    page: whoever wants all matches of a stretch of time reads the day before and the day after too, and judges by
    `kickoff`. Raises LayoutChanged where the list is not as known; single strange rows go to `on_reject`.
    """
    rows: list[Row] = []
    for number, value in enumerate(part_of(payload, "").rows("leagues")):
        group = part_of(value, f"leagues[{number}]")
        rows += [
            Row(f"{group.at('matches')}[{place}]", match, partial(_read_match, group))
            for place, match in enumerate(group.rows("matches"))
        ]
    return read_rows(rows, on_reject)


def _read_match(group: Part, row: Part) -> ListedMatch | None:
    stage = row.get("tournamentStage")
    return read_listed_match(row, replace(_league(group), round=text(stage)), stage)


def _league(group: Part) -> League:
    own = group.id("id")
    competition = group.id_if_any("parentLeagueId") or group.id_if_any("primaryId")
    return League(
        own,
        group.text("name"),
        country_code=group.text_if_any("ccode"),
        parent_id=None if competition == own else competition,
    )
