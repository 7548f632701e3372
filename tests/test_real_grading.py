"""Bets of every kind on real matches settle to what a calculation straight from the raw page gives.

A sample of the matches, and those that are special; `benchmarks/grade_real.py` does the same on all of them.
"""

from __future__ import annotations

import gzip
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from grade_real import Report, check, pages
from grading_oracle import read_raw

from PROPPR.SharedServices.football.reading import read_match
from PROPPR.SharedServices.grading.processors.immediate_bet_grader import (
    ImmediateBetGrader,
    check_player_in_lineup,
    get_player_stat,
    get_team_stat,
)

EVERY = 90
SPECIAL = (
    "4193691",  # abandoned, reported finished
    "3901179",  # postponed, reported finished
    "4193501_2023-09-16T1614",  # at the whistle: cards and minutes missing
    "4193501_2023-09-17T1809",
    "4506314",  # events and statistics name different scorers
    "4653846",
    "4667764",  # two men named Danilo in one squad
    "4667768",
    "4506352",  # a man who came on in stoppage time, without numbers
    "3901105",  # two own goals of one man
    "4813431",
    "3901072",  # a goal and an own goal of one man
    "4653706",  # extra time
    "4653716",
    "3901245",  # a card of a coach
    "4193658",  # minutes missing
    "3901096",  # two men sent off by a second yellow
)
DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def fotmob(real_data: Path) -> Path:
    return real_data / "fotmob"


def page_of(fotmob: Path, name: str) -> dict[str, Any]:
    found = sorted(fotmob.glob(f"**/*{name}*.json.gz"))
    assert found, name
    body: dict[str, Any] = json.loads(gzip.decompress(found[0].read_bytes()))
    return body


def team_bet(page: dict[str, Any], after: timedelta = timedelta(hours=3), **fields: object) -> dict[str, Any]:
    return grade("team", page, after, fields)


def player_bet(page: dict[str, Any], **fields: object) -> dict[str, Any]:
    return grade("player", page, timedelta(hours=3), fields)


def grade(kind: str, page: dict[str, Any], after: timedelta, fields: dict[str, object]) -> dict[str, Any]:
    document = {"bet_id": "b", "stake": 10, "odds": 2, **fields}
    return ImmediateBetGrader(kind).grade_bet(document, page, read_match(page).kickoff + after)


def assert_all_right(report: Report) -> None:
    assert report.wrong == []
    assert report.unread == []


def test_bets_on_a_sample_of_matches(fotmob: Path) -> None:
    report = check(list(pages(fotmob))[::EVERY])
    assert_all_right(report)
    assert report.matches >= 8
    assert report.settled > 20_000
    late = report.pending["incomplete data"]  # of pages caught at the whistle
    assert report.waiting - late < report.settled * 0.02


@pytest.mark.parametrize("name", SPECIAL)
def test_bets_on_special_matches(fotmob: Path, name: str) -> None:
    assert_all_right(check([next(iter(sorted(fotmob.glob(f"**/*{name}*.json.gz"))))]))


@pytest.mark.parametrize(("name", "why"), [("4193691", "abandoned"), ("3901179", "postponed")])
def test_a_match_not_played_to_the_end_waits_two_days_and_is_void(fotmob: Path, name: str, why: str) -> None:
    page = page_of(fotmob, name)
    assert page["header"]["status"]["finished"]
    bet = {"market": "Totals", "direction": "under", "threshold": 2.5}
    early = team_bet(page, DAY, **bet)
    assert early["status"] == "pending"
    assert early["grading"]["reason"].startswith(f"not played: {why}")
    late = team_bet(page, 2 * DAY, **bet)
    assert (late["status"], late["returns"], late["profit_loss"]) == ("refund", 10.0, 0.0)
    assert late["grading"]["rule"] == f"void: {why}"


