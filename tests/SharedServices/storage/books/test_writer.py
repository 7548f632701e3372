"""The writer and store on a real MongoDB: two writers at once, poison, absence of the server, races of clears."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from pymongo.database import Database
from pymongo.errors import AutoReconnect
from support import eventually

from PROPPR.SharedServices.odds.drops import DropRule
from PROPPR.SharedServices.odds.types import BookUpdate, FeedCleared, FeedSnapshot, Line, MarketUpdate
from PROPPR.SharedServices.service.clock import SystemClock
from PROPPR.SharedServices.storage.books.plan import SegmentDraft
from PROPPR.SharedServices.storage.books.store import BookStore, CommitResult
from PROPPR.SharedServices.storage.books.writer import BookWriter, WriterOptions

Document = dict[str, Any]
CLOCK = SystemClock()


def quote(price: float | None, at: int, *, bookmaker: str = "M88", market: str = "ML", **more: Any) -> MarketUpdate:
    lines = () if price is None else (Line(home=price, player_name=more.get("player")),)
    is_player = "player" in more
    return MarketUpdate(
        more.get("fixture", 7), bookmaker, bookmaker, market, is_player, at, more.get("sequence", at), lines
    )


class Rig:
    """A writer on a database, with what it reported."""

    def __init__(
        self, database: Database[Document], store: BookStore | None = None, *, looks_first: bool = False
    ) -> None:
        self.done: list[int] = []
        self.set_aside: list[str] = []
        self.store = store or BookStore(database, CLOCK, DropRule(Decimal("0.05")))
        options = WriterOptions(batch_updates=50, looks_first=looks_first)
        self.writer = BookWriter(self.store, CLOCK, on_done=self._done, set_aside=self._aside, options=options)
        self.tickets = 0

    def __enter__(self) -> Rig:
        self.writer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.writer.stop(CLOCK.monotonic() + 10)

    def submit(self, *updates: BookUpdate) -> None:
        self.tickets += 1
        assert self.writer.submit(updates, ticket=self.tickets, received_at=CLOCK.monotonic())

    def settle(self) -> None:
        eventually(lambda: set(self.done) == set(range(1, self.tickets + 1)), 30, "all tickets to be done")
        eventually(lambda: self.writer.pending == 0, 30, "the writer to be idle")

    def _done(self, tickets: Sequence[int], received: Sequence[float]) -> None:
        assert len(tickets) == len(received)
        self.done.extend(tickets)

    def _aside(self, kind: str, reason: str, document: Mapping[str, Any]) -> None:
        self.set_aside.append(f"{kind}: {reason}")


def stored_prices(database: Database[Document]) -> dict[tuple[int, str, str], list[float]]:
    found: dict[tuple[int, str, str], list[float]] = {}
    for document in database["odds_books"].find():
        for market in document["markets"].values():
            rows = [*market["odds"], *(row for player in market["players"] for row in player["odds"])]
            if rows:
                found[document["fixture_id"], document["bookmaker"], market["name"]] = [row["home"] for row in rows]
    return found


def chains(database: Database[Document]) -> dict[tuple[object, ...], list[tuple[float | None, float | None]]]:
    """Per line, the price changes in the order of the revisions that brought them."""
    found: dict[tuple[object, ...], list[tuple[tuple[int, ...], float | None, float | None]]] = {}
    for document in database["odds_history"].find():
        order = tuple(map(int, document["_id"].rsplit("|", 2)[1:]))
        for line in document["lines"]:
            key = (document["fixture_id"], document["bookmaker"], line["market"], line["side"])
            found.setdefault(key, []).append((order, line.get("previous"), line["price"]))
    return {key: [(p, q) for _, p, q in sorted(steps)] for key, steps in found.items()}


def check_history(database: Database[Document]) -> None:
    """Every chain leads without gap or repetition to the stored price, and every fall in it is one drop."""
    prices = stored_prices(database)
    falls: list[tuple[object, ...]] = []
    for key, steps in chains(database).items():
        at: float | None = None
        for previous, price in steps:
            assert previous == at, (key, steps)
            if previous is not None and price is not None and price < previous:
                falls.append((*key, previous, price))
            at = price
        assert prices.get(key[:3], [None]) == [at]  # type: ignore[call-overload]
    drops = [
        (d["fixture_id"], d["bookmaker"], d["market"], d["side"], d["old_odds"], d["new_odds"])
        for d in database["price_drops"].find()
    ]
    assert sorted(map(str, drops)) == sorted(map(str, falls))


def test_quotes_are_stored_with_their_history_and_drops(database: Database[Document]) -> None:
    with Rig(database) as rig:
        for at, price in enumerate((2.0, 1.9, 1.95, 1.8), start=1):
            rig.submit(quote(price, at))
        rig.submit(quote(5.0, 9, bookmaker="BetOnline.ag", market="Odd.$Name"))
        rig.settle()
    assert stored_prices(database) == {(7, "M88", "ML"): [1.8], (7, "BetOnline.ag", "Odd.$Name"): [5.0]}
    assert chains(database)[7, "M88", "ML", "home"] == [(None, 2.0), (2.0, 1.9), (1.9, 1.95), (1.95, 1.8)]
    assert database["price_drops"].count_documents({}) == 2
    check_history(database)


def test_two_writers_of_the_same_books_lose_and_repeat_nothing(database: Database[Document]) -> None:
    random = Random(4)
    quotes = [
        quote(1.5 + random.randrange(200) / 100, at, fixture=at % 3, bookmaker=random.choice(("M88", "X.Y")))
        for at in range(1, 400)
    ]
    last: dict[tuple[int, str, str], list[float]] = {}
    for update in quotes:
        last[update.fixture_id, update.bookmaker, update.market] = [update.lines[0].home or 0]
    barrier = threading.Barrier(2)
    stores = [Meeting(barrier, database, CLOCK, DropRule(Decimal("0.05"))) for _ in range(2)]
    with Rig(database, stores[0]) as first, Rig(database, stores[1]) as second:
        senders = [
            threading.Thread(target=lambda rig=rig, seed=seed: _send_shuffled(rig, quotes, seed))
            for seed, rig in enumerate((first, second))
        ]
        for sender in senders:
            sender.start()
        for sender in senders:
            sender.join()
        first.settle()
        second.settle()
        conflicts = first.writer.statistics()["conflicts"] + second.writer.statistics()["conflicts"]
    assert conflicts > 0
    assert stored_prices(database) == last
    check_history(database)


class Meeting(BookStore):
    """Commits when the other is about to commit, too, as long as both have something: from books both have read."""

    def __init__(self, barrier: threading.Barrier, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._barrier = barrier

    def commit(self, drafts: Sequence[SegmentDraft], *more: Any) -> CommitResult:
        with suppress(threading.BrokenBarrierError):
            self._barrier.wait(2.0)
        return super().commit(drafts, *more)


def _send_shuffled(rig: Rig, quotes: Sequence[MarketUpdate], seed: int) -> None:
    order = list(quotes)
    Random(seed).shuffle(order)
    for update in order:
        rig.submit(update)


class Flaky(BookStore):
    """Fails some operations as an absent MongoDB does: before the write, or after it was done."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.random = Random(1)

    def commit(self, drafts: Sequence[SegmentDraft], *more: Any) -> CommitResult:
        fate = self.random.random()
        if fate < 0.2:
            raise AutoReconnect("gone before the write")
        result = super().commit(drafts, *more)
        if fate < 0.4:
            raise AutoReconnect("gone after the write")
        return result

    def record(self, history: Any) -> Any:
        if self.random.random() < 0.3:
            raise AutoReconnect("gone before the history")
        return super().record(history)


