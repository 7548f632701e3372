"""What an answer leaves in doubt is read again once, and only if the next answers do not explain it."""

from __future__ import annotations

from collections.abc import Sequence

from poller_fakes import fixture
from stream_fakes import FakeWriter

from PROPPR.SharedServices.ingest.absences import Absences
from PROPPR.SharedServices.ingest.book_reader import BookReader
from PROPPR.SharedServices.ingest.tickets import Tickets
from PROPPR.SharedServices.odds.types import FeedSnapshot, Line, MarketUpdate
from PROPPR.SharedServices.providers.odds_api.models import OddsAnswer
from PROPPR.SharedServices.service.clock import ManualClock
from PROPPR.SharedServices.storage.books.plan import plan
from PROPPR.SharedServices.storage.books.state import FixtureBooks
from PROPPR.UnifiedAPIPoller.core.doubts import AGAIN_AFTER, LASTING, Doubts

NOW = 1_795_000_000_000


def test_the_next_answer_may_explain_a_doubt() -> None:
    clock = ManualClock()
    doubts = Doubts(clock)
    doubts.report(1, "M88")
    doubts.report(2, "M88")
    clock.advance(60)
    began = clock.monotonic()
    clock.advance(1)
    doubts.report(2, "M88")
    doubts.explained([1, 2], "M88", began)
    clock.advance(LASTING)
    assert doubts.lasting("Bet365") == []
    assert doubts.lasting("M88") == [2]
    assert doubts.lasting("M88") == []


def test_a_doubt_that_no_answer_comes_back_to_lasts() -> None:
    clock = ManualClock()
    doubts = Doubts(clock)
    doubts.report(1, "M88")
    assert doubts.lasting("M88") == []
    clock.advance(LASTING)
    assert doubts.lasting("M88") == [1]


def test_the_same_book_is_read_again_at_most_once_an_hour() -> None:
    clock = ManualClock()
    doubts = Doubts(clock)
    assert len(doubts.news([fixture(1), fixture(2)], "M88")) == 2
    assert len(doubts.news([fixture(1)], "Bet365")) == 1
    clock.advance(AGAIN_AFTER - 1)
    assert doubts.news([fixture(1)], "M88") == []
    clock.advance(1)
    assert len(doubts.news([fixture(1)], "M88")) == 1


def quote(market: str, at: int, sequence: int | None) -> MarketUpdate:
    return MarketUpdate(
        7, "M88", "M88", market, False, at, sequence, (Line(hdp=2.5, over=2.0, under=1.9),), "api_poller"
    )


class TwoAnswers:
    """/odds/multi twice: without Totals, at these sequences."""

    def __init__(self, sequences: Sequence[int]) -> None:
        self.sequences = list(sequences)

    def odds_multi(self, ids: Sequence[int], bookmakers: Sequence[str], include_sequence: bool = True) -> OddsAnswer:
        sequence = self.sequences.pop(0)
        snapshot = FeedSnapshot(7, "M88", "M88", sequence, (quote("ML", NOW - 60_000, sequence),), "api_poller")
        return OddsAnswer((), (snapshot,), sequence, asked_at=NOW, received_at=NOW + 50)


def markets_after(sequences: Sequence[int], prove: bool) -> set[str]:
    """The markets left of a book whose newest quote, Totals, came by REST and is missing now."""
    known = [quote("ML", NOW - 60_000, None), quote("Totals", NOW - 30_000, None)]
    writer = FakeWriter(Tickets())
    reader = BookReader(TwoAnswers(sequences), writer, writer.tickets, ManualClock(), Absences(lambda ids: set()))
    reader.read([7], ["M88"], set(), lambda answer: None, prove=prove)
    (draft,) = plan(FixtureBooks(7), [*known, *writer.updates])
    assert draft.doubted
    return {name for name in ("ML", "Totals") if (market := draft.market(name)) and not market.base.withdrawn}  # type: ignore[union-attr]


def test_two_answers_in_order_prove_that_a_market_is_gone() -> None:
    assert markets_after([500, 500], prove=True) == {"ML"}
    assert markets_after([500, 510], prove=True) == {"ML"}


def test_a_cached_second_answer_or_a_single_one_proves_nothing() -> None:
    assert markets_after([500, 490], prove=True) == {"ML", "Totals"}
    assert markets_after([500], prove=False) == {"ML", "Totals"}
