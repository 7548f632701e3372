"""Books that a bookmaker no longer lists are read again; a list that lacks too much is not believed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from poller_fakes import HOUR_MS, FakeQueue, fixture

from PROPPR.SharedServices.odds.types import Fixture
from PROPPR.SharedServices.service.clock import ManualClock
from PROPPR.UnifiedAPIPoller.core.plan import Pair
from PROPPR.UnifiedAPIPoller.core.presence import EVIDENCE_SECONDS, GATHER_SECONDS, MOST_DISTRUSTED, PresenceCheck

PAIRS = [Pair("Bet365", "football"), Pair("M88", "football")]


class Desk:
    def __init__(self, fixtures: int, interval: float = 1800) -> None:
        self.clock = ManualClock()
        now = self.clock.now_ms()
        self.fixtures = [fixture(one, now + one * HOUR_MS) for one in range(fixtures)]
        self.listed = list(self.fixtures)
        self.stored = {one.id for one in self.fixtures}
        self.queue = FakeQueue()
        self.asked: list[str | None] = []
        self.presence = PresenceCheck(
            self, self.queue, self.clock, interval=interval, ahead=timedelta(days=14),  # type: ignore[arg-type]
            fixtures=lambda sport: self.fixtures, stored=lambda ids, bookmaker: self.stored & set(ids),
        )  # fmt: skip

    def events(
        self, sport: str, statuses: Sequence[str], from_: datetime, to: datetime, league: str | None = None,
        bookmaker: str | None = None,
    ) -> list[Fixture]:  # fmt: skip
        self.asked.append(bookmaker)
        return self.listed


def test_who_is_stored_but_not_listed_is_read_again() -> None:
    desk = Desk(10)
    desk.listed = desk.listed[:-2]
    assert desk.presence.look(PAIRS[1]) == 2
    desk.presence.hand_over(PAIRS)
    assert desk.queue.wanted == [(8, ("M88",), "missing"), (9, ("M88",), "missing")]


def test_what_several_bookmakers_lack_is_handed_over_together() -> None:
    desk = Desk(10)
    assert desk.presence.due(PAIRS) is None
    desk.listed = desk.listed[:-1]
    desk.clock.advance(1800)
    desk.presence.look(PAIRS[0])
    desk.presence.hand_over(PAIRS)
    assert desk.queue.wanted == []
    desk.clock.advance(20)
    desk.presence.look(PAIRS[1])
    desk.presence.hand_over(PAIRS)
    assert {one[:2] for one in desk.queue.wanted} == {(9, ("Bet365",)), (9, ("M88",))}


def test_what_one_lacks_does_not_wait_for_the_others_for_long() -> None:
    desk = Desk(10)
    desk.presence.due(PAIRS)
    desk.listed = desk.listed[:-1]
    desk.clock.advance(1800)
    desk.presence.look(PAIRS[0])
    desk.clock.advance(GATHER_SECONDS)
    desk.presence.hand_over(PAIRS)
    assert [one[:2] for one in desk.queue.wanted] == [(9, ("Bet365",))]


def test_findings_wait_for_half_an_interval_at_most() -> None:
    desk = Desk(10, interval=60.0)
    desk.presence.due(PAIRS)
    desk.listed = desk.listed[:-1]
    desk.clock.advance(60)
    desk.presence.look(PAIRS[0])
    desk.clock.advance(29)
    desk.presence.hand_over(PAIRS)
    assert desk.queue.wanted == []
    desk.clock.advance(1)
    desk.presence.hand_over(PAIRS)
    assert [one[:2] for one in desk.queue.wanted] == [(9, ("Bet365",))]


def test_a_list_is_evidence_for_a_while_and_for_its_bookmaker() -> None:
    desk = Desk(10)
    desk.listed = desk.listed[:-1]
    desk.presence.look(PAIRS[1])
    assert desk.presence.is_unlisted(9, "M88")
    assert not desk.presence.is_unlisted(9, "Bet365") and not desk.presence.is_unlisted(8, "M88")
    desk.clock.advance(EVIDENCE_SECONDS)
    assert not desk.presence.is_unlisted(9, "M88")


def test_an_empty_list_is_hardly_believed() -> None:
    desk = Desk(100)
    desk.listed = []
    assert desk.presence.look(PAIRS[0]) == MOST_DISTRUSTED
    desk.presence.hand_over(PAIRS)
    assert [one[0] for one in desk.queue.wanted] == list(range(MOST_DISTRUSTED))


def test_every_pair_is_looked_at_once_an_interval() -> None:
    desk = Desk(3)
    looked: list[Pair] = []
    for _ in range(4 * 3600 // 30):
        pair = desk.presence.due(PAIRS)
        if pair is not None:
            looked.append(pair)
            desk.presence.look(pair)
        desk.clock.advance(30)
    assert 6 <= looked.count(PAIRS[0]) <= 8
    assert 6 <= looked.count(PAIRS[1]) <= 8