def test_a_server_that_comes_and_goes_costs_nothing(database: Database[Document]) -> None:
    store = Flaky(database, CLOCK, DropRule(Decimal("0.05")))
    random = Random(2)
    with Rig(database, store) as rig:
        for at in range(1, 150):
            rig.submit(quote(1.5 + random.randrange(100) / 100, at, fixture=at % 2))
        rig.settle()
    store.recover()
    check_history(database)
    assert len(stored_prices(database)) == 2


def test_a_journal_that_was_not_copied_is_found_on_recovery(database: Database[Document]) -> None:
    class Killed(BookStore):
        def record(self, history: Any) -> Any:
            raise SystemExit  # what kill -9 leaves: the book is stored, the history is not

    rig = Rig(database, Killed(database, CLOCK, DropRule(Decimal("0.05"))))
    draft_writer = rig.writer
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(threading, "excepthook", lambda _: None)
        draft_writer.start()
        rig.submit(quote(2.0, 1), quote(1.5, 2))
        eventually(lambda: "dead" in draft_writer.check().detail, what="the worker to die before it stored the history")
    assert database["odds_books"].count_documents({}) == 1
    assert database["odds_history"].count_documents({}) == 0
    assert BookStore(database, CLOCK, DropRule(Decimal("0.05"))).recover() == 1
    assert database["price_drops"].count_documents({}) == 1
    check_history(database)


def test_history_that_has_expired_does_not_come_back_from_a_journal(database: Database[Document]) -> None:
    with Rig(database) as rig:
        rig.submit(quote(2.0, 1))
        rig.settle()
        rig.submit(quote(1.5, 2))
        rig.settle()
    for name in ("odds_history", "price_drops"):
        assert database[name].delete_many({}).deleted_count  # as they expire
    days = [timedelta(days=2), timedelta(0)]
    for kept in days:
        store = BookStore(database, CLOCK, DropRule(Decimal("0.05")), history_kept=kept)
        assert (store.recover(), len(store.load([7]))) == (1, 1)
        found = [database[name].count_documents({}) for name in ("odds_history", "price_drops")]
        assert found == ([1, 1] if kept else [0, 0])
        for name in ("odds_history", "price_drops"):
            database[name].delete_many({})


def test_poison_is_set_aside_alone(database: Database[Document]) -> None:
    with Rig(database) as rig:
        rig.submit(quote(2.0, 1, fixture=1))
        rig.submit(quote(2.0, 1, fixture=2**70))  # no BSON integer holds it
        rig.submit(quote(2.0, 1, fixture=3))
        rig.settle()
    assert {key[0] for key in stored_prices(database)} == {1, 3}
    assert len(rig.set_aside) == 1


