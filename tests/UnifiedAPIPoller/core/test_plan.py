"""A short budget is spent in the stated order, and never beyond."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from PROPPR.UnifiedAPIPoller.core.plan import Candidate, Pair, Purse, plan_cycle, reserve, to_spare

candidates = st.lists(
    st.builds(
        Candidate,
        st.builds(Pair, st.sampled_from(["A", "B", "C", "D", "E", "F", "G"]), st.sampled_from(["football", "tennis"])),
        st.booleans(),
        st.none() | st.integers(0, 10**13),
    ),
    unique_by=lambda candidate: candidate.pair,
)
purses = st.builds(Purse, st.integers(0, 5_000), st.integers(0, 5_000))
intervals = st.floats(5, 120)


@given(candidates, purses, intervals)
def test_every_pair_is_asked_or_postponed_and_the_purse_is_kept(
    found: list[Candidate], purse: Purse, interval: float
) -> None:
    plan = plan_cycle(found, purse, interval)
    assert sorted((*plan.asked, *plan.postponed)) == sorted(candidate.pair for candidate in found)
    assert len(plan.asked) <= max(1, purse.free) or not plan.postponed
    if purse.free >= reserve(len(found), interval):
        assert not plan.postponed


@given(candidates, purses, intervals)
def test_what_no_stream_carries_comes_first_then_the_oldest(
    found: list[Candidate], purse: Purse, interval: float
) -> None:
    by_pair = {candidate.pair: candidate for candidate in found}
    plan = plan_cycle(found, purse, interval)
    places = [(by_pair[pair].covered, by_pair[pair].complete_until or -1) for pair in (*plan.asked, *plan.postponed)]
    assert places == sorted(places)


def test_a_small_budget_serves_the_same_number_every_cycle_in_turn() -> None:
    found = [Candidate(Pair(name, "football"), False, at) for at, name in enumerate("ABCDEF")]
    plan = plan_cycle(found, Purse(free=20, guaranteed=180), 60.0)
    assert [pair.bookmaker for pair in plan.asked] == ["A", "B", "C"]
    assert [pair.bookmaker for pair in plan.postponed] == ["D", "E", "F"]


def test_with_an_empty_purse_one_is_asked_for_so_that_the_budget_knows_of_us() -> None:
    found = [Candidate(Pair(name, "football"), False, at) for at, name in enumerate("AB")]
    plan = plan_cycle(found, Purse(0, 3_000), 60.0)
    assert (plan.asked, plan.postponed) == ((Pair("A", "football"),), (Pair("B", "football"),))


@given(st.integers(0, 5_000), st.integers(0, 60), intervals)
def test_only_what_the_next_cycles_leave_is_spare(free: int, pairs: int, interval: float) -> None:
    spare = to_spare(Purse(free, 3_000), pairs, interval)
    assert spare >= 0
    assert spare == 0 or free - spare == reserve(pairs, interval)


@given(candidates, purses, intervals)
def test_answers_about_what_a_stream_carries_rest_for_two_fifths_of_the_interval_at_most(
    found: list[Candidate], purse: Purse, interval: float
) -> None:
    holds = plan_cycle(found, purse, interval).holds
    assert holds.keys() == {candidate.pair for candidate in found if candidate.covered}
    assert all(0 < hold <= 5.0 for hold in holds.values())
    assert sum(holds.values()) <= interval * 0.4 + 1e-9
