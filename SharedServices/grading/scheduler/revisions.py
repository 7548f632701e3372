"""Settled bets whose match or race was corrected: graded again, with a trail and an alert."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable
from datetime import datetime, timedelta
from typing import Any, Final

from PROPPR.SharedServices.grading.readers.bets import COLLECTIONS
from PROPPR.SharedServices.grading.scheduler.changes import correction
from PROPPR.SharedServices.grading.scheduler.judging import Book, Judge, Read, is_by_hand, match_of, singles_of
from PROPPR.SharedServices.grading.scheduler.passes import POST_MATCH, REVISED_WITHIN, Pass, revision_due
from PROPPR.SharedServices.grading.scheduler.report import Correction, RoundReport
from PROPPR.SharedServices.grading.scheduler.settling import Wanted
from PROPPR.SharedServices.ingest.alerting import Alerts
from PROPPR.SharedServices.service.clock import Clock
from PROPPR.SharedServices.storage.bets import BetStore, Change
from PROPPR.SharedServices.storage.graded_matches import GradedMatches
from PROPPR.SharedServices.storage.horse_results import HorseResults
from PROPPR.SharedServices.storage.matches import MatchStore

log = logging.getLogger(__name__)

Document = dict[str, Any]
STORED_WITHIN: Final = 5.0
LOOKED_BACK: Final = timedelta(days=14)
"""How far a process that has just started looks back for corrections."""
OVERLAP: Final = timedelta(minutes=10)
"""Times of different processes' clocks are compared: so much of the last look is looked at again."""


class Revisions:
    """Raises what MongoDB raises, and what `proceed` does. Used by one thread."""

    def __init__(
        self, bets: BetStore, judge: Judge, matches: GradedMatches, store: MatchStore, results: HorseResults,
        alerts: Alerts, clock: Clock, proceed: Callable[[], int],
    ) -> None:  # fmt: skip
        self._bets = bets
        self._judge = judge
        self._matches = matches
        self._store = store
        self._results = results
        self._alerts = alerts
        self._clock = clock
        self._proceed = proceed
        self._looked_at: datetime | None = None
        self._open: dict[int, tuple[int, datetime | None]] = {}

    def forget(self) -> None:
        """Look back as far as after a start: another process may have left something undone."""
        self._looked_at = None
        self._open.clear()

    def to_look_up(self, wanted: Wanted) -> None:
        """Note the matches with settled bets whose pages were not looked at again yet."""
        now = self._clock.now()
        states = self._store.states(self._matches.begun_between(now - REVISED_WITHIN, now - POST_MATCH))
        late: dict[int, tuple[Pass, datetime]] = {}
        for match_id, state in states.items():
            reason = revision_due(state.kickoff, state, now) if state.kickoff is not None else None
            if reason is not None and state.kickoff is not None:
                late[match_id] = (reason, state.kickoff)
        for match_id in self._bets.are_settled_on(list(late)) if late else ():
            reason, kickoff = late[match_id]
            wanted.add(match_id, max(reason, Pass.DELAYED), kickoff, None)
        for match_id, begins in self._open.values():
            wanted.add(match_id, Pass.DELAYED, begins, None)

    def check(self, report: RoundReport) -> None:
        """Grade the bets again whose match or race has changed since the last look."""
        now = self._clock.now()
        since = (self._looked_at or now - LOOKED_BACK) - OVERLAP
        changed: list[int | str] = [*self._matches.revised_since(since), *self._results.changed_since(since)]
        for start in range(0, len(changed), 500):
            self.regrade(changed[start : start + 500], report)
        self._check_mappings(since, report)
        self._looked_at = now

    def regrade(self, match_ids: Iterable[int | str], report: RoundReport) -> None:
        """Grade all bets again that were settled on these matches or races, where those have changed since."""
        chosen = list(match_ids)
        for collection in COLLECTIONS:
            for documents in self._bets.settled_on(collection, chosen):
                self._batch(collection, documents, report)

    def _check_mappings(self, since: datetime, report: RoundReport) -> None:
        """Grade the bets again whose fixture a person has given another match since they were settled."""
        fixtures = {*self._judge.remapped_since(since), *self._open}
        self._open.clear()
        for collection in COLLECTIONS if fixtures else ():
            for documents in self._bets.settled_for(collection, fixtures, self._clock.now() - LOOKED_BACK):
                self._batch(collection, documents, report, fixtures)

    def _note_open(self, bet: Read, book: Book, remapped: Collection[int]) -> None:
        """Remember a match that bets were moved to and that is not stored: it is asked for in the next round."""
        for single in singles_of(bet):
            fixture_id, match_id = single.fixture_id, match_of(single, book.links)
            if fixture_id is None or fixture_id not in remapped or match_id is None or match_id in book.states:
                continue
            self._open[fixture_id] = (match_id, single.kickoff)

    def _batch(
        self, collection: str, documents: list[Document], report: RoundReport, remapped: Collection[int] = ()
    ) -> None:
        mine = [each for each in documents if not is_by_hand(each) and isinstance(each.get("grading"), dict)]
        bets, book = self._judge.read([(collection, each) for each in mine])
        now = self._clock.now()
        changes: list[Change] = []
        corrected: list[Correction] = []
        for document, bet in zip(mine, bets, strict=True):
            self._note_open(bet, book, remapped)
            found = correction(document, self._judge.judge(bet, book), now, anyway=bool(remapped))
            if found is None:
                continue
            fields, tells = found
            changes.append(Change(document, fields))
            if tells:
                corrected.append(_corrected(collection, document, fields))
        if not changes:
            return
        # Said before it is written: a process that dies in between leaves an alert too many, never one too few.
        keys = self._tell(corrected)
        if keys and not self._alerts.flushed(STORED_WITHIN):
            log.warning("an alert is not stored yet", extra={"keys": sorted(keys)[:5]})
        token = self._proceed()
        report.written += self._bets.write(collection, changes, token)
        report.rechecked += len(changes)
        for each in corrected:
            report.corrects(each)
        for key, text in keys.items():
            self._alerts.resolve(key, text)

    def _tell(self, corrected: list[Correction]) -> dict[str, str]:
        by_match: dict[int | str | None, list[Correction]] = {}
        for each in corrected:
            by_match.setdefault(each.match_id, []).append(each)
        keys: dict[str, str] = {}
        for match_id, some in by_match.items():
            key = f"grading.correction.{match_id or some[0].bet_id}"
            shown = ", ".join(f"{one.bet_id}: {one.before} -> {one.after}" for one in some[:5])
            total = sum(one.difference for one in some)
            self._alerts.raise_alert(
                key, f"Corrected data: {len(some)} settled bets of match {match_id} are graded again", shown
            )
            keys[key] = f"{len(some)} bets graded again, returns changed by {total:+.2f}: {shown}"
        return keys


def _corrected(collection: str, document: Document, fields: Document) -> Correction:
    grading = fields["grading"]
    legs = grading.get("legs") or [{}]
    before, after = (_returns(each) for each in (document, fields))
    doubt = grading.get("doubt")
    return Correction(
        collection,
        str(document.get("bet_id", document["_id"]))[:100],
        grading.get("match_id") or legs[0].get("match_id"),
        str(document.get("status")),
        f"kept, in doubt ({doubt})" if doubt else str(fields.get("status")),
        0.0 if doubt else after - before,
    )


def _returns(fields: Document) -> float:
    value = fields.get("returns")
    return float(value) if isinstance(value, int | float) else 0.0
