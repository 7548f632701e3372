"""What a backfill reads and in which order: nothing twice, nothing forgotten."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from PROPPR.SharedServices.ingest.backfill_plan import WorkQueue, choose_order, requests_for
from PROPPR.SharedServices.odds.statuses import may_move
from PROPPR.SharedServices.storage.fixture_choice import Chosen

NOW = 1_795_000_000_000
HOUR = 3_600_000
STATUSES = ("pending", "live", "settled", "cancelled", "postponed")

fixtures = st.lists(
    st.builds(Chosen, st.integers(1, 60), st.integers(NOW - 50 * HOUR, NOW + 50 * HOUR), st.sampled_from(STATUSES)),
    max_size=40,
    unique_by=lambda one: one.id,
)
some_ids = st.sets(st.integers(1, 60), max_size=20)


@given(fixtures, some_ids, some_ids)
def test_everything_is_read_done_or_over(found: list[Chosen], named: set[int], done: set[int]) -> None:
    choice = choose_order(found, named, done, NOW)
    todo = [one for one in found if one.id not in done]
    expected = {one.id for one in todo if one.id in named or may_move(one.status, one.kickoff, NOW)}
    assert set(choice.ids) == expected and len(choice.ids) == len(expected)
    assert choice.over == len(todo) - len(expected)


@given(fixtures)
def test_running_ones_come_first_then_the_nearest(found: list[Chosen]) -> None:
    by_id = {one.id: one for one in found}
    read = [by_id[each] for each in choose_order(found, set(by_id), (), NOW).ids]
    ranks = [(one.status != "live", abs(one.kickoff - NOW)) for one in read]
    assert ranks == sorted(ranks)


@given(st.lists(st.integers(1, 10**6), unique=True, max_size=60), st.integers(1, 10), st.sets(st.integers(1, 10**6)))
def test_bad_fixtures_are_isolated_and_all_others_read(ids: list[int], size: int, more: set[int]) -> None:
    bad = {each for each in ids if each % 7 == 0} | more
    queue, read, alone, calls = WorkQueue(ids, size), [], [], 0
    while (batch := queue.next()) is not None:
        calls += 1
        assert 1 <= len(batch) <= size
        if bad & set(batch):
            failed = queue.failed(batch)
            alone += [] if failed is None else [failed]
        else:
            read += batch
    assert sorted(read + alone) == sorted(ids)
    assert set(alone) == bad & set(ids)
    assert calls <= requests_for(len(ids), 1, size) + 2 * len(alone) * size


def test_a_batch_can_be_read_next_again() -> None:
    queue = WorkQueue([1, 2, 3], 2)
    first = queue.next()
    assert first == (1, 2)
    queue.again(first)
    assert [queue.next(), queue.next(), queue.next()] == [(1, 2), (3,), None]


def test_what_it_costs() -> None:
    assert requests_for(0, 3, 10) == 0
    assert requests_for(10, 30, 10) == 1
    assert requests_for(11, 31, 10, lookups=5) == 9
