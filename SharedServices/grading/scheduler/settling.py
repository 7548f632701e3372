"""Settling pending bets on what is stored, and noting which matches the source is to be asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final

from PROPPR.SharedServices.grading.bets import Bet
from PROPPR.SharedServices.grading.result import Settled
from PROPPR.SharedServices.grading.scheduler.changes import reason_of, settlement
from PROPPR.SharedServices.grading.scheduler.judging import Book, Judge, Read, Verdict, is_open, match_of, singles_of
from PROPPR.SharedServices.grading.scheduler.passes import Pass, Rhythm, due
from PROPPR.SharedServices.grading.scheduler.report import RoundReport
from PROPPR.SharedServices.grading.scheduler.writing import WriteBehind
from PROPPR.SharedServices.service.clock import Clock
from PROPPR.SharedServices.storage.bets import BATCH, BetStore, Change

Document = dict[str, Any]
MOST_WANTED: Final = 5_000
MOST_WAITING: Final = 20_000
OnVerdict = Callable[[str, Document, Verdict], object]


@dataclass
class Wanted:
    """Matches to ask the source for, each with its pass, and the bets that wait for it: bounded, the rest comes later.

    `matches` maps a match to its pass and kick-off; `bets` to (collection, `_id`) pairs.
    """

    matches: dict[int, tuple[Pass, datetime | None]] = field(default_factory=dict)
    bets: dict[int, list[tuple[str, Any]]] = field(default_factory=dict)
    waiting: int = 0

    def add(self, match_id: int, reason: Pass, kickoff: datetime | None, bet: tuple[str, Any] | None) -> None:
        """Note a match, and a bet that waits for it."""
        known = self.matches.get(match_id)
        if known is None and len(self.matches) >= MOST_WANTED:
            return
        if known is None or reason < known[0]:
            self.matches[match_id] = (reason, kickoff)
        if bet is not None and self.waiting < MOST_WAITING:
            self.bets.setdefault(match_id, []).append(bet)
            self.waiting += 1

    def in_order(self) -> list[int]:
        """The most urgent first, of those the earliest."""
        far = datetime.max.replace(tzinfo=UTC)
        return sorted(self.matches, key=lambda one: (self.matches[one][0], self.matches[one][1] or far))


class Settling:
    """Settles bets batch by batch: memory does not grow with their number. Used by one thread.

    `proceed` returns the fencing token and raises where the work may not go on; None of it: nothing is written.
    Raises what MongoDB raises, and what `proceed` does.
    """

    def __init__(
        self, bets: BetStore, judge: Judge, clock: Clock, rhythm: Rhythm, proceed: Callable[[], int] | None
    ) -> None:
        self._bets = bets
        self._judge = judge
        self._clock = clock
        self._rhythm = rhythm
        self._proceed = proceed
        self._behind = WriteBehind()

    def everything(
        self,
        report: RoundReport,
        wanted: Wanted,
        only: frozenset[int] | None = None,
        on_verdict: OnVerdict | None = None,
    ) -> None:
        """Settle what can be settled of all pending bets; with `only`, of those on these matches or fixtures."""
        self._behind = WriteBehind()
        for bets in self._bets.pending_ids(self._clock.now()):
            self._batch(bets, report, wanted, only, on_verdict)
        report.written += self._behind.end()

    def these(self, bets: Sequence[tuple[str, Any]], report: RoundReport, on_verdict: OnVerdict | None = None) -> None:
        """Settle what can be settled of these bets, by (collection, `_id`); they were counted as waiting before."""
        again = RoundReport(report.started_at)

        def recount(collection: str, document: Document, verdict: Verdict) -> None:
            report.waiting[reason_of(document)] -= 1
            if on_verdict is not None:
                on_verdict(collection, document, verdict)

        self._behind = WriteBehind()
        for start in range(0, len(bets), BATCH):
            self._batch(bets[start : start + BATCH], again, Wanted(), None, recount)
        again.written += self._behind.end()
        report.waiting.update(again.waiting)
        report.waiting = +report.waiting
        report.settled += again.settled
        report.written += again.written

    def _batch(
        self, ids: Sequence[tuple[str, Any]], report: RoundReport, wanted: Wanted, only: frozenset[int] | None,
        on_verdict: OnVerdict | None,
    ) -> None:  # fmt: skip
        """Settle what can be settled of a batch, with one write a collection."""
        documents = [each for each in self._bets.load(ids) if is_open(each[1])]
        bets, book = self._judge.read(documents)
        now = self._clock.now()
        changes: dict[str, list[Change]] = {}
        for (collection, document), bet in zip(documents, bets, strict=True):
            if (only is not None and not _is_on(bet, book, only)) or _is_ahead(bet, now):
                continue
            verdict = self._judge.judge(bet, book)
            _count(verdict, report)
            if on_verdict is not None:
                on_verdict(collection, document, verdict)
            if not isinstance(verdict.outcome, Settled):
                self._want(bet, book, now, wanted, (collection, document["_id"]))
            fields = settlement(document, verdict, now)
            if fields is not None:
                changes.setdefault(collection, []).append(Change(document, fields))
        if self._proceed is not None and changes:
            token = self._proceed()
            report.written += self._behind.begin(partial(self._write, changes, token))

    def _write(self, changes: dict[str, list[Change]], token: int) -> int:
        return sum(self._bets.write(collection, some, token) for collection, some in changes.items())

    def _want(self, bet: Read, book: Book, now: datetime, wanted: Wanted, reference: tuple[str, Any]) -> None:
        for single in singles_of(bet):
            match_id = match_of(single, book.links)
            if match_id is None:
                continue
            state = book.states.get(match_id)
            reason = due(kickoff_of(single, book), state, now, self._rhythm)
            if reason is not None:
                wanted.add(match_id, reason, kickoff_of(single, book), reference)


def kickoff_of(bet: Bet, book: Book) -> datetime | None:
    """When the match of a bet was to begin: by the bet or by its page, whichever is earlier."""
    state = book.states.get(match_of(bet, book.links) or 0)
    known = [each for each in (bet.kickoff, state.kickoff if state is not None else None) if each is not None]
    return min(known, default=None)


def _count(verdict: Verdict, report: RoundReport) -> None:
    report.read += 1
    if isinstance(verdict.outcome, Settled):
        report.settled[str(verdict.outcome.result)] += 1
    else:
        report.waiting[str(verdict.outcome.reason)] += 1


def _is_ahead(bet: Read, now: datetime) -> bool:
    """Whether a bet can't be settled yet because all its matches are still to come."""
    singles = tuple(singles_of(bet))
    return bool(singles) and all(each.kickoff is not None and each.kickoff > now for each in singles)


def _is_on(bet: Read, book: Book, only: frozenset[int]) -> bool:
    return any(each.fixture_id in only or match_of(each, book.links) in only for each in singles_of(bet))
