from __future__ import annotations

import threading

from PROPPR.SharedServices.odds.types import FeedCleared, FeedSnapshot, Line, MarketUpdate
from PROPPR.SharedServices.storage.books.intake import Intake

NEVER = threading.Event()


def quote(fixture: int, at: int, sequence: int | None = None, market: str = "ML") -> MarketUpdate:
    return MarketUpdate(fixture, "M88", "M88", market, False, at, sequence, (Line(home=2.0),))


def test_entries_come_out_per_fixture_in_the_order_received() -> None:
    intake = Intake()
    for ticket, fixture in enumerate((5, 3, 5)):
        assert intake.put(fixture, [quote(fixture, ticket)], ticket, float(ticket), NEVER)
    entries = intake.take(100, timeout=0)
    assert [(entry.fixture_id, entry.tickets) for entry in entries] == [(5, [0, 2]), (3, [1])]
    assert intake.depth == 0 and intake.take(100, timeout=0) == []


def test_what_is_put_back_precedes_what_came_meanwhile() -> None:
    intake = Intake()
    intake.put(5, [quote(5, 1)], 1, 1.0, NEVER)
    taken = intake.take(100, timeout=0)
    intake.put(5, [quote(5, 2)], 2, 2.0, NEVER)
    intake.put_back(taken)
    (entry,) = intake.take(100, timeout=0)
    assert entry.tickets == [1, 2] and [update.updated_at for update in entry.updates] == [1, 2]  # type: ignore[union-attr]


def test_above_the_soft_limit_only_the_newest_quote_of_a_market_stays_with_all_tickets() -> None:
    intake = Intake(soft_limit=10, hard_limit=1_000)
    for ticket in range(100):
        intake.put(5, [quote(5, ticket if ticket != 60 else 999)], ticket, 0.0, NEVER)
    assert intake.depth < 64 and intake.conflated > 0
    (entry,) = intake.take(1_000, timeout=0)
    assert entry.tickets == list(range(100))
    assert max(update.updated_at for update in entry.updates) == 999  # type: ignore[union-attr]


def test_a_clear_is_never_conflated_away_or_crossed() -> None:
    intake = Intake(soft_limit=1, hard_limit=10_000)
    clear = FeedCleared(5, "M88", "M88", 50, 50, "no_markets")
    for ticket in range(80):
        intake.put(5, [clear if ticket == 50 else quote(5, ticket)], ticket, 0.0, NEVER)
    (entry,) = intake.take(1_000, timeout=0)
    place = entry.updates.index(clear)
    assert [update.updated_at for update in entry.updates[:place]][-1] == 49  # type: ignore[union-attr]
    assert all(update.updated_at > 50 for update in entry.updates[place + 1 :])  # type: ignore[union-attr]


def test_a_full_intake_blocks_the_sender_until_there_is_room() -> None:
    intake = Intake(soft_limit=1, hard_limit=2)
    intake.put(1, [quote(1, 1)], 1, 0.0, NEVER)
    intake.put(2, [quote(2, 1)], 2, 0.0, NEVER)
    passed = threading.Event()
    sender = threading.Thread(target=lambda: intake.put(3, [quote(3, 1)], 3, 0.0, NEVER) and passed.set())
    sender.start()
    assert not passed.wait(0.05)
    intake.take(1, timeout=0)
    assert passed.wait(5)
    sender.join()


def test_a_closed_intake_refuses_and_lets_what_waits_be_taken() -> None:
    intake = Intake()
    intake.put(1, [quote(1, 1)], 1, 0.0, NEVER)
    intake.close()
    assert not intake.put(2, [quote(2, 1)], 2, 0.0, NEVER)
    assert len(intake.take(10, timeout=0)) == 1


def full_book(fixture: int, markets: int, lines: int) -> FeedSnapshot:
    rows = tuple(Line(hdp=float(number), home=2.0) for number in range(lines))
    quotes = tuple(MarketUpdate(fixture, "M88", "M88", f"M{n}", False, 1, None, rows) for n in range(markets))
    return FeedSnapshot(fixture, "M88", "M88", None, quotes)


def test_full_books_are_counted_by_what_they_hold() -> None:
    intake = Intake(soft_limit=1_000, hard_limit=1_000)
    for fixture in range(1, 6):
        intake.put(fixture, [full_book(fixture, markets=60, lines=20)], fixture, 0.0, NEVER)
        assert 100 * fixture < intake.depth < 200 * fixture
    assert not intake.full
    taken = intake.take(400, timeout=0)
    assert [entry.fixture_id for entry in taken] == [1, 2, 3]
    intake.put_back(taken)
    intake.put(6, [full_book(6, markets=60, lines=100)], 6, 0.0, NEVER)
    assert intake.full
    assert len(intake.take(10_000, timeout=0)) == 6
    assert intake.depth == 0
