"""The queue of books to be read whole: nothing wanted is lost, nothing read is read again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from poller_fakes import HOUR_MS, fixture
from pymongo.database import Database

from PROPPR.SharedServices.service.clock import ManualClock
from PROPPR.SharedServices.storage.rereads import OVER_AFTER, RereadQueue

Documents = Database[dict[str, Any]]


def queue(database: Documents) -> tuple[RereadQueue, ManualClock]:
    clock = ManualClock()
    return RereadQueue(database, clock), clock


def test_new_fixtures_come_first_then_the_nearest(database: Documents) -> None:
    waiting, clock = queue(database)
    now = clock.now_ms()
    waiting.want([fixture(1, now + 9 * HOUR_MS), fixture(2, now + HOUR_MS)], ["Bet365"], "hole")
    waiting.want([fixture(3, now + 90 * HOUR_MS)], ["Bet365", "M88"], "new")
    assert [one.fixture_id for one in waiting.next(10)] == [3, 2, 1]
    assert waiting.waiting() == {("Bet365", "football"): 3, ("M88", "football"): 1}
    assert waiting.size() == 3


def test_what_was_read_is_gone_and_other_bookmakers_stay(database: Documents) -> None:
    waiting, clock = queue(database)
    waiting.want([fixture(1, clock.now_ms())], ["Bet365", "M88"], "hole")
    (entry,) = waiting.next(10)
    waiting.done([entry], ["Bet365"])
    assert [one.bookmakers for one in waiting.next(10)] == [("M88",)]
    waiting.done(waiting.next(10), ["M88"])
    assert waiting.next(10) == []


def test_what_was_wanted_again_while_it_was_read_stays(database: Documents) -> None:
    waiting, clock = queue(database)
    waiting.want([fixture(1, clock.now_ms())], ["Bet365"], "hole")
    entries = waiting.next(10)
    clock.advance(1)
    waiting.want([fixture(1, clock.now_ms())], ["Bet365"], "missing")
    waiting.done(entries, ["Bet365"])
    assert [one.fixture_id for one in waiting.next(10)] == [1]


def test_a_later_answer_of_a_bookmaker_saves_the_reading(database: Documents) -> None:
    waiting, clock = queue(database)
    waiting.want([fixture(1, clock.now_ms()), fixture(2, clock.now_ms())], ["Bet365", "M88"], "hole")
    waiting.answered([1, 2], "Bet365", clock.now_ms() - 1)
    assert waiting.waiting() == {("Bet365", "football"): 2, ("M88", "football"): 2}
    waiting.answered([1], "Bet365", clock.now_ms() + 1)
    waiting.answered([1], "M88", clock.now_ms() + 1)
    assert waiting.waiting() == {("Bet365", "football"): 1, ("M88", "football"): 1}


def test_a_bookmaker_that_is_set_aside_leaves_the_queue(database: Documents) -> None:
    waiting, clock = queue(database)
    waiting.want([fixture(1, clock.now_ms())], ["M88"], "hole")
    waiting.want([fixture(2, clock.now_ms())], ["Bet365", "M88"], "hole")
    waiting.drop_bookmakers(["M88"])
    assert [(one.fixture_id, one.bookmakers) for one in waiting.next(10)] == [(2, ("Bet365",))]


def test_matches_that_are_over_are_not_read(database: Documents) -> None:
    waiting, clock = queue(database)
    waiting.want([fixture(1, clock.now_ms())], ["M88"], "hole")
    clock.advance((OVER_AFTER + timedelta(minutes=1)).total_seconds())
    assert waiting.next(10) == []
    assert waiting.size() == 0


def test_a_fixture_that_can_t_be_read_lets_the_others_pass(database: Documents) -> None:
    waiting, clock = queue(database)
    waiting.want([fixture(1, clock.now_ms()), fixture(2, clock.now_ms() + 1)], ["M88"], "hole")
    waiting.postpone(1, 300)
    assert [one.fixture_id for one in waiting.next(10)] == [2]
    clock.advance(301)
    assert [one.fixture_id for one in waiting.next(10)] == [1, 2]
