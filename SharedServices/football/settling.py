"""What follows from the parts of a match together: zeros, goals by period, who was on the pitch, renamed keys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import cast

from PROPPR.SharedServices.football.errors import LayoutChanged
from PROPPR.SharedServices.football.model import Card, Ending, Lineup, Match, Number, Player, Position, Score, Shot
from PROPPR.SharedServices.football.player_numbers import Man, Numbers, fill_zeros
from PROPPR.SharedServices.football.statistics import Period, Statistic
from PROPPR.SharedServices.football.team_numbers import with_match

_SEEN_IN_PLAYERS = (
    Statistic.SHOTS,
    Statistic.SHOTS_ON_TARGET,
    Statistic.CORNERS,
    Statistic.FOULS,
    Statistic.OFFSIDES,
    Statistic.TACKLES,
    Statistic.INTERCEPTIONS,
    Statistic.CLEARANCES,
    Statistic.SAVES,
)
"""Numbers that some man must have where the teams have a few."""

_SQUAD = 22
_NOT_BY_CHANCE = 3
"""So many of a team's number can't all be of men whom the source left out, as it does one late substitute at times."""


def settle(match: Match, complete: bool) -> Match:
    """Return the match with everything that follows from its parts.

    `complete` says that it was played and is of full coverage: only then are absent numbers zeros, and must the numbers
    of players be there where their teams have some. Raises LayoutChanged if a number has lost its key.
    """
    extra_time = match.ending in (Ending.EXTRA_TIME, Ending.PENALTIES)
    periods = {period: dict(numbers) for period, numbers in match.team_numbers.items()}
    periods = with_match(periods, extra_time)
    players = match.players()
    if complete:
        _check_keys(match, players)
        for lineup, side in ((match.home_lineup, 0), (match.away_lineup, 1)):
            if lineup is not None:
                totals = {key: pair[side] for key, pair in periods.get(Period.ALL, {}).items()}
                _fill(lineup, totals | _listed(match, home=side == 0))
    for period, score in _goals(match).items():
        periods.setdefault(period, {})[Statistic.GOALS] = (score.home, score.away)
    shots = _shots(match.shots, periods.get(Period.ALL, {}).get(Statistic.SHOTS))
    cards = tuple(_with_place(card, match) for card in match.cards)
    return replace(match, team_numbers=periods, shots=shots, cards=cards)


def _check_keys(match: Match, players: Sequence[Player]) -> None:
    """A key with a new name looks like a zero of every man: the team's number gives it away."""
    filled = [player.numbers for player in players if player.numbers]
    if len(filled) < _SQUAD:
        return
    path = "content.lineup" if match.layout in ("A", "B") else "content.playerStats"
    whole = match.team_numbers.get(Period.ALL, {})
    for statistic in _SEEN_IN_PLAYERS:
        total = sum(number or 0 for number in whole.get(statistic, ()))
        if total >= _NOT_BY_CHANCE and not any(statistic in has for has in filled):
            raise LayoutChanged(path, f"no man has a number of {statistic}, the teams have")
    scored = any(not goal.own_goal for goal in match.goals)
    if scored and not any(Statistic.GOALS in has for has in filled):
        raise LayoutChanged(path, "no man has a number of goals, the match has")


def _listed(match: Match, home: bool) -> dict[Statistic, Number | None]:
    """What a side's men did by the listed goals; an own goal is a man's of the side that it doesn't profit."""
    own = [goal for goal in match.goals if goal.home is home and not goal.own_goal]
    return {
        Statistic.GOALS: len(own),
        Statistic.ASSISTS: sum(1 for goal in own if goal.assist_id is not None),
        Statistic.OWN_GOALS: sum(1 for goal in match.goals if goal.home is not home and goal.own_goal),
    }


def _fill(lineup: Lineup, totals: Mapping[Statistic, Number | None]) -> None:
    men = [
        Man(
            numbers=cast(Numbers, player.numbers),  # still ours: the match has not been handed out
            whole=bool(player.numbers) and player.minutes is not None,
            goalkeeper=player.position is Position.GOALKEEPER,
        )
        for player in lineup.players
        if player.played
    ]
    fill_zeros(men, totals)


def _goals(match: Match) -> dict[Period, Score]:
    """Goals by period, as far as the listed goals and the scores agree."""
    goals: dict[Period, Score] = {}
    if match.score is None or match.ending is None:
        return goals
    goals[Period.ALL] = match.score
    ninety, half = match.score_90, match.score_half
    if ninety is not None:
        goals[Period.MATCH] = ninety
        if match.ending is not Ending.FULL_TIME:
            goals[Period.EXTRA_TIME] = _minus(match.score, ninety)
        if half is not None:
            goals[Period.FIRST_HALF] = half
            goals[Period.SECOND_HALF] = _minus(ninety, half)
    return goals


def _minus(later: Score, earlier: Score) -> Score:
    return Score(later.home - earlier.home, later.away - earlier.away)


def _shots(shots: tuple[Shot, ...] | None, totals: tuple[object, object] | None) -> tuple[Shot, ...] | None:
    """An empty shot map says nothing unless the teams had no shot."""
    return shots if shots or totals == (0, 0) else None


def _with_place(card: Card, match: Match) -> Card:
    """Say whether the man was on the pitch, where the card doesn't: line-up and substitutions tell."""
    lineup = match.home_lineup if card.home else match.away_lineup
    if card.on_pitch is not None or lineup is None or not lineup.confirmed or card.player_id is None:
        return card
    man = next((player for player in lineup.players if player.id == card.player_id and player.played), None)
    on_pitch = (
        man is not None
        and (man.came_on is None or man.came_on <= card.at)
        and (man.went_off is None or man.went_off >= card.at)
    )
    return replace(card, on_pitch=on_pitch)
