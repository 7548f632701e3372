"""Fixtures are told apart by id; what is missing in a list is not deleted."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from poller_fakes import HOUR_MS, fixture

from PROPPR.SharedServices.odds.types import Fixture
from PROPPR.UnifiedAPIPoller.core.registry_changes import Span, compare, differs, is_open, may_move

NOW = 1_795_000_000_000
SPAN = Span(NOW + 180_000, NOW + 14 * 24 * HOUR_MS)
SPORTS = ("football",)
statuses = st.sampled_from(["pending", "live", "settled", "cancelled", "postponed", "abandoned"])
fixtures = st.lists(
    st.builds(
        fixture,
        st.integers(1, 30),
        st.integers(NOW - 5 * HOUR_MS, NOW + 20 * 24 * HOUR_MS),
        statuses,
        st.sampled_from(["football", "tennis"]),
    ),
    unique_by=lambda one: one.id,
)


@given(fixtures, fixtures)
def test_new_kept_and_missing_are_told_by_id(known: list[Fixture], listed: list[Fixture]) -> None:
    by_id = {one.id: one for one in known}
    changes = compare(by_id, listed, SPAN, SPORTS)
    listed_ids = {one.id for one in listed}
    assert all(one.id not in by_id and (one.status == "live" or SPAN.begin <= one.kickoff) for one in changes.new)
    assert {one.id for one in changes.kept} == {one.id for one in changes.new} | (listed_ids & by_id.keys())
    assert all(one.id in by_id and one.id not in listed_ids and one.sport == "football" for one in changes.missing)
    assert all(is_open(by_id[one.id]) and not is_open(one) for one in changes.over)


def test_a_placeholder_becomes_a_team_and_a_kickoff_moves_under_the_same_id() -> None:
    known = fixture(7, NOW + HOUR_MS)
    told = msgspec.structs.replace(known, away="Real Team", kickoff=NOW + 2 * HOUR_MS)
    changes = compare({7: known}, [told], SPAN, SPORTS)
    assert changes.kept == (told,)
    assert changes.new == changes.missing == changes.over == ()


def test_too_near_too_far_or_over_does_not_enter_but_a_running_match_does() -> None:
    listed = [
        fixture(1, NOW + 60_000),
        fixture(2, NOW + 15 * 24 * HOUR_MS),
        fixture(3, NOW + HOUR_MS, "cancelled"),
        fixture(4, NOW - HOUR_MS, "live"),
        fixture(5, NOW + 180_000),
    ]
    assert [one.id for one in compare({}, listed, SPAN, SPORTS).new] == [4, 5]


@pytest.mark.parametrize("status", ["settled", "cancelled", "abandoned"])
def test_what_is_over_is_told_once(status: str) -> None:
    live, over = fixture(1, NOW - HOUR_MS, "live"), fixture(1, NOW - HOUR_MS, status)
    assert compare({1: live}, [over], SPAN, SPORTS).over == (over,)
    assert compare({1: over}, [over], SPAN, SPORTS).over == ()
    assert compare({}, [over], SPAN, SPORTS).over == ()
    postponed = fixture(1, NOW - HOUR_MS, "postponed")
    assert compare({1: live}, [postponed], SPAN, SPORTS).over == ()


def test_a_missing_fixture_that_is_over_is_not_missed() -> None:
    known = {1: fixture(1, NOW - HOUR_MS, "settled"), 2: fixture(2, NOW + HOUR_MS), 3: fixture(3, SPAN.end + HOUR_MS)}
    assert [one.id for one in compare(known, [], SPAN, SPORTS).missing] == [2]


def test_old_matches_move_no_more() -> None:
    assert may_move(fixture(1, NOW - 3 * HOUR_MS, "live"), NOW)
    assert not may_move(fixture(1, NOW - 5 * HOUR_MS, "live"), NOW)
    assert not may_move(fixture(1, NOW + HOUR_MS, "cancelled"), NOW)
    assert may_move(fixture(1, NOW + HOUR_MS, "postponed"), NOW)


def test_a_head_without_scores_or_team_ids_is_no_news() -> None:
    known = msgspec.structs.replace(fixture(1, NOW), home_id=5, scores={"home": 1, "away": 0})
    assert not differs(known, fixture(1, NOW))
    assert differs(known, fixture(1, NOW + 1))
    assert differs(None, fixture(1, NOW))
