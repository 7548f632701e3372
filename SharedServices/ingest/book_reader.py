"""Reads the books of named fixtures by REST and hands them to the writer, withdrawn books included."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final, Protocol

import msgspec

from PROPPR.SharedServices.ingest.absences import Absences
from PROPPR.SharedServices.ingest.tickets import Tickets
from PROPPR.SharedServices.odds.types import BookUpdate
from PROPPR.SharedServices.providers.odds_api.feed import SLACK_MS
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

    def read(
        self,
        ids: Sequence[int],
        bookmakers: Sequence[str],
        outstanding: set[int],
        on_answer: OnAnswer,
        *,
        prove: bool = False,
    ) -> None:
        """Read these fixtures at these bookmakers; `on_answer` sees every answer, those asked for again included.

        With `prove` the answers also say of quotes without a sequence that they are gone. It costs each call twice.
        """
        ask = partial(self._ask, outstanding=outstanding, on_answer=on_answer)
        chunks = _chunks(bookmakers, BOOKMAKERS_PER_CALL)
        answers = [ask(ids, chunk) for chunk in chunks]
        if prove:
            answers = [ask(ids, chunk, after=answer) for chunk, answer in zip(chunks, answers, strict=True)]
        for clear in self._absences.clears(ids, bookmakers, answers, ask):
            self.submit([clear], outstanding)

    def submit(self, updates: Sequence[BookUpdate], outstanding: set[int]) -> None:
        """Hand over updates of one fixture."""
        ticket = self._tickets.issue(outstanding.discard)
        outstanding.add(ticket)
        self._writer.submit(updates, ticket=ticket, received_at=self._clock.monotonic())

    def _ask(
        self,
        ids: Sequence[int],
        bookmakers: Sequence[str],
        outstanding: set[int],
        on_answer: OnAnswer,
        after: OddsAnswer | None = None,
    ) -> OddsAnswer:
        answer = self._source.odds_multi(ids, bookmakers, include_sequence=True)
        on_answer(answer)
        if after is not None:
            answer = _proven(answer, after)
        by_fixture: dict[int, list[BookUpdate]] = {}
        updates: list[BookUpdate] = [*answer.snapshots, *answer.partial]
        for update in updates:
            by_fixture.setdefault(update.fixture_id, []).append(update)
        for own in by_fixture.values():
            self.submit(own, outstanding)
        return answer


def _proven(answer: OddsAnswer, earlier: OddsAnswer) -> OddsAnswer:
    """The answer with the time that it was certainly made at or after.

    An answer from a cache states an old sequence. One that is not before an earlier answer's was not made before that
    was asked for.
    """
    if answer.sequence is None or earlier.sequence is None or answer.sequence < earlier.sequence:
        return answer
    asked_at = earlier.asked_at if earlier.provider_time is None else min(earlier.asked_at, earlier.provider_time)
    snapshots = tuple(msgspec.structs.replace(one, as_of=asked_at - SLACK_MS) for one in answer.snapshots)
    return msgspec.structs.replace(answer, snapshots=snapshots)


def _chunks(items: Sequence[str], size: int) -> list[Sequence[str]]:
    return [items[start : start + size] for start in range(0, len(items), size)]
