"""Match pages in layouts A and B, written by hand: numbers inside the line-ups, texts like "31/34 (91%)"."""

from __future__ import annotations

from typing import Any

import pytest
from football_payloads import goal, match_payload

from PROPPR.SharedServices.football.errors import LayoutChanged
from PROPPR.SharedServices.football.model import Match, Player, Position, Role
from PROPPR.SharedServices.football.reading import read_match
from PROPPR.SharedServices.football.statistics import Period, Statistic

Json = dict[str, Any]
BARE = {
    "Minutes played": 90,
    "Goals": 0,
    "Assists": 0,
    "Total shots": 1,
    "Shotmap": True,
    "Accurate passes": "31/34 (91%)",
    "Shot accuracy": "1/1 (100%)",
    "Tackles won": "1/2 (50%)",
    "Interceptions": 1,
    "Fouls committed": 1,
    "Was fouled": 2,
    "Corners": 1,
}
KEYED = {
    "Minutes played": {"key": "minutes_played", "value": 90},
    "Goals": {"key": "goals", "value": 0},
    "Total shots": {"key": "total_shots", "value": 1},
    "Shotmap": {"value": True},
    "Shot accuracy": {"key": "shot_accuracy", "value": "1/1 (100%)"},
    "Tackles won": {"key": "tackles_succeeded", "value": 0},
    "Corners": {"key": "corners", "value": 1},
    "Saves": {"key": "saves", "value": "3/4 (75%)"},
    "Fouls committed": {"key": "fouls", "stat": {"value": 2, "type": "integer"}},
}


def old_man(id_: int, stats: Json | None, **more: Any) -> Json:
    groups = [] if stats is None else [{"title": "Top stats", "stats": stats}]
    name = {"firstName": "Man", "lastName": str(id_), "fullName": f"Man {id_}"}
    known = {"id": str(id_), "name": name, "usualPosition": 0 if id_ % 1000 == 1 else 2, "shirt": id_ % 1000}
    return known | {"timeSubbedOn": None, "timeSubbedOff": None, "stats": groups, "rating": {"num": "6.5"}} | more


def old_side(first: int, team: int, stats: Json) -> Json:
    eleven = [old_man(first + number, stats, minutesPlayed=90) for number in range(1, 12)]
    bench = [
        old_man(first + 12, stats, minutesPlayed=0, timeSubbedOn=90),
        old_man(first + 13, {"Goals": 0}, minutesPlayed=0),
        old_man(first + 14, None),
    ]
    away = [[{"id": first + 15, "name": {"fullName": "Hurt Man"}, "stats": None}], []]
    rows = [eleven[:1], eleven[1:5], eleven[5:8], eleven[8:]]
    return {"teamId": team, "lineup": "4 - 3 - 3", "players": rows, "bench": bench, "nonAvailablePlayers": away}


def old_payload(stats: Json, **more: Any) -> Json:
    payload = match_payload(team={"corners": ((2, 1), (3, 4))}, **more)
    content = payload["content"]
    del content["playerStats"]
    del payload["general"]["coverageLevel"]
    content["lineup"] = {"lineup": [old_side(1000, 10, stats), old_side(2000, 20, stats)], "bench": {}, "coaches": []}
    for period in (content["stats"] or {"Periods": {}})["Periods"].values():
        for group in period["stats"]:
            for row in group["stats"]:
                if row["key"] == "matchstats.headers.tackles":
                    row |= {"key": "tackles_succeeded", "stats": ["8 (89%)", 0]}
    return payload


def layout_a(**more: Any) -> Json:
    payload = old_payload(BARE, **more)
    if payload["content"]["stats"] is not None:
        payload["content"]["stats"] = payload["content"]["stats"]["Periods"]["All"]
    return payload


def man(match: Match, id_: int) -> Player:
    return next(player for player in match.players() if player.id == id_)


