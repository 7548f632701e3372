"""Mappings in MongoDB: one to one, a person's word stands, nothing right is lost and nothing doubtful kept."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from bson import Int64
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pymongo.database import Database

from PROPPR.SharedServices.mapping.candidates import Candidate
from PROPPR.SharedServices.mapping.fixtures import FixtureMapping, Reason
from PROPPR.SharedServices.mapping.leagues import Relation
from PROPPR.SharedServices.odds.types import Fixture
from PROPPR.SharedServices.service.clock import ManualClock
from PROPPR.SharedServices.storage.fixture_mappings import (
    REJECTED,
    TAKEN,
    FixtureMappings,
    MappingRefused,
    MatchTaken,
)

NOW = datetime(2026, 3, 21, 12, 0, tzinfo=UTC)
BIG = 7_291_391_184


@pytest.fixture
def database(collections: Database[dict[str, Any]]) -> Database[dict[str, Any]]:
    return collections


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOW)


@pytest.fixture
def mappings(database: Database[dict[str, Any]], clock: ManualClock) -> FixtureMappings:
    return FixtureMappings(database, clock)


def fixture(number: int, **changes: Any) -> Fixture:
    kickoff = int((NOW + timedelta(hours=3)).timestamp() * 1000)
    made = Fixture(number, "Arsenal FC", "Chelsea", "football", "Premier League", "England", "", kickoff, "pending")
    return msgspec.structs.replace(made, **changes)


def candidate(match_id: int, score: float = 0.99, swapped: bool = False) -> Candidate:
    return Candidate(
        match_id, score, "Arsenal", "Chelsea", NOW + timedelta(hours=3), "ENG", "Premier League", 47, Relation.SAME,
        1.0, 1.0, timedelta(0), swapped,
    )  # fmt: skip


def mapped(number: int, match_id: int, swapped: bool = False, **changes: Any) -> FixtureMapping:
    chosen = candidate(match_id, swapped=swapped)
    return FixtureMapping(fixture(number, **changes), "auto", Reason.MATCHED, chosen, (chosen,))


def unresolved(number: int, reason: Reason = Reason.BELOW_BAR, *ids: int, **changes: Any) -> FixtureMapping:
    return FixtureMapping(
        fixture(number, **changes), "unresolved", reason, None, tuple(candidate(one, 0.7) for one in ids)
    )


def test_both_ways(mappings: FixtureMappings) -> None:
    outcome = mappings.store([mapped(BIG, 4_813_374), unresolved(2, Reason.BELOW_BAR, 7, 8)])
    assert (outcome.mapped, outcome.unresolved) == ([BIG], [2])
    link = mappings.match_of(BIG)
    assert link is not None and (link.match_id, link.swapped, link.status, link.score) == (
        4_813_374,
        False,
        "auto",
        0.99,
    )
    assert mappings.fixture_of(4_813_374) == link
    assert mappings.match_of(2) is None and mappings.match_of(3) is None and mappings.fixture_of(7) is None
    assert mappings.matches_of([BIG, 2, 3]) == {BIG: link}
    (open_one,) = mappings.unresolved()
    assert (open_one.fixture_id, open_one.home, open_one.reason) == (2, "Arsenal FC", "below the bar")
    assert [one.match_id for one in open_one.candidates] == [7, 8]
    assert len(mappings.listed()) == 2


def test_swapped_sides_are_told(mappings: FixtureMappings) -> None:
    mappings.store([mapped(1, 5, swapped=True)])
    link = mappings.match_of(1)
    assert link is not None and link.swapped


def test_games_on_a_screen_are_not_stored(mappings: FixtureMappings) -> None:
    mappings.store(
        [unresolved(1, Reason.ESPORTS), unresolved(2, Reason.NOT_FOOTBALL), unresolved(3, Reason.PLACEHOLDER)]
    )
    assert [one.fixture_id for one in mappings.listed()] == [3]


def test_what_has_not_changed_is_not_written(
    mappings: FixtureMappings, database: Database[dict[str, Any]], clock: ManualClock
) -> None:
    results = [mapped(1, 5), unresolved(2, Reason.BELOW_BAR, 7)]
    mappings.store(results)
    before = list(database["fixture_mappings"].find())
    clock.advance(3600)
    outcome = mappings.store(results)
    assert (outcome.mapped, outcome.unresolved) == ([1], [2])
    assert list(database["fixture_mappings"].find()) == before


def test_a_match_of_another_fixture_stays_there(mappings: FixtureMappings) -> None:
    mappings.store([mapped(1, 5)])
    outcome = mappings.store([mapped(2, 5), mapped(3, 6)])
    assert (outcome.taken, outcome.mapped, outcome.unresolved) == ([(2, 5)], [3], [2])
    link = mappings.fixture_of(5)
    assert link is not None and link.fixture_id == 1
    (open_one,) = mappings.unresolved()
    assert (open_one.fixture_id, open_one.reason, open_one.candidates[0].match_id) == (2, TAKEN, 5)


def test_two_fixtures_may_exchange_their_matches(mappings: FixtureMappings) -> None:
    mappings.store([mapped(1, 5), mapped(2, 6)])
    outcome = mappings.store([mapped(1, 6), mapped(2, 5)])
    assert sorted(outcome.mapped) == [1, 2] and not outcome.taken
    assert {one: link.match_id for one, link in mappings.matches_of([1, 2]).items()} == {1: 6, 2: 5}


@pytest.mark.parametrize("reason", [Reason.NOTHING_LIKE_IT, Reason.RIVAL, Reason.BELOW_BAR])
def test_a_run_that_sees_less_loses_nothing(mappings: FixtureMappings, reason: Reason) -> None:
    mappings.store([mapped(1, 5)])
    assert mappings.store([unresolved(1, reason, 5)]).mapped == [1]
    assert mappings.match_of(1) is not None


def test_doubt_withdraws_what_a_rule_made(mappings: FixtureMappings) -> None:
    mappings.store([mapped(1, 5), mapped(2, 6), mapped(3, 7)])
    outcome = mappings.store(
        [
            unresolved(1, Reason.AMBIGUOUS, 5, 9),
            unresolved(2, Reason.NOTHING_LIKE_IT, home="Everton"),
            unresolved(3, Reason.NOTHING_LIKE_IT, league="FA Cup"),
        ]
    )
    assert outcome.withdrawn == [1, 2, 3]
    assert mappings.matches_of([1, 2, 3]) == {}
    assert mappings.store([mapped(4, 5)]).mapped == [4], "the match is free again"


def test_a_person_s_word_stands(mappings: FixtureMappings) -> None:
    mappings.store([unresolved(1, Reason.AMBIGUOUS, 5, 6)])
    link = mappings.settle(1, 6)
    assert (link.status, link.match_id, link.score) == ("manual", 6, 0.7)
    for result in (mapped(1, 5), unresolved(1, Reason.AMBIGUOUS, 5, 6), unresolved(1, Reason.ESPORTS)):
        assert mappings.store([result]).by_hand == [1]
        assert mappings.match_of(1) == link
    assert mappings.store([mapped(2, 6)]).taken == [(2, 6)]


def test_a_rejected_fixture_stays_without_a_match(mappings: FixtureMappings) -> None:
    mappings.store([mapped(1, 5)])
    mappings.reject(1)
    assert mappings.match_of(1) is None
    assert mappings.store([mapped(1, 5), mapped(2, 5)]).mapped == [2], "and its match is free"
    stored = mappings.get(1)
    assert stored is not None and (stored.status, stored.reason) == ("manual", REJECTED)
    assert mappings.unresolved() == []
    assert mappings.settle(1, 6).match_id == 6, "a person may change their mind"


def test_settling_takes_a_match_from_a_rule_not_from_a_person(mappings: FixtureMappings) -> None:
    mappings.store([mapped(1, 5), unresolved(2, Reason.RIVAL, 5), unresolved(3, Reason.RIVAL, 5)])
    mappings.settle(2, 5)
    assert mappings.match_of(1) is None
    assert mappings.match_of(2) is not None
    with pytest.raises(MatchTaken, match="fixture 2"):
        mappings.settle(3, 5)
    mappings.settle(2, 5)
    assert [one.fixture_id for one in mappings.unresolved()] == [1, 3]


def test_settling_an_unlisted_match_and_swapped(mappings: FixtureMappings) -> None:
    mappings.store([mapped(1, 5)])
    link = mappings.settle(1, 99, swapped=True)
    assert (link.match_id, link.swapped, link.score) == (99, True, None)
    stored = mappings.get(1)
    assert stored is not None and stored.match_home is None and stored.score is None
    assert mappings.match_of(1) == link


def test_a_fixture_of_the_registry_can_be_settled_before_any_run(
    mappings: FixtureMappings, database: Database[dict[str, Any]]
) -> None:
    with pytest.raises(MappingRefused, match="nobody knows a fixture 12"):
        mappings.settle(12, 5)
    with pytest.raises(MappingRefused):
        mappings.reject(12)
    database["fixtures"].insert_one(
        {"id": Int64(12), "home": "A", "away": "B", "sport": "football", "league": "L", "country": "C", "date": "",
         "kickoff": NOW, "status": "pending", "last_seen": NOW, "source": "api_poller"}
    )  # fmt: skip
    assert mappings.settle(12, 5).match_id == 5
    assert mappings.store([mapped(12, 6)]).by_hand == [12]


def test_leagues_are_confirmed_by_people_only(mappings: FixtureMappings) -> None:
    mappings.store([mapped(1, 5), mapped(2, 6), unresolved(3, Reason.BELOW_BAR, 7), unresolved(4, Reason.BELOW_BAR, 8)])
    assert mappings.confirmed_leagues() == {}
    mappings.settle(3, 7)
    assert mappings.confirmed_leagues() == {}
    mappings.settle(4, 8)
    assert mappings.confirmed_leagues() == {("ENG", "premier league"): 47}


def test_old_fixtures_are_not_listed(mappings: FixtureMappings, clock: ManualClock) -> None:
    mappings.store([unresolved(1)])
    clock.advance(3 * 86_400)
    assert mappings.unresolved() == [] and mappings.listed() == []
    assert len(mappings.unresolved(since=NOW)) == 1


ACTIONS = st.lists(
    st.tuples(st.sampled_from(["auto", "open", "settle", "reject"]), st.integers(1, 4), st.integers(11, 14)),
    max_size=12,
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(ACTIONS)
def test_any_course_of_events_stays_one_to_one(
    mappings: FixtureMappings, database: Database[dict[str, Any]], actions: list[tuple[str, int, int]]
) -> None:
    database["fixture_mappings"].delete_many({})
    mappings.store([unresolved(number, Reason.AMBIGUOUS, 11, 12) for number in range(1, 5)])
    by_hand: dict[int, int | None] = {}
    for action, number, match_id in actions:
        if action == "auto":
            mappings.store([mapped(number, match_id)])
        elif action == "open":
            mappings.store([unresolved(number, Reason.AMBIGUOUS, match_id)])
        elif action == "reject":
            mappings.reject(number)
            by_hand[number] = None
        elif match_id in [one for holder, one in by_hand.items() if holder != number]:
            with pytest.raises(MatchTaken):
                mappings.settle(number, match_id)
        else:
            mappings.settle(number, match_id)
            by_hand[number] = match_id
    links = mappings.matches_of(range(1, 5))
    assert len({link.match_id for link in links.values()}) == len(links)
    for number, expected in by_hand.items():
        assert (links[number].match_id if number in links else None) == expected
    assert all(mappings.fixture_of(link.match_id) == link for link in links.values())
