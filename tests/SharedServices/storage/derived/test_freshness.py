"""The newest books at the least cost, on a real MongoDB."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from derived_rig import CLOCK, quote
from pymongo.database import Database

from PROPPR.SharedServices.odds.drops import DropRule
from PROPPR.SharedServices.odds.types import BookUpdate
from PROPPR.SharedServices.storage.books.plan import plan
from PROPPR.SharedServices.storage.books.state import FixtureBooks
from PROPPR.SharedServices.storage.books.store import BookStore
from PROPPR.SharedServices.storage.derived.dirty import Dirty
from PROPPR.SharedServices.storage.derived.freshness import Fresh, FreshReader

Document = dict[str, Any]
FIXTURE = 7


class Own:
    """What one process's writer does: stores, then takes over into its picture."""

    def __init__(self, database: Database[Document]) -> None:
        self.store = BookStore(database, CLOCK, DropRule(Decimal("0.05")))
        self.books = self.store.load([FIXTURE])[FIXTURE]

    def write(self, *updates: BookUpdate, known: bool = True) -> None:
        drafts = plan(self.books, updates)
        assert len(self.store.commit(drafts).committed) == len(drafts)
        for draft in drafts if known else ():
            draft.segment.revision += 1
            draft.segment.markets.update(draft.changed)
            self.books.books.setdefault(draft.bookmaker, {})[draft.name] = draft.segment


@pytest.fixture
def database(collections: Database[Document]) -> Database[Document]:
    return collections


@pytest.fixture
def own(database: Database[Document]) -> Own:
    return Own(database)


def read(reader: FreshReader, books: FixtureBooks | None, segment: str | None = "team") -> Fresh:
    dirty = Dirty(FIXTURE, 0, books, everything=segment is None)
    if segment is not None:
        dirty.moved.add((segment, "M88", "Draw No Bet"))
    return reader.read([dirty])[FIXTURE]


def price(fresh: Fresh, bookmaker: str) -> float | None:
    segment = fresh.books.segment(bookmaker, "team")
    assert segment is not None
    quoted = segment.markets["Draw No Bet"].base
    assert quoted is not None
    return quoted.lines()[0].home


def test_the_own_picture_serves_where_it_is_the_newest(own: Own, database: Database[Document]) -> None:
    reader = FreshReader(database)
    own.write(quote("M88", 1.9, 1.9, 1), quote("Bet365", 2.0, 1.8, 1))
    fresh = read(reader, own.books)
    assert fresh.books.segment("M88", "team") is own.books.segment("M88", "team")
    assert fresh.basis == {("M88", "team"): 1, ("Bet365", "team"): 1}
    assert reader.foreign_loads == 0


def test_what_another_process_wrote_is_read_once(own: Own, database: Database[Document]) -> None:
    reader = FreshReader(database)
    own.write(quote("M88", 1.9, 1.9, 1))
    other = Own(database)
    other.write(quote("M88", 1.7, 1.9, 2), quote("Unibet", 2.2, 1.9, 2))
    for _ in range(3):
        fresh = read(reader, own.books)
        assert (price(fresh, "M88"), price(fresh, "Unibet")) == (1.7, 2.2)
    assert reader.foreign_loads == 2
    assert own.books.segment("Unibet", "team") is None, "the writer's picture is left alone"
    other.write(quote("M88", 1.6, 1.9, 3))
    assert price(read(reader, own.books), "M88") == 1.6
    assert reader.foreign_loads == 3


def test_only_the_segments_asked_for_are_read(own: Own, database: Database[Document]) -> None:
    reader = FreshReader(database)
    own.write(quote("M88", 1.9, 1.9, 1), quote("M88", 1.9, 1.9, 1, market="Player Shots", player="A. Player"))
    assert set(read(reader, None).basis) == {("M88", "team")}
    assert set(read(reader, None, "Player Shots").basis) == {("M88", "Player Shots")}
    assert len(read(reader, None, None).basis) == 2


def test_what_this_process_writes_meanwhile_clears_itself(own: Own, database: Database[Document]) -> None:
    reader = FreshReader(database)
    own.write(quote("M88", 1.9, 1.9, 1), quote("Bet365", 2.0, 1.8, 1))
    fresh = read(reader, own.books)
    assert not reader.overtaken([fresh])
    own.write(quote("M88", 1.8, 1.9, 2))
    (suspect,) = reader.overtaken([fresh])
    assert (suspect.key, suspect.revision, suspect.cleared) == (("M88", "team"), 2, True)


def test_what_waits_for_mongodbs_answer_is_cleared_by_it(own: Own, database: Database[Document]) -> None:
    reader = FreshReader(database)
    own.write(quote("M88", 1.9, 1.9, 1))
    fresh = read(reader, own.books)
    own.write(quote("M88", 1.8, 1.9, 2), known=False)
    (suspect,) = reader.overtaken([fresh])
    assert not suspect.cleared
    segment = own.books.segment("M88", "team")
    assert segment is not None
    segment.revision += 1
    assert suspect.cleared


def test_what_another_process_writes_meanwhile_is_never_cleared(own: Own, database: Database[Document]) -> None:
    reader = FreshReader(database)
    own.write(quote("M88", 1.9, 1.9, 1))
    fresh = read(reader, own.books)
    other = Own(database)
    other.write(quote("M88", 1.8, 1.9, 2), quote("Unibet", 2.2, 1.9, 2))
    suspects = reader.overtaken([fresh])
    assert {suspect.key for suspect in suspects} == {("M88", "team"), ("Unibet", "team")}
    own.books = own.store.load([FIXTURE])[FIXTURE]  # as after a refused write
    own.write(quote("M88", 1.7, 1.9, 3))
    assert not any(suspect.cleared for suspect in suspects)


def test_what_others_write_is_kept_within_a_bound(own: Own, database: Database[Document]) -> None:
    other = Own(database)
    other.write(*(quote(f"Book {index}", 1.9, 1.9, 1) for index in range(50)))
    reader = FreshReader(database, limit_bytes=10_000)
    assert len(read(reader, own.books).basis) == 50
    assert 0 < reader.foreign_bytes <= 10_000
