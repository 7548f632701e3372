"""Match pages in layout C, written by hand."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from football_payloads import card, goal, match_payload, substitution

from PROPPR.SharedServices.football.completeness import is_complete, is_settled_as_played, problems
from PROPPR.SharedServices.football.model import (
    Card,
    CardKind,
    Ending,
    Goal,
    Match,
    Minute,
    Player,
    Position,
    Role,
    Score,
    State,
    Team,
)
from PROPPR.SharedServices.football.reading import read_match
from PROPPR.SharedServices.football.statistics import Period, Statistic


def man(match: Match, id_: int) -> Player:
    return next(player for player in match.players() if player.id == id_)


def test_a_whole_match() -> None:
    payload = match_payload(
        goals=[goal(45, True, 1009, stoppage=2, assist_id=1007), goal(60, False, 2010, penalty=True)],
        cards=[card(30, False, 2003)],
        substitutions=[substitution(70, True, 1013, 1010)],
        team={"corners": ((2, 1), (3, 4)), "total_shots": ((1, 0), (1, 2)), "ShotsOnTarget": ((1, 0), (0, 1))},
        players={1009: {"total_shots": 2, "ShotsOnTarget": 1}, 1007: {"assists": 1}},
    )
    match = read_match(payload)
    assert (match.match_id, match.layout, match.state, match.ending) == (4000001, "C", State.PLAYED, Ending.FULL_TIME)
    assert match.kickoff == datetime(2026, 3, 7, 15, tzinfo=UTC)
    assert (match.home, match.away) == (Team(10, "Homeham United"), Team(20, "Awayton Rovers"))
    assert (match.score, match.score_90, match.score_half) == (Score(1, 1), Score(1, 1), Score(1, 0))
    assert match.goals == (
        Goal(Minute(45, 2), True, 1009, "Man 1009", assist_id=1007),
        Goal(Minute(60), False, 2010, "Man 2010", penalty=True),
    )
    assert match.cards == (Card(Minute(30), False, CardKind.YELLOW, 2003, "Man 2003", on_pitch=True),)
    assert match.team_number(Statistic.CORNERS, True) == 5
    assert match.team_number(Statistic.CORNERS, False, Period.FIRST_HALF) == 1
    assert match.team_number(Statistic.GOALS, False, Period.SECOND_HALF) == 1
    assert match.team_number(Statistic.POSSESSION, True) is None
    scorer, came_on = man(match, 1009), man(match, 1013)
    assert (scorer.role, scorer.position, scorer.minutes) == (Role.STARTER, Position.FORWARD, 90)
    assert scorer.numbers[Statistic.SHOTS] == 2
    assert scorer.numbers[Statistic.SHOTS_ON_TARGET] == 1
    assert scorer.numbers[Statistic.CORNERS] == 0
    assert (came_on.role, came_on.came_on, came_on.minutes) == (Role.SUBSTITUTE_USED, Minute(70), 20)
    assert man(match, 1010).went_off == Minute(70)
    assert man(match, 1014).role is Role.SUBSTITUTE_UNUSED
    assert man(match, 1014).numbers == {}
    assert problems(match) == ()
    assert is_complete(match)


def test_page_data_is_the_same_body() -> None:
    payload = match_payload(goals=[goal(3, True, 1009)])
    assert read_match({"pageProps": payload | {"translations": {}}}) == read_match(payload)


def test_an_own_goal_counts_for_the_side_that_profits() -> None:
    match = read_match(match_payload(goals=[goal(3, True, 2004, own_goal=True)]))
    assert match.goals == (Goal(Minute(3), True, 2004, "Man 2004", own_goal=True),)
    assert match.score == Score(1, 0)
    assert man(match, 2004).numbers[Statistic.OWN_GOALS] == 1
    assert man(match, 2004).numbers[Statistic.GOALS] == 0
    assert is_complete(match)


def test_extra_time_is_no_part_of_the_match() -> None:
    payload = match_payload(
        reason="Pen",
        goals=[goal(90, True, 1009, stoppage=4), goal(12, False, 2009), goal(105, True, 1009), goal(119, False, 2009)],
        team={"corners": ((1, 1), (1, 1), (2, 0), (0, 3))},
        shootout=(4, 3),
    )
    match = read_match(payload)
    assert (match.ending, match.score, match.score_90) == (Ending.PENALTIES, Score(2, 2), Score(1, 1))
    assert (match.score_half, match.shootout) == (Score(0, 1), Score(4, 3))
    assert match.team_numbers[Period.MATCH][Statistic.CORNERS] == (2, 2)
    assert match.team_numbers[Period.EXTRA_TIME][Statistic.CORNERS] == (2, 3)
    assert match.team_numbers[Period.ALL][Statistic.CORNERS] == (4, 5)
    assert match.team_numbers[Period.EXTRA_TIME][Statistic.GOALS] == (1, 1)
    assert is_complete(match)


def test_without_halves_extra_time_leaves_ninety_minutes_unknown() -> None:
    payload = match_payload(reason="AET", goals=[goal(100, True, 1009)], team={"corners": ((1, 1),)})
    payload["content"]["stats"]["Periods"] = {"All": payload["content"]["stats"]["Periods"]["All"]}
    match = read_match(payload)
    assert match.team_number(Statistic.CORNERS, True) is None
    assert match.team_number(Statistic.CORNERS, True, Period.ALL) == 1
    assert match.team_number(Statistic.GOALS, True) == 0
    old = match_payload(team={"corners": ((1, 1), (2, 2))})
    old["content"]["stats"]["Periods"] = {"All": old["content"]["stats"]["Periods"]["All"]}
    assert read_match(old).team_number(Statistic.CORNERS, True) == 3
    assert read_match(old).team_number(Statistic.CORNERS, True, Period.FIRST_HALF) is None


def test_the_score_of_ninety_minutes_is_counted_where_the_whistle_tells_none() -> None:
    payload = match_payload(reason="AET", goals=[goal(90, True, 1009, stoppage=7), goal(91, True, 1009)])
    for event in payload["content"]["matchFacts"]["events"]["events"]:
        event.pop("homeScore"), event.pop("awayScore")
    match = read_match(payload)
    assert (match.score, match.score_90, match.score_half) == (Score(2, 0), Score(1, 0), Score(0, 0))


def test_a_second_yellow_is_told_apart() -> None:
    cards = [card(20, True, 1004), card(80, True, 1004, "YellowRed"), card(90, False, 2006, "Red", stoppage=15)]
    payload = match_payload(cards=cards)
    stats = payload["content"]["playerStats"]
    stats["1004"]["stats"][0]["stats"]["minutes_played"]["stat"]["value"] = 80
    match = read_match(payload)
    kinds = [(shown.kind, shown.at) for shown in match.cards]
    expected = [(CardKind.YELLOW, Minute(20)), (CardKind.SECOND_YELLOW, Minute(80)), (CardKind.RED, Minute(90, 15))]
    assert kinds == expected
    assert match.team_numbers[Period.MATCH][Statistic.YELLOW_CARDS] == (0, 0)
    assert match.team_numbers[Period.MATCH][Statistic.RED_CARDS] == (1, 1)
    assert is_complete(match)


@pytest.mark.parametrize(
    ("shown", "on_pitch"),
    [
        pytest.param(card(10, True, 1099, off="coach"), False, id="a coach"),
        pytest.param(card(10, True, 1015, off="not_on_pitch"), False, id="told"),
        pytest.param(card(10, True, 1015), False, id="an unused substitute"),
        pytest.param(card(10, True, 1099), False, id="nobody of the squad"),
        pytest.param(card(60, True, 1013), False, id="before he came on"),
        pytest.param(card(70, True, 1013), True, id="in his first minute"),
        pytest.param(card(70, True, 1010), True, id="in his last minute"),
        pytest.param(card(71, True, 1010), False, id="after he went off"),
        pytest.param(card(90, True, 1005, stoppage=12), True, id="after the whistle"),
    ],
)
def test_whether_a_card_was_on_the_pitch(shown: dict[str, Any], on_pitch: bool) -> None:
    match = read_match(match_payload(cards=[shown], substitutions=[substitution(70, True, 1013, 1010)]))
    assert match.cards[0].on_pitch is on_pitch


def test_without_a_line_up_nobody_knows_where_a_card_was_shown() -> None:
    assert read_match(match_payload(cards=[card(10, True, 1015)], lineup_type=None)).cards[0].on_pitch is None


@pytest.mark.parametrize(
    ("reason", "state"),
    [
        ("FT", State.PLAYED),
        ("PP", State.POSTPONED),
        ("Can", State.CANCELLED),
        ("Ab", State.ABANDONED),
        ("AW", State.AWARDED),
        (None, State.SCHEDULED),
    ],
)
def test_where_a_match_stands(reason: str | None, state: State) -> None:
    match = read_match(match_payload(reason=reason))
    assert match.state is state
    assert is_settled_as_played(match) is (reason == "FT")
    assert (match.ending is None) is (reason != "FT")
    assert (match.score is None) is (state in (State.POSTPONED, State.CANCELLED, State.SCHEDULED))


def test_finished_alone_proves_nothing() -> None:
    abandoned = match_payload(reason="Ab")
    abandoned["header"]["status"] |= {"started": True, "finished": True}
    assert read_match(abandoned).state is State.ABANDONED
    whistle = match_payload()
    events = whistle["content"]["matchFacts"]["events"]
    events["events"] = [event for event in events["events"] if event.get("halfStrShort") != "FT"]
    match = read_match(whistle)
    assert match.state is State.PLAYED
    assert not is_settled_as_played(match)
    assert not is_complete(match)


def test_before_a_match_the_previous_eleven_is_not_confirmed() -> None:
    match = read_match(match_payload(reason=None, lineup_type="lastStarting11"))
    assert match.home_lineup is not None
    assert not match.home_lineup.confirmed
    assert (match.team_numbers, match.shots, match.score, match.score_half) == ({}, None, None, None)
    assert read_match(match_payload(reason=None, lineup_type=None)).home_lineup is None


def test_coming_on_without_minutes_is_playing() -> None:
    payload = match_payload(substitutions=[substitution(90, True, 1013, 1010, stoppage=5)])
    payload["content"]["playerStats"]["1013"]["stats"] = []
    player = man(read_match(payload), 1013)
    assert player.played
    assert (player.minutes, player.numbers, player.came_on) == (None, {}, Minute(90, 5))
    line_up = match_payload()
    line_up["content"]["lineup"]["homeTeam"]["subs"][2]["performance"] = {
        "substitutionEvents": [{"time": 90, "type": "subIn", "reason": "unknown"}]
    }
    assert man(read_match(line_up), 1014).played


def test_a_card_does_not_bring_a_man_on() -> None:
    payload = match_payload()
    payload["content"]["lineup"]["homeTeam"]["subs"][2]["performance"] = {"events": [{"type": "yellowCard"}]}
    assert not man(read_match(payload), 1014).played


def test_names_lose_their_marks_and_odd_spaces() -> None:
    payload = match_payload(home=(10, "Home\u00a0ham\u200e  United"))
    payload["content"]["lineup"]["homeTeam"]["starters"][0]["name"] = "B.\u00a0Njie\u200e"
    match = read_match(payload)
    assert match.home.name == "Home ham United"
    assert man(match, 1001).name == "B. Njie"


def test_types_may_drift() -> None:
    payload = match_payload(goals=[goal(5, True, 1009)], team={"corners": ((1, 0), (0, 0))})
    payload["general"]["matchId"] = 4000001
    payload["general"]["homeTeam"]["id"] = "10"
    payload["header"]["teams"][0] |= {"id": "10", "score": "1"}
    starter = payload["content"]["lineup"]["homeTeam"]["starters"][8]
    starter |= {"id": "1009", "shirtNumber": 9}
    starter["performance"]["rating"] = "7.5"
    match = read_match(payload)
    assert match.score == Score(1, 0)
    assert (man(match, 1009).shirt, man(match, 1009).rating) == ("9", 7.5)
    assert is_complete(match)


def test_the_season_is_where_pages_have_had_it() -> None:
    payload = match_payload()
    assert read_match(payload).league.season is None
    payload["content"]["matchFacts"]["infoBox"] = {"Tournament": {"selectedSeason": "2024/2025"}}
    assert read_match(payload).league.season == "2024/2025"
    payload["general"]["parentLeagueSeason"] = "2023/2024"
    assert read_match(payload).league.season == "2023/2024"
