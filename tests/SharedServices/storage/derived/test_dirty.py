"""What waits is joined, bounded, taken in turn, and owed until it is finished."""

from __future__ import annotations

import pytest

from PROPPR.SharedServices.service.clock import ManualClock
from PROPPR.SharedServices.storage.books.plan import SegmentDraft
from PROPPR.SharedServices.storage.books.state import FixtureBooks, Segment
from PROPPR.SharedServices.storage.books.worker import Written
from PROPPR.SharedServices.storage.derived.dirty import CONFIRMED_WAIT, Dirty, DirtyFixtures


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


def draft(number: int, bookmaker: str, *, changed: str = "", touched: str = "", revision: int = 1) -> SegmentDraft:
    found = SegmentDraft(number, bookmaker, "team", Segment(revision))
    if changed:
        found.changed[changed] = None  # type: ignore[assignment]
    if touched:
        found.touched[touched] = None  # type: ignore[assignment]
    return found


def numbers(batch: list[Dirty]) -> list[int]:
    return [dirty.fixture_id for dirty in batch]


def test_changes_of_a_fixture_are_joined(clock: ManualClock) -> None:
    queue = DirtyFixtures(clock)
    queue.committed(Written(FixtureBooks(1), [draft(1, "M88", changed="ML", revision=4)]))
    newer = FixtureBooks(1)
    queue.committed(Written(newer, [draft(1, "M88", changed="Totals", touched="ML", revision=5)]))
    (dirty,) = queue.take(100, 0)
    assert dirty.moved == {("team", "M88", "ML"), ("team", "M88", "Totals")}
    assert dirty.confirmed == {("team", "ML")}
    assert dirty.commits == {("M88", "team"): {4, 5}}
    assert dirty.cached is newer
    assert dirty.segments() == {"team"}
    assert not queue.take(100, 0)


def test_what_may_have_been_stored_counts_as_moved(clock: ManualClock) -> None:
    queue = DirtyFixtures(clock)
    queue.committed(Written(FixtureBooks(1), [], {("team", "M88", "ML")}))
    (dirty,) = queue.take(100, 0)
    assert (dirty.moved, dirty.commits) == ({("team", "M88", "ML")}, {})


def test_a_confirmation_waits_for_company_but_not_for_ever(clock: ManualClock) -> None:
    queue = DirtyFixtures(clock)
    queue.committed(Written(FixtureBooks(1), [draft(1, "M88", touched="ML")]))
    queue.committed(Written(FixtureBooks(2), [draft(2, "M88", touched="ML")]))
    assert not queue.take(100, 0)
    queue.committed(Written(FixtureBooks(2), [draft(2, "M88", changed="ML")]))
    assert numbers(queue.take(100, 0)) == [2], "what moved does not wait, nor what waited with it"
    clock.advance(CONFIRMED_WAIT)
    assert numbers(queue.take(100, 0)) == [1]


def test_everything_weighs_more_than_single_markets(clock: ManualClock) -> None:
    queue = DirtyFixtures(clock)
    for number in range(30):
        queue.mark(Dirty(number, 0, everything=True))
    assert len(queue.take(100, 0)) == 5


def test_what_is_taken_is_owed_until_it_is_done(clock: ManualClock) -> None:
    queue = DirtyFixtures(clock)
    began = clock.now_ms()
    queue.committed(Written(FixtureBooks(1), [draft(1, "M88", changed="ML")]))
    clock.advance(5)
    queue.committed(Written(FixtureBooks(2), [draft(2, "M88", touched="ML")]))
    (first,) = queue.take(100, 0)
    assert queue.owed_since() == began
    queue.again([first])
    clock.advance(5)
    assert queue.owed_since() == began
    assert numbers(queue.take(100, 0)) == [1, 2]
    queue.done()
    assert queue.owed_since() is None


def test_what_finds_no_room_is_a_debt(clock: ManualClock) -> None:
    queue = DirtyFixtures(clock, most=2)
    for number in range(4):
        queue.mark(Dirty(number, 100 - number, everything=True))
    assert (len(queue), queue.lost, queue.lost_since) == (2, 2, 97)
    assert queue.owed_since() == 97
    queue.mark(Dirty(0, 0, {}, {("team", "M88", "ML")}))  # type: ignore[arg-type]
    assert queue.lost == 2, "a fixture that waits already has its place"
    queue.found_lost(1)
    assert queue.lost_since == 97, "more was lost since"
    queue.found_lost(2)
    assert queue.lost_since is None


def test_what_is_put_back_keeps_what_came_meanwhile(clock: ManualClock) -> None:
    queue = DirtyFixtures(clock)
    queue.committed(Written(FixtureBooks(1), [draft(1, "M88", changed="ML", revision=1)]))
    batch = queue.take(100, 0)
    newest = FixtureBooks(1)
    queue.committed(Written(newest, [draft(1, "Bet365", touched="ML", revision=7)]))
    queue.again(batch)
    (dirty,) = queue.take(100, 0)
    assert dirty.cached is newest
    assert dirty.moved == {("team", "M88", "ML")}
    assert dirty.commits == {("M88", "team"): {1}, ("Bet365", "team"): {7}}


def test_hurry_lets_nothing_wait(clock: ManualClock) -> None:
    queue = DirtyFixtures(clock)
    queue.committed(Written(FixtureBooks(1), [draft(1, "M88", touched="ML")]))
    queue.hurry()
    assert numbers(queue.take(100, 0)) == [1]
