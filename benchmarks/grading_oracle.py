"""What bets on a match have to come to, worked out from the source's raw page alone.

It shares no code with the grader and none with the reader of matches: plain dictionaries, fractions for money. It knows
the layouts of 2022 to 2026. Numbers that the page does not have are None.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

Json = dict[str, Any]
HALVES = {"match": ("1", "2"), "first_half": ("1",), "second_half": ("2",)}
TEAM_KEYS = {
    "corners": ("corners",),
    "shots": ("total_shots",),
    "shots on target": ("ShotsOnTarget",),
    "fouls": ("fouls",),
    "offsides": ("Offsides",),
    "tackles": ("matchstats.headers.tackles",),
    "interceptions": ("interceptions",),
    "saves": ("keeper_saves",),
}
# What a player's number is called: (key or label, 0 for the number itself or 1 for what it is out of).
PLAYER_KEYS = {
    "shots": (("total_shots", 0), ("Total shots", 0)),
    "shots on target": (("ShotsOnTarget", 0), ("shot_accuracy", 0), ("Shot accuracy", 0)),
    "tackles": (("matchstats.headers.tackles", 0), ("tackles_succeeded", 1), ("Tackles won", 1)),
    "fouls": (("fouls", 0), ("Fouls committed", 0)),
    "offsides": (("Offsides", 0), ("offsides", 0)),
    "interceptions": (("interceptions", 0), ("Interceptions", 0)),
    "saves": (("saves", 0), ("Saves", 0)),
}


@dataclass
class RawMan:
    """A man of the page's squads: started, came on ("used"), stayed on the bench ("unused"), or is "out"."""

    id: int
    name: str
    home: bool
    part: str
    stats: dict[str, Any] = field(default_factory=dict)
    came_on: tuple[int, int] | None = None
    went_off: tuple[int, int] | None = None

    def number(self, statistic: str) -> int | None:
        """His number over all he played, None where his list is empty."""
        if "minutes_played" not in self.stats and "Minutes played" not in self.stats:
            return None
        for key, part in PLAYER_KEYS[statistic]:
            if key in self.stats:
                return numbers_in(self.stats[key])[part]
        return 0


@dataclass
class RawMatch:
    """The parts of a page that bets hang on. Goals and cards are (half, home, player id, ...); halves "1", "2", "E"."""

    id: int
    home: str
    away: str
    played: bool
    ninety_minutes: bool
    goals: list[tuple[str, bool, int | None, bool, int | None, tuple[int, int]]]
    cards: list[tuple[str, bool, int | None, str, bool, tuple[int, int]]]
    teams: dict[str, dict[str, list[Any]]]
    men: dict[int, RawMan]
    shots: list[tuple[str, int | None, bool]]

    def goals_in(self, period: str, home: bool) -> int:
        """Goals of a side, own goals for the side that profits."""
        return sum(1 for goal in self.goals if goal[0] in HALVES[period] and goal[1] is home)

    def team(self, statistic: str, period: str, home: bool) -> int | None:
        """A side's number; of ninety minutes the halves' sum, or the whole where there was no extra time."""
        name = {"first_half": "FirstHalf", "second_half": "SecondHalf"}.get(period)
        if name is not None:
            return self._row(name, statistic, home)
        if self.ninety_minutes:
            return self._row("All", statistic, home)
        parts = [self._row(half, statistic, home) for half in ("FirstHalf", "SecondHalf")]
        return None if None in parts else sum(part or 0 for part in parts)

    def cards_of(
        self, period: str, red: int, *, home: bool | None = None, man: int | None = None, yellow: int = 1
    ) -> int:
        """Cards on the pitch, a red or second yellow counting `red`."""
        count = 0
        for half, side, player, kind, off, at in self.cards:
            if half not in HALVES[period] or off or (home is not None and side is not home):
                continue
            if (man is not None and player != man) or not self._on_pitch(player, at):
                continue
            count += yellow if kind == "Yellow" else red
        return count

    def _on_pitch(self, player: int | None, at: tuple[int, int]) -> bool:
        man = self.men.get(player or 0)
        if man is None:
            return not self.men
        if man.part in ("unused", "out"):
            return False
        return not ((man.came_on is not None and at < man.came_on) or (man.went_off is not None and at > man.went_off))

    def _row(self, period: str, statistic: str, home: bool) -> int | None:
        old = self.teams.get(period, {}).get("tackles_succeeded") if statistic == "tackles" else None
        if old is not None:
            return out_of(str(old[0 if home else 1]))
        for key in TEAM_KEYS[statistic]:
            pair = self.teams.get(period, {}).get(key)
            if pair is not None and pair[0 if home else 1] is not None:
                return numbers_in(pair[0 if home else 1])[0]
        return None


