"""`content.stats` of a match: the groups of team numbers of every period, in layout C."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PROPPR.SharedServices.simulator.fotmob.counts import Counts

Json = dict[str, Any]
PERIODS = ("All", "FirstHalf", "SecondHalf", "FirstExtraHalf", "SecondExtraHalf")
_Value = int | str | None


def _row(title: str, key: str, home: _Value, away: _Value, form: str | None = "integer", kind: str = "text") -> Json:
    row: Json = {"title": title, "key": key, "stats": [home, away]}
    if form is not None:
        row["format"] = form
    row["type"] = kind
    first, second = _size(home), _size(away)
    row["highlighted"] = "equal" if first == second else "home" if first > second else "away"
    return row


def _size(value: _Value) -> float:
    return float(value.split(" ")[0]) if isinstance(value, str) else float(value or 0)


def _share(part: int, whole: int) -> str:
    return f"{part} ({round(100 * part / whole) if whole else 0}%)"


class _Period:
    """The rows of one period."""

    def __init__(self, counts: Counts, period: int) -> None:
        self._counts = counts
        self._period = period

    def number(self, kind: str, *more: str) -> tuple[int, int]:
        """Both sides' number of one kind, or of several together."""
        home, away = (
            sum(self._counts.period(side, self._period, name) for name in (kind, *more)) for side in (True, False)
        )
        return home, away

    def xg(self, place: int) -> tuple[str, str]:
        """Both sides' expected goals: all, open play, set play, on target."""
        home, away = (f"{self._counts.xg[side][self._period][place]:.2f}" for side in (True, False))
        return home, away

    def shares(self, part: str, whole: Callable[[int, int], int]) -> tuple[str, str]:
        """A number with its share; `whole` tells of how many, from the own and the other side's number."""
        home, away = self.number(part)
        return _share(home, whole(home, away)), _share(away, whole(away, home))

    def groups(self) -> list[Json]:
        """All groups of the period."""
        return [self._top(), self._shots(), self._xg(), self._passes(), self._defence(), self._duels(), self._cards()]

    def _passed(self) -> tuple[str, str]:
        (good_home, good_away), (home, away) = self.number("pass_good"), self.number("pass")
        return _share(good_home, home), _share(good_away, away)

    def _top(self) -> Json:
        home, away = self.number("pass")
        ball = round(100 * home / (home + away)) if home + away else 50
        yellow_home, yellow_away = self.number("yellow")
        return _group(
            "Top stats",
            "top_stats",
            [
                _row("Ball possession", "BallPossesion", ball, 100 - ball, kind="graph"),
                _row("Expected goals (xG)", "expected_goals", *self.xg(0), "double"),
                _row("Total shots", "total_shots", *self.number("shot_all")),
                _row("Shots on target", "ShotsOnTarget", *self.number("on_target")),
                _row("Touches in opposition box", "touches_opp_box", *self.number("box_touch"), None),
                _row("Big chances", "big_chance", *self.number("big")),
                _row("Big chances missed", "big_chance_missed_title", *self.number("big_missed"), None),
                _row("Accurate passes", "accurate_passes", *self._passed(), "integerWithPercentage"),
                _row("Yellow cards", "yellow_cards", yellow_home or None, yellow_away or None),
                _row("Corners", "corners", *self.number("corner")),
            ],
        )

    def _shots(self) -> Json:
        return _group(
            "Shots",
            "shots",
            [
                _row("Shots", "shots", None, None, None, "title"),
                _row("Total shots", "total_shots", *self.number("shot_all")),
                _row("Shots off target", "ShotsOffTarget", *self.number("wide")),
                _row("Shots on target", "ShotsOnTarget", *self.number("on_target")),
                _row("Blocked shots", "blocked_shots", *self.number("blocked")),
                _row("Hit woodwork", "shots_woodwork", *self.number("post")),
                _row("Shots inside box", "shots_inside_box", *self.number("inside")),
                _row("Shots outside box", "shots_outside_box", *self.number("outside")),
            ],
        )

    def _xg(self) -> Json:
        title = "Expected goals (xG)"
        return _group(
            title,
            "expected_goals",
            [
                _row(title, "expected_goals", None, None, None, "title"),
                _row(title, "expected_goals", *self.xg(0), "double"),
                _row("xG open play", "expected_goals_open_play", *self.xg(1), "double"),
                _row("xG set play", "expected_goals_set_play", *self.xg(2), "double"),
                _row("xG on target (xGOT)", "expected_goals_on_target", *self.xg(3), "double"),
            ],
        )

    def _passes(self) -> Json:
        home, away = self.number("pass_good")
        return _group(
            "Passes",
            "passes",
            [
                _row("Passes", "passes", None, None, None, "title"),
                _row("Passes", "passes", *self.number("pass")),
                _row("Accurate passes", "accurate_passes", *self._passed(), "integerWithPercentage"),
                _row("Own half", "own_half_passes", home * 2 // 5, away * 2 // 5, None),
                _row("Opposition half", "opposition_half_passes", home - home * 2 // 5, away - away * 2 // 5, None),
                _row("Throws", "player_throws", *self.number("throw")),
                _row("Touches in opposition box", "touches_opp_box", *self.number("box_touch"), None),
                _row("Offsides", "Offsides", *self.number("offside")),
            ],
        )

    def _defence(self) -> Json:
        return _group(
            "Defence",
            "defence",
            [
                _row("Defence", "defense", None, None, None, "title"),
                _row("Tackles", "matchstats.headers.tackles", *self.number("tackle")),
                _row("Interceptions", "interceptions", *self.number("interception")),
                _row("Blocks", "shot_blocks", *self.number("shot_block")),
                _row("Clearances", "clearances", *self.number("clearance")),
                _row("Keeper saves", "keeper_saves", *self.number("save")),
            ],
        )

    def _duels(self) -> Json:
        def both(own: int, other: int) -> int:
            return own + other

        return _group(
            "Duels",
            "duels",
            [
                _row("Duels", "duels", None, None, None, "title"),
                _row("Duels won", "duel_won", *self.number("tackle", "dribble", "aerial", "fouled")),
                _row("Aerial duels won", "aerials_won", *self.shares("aerial", both), "integerWithPercentage"),
                _row(
                    "Successful dribbles",
                    "dribbles_succeeded",
                    *self.shares("dribble", lambda own, other: own * 2 + other // 3),
                    "integerWithPercentage",
                ),
            ],
        )

    def _cards(self) -> Json:
        return _group(
            "Discipline",
            "discipline",
            [
                _row("Discipline", "discipline", None, None, None, "title"),
                _row("Yellow cards", "yellow_cards", *self.number("yellow")),
                _row("Red cards", "red_cards", *self.number("red")),
                _row("Fouls committed", "fouls", *self.number("foul")),
            ],
        )


def _group(title: str, key: str, rows: list[Json]) -> Json:
    return {"title": title, "key": key, "stats": rows}


def team_stats(counts: Counts, last_period: int, colors: Json) -> Json:
    """The numbers of the match and of each period up to `last_period`."""
    return {
        "Periods": {
            PERIODS[period]: {"stats": _Period(counts, period).groups(), "teamColors": colors}
            for period in range(last_period + 1)
        }
    }