def test_the_first_revision_waits_and_the_second_settles(fotmob: Path) -> None:
    first, second = (page_of(fotmob, f"4193501_2023-09-{day}") for day in ("16T1614", "17T1809"))
    assert len(read_raw(first).cards) < len(read_raw(second).cards)
    bet = {"market": "Team Yellow Cards Away", "direction": "over", "threshold": 2.5}
    assert team_bet(first, **bet)["grading"]["reason"].startswith("incomplete data")
    assert team_bet(second, **bet)["status"] in ("won", "lost")
    for page in (first, second):  # the score is known at the whistle
        assert team_bet(page, market="ML", direction="home")["status"] == "won"


def test_scorers_that_sources_disagree_on_wait(fotmob: Path) -> None:
    page = page_of(fotmob, "4506314")
    for market in ("Anytime Goalscorer", "Last Goalscorer", "First Goalscorer"):
        for player in ("Leandro Trossard", "Bukayo Saka"):
            told = player_bet(page, market=market, player=player)
            assert told["grading"]["reason"].startswith("sources disagree")
    assert team_bet(page, market="Totals", direction="over", threshold=5.5)["status"] == "won"


@pytest.mark.parametrize("name", ["4653846", "4667764", "4667768"])
def test_two_men_of_one_name_wait_unless_the_bet_has_an_id(fotmob: Path, name: str) -> None:
    page = page_of(fotmob, name)
    bet = {"market": "Player Shots", "direction": "over", "threshold": 0.5, "player": "Danilo"}
    assert player_bet(page, **bet)["grading"]["reason"].startswith("ambiguous player")
    assert player_bet(page, **bet, team="Brazil")["grading"]["reason"].startswith("ambiguous player")
    told = {id_: player_bet(page, **bet, fotmob_player_id=id_)["status"] for id_ in (208077, 1181700)}
    assert set(told.values()) <= {"won", "lost", "refund"}
    assert get_player_stat(page, "Danilo", "shots") is None


def test_the_world_cup_final_of_2022_is_a_draw_after_ninety_minutes(fotmob: Path) -> None:
    page = page_of(fotmob, "match_3370572")
    assert team_bet(page, market="ML", direction="draw")["status"] == "won"
    assert team_bet(page, market="ML", direction="home")["status"] == "lost"
    assert team_bet(page, market="Totals", direction="over", threshold=4.5)["status"] == "lost"
    assert team_bet(page, market="Totals including extra time", direction="over", threshold=4.5)["status"] == "won"
    assert team_bet(page, market="To Qualify", team="Argentina")["status"] == "won"
    assert team_bet(page, market="To Qualify", team="France")["status"] == "lost"
    scorer = {"market": "To Score Two Or More", "player": "Kylian Mbappé"}
    assert player_bet(page, **scorer)["status"] == "won"  # two of his three by then
    assert player_bet(page, market="Hat Trick", player="Kylian Mbappe")["status"] == "lost"


def test_own_goals_count_for_the_team_and_not_for_the_man(fotmob: Path) -> None:
    page = page_of(fotmob, "3901105")
    raw = read_raw(page)
    unlucky = next(goal for goal in raw.goals if goal[3])
    man = raw.men[unlucky[2] or 0]
    assert sum(1 for goal in raw.goals if goal[2] == man.id and goal[3]) == 2
    assert player_bet(page, market="Anytime Goalscorer", player=man.name)["status"] == "lost"
    profits = "home" if unlucky[1] else "away"
    assert get_team_stat(page, profits, "goals") == raw.goals_in("match", unlucky[1])


def test_who_was_there(fotmob: Path) -> None:
    page = page_of(fotmob, "4506314")
    there = check_player_in_lineup(page, "Bukayo Saka")
    assert there is not None and there.in_squad and there.played
    absent = check_player_in_lineup(page, "Erling Haaland")
    assert absent is not None and not absent and not absent.played
    assert player_bet(page, market="Anytime Goalscorer", player="Erling Haaland")["status"] == "refund"
