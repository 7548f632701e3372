"""The squads of hand-written match pages: line-ups and players' lists (see football_payloads)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

Json = dict[str, Any]


def _minutes(man: int, substitutions: Sequence[Json], length: int) -> int | None:
    on = next((event["time"] for event in substitutions if int(event["swap"][0]["id"]) == man), None)
    off = next((event["time"] for event in substitutions if int(event["swap"][1]["id"]) == man), length)
    if man % 1000 <= 11:
        return int(off)
    return None if on is None else int(off - on)


def player_stats(
    teams: Sequence[tuple[int, str]], numbers: Mapping[int, Mapping[str, int]], changes: Sequence[Json], length: int
) -> Json:
    always = ("goals", "assists", "total_shots", "matchstats.headers.tackles", "interceptions", "clearances", "fouls")
    listed = {}
    for man in (1000 * side + number for side in (1, 2) for number in range(1, 19)):
        minutes, values = _minutes(man, changes, length), numbers.get(man, {})
        shown = {"minutes_played": minutes} | dict.fromkeys(always, 0) | dict(values)
        stats = {key: {"key": key, "stat": {"value": value, "type": "integer"}} for key, value in shown.items()}
        listed[str(man)] = {
            "id": man,
            "name": f"Man {man}",
            "teamId": teams[man // 1000 - 1][0],
            "isGoalkeeper": man % 1000 == 1,
            "usualPosition": _position(man),
            "stats": [] if minutes is None else [{"title": "Top stats", "key": "top_stats", "stats": stats}],
        }
    return listed


def _position(man: int) -> int:
    number = man % 1000
    return 0 if number in (1, 12) else 1 if number <= 5 else 2 if number <= 8 else 3


def lineup(match_id: int, teams: Sequence[tuple[int, str]], type_: str, changes: Sequence[Json]) -> Json:
    def man(id_: int) -> Json:
        moves = [
            {"time": event["time"], "type": type_, "reason": "tactical"}
            for event in changes
            for position, type_ in enumerate(("subIn", "subOut"))
            if int(event["swap"][position]["id"]) == id_
        ]
        performance = {"substitutionEvents": moves} if moves else {}
        shirt, position = str(id_ % 1000), _position(id_)
        shown = {"id": id_, "name": f"Man {id_}", "shirtNumber": shirt, "usualPlayingPositionId": position}
        return shown | {"performance": performance}

    def side(index: int) -> Json:
        first = 1000 * (index + 1)
        return {
            "id": teams[index][0],
            "name": teams[index][1],
            "formation": "4-3-3",
            "starters": [man(first + number) for number in range(1, 12)],
            "subs": [man(first + number) for number in range(12, 19)],
            "unavailable": [],
            "coach": {"id": first + 99, "name": "Coach", "isCoach": True},
        }

    source = "enetpulse" if type_ == "standard" else "lastStartingLineups"
    return {
        "matchId": match_id,
        "lineupType": type_,
        "source": source,
        "homeTeam": side(0),
        "awayTeam": side(1),
    }
