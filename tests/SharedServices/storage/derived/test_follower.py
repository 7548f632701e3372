"""The follower's thread, its debts and its bounds, on a real MongoDB."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from derived_rig import CLOCK, RETENTION, Process, quote, register
from pymongo.database import Database
from pymongo.errors import AutoReconnect
from support import eventually

from PROPPR.SharedServices.odds.drops import DropRule
from PROPPR.SharedServices.odds.types import Source
from PROPPR.SharedServices.service.clock import ManualClock
from PROPPR.SharedServices.storage.books.store import BookStore
from PROPPR.SharedServices.storage.derived.chores import Rhythm
from PROPPR.SharedServices.storage.derived.debts import EVER, Debts
from PROPPR.SharedServices.storage.derived.follower import BooksFollower
from PROPPR.SharedServices.storage.derived.product import Work
from PROPPR.SharedServices.storage.derived.value_bets import ValueBets, ValueRule, bets_of, places_of
from PROPPR.SharedServices.storage.fixtures import FixtureStore

Document = dict[str, Any]
RULE = ValueRule(("M88", "FB Sports"))
FIXTURES = tuple(range(1, 9))
BOOKMAKERS = ("M88", "FB Sports", "Bet365", "Unibet", "BetOnline.ag")


def stored(database: Database[Document]) -> dict[str, float]:
    return {bet["_id"]: bet["expected_value"] for bet in database["all_value_bets"].find()}


def right(database: Database[Document], rule: ValueRule = RULE) -> dict[str, float]:
    loaded = BookStore(database, CLOCK, DropRule(Decimal("0.05"))).load(FIXTURES)
    return {
        key: bet.expected_value
        for books in loaded.values()
        for key, (_, bet) in bets_of(books, places_of(books), rule).items()
    }


class Flaky(ValueBets):
    """MongoDB is away now and then, before a write or after it, and one fixture can't be computed."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.random = Random(1)
        self.poison = 0

    def refresh(self, works: Sequence[Work]) -> set[int]:
        if self.random.random() < 0.2:
            raise AutoReconnect("gone before the write")
        if any(work.fixture.id == self.poison for work in works):
            raise ZeroDivisionError
        wrote = super().refresh(works)
        if self.random.random() < 0.2:
            raise AutoReconnect("gone after the write")
        return wrote


@pytest.fixture
def database(collections: Database[Document]) -> Database[Document]:
    return collections


@pytest.fixture(autouse=True)
def prepared(database: Database[Document]) -> None:
    register(database, *FIXTURES)


def process(database: Database[Document], source: Source = "websocket", kind: type[ValueBets] = ValueBets) -> Process:
    return Process(database, lambda source: [kind(database, CLOCK, RULE, source)], source)


def feed(first: Process, second: Process, seed: int, count: int) -> None:
    random = Random(seed)
    for at in range(1, count + 1):
        either = random.choice((first, second))
        market, fixture = random.choice(("Draw No Bet", "ML HT")), random.choice(FIXTURES)
        home, away = random.choices((1.8, 1.95, 2.1), k=2)
        either.submit(quote(random.choice(BOOKMAKERS), home, away, at, market=market, fixture=fixture))


def test_two_busy_services_end_with_what_the_books_say(database: Database[Document]) -> None:
    with process(database) as first, process(database, "api_poller") as second:
        for seed in range(3):
            feed(first, second, seed, 400)
            for each in (first, second):
                eventually(lambda each=each: len(each.done) == each.tickets, 30)  # type: ignore[misc]
            eventually(lambda: stored(database) == right(database), what="the bets to follow the books")
    assert stored(database)


def test_a_server_that_comes_and_goes_and_a_defect_cost_only_what_they_hit(database: Database[Document]) -> None:
    with process(database, kind=Flaky) as service:
        (product,) = service.follower._products
        product.poison = 8  # type: ignore[attr-defined]
        feed(service, service, 5, 300)
        eventually(lambda: len(service.done) == service.tickets, 30)

        def without_poison(found: Mapping[str, float]) -> dict[str, float]:
            return {key: value for key, value in found.items() if not key.startswith("8|")}

        eventually(lambda: without_poison(stored(database)) == without_poison(right(database)), 20)
        eventually(lambda: service.follower.statistics()["defects"], what="the defect to be met and passed over")
        eventually(lambda: service.follower.check().ok)


def follower(database: Database[Document], **options: Any) -> BooksFollower:
    rule = options.pop("rule", RULE)
    products = [ValueBets(database, CLOCK, rule, "websocket")]
    return BooksFollower(
        database, CLOCK, products, FixtureStore(database, CLOCK).get, "websocket",
        retention=RETENTION, rhythm=Rhythm(0.1, 0.1, 0.1), **options,
    )  # fmt: skip


