"""`content.lineup` of a match: the eleven of the day, or before it is known the last one."""

from __future__ import annotations

from typing import Any

from PROPPR.SharedServices.simulator.fotmob.clubs import FORMATION, Man
from PROPPR.SharedServices.simulator.fotmob.counts import Counts
from PROPPR.SharedServices.simulator.fotmob.play import Attempt, Game
from PROPPR.SharedServices.simulator.fotmob.player_stats import pitch_position, rating
from PROPPR.SharedServices.simulator.fotmob.squad_of_day import SideOfDay
from PROPPR.SharedServices.simulator.fotmob.standing import Standing
from PROPPR.SharedServices.simulator.scoreline import shown

Json = dict[str, Any]
_CARDS = {"Yellow": "yellowCard", "YellowRed": "secondYellow", "Red": "redCard"}


def lineup(game: Game, match_id: int, counts: Counts | None, at: Standing) -> Json:
    """Both sides; with `counts` also what each man has done. Not confirmed until the elevens are known."""
    kind, source = ("standard", "enetpulse") if at.lineups else ("lastStarting11", "lastStartingLineups")
    return {
        "matchId": match_id,
        "lineupType": kind,
        "source": source,
        "availableFilters": ["season", "marketValue", "match", "age", "team"],
        "homeTeam": _side(game, True, counts, at),
        "awayTeam": _side(game, False, counts, at),
    }


def _side(game: Game, home: bool, counts: Counts | None, at: Standing) -> Json:
    side = game.side(home)
    ages = [man.age for man in side.starters]
    found: Json = {"id": side.club.id, "name": side.club.name.long}
    if counts is not None:
        marks = [rating(counts, man) for man in side.starters]
        found["rating"] = round(sum(marks) / len(marks), 1)
    found |= {
        "formation": FORMATION,
        "starters": [_man(game, side, man, counts, at) for man in side.starters],
        "coach": _coach(side),
        "averageStarterAge": round(sum(ages) / len(ages), 1),
        "totalStarterMarketValue": 1_000_000 * sum(ages),
    }
    found["subs"] = [_man(game, side, man, counts, at) for man in side.bench]
    found["unavailable"] = [_missing(side, man) for man in side.missing]
    return found


def _coach(side: SideOfDay) -> Json:
    coach = side.club.coach
    return _person(side, coach) | {"usualPlayingPositionId": None, "isCoach": True}


def _person(side: SideOfDay, man: Man) -> Json:
    return {
        "id": man.id,
        "age": man.age,
        "name": man.name,
        "firstName": man.first,
        "lastName": man.last,
        "countryName": man.country.title(),
        "countryCode": man.country,
        "primaryTeamId": side.club.id,
        "primaryTeamName": side.club.name.long,
    }


def _man(game: Game, side: SideOfDay, man: Man, counts: Counts | None, at: Standing) -> Json:
    row = _person(side, man)
    row |= {"usualPlayingPositionId": man.position, "shirtNumber": str(man.shirt), "marketValue": 250_000 * man.age}
    if man in side.starters:
        place = side.starters.index(man)
        row["positionId"] = pitch_position(side, man)
        row["horizontalLayout"] = {"x": round(0.1 + man.position * 0.192, 3), "y": 0.5, "height": 0.25, "width": 0.192}
        row["verticalLayout"] = {"x": 0.5, "y": round(0.1 + man.position * 0.192, 3), "height": 0.192, "width": 0.25}
        if place == 4:
            row["isCaptain"] = True
    if at.lineups:
        row["performance"] = {} if counts is None else _performance(game, side, man, counts, at)
    row["rankings"] = None
    return row


def _performance(game: Game, side: SideOfDay, man: Man, counts: Counts, at: Standing) -> Json:
    found: Json = {}
    if man.id in counts.minutes:
        found["rating"] = round(rating(counts, man), 1)
    happened = [name for shot in counts.attempts for name in _parts(shot, man)]
    happened += [_CARDS[booking.kind] for booking in counts.cards_of(man.id)]
    happened += ["missedPenaltyShootout" for kick in game.kicks if kick.man.id == man.id and not kick.goal]
    if happened:
        found["events"] = [{"type": name} for name in happened]
    turns = []
    for change in side.changes:
        if change.at <= at.until and man.id in (change.on.id, change.off.id):
            came = change.on.id == man.id
            turns.append({"time": shown(change.at)[0], "type": "subIn" if came else "subOut", "reason": change.reason})
    if turns:
        found["substitutionEvents"] = turns
    found["seasonRating"] = round(6.4 + man.id % 13 / 10, 2)
    return found


def _parts(shot: Attempt, man: Man) -> list[str]:
    """What an attempt says of a man: his goal, his miss, his assist, his save."""
    found = []
    if shot.man is man and shot.goal:
        found.append("ownGoal" if shot.own_goal else "goal")
    elif shot.man is man and shot.penalty:
        found.append("missedPenalty")
    if shot.assist is man:
        found.append("assist")
    if shot.penalty and shot.end == "AttemptSaved" and shot.keeper is man:
        found.append("savedPenalty")
    return found


def _missing(side: SideOfDay, man: Man) -> Json:
    row = _person(side, man) | {"positionId": 1000, "marketValue": 250_000 * man.age}
    kind = "suspension" if man.id % 3 == 0 else "injury"
    row["unavailability"] = {"injuryId": 1 + man.id % 60, "type": kind, "expectedReturn": "Unknown"}
    row["performance"] = {"seasonRating": 6.8}
    return row
