"""Reads the books of named fixtures by REST and hands them to the writer, withdrawn books included."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Final, Protocol

from PROPPR.SharedServices.ingest.absences import Absences
from PROPPR.SharedServices.ingest.tickets import Tickets
from PROPPR.SharedServices.odds.bookmakers import book_of
from PROPPR.SharedServices.odds.types import BookUpdate
from PROPPR.SharedServices.providers.odds_api.models import OddsAnswer
from PROPPR.SharedServices.service.clock import Clock

IDS_PER_CALL: Final = 10
BOOKMAKERS_PER_CALL: Final = 30

OnAnswer = Callable[[OddsAnswer], None]


class MultiSource(Protocol):
    """Where books are read (OddsApiClient)."""

    def odds_multi(
        self, ids: Sequence[int], bookmakers: Sequence[str], include_sequence: bool = True
    ) -> OddsAnswer: ...


class Writer(Protocol):
    """Where books go (BookWriter)."""

    def submit(self, updates: Sequence[BookUpdate], *, ticket: int, received_at: float) -> bool: ...


class BookReader:
    """One batch of at most 10 fixtures at a time; safe to use from several threads.

    `outstanding` collects the tickets of what was handed over; it is empty again when all of it is stored. Raises what
    the source and the database raise; what was handed over before that is stored all the same.
    """

    def __init__(self, source: MultiSource, writer: Writer, tickets: Tickets, clock: Clock, absences: Absences) -> None:
        self._source = source
        self._writer = writer
        self._tickets = tickets
        self._clock = clock
        self._absences = absences

    def read(self, ids: Sequence[int], bookmakers: Sequence[str], outstanding: set[int], on_answer: OnAnswer) -> None:
        """Read these fixtures at these bookmakers; `on_answer` sees every answer, those asked for again included."""
        ask = partial(self._ask, outstanding=outstanding, on_answer=on_answer)
        answers = [ask(ids, chunk) for chunk in _chunks(bookmakers, BOOKMAKERS_PER_CALL)]
        for clear in self._absences.clears(ids, bookmakers, answers, ask):
            self.submit([clear], outstanding)

    def submit(self, updates: Sequence[BookUpdate], outstanding: set[int]) -> None:
        """Hand over updates of one fixture."""
        ticket = self._tickets.issue(outstanding.discard)
        outstanding.add(ticket)
        self._writer.submit(updates, ticket=ticket, received_at=self._clock.monotonic())

    def _ask(
        self, ids: Sequence[int], bookmakers: Sequence[str], outstanding: set[int], on_answer: OnAnswer
    ) -> OddsAnswer:
        answer = self._source.odds_multi(ids, bookmakers, include_sequence=True)
        on_answer(answer)
        by_fixture: dict[int, list[BookUpdate]] = {}
        updates: list[BookUpdate] = [*answer.snapshots, *answer.partial]
        for update in updates:
            by_fixture.setdefault(update.fixture_id, []).append(update)
        for own in by_fixture.values():
            self.submit(own, outstanding)
        return answer


def requestable(bookmakers: Iterable[str]) -> tuple[str, ...]:
    """The names that may be asked for: a `(no latency)` feed comes with its bookmaker and must not be requested."""
    return tuple(dict.fromkeys(book_of(name) for name in bookmakers))


def _chunks(items: Sequence[str], size: int) -> list[Sequence[str]]:
    return [items[start : start + size] for start in range(0, len(items), size)]