def test_a_document_the_validator_refuses_is_set_aside_alone(database: Database[Document]) -> None:
    database.create_collection("odds_books", validator={"fixture_id": {"$ne": 2}})
    with Rig(database) as rig:
        for fixture in range(4):
            rig.submit(quote(2.0, 1, fixture=fixture))
        rig.settle()
    assert {key[0] for key in stored_prices(database)} == {0, 1, 3}
    assert len(rig.set_aside) == 1


def test_a_clear_reaches_documents_that_another_process_made_meanwhile(database: Database[Document]) -> None:
    with Rig(database) as first, Rig(database) as second:
        for _ in range(15):
            base = first.tickets * 10 + 1
            first.submit(quote(2.0, base))
            first.settle()
            second.submit(quote(2.0, base + 1, market=f"Player {base}", player="A. Player"))
            first.submit(FeedCleared(7, "M88", "M88", base + 5, base + 5, "no_markets"))
            first.settle()
            second.settle()
            eventually(lambda: not stored_prices(database), 5, "the cleared book to be empty")
    check_history(database)


def test_submitting_to_a_stopped_writer_says_so(database: Database[Document]) -> None:
    rig = Rig(database)
    with rig:
        pass
    assert not rig.writer.submit([quote(2.0, 1)], ticket=1, received_at=0.0)


@pytest.mark.parametrize("market", ["Totals", "Shots"])
def test_a_late_message_does_not_bring_back_what_an_answer_of_another_process_withdrew(
    database: Database[Document], market: str
) -> None:
    more = {"player": "A. Player"} if market == "Shots" else {}
    main, other = quote(2.0, 5), quote(1.8, 5, market=market, sequence=None, **more)
    with Rig(database) as stream, Rig(database) as poller:
        stream.submit(main, other)
        stream.settle()
        poller.submit(FeedSnapshot(7, "M88", "M88", None, (main,), as_of=9))
        poller.settle()
        assert stored_prices(database) == {(7, "M88", "ML"): [2.0]}
        stream.submit(quote(1.7, 8, market=market, sequence=None, **more))
        stream.settle()
        assert stored_prices(database) == {(7, "M88", "ML"): [2.0]}
        stream.submit(quote(1.6, 10, market=market, sequence=None, **more))
        stream.settle()
    assert stored_prices(database) == {(7, "M88", "ML"): [2.0], (7, "M88", market): [1.6]}
    check_history(database)


def test_how_far_answers_reach_outlives_the_process(database: Database[Document]) -> None:
    main = quote(2.0, 5)
    with Rig(database) as first:
        first.submit(FeedSnapshot(7, "M88", "M88", None, (main,), as_of=9))
        first.submit(FeedSnapshot(7, "M88", "M88", 70, (quote(2.1, 6, sequence=70),), as_of=8))
        first.settle()
    (document,) = database["odds_books"].find()
    assert document["inventory"] == {"base": {"as_of": 9, "sequence": 70, "newest": 8}}
    with Rig(database) as second:
        second.submit(quote(1.5, 8, market="Totals", sequence=None), quote(1.5, 10, market="Spread", sequence=70))
        second.submit(quote(1.4, 9, market="Draw No Bet", sequence=71))
        second.settle()
    assert set(stored_prices(database)) == {(7, "M88", "ML"), (7, "M88", "Draw No Bet")}


@pytest.mark.parametrize("looks_first", [False, True])
def test_one_that_looks_first_is_not_refused_for_what_another_stored_before(
    database: Database[Document], looks_first: bool
) -> None:
    with Rig(database) as often, Rig(database, looks_first=looks_first) as seldom:
        for at in range(1, 41, 2):
            often.submit(quote(2.0 + at / 100, at, market="ML"))
            often.settle()
            seldom.submit(quote(3.0 + at / 100, at + 1, market="Spread"))
            seldom.submit(quote(1.5, at + 1, fixture=8))
            seldom.settle()
        conflicts = seldom.writer.statistics()["conflicts"]
    assert (conflicts == 0) is looks_first
    assert stored_prices(database) == {(7, "M88", "ML"): [2.39], (7, "M88", "Spread"): [3.39], (8, "M88", "ML"): [1.5]}


def test_what_moved_on_is_told_by_revisions_alone(database: Database[Document]) -> None:
    with Rig(database) as rig:
        rig.submit(quote(2.0, 1), quote(1.8, 1, market="Player Shots", player="A. Player"))
        rig.submit(quote(2.0, 1, fixture=8))
        rig.settle()
        held = rig.store.load([7, 8, 9]).values()
        assert rig.store.moved_on(held) == set()
        rig.submit(quote(2.1, 2, fixture=8))
        rig.settle()
        assert rig.store.moved_on(held) == {8}
        rig.submit(quote(2.1, 2, fixture=9))
        rig.settle()
        database["odds_books"].delete_one({"fixture_id": 7, "segment": "Player Shots"})
        assert rig.store.moved_on(held) == {7, 8, 9}
        assert rig.store.moved_on([]) == set()
