"""`content.playerStats` of a match: every man of both squads, in layout C as captured from spring 2026 on.

Which numbers are absent at zero, null at zero or written as 0 follows what has been seen.
"""

from __future__ import annotations

from typing import Any

from PROPPR.SharedServices.simulator.fotmob.clubs import ELEVEN, PITCH_POSITIONS, Man
from PROPPR.SharedServices.simulator.fotmob.counts import Counts
from PROPPR.SharedServices.simulator.fotmob.play import Game
from PROPPR.SharedServices.simulator.fotmob.squad_of_day import SideOfDay

Json = dict[str, Any]


def _stat(key: str | None, value: float | None, total: int | None = None, hidden: bool = False) -> Json:
    stat: Json = {} if value is None else {"value": value}
    if total is not None:
        stat["total"] = total
    whole = "integer" if total is None else "fractionWithPercentage"
    stat["type"] = "double" if isinstance(value, float) else whole
    return {"key": key, "stat": stat, "hideInPopupCard": True} if hidden else {"key": key, "stat": stat}


def rating(counts: Counts, man: Man) -> float:
    """A man's mark, from what he did."""
    row = counts.man[man.id]
    mark = 6.2 + 0.9 * row["goal"] + 0.5 * row["assist"] + 0.08 * row["tackle"] + 0.2 * row["save"]
    return round(min(10.0, max(3.0, mark - 0.6 * row["owngoal"] - 0.05 * row["foul"] + 0.01 * (man.id % 40))), 2)


