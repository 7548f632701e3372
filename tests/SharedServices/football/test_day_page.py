"""The list of a day's matches, hand-written and real."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from listed_rows import day_of, listed, side, status

from PROPPR.SharedServices.football.errors import LayoutChanged
from PROPPR.SharedServices.football.model import Ending, League, Score, State, Team
from PROPPR.SharedServices.football.pages import ListedMatch, read_day

KICKOFF = datetime(2026, 5, 16, 14, 0, tzinfo=UTC)
FT, AET, PEN = "FT", "AET", "Pen"


def only(row: dict[str, Any]) -> ListedMatch:
    """The one match of a day with one row."""
    (match,) = read_day(day_of(row))
    return match


def test_a_row_is_read_as_a_whole() -> None:
    row = listed(901, side(11, "Ashton", 2, "Ashton Town"), side(12, "Burwell", 1, "Burwell FC"), status(FT, "2 - 1"))
    assert only(row | {"tournamentStage": "34"}) == ListedMatch(
        match_id=901,
        league=League(5001, "Second Division Group 2", "ENG", parent_id=50, round="34"),
        kickoff=KICKOFF,
        home=Team(11, "Ashton Town"),
        away=Team(12, "Burwell FC"),
        state=State.PLAYED,
        ending=Ending.FULL_TIME,
        score=Score(2, 1),
        round="34",
    )


@pytest.mark.parametrize(
    ("given_status", "state", "ending", "score"),
    [
        (status(FT, "3 - 0"), State.PLAYED, Ending.FULL_TIME, Score(3, 0)),
        (status(AET, "1 - 0"), State.PLAYED, Ending.EXTRA_TIME, Score(1, 0)),
        (status(PEN, "1 - 1"), State.PLAYED, Ending.PENALTIES, Score(1, 1)),
        (status(None, started=False, finished=False), State.SCHEDULED, None, None),
        (status(None, "1 - 0", finished=False), State.LIVE, None, Score(1, 0)),
        (status("PP", started=False, finished=False, cancelled=True), State.POSTPONED, None, None),
        (status("PP", started=False, finished=True, cancelled=True), State.POSTPONED, None, None),
        (status("Can", started=False, finished=True, cancelled=True), State.CANCELLED, None, None),
        (status("Ab", "1 - 1", cancelled=True), State.ABANDONED, None, Score(1, 1)),
        (status("Ab", started=False, cancelled=True), State.ABANDONED, None, None),
        (status("AW", "3 - 0", awarded=True), State.AWARDED, None, Score(3, 0)),
        (status(FT, "2 - 1", cancelled=True), State.UNKNOWN, None, None),
        (status(FT, "2 - 1", started=False), State.UNKNOWN, None, None),
        (status("??", "2 - 1"), State.UNKNOWN, None, None),
        (status(None, "2 - 1"), State.UNKNOWN, None, None),
    ],
    ids=[
        "full_time", "extra_time", "penalties", "scheduled", "live", "postponed", "postponed_of_old", "cancelled",
        "abandoned", "abandoned_before", "awarded", "cancelled_though_ft", "never_started", "new_reason", "no_reason",
    ],
)  # fmt: skip
def test_where_a_match_stands(
    given_status: dict[str, Any], state: State, ending: Ending | None, score: Score | None
) -> None:
    match = only(listed(1, side(11, "A", 0), side(12, "B", 0), given_status))
    assert (match.state, match.ending, match.score) == (state, ending, score)


@given(home=st.integers(0, 20), away=st.integers(0, 20), shown=st.booleans(), kind=st.sampled_from([FT, AET]))
def test_the_score_of_a_played_match_is_the_shown_one_or_the_sides(
    home: int, away: int, shown: bool, kind: str
) -> None:
    row = listed(1, side(11, "A", home), side(12, "B", away), status(kind, f"{home} - {away}" if shown else None))
    assert only(row).score == Score(home, away)


def test_the_shootout_is_never_in_the_score() -> None:
    row = listed(1, side(11, "A", 6), side(12, "B", 5), status(PEN, "1 - 1"))
    assert only(row).score == Score(1, 1)
    assert only(listed(1, side(11, "A", 6), side(12, "B", 5), status(PEN))).score is None


def test_old_lists_have_a_stamp_instead_of_a_time() -> None:
    row = listed(1, side(11, "A", 1), side(12, "B", 1), status(FT, "1 - 1"))
    del row["status"]["utcTime"]
    assert only(row | {"timeTS": 1778940000000}).kickoff == KICKOFF
    with pytest.raises(LayoutChanged) as caught:
        only(row)
    assert caught.value.path == "leagues[0].matches[0].status.utcTime"


def test_ids_may_be_text_and_names_may_hold_odd_blanks() -> None:
    match = only(listed("901", side("11", " Ash\u00a0ton\u200e"), side("12", "B"), status(FT, "1 - 0")))
    assert (match.match_id, match.home) == (901, Team(11, "Ash ton"))


def test_a_match_in_two_groups_is_listed_once() -> None:
    row = listed(1, side(11, "A", 1), side(12, "B", 1), status(FT, "1 - 1"))
    assert len(read_day(day_of(row, row))) == 1


def test_an_empty_day_is_empty() -> None:
    assert read_day({"leagues": [], "date": "20260101"}) == ()


def test_a_single_strange_row_is_left_out_and_told() -> None:
    rows = [listed(number, side(11, "A"), side(12, "B"), status(FT, "0 - 0")) for number in range(1, 6)]
    rows[2] = rows[2] | {"home": None}
    told: list[LayoutChanged] = []
    assert [match.match_id for match in read_day(day_of(*rows), told.append)] == [1, 2, 4, 5]
    assert [reject.path for reject in told] == ["leagues[0].matches[2].home"]


def test_a_strange_list_is_a_changed_layout() -> None:
    rows = [listed(number, side(11, "A"), side(12, "B"), status(FT, "0 - 0")) for number in range(1, 30)]
    for row in rows[::5]:
        row["matchId"] = row.pop("id")
    with pytest.raises(LayoutChanged) as caught:
        read_day(day_of(*rows))
    assert caught.value.path == "leagues[0].matches[0].id"


@pytest.mark.parametrize(
    ("payload", "path"),
    [
        ({}, "leagues"),
        ({"leagues": None}, "leagues"),
        ({"leagues": {"1": {}}}, "leagues"),
        ({"leagues": [7]}, "leagues[0]"),
        ({"leagues": [{"id": 1, "name": "x"}]}, "leagues[0].matches"),
        ({"leagues": [{"id": 1, "matches": [{}]}]}, "leagues[0].name"),
    ],
    ids=["nothing", "null", "an_object", "a_number", "no_matches", "no_name"],
)
def test_a_day_of_another_shape_says_what_broke(payload: dict[str, Any], path: str) -> None:
    with pytest.raises(LayoutChanged) as caught:
        read_day(payload)
    assert caught.value.path == path


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("fotmob/matchesByDate", {(State.PLAYED, Ending.FULL_TIME, True): 271}),
        (
            "fotmob/api_data_matches_20260516_Europe-Paris",
            {
                (State.PLAYED, Ending.FULL_TIME, True): 257,
                (State.PLAYED, Ending.EXTRA_TIME, True): 1,
                (State.PLAYED, Ending.PENALTIES, True): 8,
                (State.SCHEDULED, None, False): 153,
                (State.LIVE, None, True): 76,
                (State.POSTPONED, None, False): 2,
                (State.CANCELLED, None, False): 2,
                (State.AWARDED, None, True): 1,
            },
        ),
        (
            "fusion-stat/matches_date_20230903",
            {
                (State.PLAYED, Ending.FULL_TIME, True): 482,
                (State.POSTPONED, None, False): 5,
                (State.CANCELLED, None, False): 1,
                (State.ABANDONED, None, False): 1,
            },
        ),
    ],
    ids=["2020", "2026", "2023"],
)
def test_real_days(real_data: Path, name: str, expected: dict[tuple[State, Ending | None, bool], int]) -> None:
    payload = json.loads(gzip.decompress((real_data / "fotmob" / "misc" / f"{name}.json.gz").read_bytes()))
    rejects: list[LayoutChanged] = []
    matches = read_day(payload, rejects.append)
    assert not rejects
    assert Counter((match.state, match.ending, match.score is not None) for match in matches) == expected
    assert len({match.match_id for match in matches}) == len(matches)
    assert all(match.league.country_code and match.round is not None for match in matches)
