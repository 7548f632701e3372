"""Each identity, broken by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from football_payloads import card, goal, match_payload, substitution

from PROPPR.SharedServices.football.completeness import Code, is_complete, problems
from PROPPR.SharedServices.football.reading import read_match
from PROPPR.SharedServices.football.statistics import Statistic

Json = dict[str, Any]


def whole() -> Json:
    return match_payload(
        goals=[goal(30, True, 1009)],
        cards=[card(50, False, 2004)],
        substitutions=[substitution(60, True, 1013, 1010)],
        team={"corners": ((2, 1), (3, 4)), "fouls": ((3, 3), (3, 3)), "total_shots": ((4, 2), (3, 5))},
    )


def stat(payload: Json, man: int, key: str) -> Json:
    found: Json = payload["content"]["playerStats"][str(man)]["stats"][0]["stats"][key]["stat"]
    return found


def of_events(payload: Json, keep: Callable[[Json], bool]) -> None:
    events = payload["content"]["matchFacts"]["events"]
    events["events"] = [event for event in events["events"] if keep(event)]


def team_row(payload: Json, period: str, key: str) -> list[int]:
    groups = payload["content"]["stats"]["Periods"][period]["stats"]
    values: list[int] = next(row["stats"] for group in groups for row in group["stats"] if row["key"] == key)
    return values


def lose_a_starter(payload: Json) -> None:
    payload["content"]["lineup"]["homeTeam"]["starters"].pop()


def lose_minutes(payload: Json) -> None:
    del payload["content"]["playerStats"]["2003"]["stats"][0]["stats"]["minutes_played"]


BROKEN: dict[str, tuple[Callable[[Json], Any], set[Code], bool]] = {
    "a goal not listed": (
        lambda payload: of_events(payload, lambda event: event["type"] != "Goal"),
        {Code.GOAL_EVENTS, Code.SCORE_90, Code.SCORERS},
        False,
    ),
    "another scorer": (lambda payload: stat(payload, 1008, "goals").update(value=1), {Code.SCORERS}, False),
    "a half off": (
        lambda payload: team_row(payload, "FirstHalf", "corners").__setitem__(0, 3),
        {Code.HALVES},
        False,
    ),
    "a half of yellow cards off": (
        lambda payload: team_row(payload, "FirstHalf", "yellow_cards").__setitem__(1, 1),
        {Code.HALVES},
        True,
    ),
    "no line-up": (lambda payload: payload["content"].update(lineup=None), {Code.NO_LINEUPS}, False),
    "an old line-up": (
        lambda payload: payload["content"]["lineup"].update(lineupType="lastStarting11"),
        {Code.NO_LINEUPS},
        False,
    ),
    "ten starters": (lose_a_starter, {Code.STARTERS, Code.MINUTES}, False),
    "no minutes": (lose_minutes, {Code.NO_MINUTES}, False),
    "too few minutes": (lambda payload: stat(payload, 2003, "minutes_played").update(value=70), {Code.MINUTES}, False),
    "a shot missing": (lambda payload: stat(payload, 1002, "total_shots").update(value=6), {Code.PLAYER_SUM}, False),
    "a foul missing": (lambda payload: stat(payload, 1002, "fouls").update(value=5), {Code.PLAYER_SUM}, True),
    "a card not listed": (
        lambda payload: of_events(payload, lambda event: event["type"] != "Card"),
        {Code.CARDS},
        True,
    ),
    "no numbers of the teams": (
        lambda payload: payload["content"].update(stats=None),
        {Code.NO_TEAM_NUMBERS},
        False,
    ),
}


def test_a_whole_match_has_no_problem() -> None:
    match = read_match(whole())
    assert problems(match) == ()
    assert is_complete(match)


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_broken_is_named(name: str) -> None:
    change, codes, complete = BROKEN[name]
    payload = whole()
    change(payload)
    match = read_match(payload)
    found = problems(match)
    assert {problem.code for problem in found} == codes
    assert all(problem.text for problem in found)
    assert is_complete(match) is complete


def test_a_sending_off_costs_minutes() -> None:
    payload = match_payload(cards=[card(57, True, 1004, "Red")])
    assert {problem.code for problem in problems(read_match(payload))} == {Code.MINUTES}
    stat(payload, 1004, "minutes_played").update(value=57)
    assert is_complete(read_match(payload))


def test_a_red_card_of_the_bench_costs_none() -> None:
    payload = match_payload(cards=[card(57, True, 1016, "Red", off="not_on_pitch")])
    assert is_complete(read_match(payload))


def test_a_man_of_stoppage_time_has_a_minute_that_nobody_lost() -> None:
    payload = match_payload(substitutions=[substitution(90, True, 1013, 1010, stoppage=4)])
    stat(payload, 1013, "minutes_played").update(value=1)
    assert is_complete(read_match(payload))


def test_a_card_of_the_bench_may_count_for_the_team_or_not() -> None:
    payload = match_payload(cards=[card(57, True, 1016, off="not_on_pitch")])
    assert problems(read_match(payload)) == ()
    for period in ("All", "SecondHalf"):
        team_row(payload, period, "yellow_cards")[0] = 1
    assert problems(read_match(payload)) == ()
    for period in ("All", "SecondHalf"):
        team_row(payload, period, "yellow_cards")[0] = 2
    (problem,) = problems(read_match(payload))
    assert (problem.code, problem.statistic) == (Code.CARDS, Statistic.YELLOW_CARDS)


def test_a_match_to_come_has_no_problems_and_is_not_complete() -> None:
    match = read_match(match_payload(reason=None))
    assert problems(match) == ()
    assert not is_complete(match)
