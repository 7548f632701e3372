"""Working by hand: what was taken is given back, in the reverse order, whatever went wrong."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from pymongo.database import Database

from PROPPR.SharedServices.ingest import by_hand
from PROPPR.SharedServices.ingest.by_hand import ByHand
from PROPPR.SharedServices.service.clock import SystemClock
from PROPPR.SharedServices.service.components import Check
from PROPPR.SharedServices.service.leases import Lease, LeaseLost
from PROPPR.SharedServices.service.settings import Settings

Documents = Database[dict[str, Any]]


class Part:
    """Notes in a journal when it starts and stops."""

    def __init__(self, name: str, journal: list[str], *, bad_start: bool = False, bad_stop: bool = False) -> None:
        self.name = name
        self._journal = journal
        self._bad_start, self._bad_stop = bad_start, bad_stop
        self.deadline = 0.0

    def start(self) -> None:
        self._journal.append(f"start {self.name}")
        if self._bad_start:
            raise ValueError("no start")

    def stop(self, deadline: float) -> None:
        self.deadline = deadline
        self._journal.append(f"stop {self.name}")
        if self._bad_stop:
            raise TimeoutError(f"{self.name} still runs")

    def check(self) -> Check:
        return Check(True)


@pytest.fixture
def hands(database: Documents) -> ByHand:
    return ByHand("test", Settings(), SystemClock(), database)


def test_parts_run_until_the_stop(hands: ByHand) -> None:
    journal: list[str] = []
    thread = threading.Thread(target=hands.run, args=([Part("a", journal), Part("b", journal)],))
    thread.start()
    hands.stop()
    thread.join(10)
    assert journal == ["start a", "start b", "stop b", "stop a"]


def test_the_work_ends_the_run(hands: ByHand) -> None:
    journal: list[str] = []
    seen: list[threading.Event] = []
    hands.run([Part("a", journal)], seen.append)
    assert seen == [hands.stopped]
    assert journal == ["start a", "stop a"]


def test_a_part_that_does_not_start_is_stopped_with_those_before_it(hands: ByHand) -> None:
    journal: list[str] = []
    parts = [Part("a", journal), Part("b", journal, bad_start=True), Part("c", journal)]
    with pytest.raises(ValueError, match="no start"):
        hands.run(parts)
    assert journal == ["start a", "start b", "stop b", "stop a"]


def test_a_part_that_does_not_stop_keeps_no_other_from_it(hands: ByHand) -> None:
    journal: list[str] = []
    hands.stop()
    with pytest.raises(TimeoutError, match="b still runs"):
        hands.run([Part("a", journal), Part("b", journal, bad_stop=True), Part("c", journal)])
    assert journal[3:] == ["stop c", "stop b", "stop a"]


def test_started_once_and_stopped_once(hands: ByHand) -> None:
    journal: list[str] = []
    first, second = Part("a", journal), Part("b", journal)
    hands.start(first, second)
    hands.start(first, second)
    assert hands.stop_parts()
    assert not hands.stop_parts()
    hands.close()
    hands.close()
    assert journal == ["start a", "start b", "stop b", "stop a"]
    assert first.deadline == second.deadline


def test_a_lease_is_held_until_the_end(hands: ByHand, database: Documents) -> None:
    lease, other = Lease(database, "work", "one"), Lease(database, "work", "two")
    hands.hold(lease, "another one works")
    hands.hold(lease, "another one works")
    assert lease.held
    assert other.acquire() is None
    hands.close()
    assert other.acquire() is not None


def test_a_lease_of_another_is_not_waited_for_for_ever(
    hands: ByHand, database: Documents, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(by_hand, "HOLD_SECONDS", 0.2)
    other = Lease(database, "work", "two", ttl=60.0)
    assert other.acquire() is not None
    lease = Lease(database, "work", "one")
    for _ in range(2):
        with pytest.raises(LeaseLost, match="another one works"):
            hands.hold(lease, "another one works")
    hands.close()


def test_a_stop_ends_the_wait_for_a_lease(hands: ByHand, database: Documents) -> None:
    other = Lease(database, "work", "two", ttl=60.0)
    assert other.acquire() is not None
    hands.stop()
    with pytest.raises(LeaseLost):
        hands.hold(Lease(database, "work", "one"), "another one works")
    hands.close()
