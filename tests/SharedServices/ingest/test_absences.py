"""What a snapshot proves to be gone, and what it doesn't."""

from __future__ import annotations

from collections.abc import Sequence

from PROPPR.SharedServices.ingest.absences import Absences, Feed
from PROPPR.SharedServices.odds.rejects import Reject
from PROPPR.SharedServices.odds.types import FeedCleared, FeedSnapshot, Line, MarketUpdate
from PROPPR.SharedServices.providers.odds_api.models import OddsAnswer

FAST = "Bet365 (no latency)"
STORED: set[Feed] = {(1, "Bet365", "Bet365"), (1, "Bet365", FAST), (1, "M88", "M88"), (2, "M88", "M88")}


def market(fixture: int, book: str, feed: str) -> MarketUpdate:
    return MarketUpdate(fixture, book, feed, "ML", False, 1, 5, (Line(home=2.0),))


def snapshot(fixture: int, book: str, feed: str | None = None, priced: bool = True) -> FeedSnapshot:
    feed = feed or book
    return FeedSnapshot(fixture, book, feed, 5, (market(fixture, book, feed),) if priced else ())


def answer(*snapshots: FeedSnapshot, sequence: int | None = 50, rejects: tuple[Reject, ...] = ()) -> OddsAnswer:
    return OddsAnswer((), snapshots, sequence, (), rejects, asked_at=1000)


WHOLE = (snapshot(1, "Bet365"), snapshot(1, "Bet365", FAST), snapshot(1, "M88"), snapshot(2, "M88"))


class Asked:
    """Answers every second question with what it was given."""

    def __init__(self, again: OddsAnswer) -> None:
        self.again = again
        self.questions: list[tuple[list[int], list[str]]] = []

    def __call__(self, ids: Sequence[int], bookmakers: Sequence[str]) -> OddsAnswer:
        self.questions.append((list(ids), list(bookmakers)))
        return self.again


def clears(first: OddsAnswer, again: OddsAnswer, asked: Asked | None = None) -> list[FeedCleared]:
    books = ["Bet365", "M88"]
    return list(Absences(lambda ids: set(STORED)).clears([1, 2], books, [first], asked or Asked(again)))


def test_a_complete_answer_asks_nothing_more() -> None:
    asked = Asked(answer())
    assert clears(answer(*WHOLE), answer(), asked) == []
    assert asked.questions == []


def test_what_is_missing_twice_is_cleared_up_to_the_second_answers_sequence() -> None:
    asked = Asked(answer(snapshot(1, "M88"), sequence=60))
    found = clears(answer(*WHOLE[:3]), answer(), asked)
    assert found == [FeedCleared(2, "M88", "M88", 1000, 60, "no_markets")]
    assert asked.questions == [([2], ["M88"])]


def test_what_a_list_lacked_before_is_not_asked_for_again() -> None:
    asked = Asked(answer(sequence=60))
    absences = Absences(lambda ids: set(STORED), lambda fixture, book: (fixture, book) == (2, "M88"))
    first = [answer(*WHOLE[:3], sequence=55), answer(sequence=57)]
    found = list(absences.clears([1, 2], ["Bet365", "M88"], first, asked))
    assert found == [FeedCleared(2, "M88", "M88", 1000, 55, "no_markets")]
    assert asked.questions == []
    first[1] = answer(sequence=None)
    found = list(absences.clears([1, 2], ["Bet365", "M88"], first, asked))
    assert found == [FeedCleared(2, "M88", "M88", 1000, 60, "no_markets")]
    assert asked.questions == [([2], ["M88"])]


def test_what_the_second_answer_has_stands() -> None:
    assert clears(answer(*WHOLE[:3]), answer(snapshot(2, "M88"))) == []


def test_a_feed_without_prices_counts_as_missing() -> None:
    empty = snapshot(1, "Bet365", FAST, priced=False)
    found = clears(answer(WHOLE[0], empty, *WHOLE[2:]), answer(WHOLE[0], empty))
    assert [(one.fixture_id, one.feed) for one in found] == [(1, FAST)]


def test_nothing_is_cleared_without_a_sequence_or_on_the_strength_of_what_was_unreadable() -> None:
    assert clears(answer(*WHOLE[:3]), answer(sequence=None)) == []
    doubt = (Reject("wrong_type", "bookmakers", True, 2),)
    assert clears(answer(*WHOLE[:3], rejects=doubt), answer()) == []
    assert clears(answer(*WHOLE[:3]), answer(rejects=doubt)) == []
    assert clears(answer(rejects=(Reject("not_json", "", True),)), answer()) == []


def test_books_that_were_not_asked_for_are_left_alone() -> None:
    absences = Absences(lambda ids: {(1, "SingBet", "SingBet")})
    assert list(absences.clears([1], ["Bet365"], [answer()], Asked(answer()))) == []
