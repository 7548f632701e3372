"""A match page of the source, in any layout since 2022, as a Match."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PROPPR.SharedServices.football.errors import At, LayoutChanged
from PROPPR.SharedServices.football.events import FULL_TIME, HALF_TIME, Events, read_events
from PROPPR.SharedServices.football.fields import (
    Json,
    as_object,
    integer,
    items,
    mapping,
    optional_integer,
    optional_mapping,
    optional_text,
    present,
    text,
    wrong,
)
from PROPPR.SharedServices.football.lineups import Changes, read_lineups, read_player_numbers
from PROPPR.SharedServices.football.model import Ending, League, Lineup, Match, Score, State, Team
from PROPPR.SharedServices.football.old_lineups import read_old_lineups
from PROPPR.SharedServices.football.settling import settle
from PROPPR.SharedServices.football.shots import read_shots
from PROPPR.SharedServices.football.status import Status, read_score, read_status
from PROPPR.SharedServices.football.team_numbers import read_team_numbers

FULL_COVERAGE = frozenset({None, "xG"})
"""Coverages whose numbers are all there; pages before 2023 name none."""


def read_match(payload: Mapping[str, Any]) -> Match:
    """Read the answer for one match, or the page data of its page, which has the same body under `pageProps`.

    Every layout from 2022 on is understood (A, B, B2, C), before, during and after a match. Raises LayoutChanged, with
    the path that broke, where a part that is needed is missing or is of a kind that no known layout has there.
    """
    if "pageProps" in payload and "general" not in payload:
        with At("pageProps"):
            return _read(mapping(payload, "pageProps"))
    return _read(payload)


def _read(body: Json) -> Match:
    general, header, content = (mapping(body, key) for key in ("general", "header", "content"))
    with At("general"):
        match_id, coverage = integer(general, "matchId"), optional_text(general, "coverageLevel")
        home, away = (_team(general, key) for key in ("homeTeam", "awayTeam"))
    with At("header"):
        status, score = _header(header, home, away)
    complete = status.state is State.PLAYED and coverage in FULL_COVERAGE
    with At("content"):
        facts = mapping(content, "matchFacts")
        with At("matchFacts"):
            events = read_events(facts)
        team_numbers = read_team_numbers(content, complete)
        shots = read_shots(content, home.id, away.id)
        layout, lineups = _lineups(content, events, (home.id, away.id), status.state)
    with At("general"):
        league = _league(general, facts)
    match = Match(
        match_id=match_id,
        layout=layout,
        league=league,
        kickoff=status.kickoff,
        home=home,
        away=away,
        state=status.state,
        ending=status.ending,
        coverage=coverage,
        gender=optional_text(general, "gender"),
        score=score,
        score_90=_score_90(events, status, score),
        score_half=_score_half(events, status, score),
        shootout=status.shootout,
        full_time_seen=FULL_TIME in events.ended,
        goals=tuple(events.goals),
        cards=tuple(events.cards),
        substitutions=tuple(events.substitutions),
        missed_penalties=tuple(events.missed_penalties),
        shots=shots,
        home_lineup=lineups[0],
        away_lineup=lineups[1],
        team_numbers=team_numbers,
    )
    return settle(match, complete)


def _team(general: Json, key: str) -> Team:
    side = mapping(general, key)
    with At(key):
        return Team(integer(side, "id"), text(side, "name"))


def _league(general: Json, facts: Json) -> League:
    return League(
        id=integer(general, "leagueId"),
        name=text(general, "leagueName"),
        country_code=optional_text(general, "countryCode"),
        parent_id=optional_integer(general, "parentLeagueId"),
        season=optional_text(general, "parentLeagueSeason") or _season(facts),
        round=optional_text(general, "matchRound"),
    )


def _season(facts: Json) -> str | None:
    """Newer pages name the season beside the tournament, and since 2025 often nowhere."""
    box = facts.get("infoBox")
    tournament = box.get("Tournament") if isinstance(box, dict) else None
    return optional_text(tournament, "selectedSeason") if isinstance(tournament, dict) else None


def _header(header: Json, home: Team, away: Team) -> tuple[Status, Score | None]:
    told = mapping(header, "status")
    with At("status"):
        status = read_status(told)
    sides = items(header, "teams", 2)
    with At("teams"):
        for index, (side, team) in enumerate(zip(sides, (home, away), strict=True)):
            with At(index):
                id_ = integer(as_object(side), "id")
                if id_ != team.id:
                    raise wrong("id", f"the id {team.id}", id_)
        return status, read_score((sides[0], sides[1]), status.state)


def _lineups(
    content: Json, events: Events, teams: tuple[int, int], state: State
) -> tuple[str, tuple[Lineup | None, Lineup | None]]:
    """Read the line-ups in the shape that they have; the layout's name goes by them."""
    if "lineup" not in content and "lineup2" not in content:
        present(content, "lineup")
    changes = Changes.of(events)
    old = optional_mapping(content, "lineup")
    if old is not None and "lineup" in old:
        started = state in (State.LIVE, State.PLAYED, State.ABANDONED)
        stats = content.get("stats") or {}
        with At("lineup"):
            return "B" if "Periods" in stats else "A", read_old_lineups(old, changes, teams, started)
    key = "lineup" if old is not None else "lineup2"
    layout = "C" if "lineup2" not in content else "B2"
    present(content, "playerStats")
    numbers = read_player_numbers(content)
    lineup = optional_mapping(content, key)
    if lineup is None:
        return layout, (None, None)
    with At(key):
        if "homeTeam" not in lineup:
            raise LayoutChanged("homeTeam", "is not there")
        return layout, read_lineups(lineup, numbers, changes)


def _score_90(events: Events, status: Status, score: Score | None) -> Score | None:
    if status.state is not State.PLAYED or status.ending is Ending.FULL_TIME:
        return score if status.state is State.PLAYED else None
    if FULL_TIME in events.ends:
        return events.ends[FULL_TIME]
    return _counted(events, score, until=90)


def _score_half(events: Events, status: Status, score: Score | None) -> Score | None:
    if HALF_TIME in events.ends:
        return events.ends[HALF_TIME]
    if HALF_TIME not in events.ended:
        return None
    return _counted(events, score, until=45)


def _counted(events: Events, score: Score | None, until: int) -> Score | None:
    """The goals listed up to a minute (stoppage time included), if all goals of the match are listed."""
    sides = [goal.home for goal in events.goals]
    if score != Score(sides.count(True), sides.count(False)):
        return None
    early = [goal.home for goal in events.goals if goal.at.minute <= until]
    return Score(early.count(True), early.count(False))
