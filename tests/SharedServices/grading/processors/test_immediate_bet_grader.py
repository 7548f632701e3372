"""What other programs import."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from bson import Decimal128
from football_payloads import goal, match_payload
from grading_matches import match_of
from hypothesis import given
from hypothesis import strategies as st

from PROPPR.SharedServices.football.model import State
from PROPPR.SharedServices.grading.bets import BadBet
from PROPPR.SharedServices.grading.processors.immediate_bet_grader import (
    ImmediateBetGrader,
    calculate_returns,
    check_player_in_lineup,
    determine_result,
    get_player_stat,
    get_team_stat,
)

PAGE = match_payload(
    goals=[goal(12, True, 1009), goal(70, False, 2010)],
    team={"corners": [(3, 2), (2, 4)]},
    players={1009: {"total_shots": 3}},
)
BET = {"bet_id": "a", "stake": 10, "odds": 1.91, "market": "Corners Totals", "direction": "over", "threshold": 10.5}


@pytest.mark.parametrize(
    ("actual", "threshold", "direction", "result"),
    [
        (3, 2.5, "over", "won"),
        (3, "2.5", "Under", "lost"),
        ("3", "2,5", "OVER", "won"),
        (3, 3, "over", "refund"),
        (3, "2.75", "over", "half_won"),
        (2, "2.0, +0.5", "over", "pending"),
        (2, "2.0, 2.5", "over", "half_lost"),
        (Decimal128("2"), 2.25, "under", "half_won"),
        (None, 2.5, "over", "pending"),
        (float("nan"), 2.5, "over", "pending"),
        (3, 2.5, "sideways", "pending"),
        (3, None, "over", "pending"),
        (3, "Over 2.5", "under", "pending"),
        (0.3, "0.25", "over", "pending"),
        (0, 0.5, "no", "won"),
    ],
)
def test_determine_result(actual: object, threshold: object, direction: str, result: str) -> None:
    assert determine_result(actual, threshold, direction) == result


@pytest.mark.parametrize(
    ("result", "returns"),
    [("won", 19.1), ("Win", 19.1), ("refund", 10), ("void", 10), ("lost", 0), ("half_won", 14.55), ("half_lost", 5)],
)
def test_calculate_returns(result: str, returns: float) -> None:
    assert calculate_returns({"stake": 10, "odds": 1.91}, result) == returns
    assert calculate_returns({"Stake": "10", "Odds": Decimal128("1.91")}, result) == returns


@pytest.mark.parametrize(
    ("document", "result"),
    [({"stake": 10, "odds": 1}, "won"), ({"odds": 2}, "refund"), ({"stake": 10, "odds": 2}, "pending"), ({}, "x")],
    ids=str,
)
def test_returns_of_what_can_not_be_read_are_an_error(document: dict[str, Any], result: str) -> None:
    with pytest.raises(BadBet):
        calculate_returns(document, result)


@given(st.decimals("0.01", 1_000_000, places=2), st.decimals("1.01", 1000, places=2))
def test_a_float_never_costs_a_cent(stake: Decimal, odds: Decimal) -> None:
    assert Decimal(str(calculate_returns({"stake": float(stake), "odds": float(odds)}, "won"))) == (
        stake * odds
    ).quantize(Decimal("0.01"))


def test_who_was_there() -> None:
    starter, unused, absent = (check_player_in_lineup(PAGE, player) for player in ("Man 1009", 1015, "Erling Haaland"))
    assert starter is not None and starter and starter.played
    assert unused is not None and unused and not unused.played
    assert absent is not None and not absent
    assert check_player_in_lineup(match_of(lineup_type=None), "Man 1009") is None
    assert check_player_in_lineup({}, "Man 1009") is None


def test_numbers() -> None:
    assert get_team_stat(PAGE, "home", "corners") == 5
    assert get_team_stat(PAGE, "Awayton Rovers", "Corners", "first_half") == 2
    assert get_team_stat(PAGE, "home", "passes completed") is None
    assert get_team_stat(PAGE, "Elsewhere FC", "corners") is None
    assert get_player_stat(PAGE, 1009, "shots") == 3
    assert get_player_stat(PAGE, "Man 1009", "goals") == 1
    assert get_player_stat(PAGE, 1015, "shots") is None
    assert get_player_stat(PAGE, 1009, "nonsense") is None
    assert get_player_stat({}, 1009, "shots") is None


def test_fields_of_a_settled_bet() -> None:
    fields = ImmediateBetGrader("team").grade_bet(BET, PAGE)
    assert fields == {
        "status": "won",
        "actual_value": 11,
        "returns": 19.1,
        "profit_loss": 9.1,
        "grading": {
            "source": "fotmob",
            "match_id": 4000001,
            "rule": "over/under, match, corners, match, over, 10.5",
            "numbers": {"home": 5, "away": 6},
            "reason": None,
        },
    }
    assert ImmediateBetGrader("team").grade_bet({**BET, **fields}, match_of()) != fields  # it looks at the match alone
    assert ImmediateBetGrader("team_tracked_bets").grade_bet({**BET, **fields}, PAGE) == fields


def test_what_can_not_be_settled_is_pending_with_its_reason() -> None:
    grader = ImmediateBetGrader("team")
    told = {
        "bad bet: stake: is not above 0": grader.grade_bet({**BET, "stake": -1}, PAGE),
        "bad bet: market_name: 'Nonsense' is no market that we know": grader.grade_bet(
            {**BET, "market_name": "Nonsense", "market": "Nonsense"}, PAGE
        ),
        "wrong match: 2 matches for one bet": grader.grade_bet(BET, [PAGE, PAGE]),
        "not finished: scheduled": grader.grade_bet(BET, match_payload(reason=None)),
        "bad bet: manual_override: is neither yes nor no": grader.grade_bet({**BET, "manual_override": "?"}, PAGE),
    }
    for reason, fields in told.items():
        assert (fields["status"], fields["grading"]["reason"]) == ("pending", reason)
    assert grader.grade_bet(BET, {})["grading"]["reason"].startswith("unreadable match")


def test_what_was_settled_by_hand_is_left_alone() -> None:
    assert ImmediateBetGrader("team").grade_bet({**BET, "manual_override": True}, PAGE) == {}


def test_accumulators_over_several_matches() -> None:
    other = match_of(match_id=4000002, home=(30, "Thirdham"), away=(40, "Fourthton"), goals=[goal(5, True, 1009)])
    late = match_of(match_id=4000003, home=(50, "Fifthham"), away=(60, "Sixthton"), reason="PP")
    legs = [
        {
            "market": "ML",
            "direction": "draw",
            "odds": "3.50",
            "home_team": "Homeham United",
            "away_team": "Awayton Rovers",
        },
        {
            "market": "Spread",
            "direction": "home",
            "hdp": -1.25,
            "odds": 2,
            "home_team": "Thirdham",
            "away_team": "Fourthton",
        },
        {"market": "ML", "direction": "home", "odds": 4, "fotmob_match_id": 4000003},
    ]
    bet = {"bet_id": "acc", "stake": 10, "legs": legs}
    grader = ImmediateBetGrader("team")
    first = match_of(goals=[goal(12, True, 1009), goal(70, False, 2010)])
    waiting = grader.grade_bet(bet, [first, other, late], late.kickoff)
    assert waiting["grading"]["reason"].startswith("not played: leg 3: postponed")
    settled = grader.grade_bet(bet, [first, other, late], late.kickoff + timedelta(days=3))
    # 3.5 won, a half of 2 lost, a void leg
    assert (settled["status"], settled["returns"]) == ("half_won", 17.5)
    lost = {**bet, "legs": [{**legs[0], "direction": "home"}, *legs[1:]]}
    assert grader.grade_bet(lost, [first], late.kickoff)["status"] == "lost"
    assert grader.grade_bet(bet, [first], late.kickoff)["status"] == "pending"


def test_an_accumulator_whose_odds_are_not_those_of_its_legs_waits() -> None:
    leg = {"market": "ML", "direction": "draw", "odds": 1.91}
    match = match_of(goals=[goal(12, True, 1009), goal(70, False, 2010)])
    grader = ImmediateBetGrader("team")
    bet = {"bet_id": "acc", "stake": 10, "odds": 3.65, "legs": [leg, leg]}
    assert grader.grade_bet(bet, match)["returns"] == 36.48
    waiting = grader.grade_bet({**bet, "odds": 4.2}, match)
    assert waiting["grading"]["reason"] == "bad bet: odds: 4.2 are not those of the legs together, 3.648"
    assert grader.grade_bet({**bet, "odds": 4.2, "legs": [leg, {**leg, "direction": "home"}]}, match)["returns"] == 0


def test_what_is_no_match_and_what_is_no_bet_wait() -> None:
    for kind in ("team", "player", "horse", "overtime"):
        grader = ImmediateBetGrader(kind)
        for nothing in (None, 7, "x", b"x", [None], ["x", 7], object()):
            assert grader.grade_bet({**BET, "race_id": 7, "horse": "Bay"}, nothing)["status"] == "pending"
            assert grader.grade_bet(nothing, PAGE)["status"] == "pending"
    assert check_player_in_lineup(None, "Man 1009") is None
    assert get_team_stat(None, "home", "corners") is None and get_player_stat("x", 1009, "shots") is None


@pytest.mark.parametrize("position", ["Forward", "D", "midfielder", "GK"])
def test_a_mans_place_in_the_team_is_not_what_was_backed(position: str) -> None:
    bet = {"bet_id": 1, "stake": 10, "odds": 2, "player": "Man 1009", "market": "Shots", "position": position}
    grader = ImmediateBetGrader("player")
    assert grader.grade_bet({**bet, "direction": "over", "threshold": 1.5}, PAGE)["status"] == "won"
    assert grader.grade_bet({**bet, "position": "Over", "threshold": 1.5}, PAGE)["status"] == "won"
    contradicting = {**bet, "position": "Under", "direction": "over", "threshold": 1.5}
    assert grader.grade_bet(contradicting, PAGE)["status"] == "pending"


RACE = [
    {"race_id": 7, "runner": "Red Rum", "position": 2},
    {"race_id": 7, "runner": "L'Escargot", "position": "1"},
    *({"race_id": 7, "runner": f"Horse {number}", "position": number} for number in range(4, 9)),
    {"race_id": 7, "runner": "Faller", "position": "F"},
    {"race_id": 7, "runner": "Absent", "position": "NR", "withdrawn_odds": "4.0"},
]


@pytest.mark.parametrize(
    ("bet", "status", "returns"),
    [
        (
            {"horse": "L'Escargot", "market": "win"},
            "won",
            77.5,
        ),  # 11 less a quarter of the winnings, then a half each way
        ({"horse": "Red Rum", "market": "win"}, "lost", 0),
        ({"horse": "red rum", "each_way": True}, "half_won", 12.5),
        ({"horse": "Faller", "each_way": True}, "lost", 0),
        ({"horse": "Absent", "each_way": True}, "refund", 10),
        ({"horse": "Absent", "market": "win", "ante_post": True}, "lost", 0),
        ({"horse": "Nobody", "market": "win"}, "pending", None),
    ],
    ids=str,
)
def test_horses(bet: dict[str, Any], status: str, returns: float | None) -> None:
    document = {"bet_id": 1, "race_id": 7, "stake": 10, "odds": "10/1", **bet}
    fields = ImmediateBetGrader("horse").grade_bet(document, RACE)
    expected = 85.0 if returns == 77.5 else returns
    assert (fields["status"], fields.get("returns")) == (status, expected)
    assert fields["grading"]["source"] == "horse_results"


def on_race(rows: list[dict[str, Any]], **fields: Any) -> dict[str, Any]:
    bet = {"bet_id": 1, "race_id": 7, "stake": 10, "odds": "10/1", "horse": "Bay", "each_way": True}
    return ImmediateBetGrader("horse").grade_bet({**bet, **fields}, rows)


def finished(*places: object, **fields: Any) -> list[dict[str, Any]]:
    """Bay and as many more as there are places, each with his."""
    names = ["Bay", *(f"Horse {number}" for number in range(1, len(places)))]
    return [{"race_id": 7, "runner": name, "position": at, **fields} for name, at in zip(names, places, strict=True)]


def test_places_that_do_not_count_those_who_share_one_decide_nothing() -> None:
    # Two are first and the next is called second: who is called third is fourth, and not placed.
    fields = on_race(finished(3, 1, 1, 2, 4, 5, 6, 7))
    assert fields["status"] == "pending" and "3 before Bay" in fields["grading"]["reason"]
    assert on_race(finished(4, 1, 1, 3, 5, 6, 7, 8))["status"] == "lost"
    assert on_race(finished(3, 1, 1, 4, 5, 6, 7, 8))["status"] == "half_won"


def test_standard_terms_need_all_who_ran() -> None:
    fields = on_race(finished(3, 1, 2, 12, 11))
    assert fields["status"] == "pending" and fields["grading"]["reason"].startswith("unclear rule")
    assert on_race(finished(3, 1, 2, 12, 11), places=3, place_terms="1/5")["status"] == "half_won"
    assert on_race(finished(1, 2, 3, 12, 11), each_way=False)["status"] == "won"


def test_a_race_of_which_two_things_are_said_waits() -> None:
    rows = finished(1, 2, 3, 4, 5, 6, 7, 8)
    rows[7] |= {"rule_4": 0.25}
    assert on_race(rows)["returns"] == 5 + 50 * 0.75 + 5 + 10 * 0.75
    rows[6] |= {"rule_4": 10}
    assert on_race(rows)["grading"]["reason"].startswith("no result: rule_4")
    other = {**rows[7], "race_id": 8, "runner": "Stranger"}
    assert on_race([*rows[:6], other])["grading"]["reason"].startswith("no result: race_id")
    assert on_race(finished(1, 2, race_id=8))["grading"]["reason"].startswith("wrong match")


def test_a_race_without_result_waits() -> None:
    bet = {"bet_id": 1, "race_id": 7, "stake": 10, "odds": 5, "horse": "Red Rum"}
    grader = ImmediateBetGrader("horse")
    assert grader.grade_bet(bet, [])["status"] == "pending"
    assert grader.grade_bet(bet, [{"race_id": 7, "runner": "Red Rum"}])["status"] == "pending"
    assert grader.grade_bet(bet, [{"race_id": 7, "abandoned": True, "runner": "Red Rum"}])["status"] == "refund"
    assert grader.grade_bet(bet, [*RACE, RACE[0]])["grading"]["reason"].startswith("no result")


def test_only_known_kinds() -> None:
    with pytest.raises(ValueError, match="no kind"):
        ImmediateBetGrader("tennis")


PLAYED, UNFINISHED = match_of(), match_of(reason=None)
DOCUMENTS = st.dictionaries(
    st.sampled_from(
        ["stake", "odds", "market", "direction", "threshold", "team", "player", "legs", "manual_override", "hdp"]
    ),
    st.one_of(st.none(), st.integers(), st.floats(), st.text(max_size=12), st.lists(st.integers(), max_size=2)),
)  # fmt: skip


@given(DOCUMENTS, st.sampled_from(["team", "player", "overtime"]), st.sampled_from(list(State)))
def test_never_an_exception(document: dict[str, Any], kind: str, state: State) -> None:
    match = PLAYED if state is State.PLAYED else UNFINISHED
    fields = ImmediateBetGrader(kind).grade_bet({**BET, **document}, match)
    assert fields == {} or fields["status"] in {"pending", "won", "lost", "refund", "half_won", "half_lost"}
