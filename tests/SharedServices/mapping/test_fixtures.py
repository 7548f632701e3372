"""Fixtures to matches: one-to-one, order-independent, nothing that could be something else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from adversarial import Case, cases
from hypothesis import given, settings
from hypothesis import strategies as st

from PROPPR.SharedServices.football.listed_match import ListedMatch
from PROPPR.SharedServices.football.model import League, State, Team
from PROPPR.SharedServices.mapping.fixtures import BAR, FixtureMapping, Reason, match_fixtures
from PROPPR.SharedServices.odds.types import Fixture

KICKOFF = datetime(2026, 3, 21, 15, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
PREMIER_LEAGUE = League(47, "Premier League", "ENG")
CLUBS = ("Arsenal", "Chelsea", "Everton", "Liverpool", "Manchester City", "Manchester United", "Fulham", "Burnley")
CASES = cases()


def fixture(number: int, home: str, away: str, kickoff: datetime = KICKOFF, **changes: Any) -> Fixture:
    made = Fixture(
        number, home, away, "football", "Premier League", "England", kickoff.isoformat(),
        int(kickoff.timestamp() * 1000), "pending",
    )  # fmt: skip
    return msgspec.structs.replace(made, **changes)


def listed(number: int, home: str, away: str, kickoff: datetime = KICKOFF, **changes: Any) -> ListedMatch:
    made = ListedMatch(
        number, PREMIER_LEAGUE, kickoff, Team(2 * number, home), Team(2 * number + 1, away), State.SCHEDULED
    )
    return replace(made, **changes)


def taken(results: Sequence[FixtureMapping]) -> dict[int, int]:
    return {one.fixture.id: one.match.match_id for one in results if one.match is not None}


@pytest.mark.parametrize("case", [case for case in CASES if not case.is_same], ids=lambda case: case.line)
def test_no_false_match(case: Case) -> None:
    (result,) = match_fixtures([case.fixture], [case.match])
    assert result.status == "unresolved", (result.match, result.score)
    assert result.match is None


def test_the_hard_pairs_that_are_one_game() -> None:
    found = [case for case in CASES if case.is_same and match_fixtures([case.fixture], [case.match])[0].match]
    same = [case for case in CASES if case.is_same]
    assert len(CASES) - len(same) >= 300
    assert [case.line for case in same if case not in found] == []


def test_all_adversarial_pairs_at_once_stay_one_to_one() -> None:
    results = match_fixtures([case.fixture for case in CASES], [case.match for case in CASES])
    matches = [one.match.match_id for one in results if one.match]
    assert len(set(matches)) == len(matches)
    assert [one.fixture.id for one in results] == [case.fixture.id for case in CASES]


def test_a_matchday() -> None:
    fixtures = [
        fixture(1, "Man City", "Everton FC"),
        fixture(2, "Man Utd", "Arsenal FC"),
        fixture(3, "Spurs", "Fulham"),
    ]
    matches = [listed(11, "Manchester United", "Arsenal"), listed(12, "Manchester City", "Everton")]
    results = match_fixtures(fixtures, matches)
    assert taken(results) == {1: 12, 2: 11}
    assert results[2].reason is Reason.NOTHING_LIKE_IT
    assert results[0].score is not None and results[0].score > 0.98


def test_the_same_teams_on_several_dates_need_their_own_kickoff() -> None:
    dates = [KICKOFF, KICKOFF + timedelta(days=3), KICKOFF + timedelta(days=7)]
    fixtures = [fixture(number, "Arsenal", "Chelsea", date) for number, date in enumerate(dates)]
    matches = [listed(10 + number, "Arsenal", "Chelsea", date) for number, date in enumerate(dates)]
    assert taken(match_fixtures(fixtures, matches)) == {0: 10, 1: 11, 2: 12}
    moved = [replace(match, kickoff=match.kickoff + 2 * HOUR) for match in matches]
    assert taken(match_fixtures(fixtures, moved)) == {}, "which of them was moved where?"
    assert taken(match_fixtures(fixtures[:1], moved)) == {}
    assert taken(match_fixtures(fixtures, moved[:1])) == {}


def test_a_rearranged_match_is_found_only_alone_and_unplayed() -> None:
    later = KICKOFF + timedelta(days=5)
    ours = fixture(1, "Arsenal", "Chelsea")
    assert taken(match_fixtures([ours], [listed(2, "Arsenal", "Chelsea", later)])) == {1: 2}
    assert taken(match_fixtures([ours], [listed(2, "Arsenal", "Chelsea", KICKOFF + timedelta(days=11))])) == {}
    reverse = listed(3, "Chelsea", "Arsenal", KICKOFF + timedelta(days=9))
    assert taken(match_fixtures([ours], [listed(2, "Arsenal", "Chelsea", later), reverse])) == {}
    cup = League(132, "FA Cup", "ENG")
    assert taken(match_fixtures([ours], [listed(2, "Arsenal", "Chelsea", later, league=cup)])) == {}
    played = listed(2, "Arsenal", "Chelsea", KICKOFF - timedelta(days=4), state=State.PLAYED)
    assert taken(match_fixtures([ours], [played])) == {}
    settled = fixture(1, "Arsenal", "Chelsea", status="settled")
    assert taken(match_fixtures([settled], [listed(2, "Arsenal", "Chelsea", later)])) == {}
    assert taken(match_fixtures([ours], [listed(2, "Arsenal", "Chelsea Ladies", later)])) == {}


def test_sides_are_swapped_on_neutral_ground_only() -> None:
    world_cup = League(894790, "World Cup Grp. A", "INT", 77)
    ours = fixture(1, "Brazil", "Japan", league="World Cup", country="International")
    (result,) = match_fixtures([ours], [listed(2, "Japan", "Brazil", league=world_cup)])
    assert result.match is not None and result.match.swapped
    assert result.match.score < 0.95
    straight = match_fixtures([ours], [listed(2, "Brazil", "Japan", league=world_cup)])[0]
    assert straight.match is not None and not straight.match.swapped and straight.match.score > result.match.score
    (refused,) = match_fixtures([fixture(1, "Arsenal", "Chelsea")], [listed(2, "Chelsea", "Arsenal")])
    assert refused.match is None and refused.candidates[0].swapped
    final = replace(PREMIER_LEAGUE, id=132, name="FA Cup", round="Final")
    ours = fixture(1, "Arsenal", "Chelsea", league="FA Cup")
    assert taken(match_fixtures([ours], [listed(2, "Chelsea", "Arsenal", league=final)])) == {1: 2}


def test_two_fixtures_of_one_match_are_both_left_to_a_person() -> None:
    results = match_fixtures(
        [fixture(1, "Arsenal", "Chelsea"), fixture(2, "Arsenal FC", "Chelsea FC")], [listed(3, "Arsenal", "Chelsea")]
    )
    assert [one.reason for one in results] == [Reason.RIVAL, Reason.RIVAL]
    assert results[0].candidates[0].match_id == 3


def test_two_matches_of_one_fixture_are_left_to_a_person() -> None:
    matches = [listed(3, "Arsenal", "Chelsea"), listed(4, "Arsenal", "Chelsea")]
    (result,) = match_fixtures([fixture(1, "Arsenal", "Chelsea")], matches)
    assert result.reason is Reason.AMBIGUOUS
    assert [one.match_id for one in result.candidates] == [3, 4]


def test_a_name_that_fits_another_club_of_the_league_better_is_not_this_club() -> None:
    league = League(900, "Super League", "KEN")
    ours = fixture(1, "Kariobangi", "Gor Mahia", league="Super League", country="Kenya")
    sharks = listed(2, "Kariobangi Sharks", "Gor Mahia", league=league)
    assert taken(match_fixtures([ours], [sharks])) == {1: 2}
    namesake = listed(3, "Kariobangi", "Tusker", KICKOFF + timedelta(days=2), league=league)
    assert taken(match_fixtures([ours], [sharks, namesake])) == {}


def test_other_countries_are_shown_but_never_taken() -> None:
    ours = fixture(1, "Arsenal", "Chelsea", country="Atlantis")
    (result,) = match_fixtures([ours], [listed(2, "Arsenal", "Chelsea")])
    assert result.reason is Reason.BELOW_BAR
    assert result.candidates[0].match_id == 2 and result.candidates[0].score < BAR


def test_an_unknown_league_of_the_country_needs_the_kickoff_and_plain_names() -> None:
    cup = League(900, "Shield", "ENG")
    ours = fixture(1, "Arsenal", "Chelsea", league="Anniversary Trophy")
    assert taken(match_fixtures([ours], [listed(2, "Arsenal", "Chelsea", league=cup)])) == {1: 2}
    assert taken(match_fixtures([ours], [listed(2, "Arsenal", "Chelsea", KICKOFF + 4 * HOUR, league=cup)])) == {}


@pytest.mark.parametrize("sport", ["basketball", "esports", "futsal", ""])
def test_other_sports(sport: str) -> None:
    (result,) = match_fixtures([fixture(1, "Arsenal", "Chelsea", sport=sport)], [listed(2, "Arsenal", "Chelsea")])
    assert result.status == "unresolved"


@settings(max_examples=60)
@given(st.data())
def test_any_round_in_any_order_is_mapped_one_to_one_and_right(data: st.DataObject) -> None:
    teams = data.draw(st.permutations(CLUBS))
    pairs = list(zip(teams[::2], teams[1::2], strict=True))
    shifts = data.draw(st.lists(st.integers(-20, 20), min_size=len(pairs), max_size=len(pairs)))
    fixtures = [
        fixture(number, f"{home} FC", away, KICKOFF + timedelta(minutes=shift))
        for number, ((home, away), shift) in enumerate(zip(pairs, shifts, strict=True))
    ]
    matches = [listed(100 + number, home, away) for number, (home, away) in enumerate(pairs)]
    shown = data.draw(st.lists(st.sampled_from(matches), unique=True))
    expected = {match.match_id - 100: match.match_id for match in shown}
    assert taken(match_fixtures(fixtures, shown)) == expected
    assert taken(match_fixtures(data.draw(st.permutations(fixtures)), data.draw(st.permutations(shown)))) == expected


@settings(max_examples=60)
@given(
    st.lists(st.tuples(st.sampled_from(CLUBS), st.sampled_from(CLUBS), st.integers(0, 20)), max_size=8),
    st.lists(st.tuples(st.sampled_from(CLUBS), st.sampled_from(CLUBS), st.integers(0, 20)), max_size=8),
)
def test_whatever_is_taken_is_the_same_two_teams_and_one_to_one(
    ours: list[tuple[str, str, int]], theirs: list[tuple[str, str, int]]
) -> None:
    fixtures = [fixture(n, home, away, KICKOFF + 12 * hours * HOUR) for n, (home, away, hours) in enumerate(ours)]
    matches = [listed(n, home, away, KICKOFF + 12 * hours * HOUR) for n, (home, away, hours) in enumerate(theirs)]
    found = taken(match_fixtures(fixtures, matches))
    assert len(set(found.values())) == len(found)
    for fixture_id, match_id in found.items():
        assert ours[fixture_id][:2] == theirs[match_id][:2]
