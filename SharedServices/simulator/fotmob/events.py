"""`content.matchFacts.events` and `header.events` of a match: goals, cards, substitutions, penalties missed, halves."""

from __future__ import annotations

from typing import Any

from PROPPR.SharedServices.simulator.fotmob.clubs import Man
from PROPPR.SharedServices.simulator.fotmob.counts import Counts
from PROPPR.SharedServices.simulator.fotmob.names import slug
from PROPPR.SharedServices.simulator.fotmob.play import Attempt, Game
from PROPPR.SharedServices.simulator.fotmob.squad_of_day import Booking, Change
from PROPPR.SharedServices.simulator.fotmob.standing import Standing
from PROPPR.SharedServices.simulator.scoreline import LENGTHS, Moment, shown

Json = dict[str, Any]
_HALVES = ((1, 45, "HT", "halftime_short"), (2, 90, "FT", "fulltime_short"), (4, 120, "AET", "afterextratime_short"))
_NOBODY = {"id": None, "profileUrl": ""}


def profile(man: Man) -> str:
    """The address of a man's page."""
    return f"/players/{man.id}/{slug(man.name)}"


class Events:
    """The events of a match as far as it has been played."""

    def __init__(self, game: Game, match_id: int, counts: Counts, at: Standing, shots: dict[int, Json]) -> None:
        self._game = game
        self._match_id = match_id
        self._counts = counts
        self._at = at
        self._shots = shots
        self._running = [0, 0]
        self._number = 0
        self.goals: list[Json] = []

    def build(self) -> list[Json]:
        """All events in the order of the clock; `goals` are then those of the score."""
        until = self._at.until
        rows: list[tuple[Moment, int, object]] = [(goal.at, 0, goal) for goal in self._telling()]
        rows += [(booking.at, 1, booking) for booking in self._counts.bookings]
        rows += [(change.at, 2, (home, change)) for home, change in self._game.changes if change.at <= until]
        rows += [((period, 99), 3, row) for period, *row in _HALVES if self._is_over(period)]
        found: list[Json] = []
        for at, _, item in sorted(rows, key=lambda row: (row[0], row[1])):
            if isinstance(item, Attempt):
                found.append(self._attempt(item))
            elif isinstance(item, Booking):
                found.append(self._card(item))
            elif isinstance(item, tuple):
                found.append(self._change(*item))
            elif isinstance(item, list):
                found += self._half(at[0], *item)
        if self._at.ending == "Pen":
            found.append(self._shootout())
        return found

    def _telling(self) -> list[Attempt]:
        return [shot for shot in self._counts.attempts if shot.goal or shot.penalty]

    def _is_over(self, period: int) -> bool:
        if period > self._game.course.last_period:
            return False
        length = LENGTHS[period] + self._game.course.stoppage[period]
        reached = self._at.until >= (period, length) and self._at.phase != "abandoned"
        return reached or self._at.until > (period, 99)

    def _common(self, kind: str, at: Moment, home: bool, man: Man | None) -> Json:
        minute, over = shown(at)
        self._number += 1
        row: Json = {
            "reactKey": f"{self._match_id}{minute}{kind}{man.id if man else self._number}undefined{str(home).lower()}",
            "timeStr": f"{minute} + {over}" if over else minute,
            "type": kind,
            "time": minute,
            "overloadTime": over or None,
            "eventId": self._match_id % 10_000_000 * 100 + self._number,
            "player": dict(_NOBODY) if man is None else {"id": man.id, "name": man.name, "profileUrl": profile(man)},
            "homeScore": self._running[0],
            "awayScore": self._running[1],
            "profileUrl": "" if man is None else profile(man),
            "overloadTimeStr": f"+{over}" if over else False,
            "isHome": home,
        }
        if man is not None:
            row |= {"nameStr": man.name, "firstName": man.first, "lastName": man.last, "fullName": man.name}
            row["playerId"] = man.id
        return row

    def _attempt(self, shot: Attempt) -> Json:
        if not shot.goal:
            row = self._common("MissedPenalty", shot.at, shot.home, shot.man)
            return row | {"isPenaltyShootoutEvent": False, "penShootoutScore": None}
        row = self._common("Goal", shot.at, shot.scored_for, shot.man)
        self._running[0 if shot.scored_for else 1] += 1
        how = "owngoal" if shot.own_goal else "penalty" if shot.penalty else "header" if shot.headed else None
        suffix = {"owngoal": ("OG", "own_goal_short"), "penalty": ("Pen", "penalties_short")}.get(
            how or "", (None, None)
        )
        row |= {
            "ownGoal": True if shot.own_goal else None,
            "goalDescription": {"owngoal": "Own goal", "penalty": "Penalty", "header": "Header"}.get(how or ""),
            "goalDescriptionKey": how,
            "suffix": suffix[0],
            "suffixKey": suffix[1],
            "isPenaltyShootoutEvent": False,
            "newScore": list(self._running),
            "penShootoutScore": None,
            "shotmapEvent": self._shots.get(shot.number),
        }
        helper = shot.assist
        row |= {"assistStr": f"assist by {helper.name}" if helper else None}
        row |= {"assistProfileUrl": profile(helper) if helper else None}
        if helper is not None:
            row |= {"assistPlayerId": helper.id, "assistKey": "assist_by", "assistInput": helper.name}
        self.goals.append(row)
        return row

    def _card(self, booking: Booking) -> Json:
        row = self._common("Card", booking.at, booking.home, booking.man)
        texts = {"coach": "Coach", "not_on_pitch": "Not on pitch"}
        where = {"localizedKey": booking.where, "defaultText": texts[booking.where]} if booking.where else None
        return row | {"card": booking.kind, "cardDescription": where}

    def _change(self, home: bool, change: Change) -> Json:
        row = self._common("Substitution", change.at, home, None)
        row.pop("eventId")
        row["overloadTime"] = row["overloadTime"] or 0
        row["injuredPlayerOut"] = change.reason == "injury"
        row["swap"] = [
            {"name": man.name, "id": str(man.id), "profileUrl": profile(man)} for man in (change.on, change.off)
        ]
        return row

    def _half(self, period: int, minute: int, short: str, key: str) -> list[Json]:
        added = self._game.course.stoppage[period]
        base = {"timeStr": minute, "time": minute, "overloadTime": None, "player": dict(_NOBODY)}
        base |= {"homeScore": self._running[0], "awayScore": self._running[1]}
        rows: list[Json] = []
        if added:
            text = f"+ {added} minute{'s' if added > 1 else ''} added"
            announced = {"minutesAddedStr": text, "minutesAddedKey": "added_injury_time", "minutesAddedInput": added}
            name = f"undefined{minute}AddedTimeNaNundefinedundefined"
            rows.append({"reactKey": name, "type": "AddedTime"} | base | announced)
        name = f"undefined{minute}HalfNaNundefinedundefined"
        rows.append({"reactKey": name, "type": "Half"} | base | {"halfStrShort": short, "halfStrKey": key})
        return rows

    def _shootout(self) -> Json:
        """The shootout's one event, whose scores wrongly add its goals, as FotMob's do."""
        home, away = shootout_score(self._game)
        row: Json = {"type": "PenaltyShootout", "card": None, "cardDescription": None, "time": 121, "addedTime": None}
        row |= {"overloadTime": None, "ownGoal": None, "goalDescription": None, "goalDescriptionKey": None}
        row |= {"penaltyScore": [home, away], "player": dict(_NOBODY), "homeScore": self._running[0] + home}
        return row | {"awayScore": self._running[1] + away, "swap": [{}, {}], "VAR": None}

    def kicks(self) -> list[Json] | None:
        """`penaltyShootoutEvents`; None where there was no shootout."""
        if self._at.ending != "Pen":
            return None
        found: list[Json] = []
        score = [0, 0]
        for kick in self._game.kicks:
            row = self._common("Goal" if kick.goal else "MissedPenalty", (4, 15), kick.home, kick.man)
            score[0 if kick.home else 1] += kick.goal
            row |= {"timeStr": 121, "time": 121, "overloadTime": None, "overloadTimeStr": False}
            row |= {"isPenaltyShootoutEvent": True, "penShootoutScore": list(score)}
            if kick.goal:
                row["newScore"] = [self._running[0] + score[0], self._running[1] + score[1]]
            found.append(row)
        return found


def shootout_score(game: Game) -> tuple[int, int]:
    """Goals of the shootout."""
    return (
        sum(kick.goal and kick.home for kick in game.kicks),
        sum(kick.goal and not kick.home for kick in game.kicks),
    )