class _Man:
    """The numbers of one man who played."""

    def __init__(self, counts: Counts, man: Man, conceded: int) -> None:
        self._row = counts.man[man.id]
        self._counts = counts
        self._man = man
        self._conceded = conceded

    def groups(self) -> list[Json]:
        """One group for a keeper, four for the others."""
        if self._man.position == 0:
            return [{"title": "Top stats", "key": "top_stats", "stats": self._keeper()}]
        return [
            {"title": "Top stats", "key": "top_stats", "stats": self._top()},
            {"title": "Attack", "key": "attack", "stats": self._attack()},
            {"title": "Defense", "key": "defense", "stats": self._defence()},
            {"title": "Duels", "key": "duels", "stats": self._duels()},
        ]

    def _head(self) -> Json:
        head: Json = {"FotMob rating": _stat("rating_title", rating(self._counts, self._man))}
        if self._counts.has_minutes(self._man.id):
            head["Minutes played"] = _stat("minutes_played", self._counts.minutes[self._man.id])
        return head

    def _some(self, rows: Json, title: str, key: str, kind: str) -> None:
        """A number that is absent at zero."""
        if self._row[kind]:
            rows[title] = _stat(key, self._row[kind])

    def _top(self) -> Json:
        row = self._row
        rows = self._head()
        rows["Goals"] = _stat("goals", row["goal"])
        rows["Assists"] = _stat("assists", row["assist"])
        if row["shot_all"]:
            rows["Expected goals (xG)"] = _stat("expected_goals", round(self._counts.man_xg[self._man.id], 4))
            rows["Total shots"] = _stat("total_shots", row["shot_all"], hidden=True)
        rows["Accurate passes"] = _stat("accurate_passes", row["pass_good"], row["pass"])
        rows["Chances created"] = _stat("chances_created", row["assist"] + row["pass"] % 3)
        if row["shot_all"]:
            rows["Shots on target"] = _stat("ShotsOnTarget", row["on_target"])
            rows["Shots off target"] = _stat("ShotsOffTarget", row["wide"])
            rows["Shot accuracy"] = _stat("shot_accuracy", row["on_target"], row["shot_all"] - row["blocked"])
        self._some(rows, "Blocked shots", "blocked_shots", "blocked")
        self._some(rows, "Hit woodwork", "shots_woodwork", "post")
        self._some(rows, "Big chances missed", "big_chance_missed_title", "big_missed")
        self._some(rows, "Own goal", "owngoal", "owngoal")
        rows["Shotmap"] = {"key": None, "stat": {"value": int(row["shot_all"] > 0), "type": "boolean"}}
        rows["Fantasy points"] = {
            "key": "fantasy_points",
            "stat": {"value": 2 + 4 * row["goal"], "type": "fantasyPoints"},
        }
        rows["Defensive actions"] = _stat("defensive_actions", self._defensive())
        return rows

    def _defensive(self) -> int:
        row = self._row
        return int(row["tackle"] + row["interception"] + row["clearance"] + row["shot_block"])

    def _attack(self) -> Json:
        row = self._row
        rows: Json = {
            "Touches": _stat("touches", row["pass"] + row["shot_all"] + row["tackle"] + row["dribble"] + row["corner"]),
            "Touches in opposition box": _stat("touches_opp_box", row["box_touch"]),
            "Successful dribbles": _stat("dribbles_succeeded", row["dribble"], row["dribble"] * 2),
        }
        self._some(rows, "Corners", "corners", "corner")
        rows["Dispossessed"] = _stat("dispossessed", row["pass"] % 2)
        self._some(rows, "Offsides", "Offsides", "offside")
        return rows

    def _defence(self) -> Json:
        row = self._row
        return {
            "Defensive actions": _stat("defensive_actions", self._defensive()),
            "Tackles": _stat("matchstats.headers.tackles", row["tackle"]),
            "Blocks": _stat("shot_blocks", row["shot_block"]),
            "Clearances": _stat("clearances", row["clearance"]),
            "Interceptions": _stat("interceptions", row["interception"]),
            "Recoveries": _stat("recoveries", row["recovery"]),
            "Dribbled past": _stat("dribbled_past", row["foul"] // 2),
        }

    def _duels(self) -> Json:
        row = self._row
        won = row["tackle"] + row["dribble"] + row["aerial"] + row["fouled"]
        rows: Json = {
            "Ground duels won": _stat("ground_duels_won", won - row["aerial"], won - row["aerial"] + row["foul"] + 1),
            "Aerial duels won": _stat("aerials_won", row["aerial"], row["aerial"] * 2),
            "Was fouled": _stat("was_fouled", row["fouled"] or None),
            "Fouls committed": _stat("fouls", row["foul"]),
        }
        if won:
            rows["Duels won"] = _stat("duel_won", won, hidden=True)
        return rows

    def _keeper(self) -> Json:
        row = self._row
        rows = self._head()
        self._some(rows, "Goals", "goals", "goal")
        rows |= {
            "Saves": _stat("saves", row["save"]),
            "Goals conceded": _stat("goals_conceded", self._conceded),
            "Shotmap": {"key": None, "stat": {"value": 1, "type": "boolean"}},
            "Accurate passes": _stat("accurate_passes", row["pass_good"], row["pass"]),
            "Throws": _stat("player_throws", row["throw"]),
            "Recoveries": _stat("recoveries", row["recovery"]),
            "Clearances": _stat("clearances", row["clearance"]),
            "Touches": _stat("touches", row["pass"] + row["save"]),
            "Defensive actions": _stat("defensive_actions", self._defensive(), hidden=True),
            "Was fouled": _stat("was_fouled", row["fouled"] or None, hidden=True),
            "Fouls committed": _stat("fouls", row["foul"], hidden=True),
            "Tackles": _stat("matchstats.headers.tackles", row["tackle"], hidden=True),
            "Interceptions": _stat("interceptions", row["interception"], hidden=True),
        }
        self._some(rows, "Own goal", "owngoal", "owngoal")
        if row["aerial"]:
            rows["Aerial duels won"] = _stat("aerials_won", row["aerial"], row["aerial"])
        return rows


def player_stats(game: Game, counts: Counts, shots: list[Json], period: int = 0) -> Json:
    """Every man by his id; those who have not played have an empty list. `shots` are those of the shotmap."""
    by_man: dict[int, list[Json]] = {}
    for shot in shots:
        if not shot["isOwnGoal"] and shot["period"] != "PenaltyShootout":
            by_man.setdefault(shot["playerId"], []).append(shot)
    found: Json = {}
    for home in (False, True):
        side = game.side(home)
        conceded = counts.period(not home, period, "score")
        for man in (*side.starters, *side.bench):
            found[str(man.id)] = _player(side, man, counts, conceded, by_man.get(man.id, []))
    return found


def _player(side: SideOfDay, man: Man, counts: Counts, conceded: int, shots: list[Json]) -> Json:
    row: Json = {
        "name": man.name,
        "id": man.id,
        "optaId": str(man.id // 7),
        "teamId": side.club.id,
        "teamName": side.club.name.long,
        "isGoalkeeper": man.position == 0,
        "stats": _Man(counts, man, conceded).groups() if man.id in counts.minutes else [],
        "shotmap": shots,
        "shirtNumber": str(man.shirt),
    }
    if man in side.starters:
        row["positionId"] = pitch_position(side, man)
    row["usualPosition"] = man.position
    return row


def pitch_position(side: SideOfDay, man: Man) -> int:
    """Where on the pitch a man of the eleven stands."""
    return PITCH_POSITIONS[side.starters.index(man)] if len(side.starters) == len(ELEVEN) else 0