def read_raw(page: Json) -> RawMatch:
    """Take a page apart."""
    status, content = page["header"]["status"], page["content"]
    events = (content["matchFacts"].get("events") or {}).get("events") or []
    reason = (status.get("reason") or {}).get("short")
    flags = status.get("finished") and status.get("started")
    ended = any(
        event["type"] == "Half" and (event.get("halfStrKey") == "fulltime_short" or event.get("halfStrShort") == "FT")
        for event in events
    )
    played = bool(flags and not status.get("cancelled") and not status.get("awarded") and ended)
    men = _men(content)
    for event in events:
        if event["type"] == "Substitution":
            for man, field_ in zip(event["swap"], ("came_on", "went_off"), strict=True):
                if man.get("id") and int(man["id"]) in men:
                    setattr(men[int(man["id"])], field_, _clock(event))
                    if field_ == "came_on":
                        men[int(man["id"])].part = "used"
    return RawMatch(
        id=int(page["general"]["matchId"]),
        home=page["general"]["homeTeam"]["name"],
        away=page["general"]["awayTeam"]["name"],
        played=played and reason in ("FT", "AET", "Pen"),
        ninety_minutes=reason == "FT",
        goals=[
            (_half(event), event["isHome"], _id(event), bool(event.get("ownGoal")), _assist(event), _clock(event))
            for event in sorted(events, key=lambda event: _clock(event) if event["type"] == "Goal" else (0, 0))
            if event["type"] == "Goal" and not event.get("isPenaltyShootoutEvent")
        ],
        cards=[
            (
                _half(event),
                event["isHome"],
                _id(event),
                event["card"],
                bool(event.get("cardDescription")),
                _clock(event),
            )
            for event in events
            if event["type"] == "Card"
        ],
        teams=_teams(content),
        men=men,
        shots=_shots(content),
    )


def numbers_in(value: object) -> tuple[int, int]:
    """The number and what it is out of: 3, "3/4 (75%)", {"value": 3, "total": 4}; none for what is not there."""
    if isinstance(value, dict) and "stat" in value:
        value = value["stat"]
    if isinstance(value, dict):
        number = value.get("value")
        if isinstance(number, str):
            return numbers_in(number)
        return int(number or 0), int(value.get("total") or 0)
    found = [int(part) for part in re.findall(r"\d+", str(value or 0))]
    return found[0], found[1] if len(found) > 1 else 0


def out_of(shown: str) -> int | None:
    """Of how many "8 (89%)" are, None where more than one number fits; a bare 0 is none of none."""
    won, percentage = numbers_in(shown)
    if shown == "0":
        return 0
    fitting = [
        total for total in range(max(won, 1), 200) if abs(Fraction(100 * won, total) - percentage) <= Fraction(1, 2)
    ]
    return fitting[0] if len(fitting) == 1 and won else None


def money(stake: str, odds: str, outcomes: Iterable[int]) -> Fraction:
    """What comes back in cents, rounded half to even, of a stake in equal parts won (1), refunded (0) or lost (-1)."""
    parts = list(outcomes)
    worth = {1: Fraction(odds), 0: Fraction(1), -1: Fraction(0)}
    back = Fraction(stake) * sum((worth[part] for part in parts), Fraction(0)) / len(parts)
    return Fraction(round(back * 100), 100)