def fill(database: Database[Document]) -> None:
    """Books of every fixture, and nothing derived from them."""
    with process(database) as service:
        for number in FIXTURES:
            service.store_now(quote("M88", 1.9, 1.9, 1, fixture=number), quote("Bet365", 2.1, 1.7, 1, fixture=number))
        eventually(lambda: len(stored(database)) == len(FIXTURES))
    database["all_value_bets"].delete_many({})


def test_more_fixtures_than_there_is_room_for_are_looked_up_again(database: Database[Document]) -> None:
    fill(database)
    small = follower(database, most_fixtures=2)
    small.look_at(FIXTURES)
    small.start()
    eventually(lambda: len(stored(database)) == len(FIXTURES), what="those that found no room too")
    assert small.statistics()["lost"] == len(FIXTURES) - 2
    small.stop(CLOCK.monotonic() + 5)


def test_other_rules_are_applied_to_everything(database: Database[Document]) -> None:
    fill(database)
    unchanged = follower(database)
    unchanged.start()
    eventually(lambda: unchanged.statistics()["batches"] == 0 and database["book_followers"].count_documents({}) == 2)
    unchanged.stop(CLOCK.monotonic() + 5)
    assert not stored(database)
    changed = follower(database, rule=ValueRule(("Bet365",)))
    changed.start()
    eventually(lambda: stored(database) == right(database, ValueRule(("Bet365",))) != {})
    changed.stop(CLOCK.monotonic() + 5)


def test_one_that_ends_in_order_owes_nothing(database: Database[Document]) -> None:
    fill(database)
    assert not list(database["book_followers"].find({"_id": {"$ne": "rules"}}))


def test_one_that_ends_before_it_is_done_leaves_a_debt_to_the_next(database: Database[Document]) -> None:
    fill(database)
    late = follower(database)
    late.look_at(FIXTURES)
    late._chores.run()
    late._chores.finish()  # as a stop whose deadline is over
    following = follower(database, silent_after=0.2)
    following.start()
    eventually(lambda: len(stored(database)) == len(FIXTURES))
    eventually(lambda: database["book_followers"].count_documents({}) == 2, what="the debt to be settled")
    following.stop(CLOCK.monotonic() + 5)


def test_the_updater_comes_first_while_it_lives_and_then_another(database: Database[Document]) -> None:
    def debts(source: Source, silent_after: float = 600.0) -> Debts:
        return Debts(database, CLOCK, source, RETENTION, silent_after)

    poller, other, updater = debts("api_poller"), debts("api_poller"), debts("websocket")
    assert all(each.is_first() for each in (poller, other, updater))  # nobody has spoken
    for each in (poller, other, updater):
        each.state(CLOCK.now_ms())
    assert [each.is_first() for each in (poller, other, updater)] == [False, False, True]
    eventually(debts("api_poller", silent_after=0.2).is_first, what="those that fell silent to be passed over")
    updater.settle()
    assert sorted((poller.is_first(), other.is_first())) == [False, True]


def test_a_debt_is_the_books_stored_since(database: Database[Document]) -> None:
    clock = ManualClock(datetime(2026, 5, 1, 23, 58, tzinfo=UTC))
    store = BookStore(database, clock, DropRule(Decimal("0.05")), RETENTION)
    service = Process(database, lambda source: [], clock=clock)
    (worker,) = service.writer._workers
    moments = []
    for number in FIXTURES:
        service.submit(quote("Bet365", 2.0, 2.0, 1, fixture=number))
        worker._flush(worker.intake.take(10, 0.0))
        moments.append(clock.now_ms())
        clock.advance(600)
    debts = Debts(database, clock, "websocket", RETENTION, 1.0)
    assert debts.fixtures_since(moments[0]) == set(FIXTURES)
    assert debts.fixtures_since(moments[5]) == set(FIXTURES[5:])
    assert debts.fixtures_since(moments[5] + 100_000) == set(FIXTURES[5:]), "with a margin for clocks"
    assert debts.fixtures_since(clock.now_ms()) == set()
    assert debts.fixtures_since(EVER) == set(FIXTURES)
    assert set(store.load(FIXTURES)) == set(FIXTURES)
    register(database, *FIXTURES, kickoff=clock.now_ms())
    clock.advance(timedelta(hours=5).total_seconds())
    assert debts.fixtures_since(EVER) == set(), "those that are over are nobody's debt"
