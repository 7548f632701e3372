"""One round of grading: what is stored first, then what the source is asked for, then what was corrected."""

from __future__ import annotations

import logging

from PROPPR.SharedServices.grading.scheduler.asking import Asking
from PROPPR.SharedServices.grading.scheduler.judging import Judge
from PROPPR.SharedServices.grading.scheduler.report import RoundReport
from PROPPR.SharedServices.grading.scheduler.revisions import Revisions
from PROPPR.SharedServices.grading.scheduler.settling import OnVerdict, Settling, Wanted
from PROPPR.SharedServices.service.clock import Clock

log = logging.getLogger(__name__)


class Rounds:
    """Makes rounds. Raises what MongoDB raises, and what stops the work. Used by one thread."""

    def __init__(self, judge: Judge, settling: Settling, asking: Asking, revisions: Revisions, clock: Clock) -> None:
        self._judge = judge
        self._settling = settling
        self._asking = asking
        self._revisions = revisions
        self._clock = clock

    def make(self, only: frozenset[int] | None = None, on_verdict: OnVerdict | None = None) -> RoundReport:
        """Make one round; with `only`, for the pending bets on these matches or fixtures."""
        report = RoundReport(self._clock.now())
        wanted = Wanted()
        self._judge.forget()
        self._settling.everything(report, wanted, only, on_verdict)
        if only is None:
            self._revisions.to_look_up(wanted)
        answered = self._asking.look_up(wanted.in_order(), report)
        if answered:
            self._judge.forget()
            bets = [bet for match_id in answered for bet in wanted.bets.get(match_id, ())]
            self._settling.these(bets, report, on_verdict)
        if only is None:
            self._revisions.check(report)
        self._judge.forget()  # nothing is held until the next round
        report.finished_at = self._clock.now()
        log.info("round of grading", extra={"report": str(report), "seconds": round(report.seconds, 3)})
        return report