def against_line(number: Fraction | int, line: str, sign: int) -> list[int]:
    """Won, refunded or lost for each half of the stake: `sign` 1 wants more than the line, -1 less."""
    quarters = int(Fraction(line) * 4)
    halves = [quarters - 1, quarters + 1] if quarters % 2 else [quarters, quarters]
    margins = [sign * (number * 4 - half) for half in halves]
    return [(margin > 0) - (margin < 0) for margin in margins]


def _teams(content: Json) -> dict[str, dict[str, list[Any]]]:
    stats = content.get("stats") or {}
    periods = stats.get("Periods") or ({"All": stats} if stats.get("stats") else {})
    found: dict[str, dict[str, list[Any]]] = {}
    for name, part in periods.items():
        rows = found.setdefault(name, {})
        for group in (part or {}).get("stats") or []:
            for row in group["stats"]:
                if row.get("type") != "title":
                    rows.setdefault(row["key"], row["stats"])
    return found


def _men(content: Json) -> dict[int, RawMan]:
    lineup, numbers = content.get("lineup") or content.get("lineup2") or {}, content.get("playerStats") or {}
    men: dict[int, RawMan] = {}
    if "homeTeam" in lineup:
        for key, home in (("homeTeam", True), ("awayTeam", False)):
            for group, part in (("starters", "started"), ("subs", "unused"), ("unavailable", "out")):
                for man in lineup[key].get(group) or []:
                    stats = _stats((numbers.get(str(man["id"])) or {}).get("stats") or [])
                    on = any(
                        move["type"] == "subIn"
                        for move in (man.get("performance") or {}).get("substitutionEvents") or []
                    )
                    played = part == "unused" and (on or "minutes_played" in stats)
                    men[int(man["id"])] = RawMan(int(man["id"]), man["name"], home, "used" if played else part, stats)
    for index, side in enumerate(lineup.get("lineup") or []):
        rows = [man for row in side.get("players") or [] for man in row]
        for man, part in [*((man, "started") for man in rows), *((man, "unused") for man in side.get("bench") or [])]:
            stats = _stats(man.get("stats") or [])
            timed = stats.keys() & {"minutes_played", "Minutes played"}
            on = part == "unused" and (man.get("timeSubbedOn") is not None or timed)
            full = man["name"]["fullName"] if isinstance(man["name"], dict) else man["name"]
            men[int(man["id"])] = RawMan(int(man["id"]), full, index == 0, "used" if on else part, stats)
    return men


def _stats(groups: list[Json]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for group in groups:
        for label, value in group["stats"].items():
            found.setdefault(value.get("key") or label if isinstance(value, dict) else label, value)
    return found


def _shots(content: Json) -> list[tuple[str, int | None, bool]]:
    halves = {"FirstHalf": "1", "SecondHalf": "2", "FirstHalfExtra": "E", "SecondHalfExtra": "E"}
    return [
        (
            halves[shot["period"]],
            shot["playerId"],
            shot["eventType"] == "Goal" or (shot["eventType"] == "AttemptSaved" and not shot["isBlocked"]),
        )
        for shot in (content.get("shotmap") or {}).get("shots") or []
        if shot["period"] in halves and not shot.get("isOwnGoal")
    ]


def _half(event: Json) -> str:
    return "1" if event["time"] <= 45 else "2" if event["time"] <= 90 else "E"


def _clock(event: Json) -> tuple[int, int]:
    return event.get("time") or 0, event.get("overloadTime") or 0


def _id(event: Json) -> int | None:
    id_ = (event.get("player") or {}).get("id")
    return None if id_ is None else int(id_)


def _assist(event: Json) -> int | None:
    id_ = event.get("assistPlayerId")
    return None if id_ is None else int(id_)