def test_layout_a() -> None:
    match = read_match(layout_a())
    assert match.layout == "A"
    assert match.team_number(Statistic.CORNERS, False) == 5
    assert (match.team_number(Statistic.TACKLES, True), match.team_number(Statistic.TACKLES, False)) == (9, 0)
    assert match.team_numbers[Period.FIRST_HALF] == {Statistic.GOALS: (0, 0)}
    starter = man(match, 1005)
    assert (starter.name, starter.role, starter.position) == ("Man 1005", Role.STARTER, Position.MIDFIELDER)
    assert (starter.minutes, starter.rating, starter.shirt) == (90, 6.5, "5")
    assert starter.numbers[Statistic.TACKLES] == 2
    assert starter.numbers[Statistic.SHOTS_ON_TARGET] == 1
    assert (starter.numbers[Statistic.PASSES_COMPLETED], starter.numbers[Statistic.PASSES]) == (31, 34)
    assert starter.numbers[Statistic.FOULED] == 2


def test_layout_b() -> None:
    match = read_match(old_payload(KEYED))
    assert match.layout == "B"
    assert match.team_number(Statistic.CORNERS, True, Period.SECOND_HALF) == 3
    numbers = man(match, 2007).numbers
    assert (numbers[Statistic.TACKLES], numbers[Statistic.SAVES], numbers[Statistic.FOULS]) == (0, 3, 2)


def test_the_bench_of_old_layouts() -> None:
    match = read_match(layout_a())
    used, unused, unlisted, hurt = (man(match, id_) for id_ in (1012, 1013, 1014, 1015))
    assert (used.role, used.minutes) == (Role.SUBSTITUTE_USED, 90)  # 0 on the man, 90 in his list
    assert (unused.role, unused.minutes, unused.numbers) == (Role.SUBSTITUTE_UNUSED, None, {})
    assert (unlisted.role, hurt.role) == (Role.SUBSTITUTE_UNUSED, Role.UNAVAILABLE)


def test_a_starter_with_no_minutes_is_of_an_early_capture() -> None:
    stats = BARE | {"Minutes played": 0}
    payload = layout_a()
    payload["content"]["lineup"]["lineup"][0] = old_side(1000, 10, stats)
    for row in payload["content"]["lineup"]["lineup"][0]["players"]:
        for player in row:
            player["minutesPlayed"] = 0
    match = read_match(payload)
    assert man(match, 1005).minutes is None
    assert man(match, 2005).minutes == 90


def test_a_postponed_match_may_name_no_teams() -> None:
    payload = layout_a(reason="PP", goals=[])
    for side in payload["content"]["lineup"]["lineup"]:
        del side["teamId"]
    match = read_match(payload)
    assert match.home_lineup is not None
    assert not match.home_lineup.confirmed


def test_layout_b2_has_the_new_line_up_under_another_key() -> None:
    payload = match_payload(goals=[goal(3, True, 1009)])
    expected = read_match(payload)
    payload["content"]["lineup2"] = payload["content"].pop("lineup")
    payload["content"]["lineup"] = None
    match = read_match(payload)
    assert match.layout == "B2"
    assert match.home_lineup == expected.home_lineup


@pytest.mark.parametrize(
    ("change", "path"),
    [
        (lambda side: side.update(teamId=20), "content.lineup.lineup[0].teamId"),
        (lambda side: side["players"][1][0].pop("id"), "content.lineup.lineup[0].players[1][0].id"),
        (lambda side: side["players"].insert(0, 7), "content.lineup.lineup[0].players[0]"),
        (lambda side: side["bench"][1].update(name="Man"), "content.lineup.lineup[0].bench[1].name"),
        (
            lambda side: side["players"][0][0]["stats"][0]["stats"].update(Goals="none"),
            "content.lineup.lineup[0].players[0][0].stats[0].stats.Goals",
        ),
    ],
    ids=["sides exchanged", "no id", "no row", "name a text", "a word for a number"],
)
def test_old_layouts_that_changed(change: Any, path: str) -> None:
    payload = layout_a()
    change(payload["content"]["lineup"]["lineup"][0])
    with pytest.raises(LayoutChanged) as changed:
        read_match(payload)
    assert changed.value.path == path
