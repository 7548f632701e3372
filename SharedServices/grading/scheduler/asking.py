"""Asking the source for the matches that bets wait for, within reason: so many a round, no match in vain too often."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from typing import Final

from PROPPR.SharedServices.grading.scheduler.match_source import MatchSource
from PROPPR.SharedServices.grading.scheduler.report import RoundReport
from PROPPR.SharedServices.providers.fotmob.source import MatchFetcher
from PROPPR.SharedServices.service.clock import Clock
from PROPPR.SharedServices.service.errors import RateLimited, SourceChanged, TransientError

log = logging.getLogger(__name__)

MOST_ASKED: Final = 120
"""Matches asked for in a round: at the usual pause between requests this takes three minutes."""
MOST_FAILURES: Final = 3
MOST_ASIDE: Final = 5_000
FIRST_ASIDE, LONGEST_ASIDE = 600.0, 86_400.0
MOST_PROBLEMS: Final = 20


class Asking:
    """Looks matches up. Raises what MongoDB raises and what `proceed` does; what the source does is in the report."""

    def __init__(self, source: MatchSource, fetcher: MatchFetcher, clock: Clock, proceed: Callable[[], int]) -> None:
        self._source = source
        self._fetcher = fetcher
        self._clock = clock
        self._proceed = proceed
        self._aside: dict[int, tuple[float, float]] = {}

    def look_up(self, match_ids: Iterable[int], report: RoundReport) -> list[int]:
        """Ask for these matches in this order; those that were answered.

        Ends where the source refuses or the day's requests are used up, after three failures in a row and after 120
        matches: the rest is still due in the next round. A match that can't be read is left alone for a while.
        """
        answered: list[int] = []
        due = [each for each in match_ids if not self._is_aside(each)]
        report.to_look_up += len(due)
        failures = 0
        for match_id in due[:MOST_ASKED]:
            self._proceed()
            try:
                report.revisions += self._source.look_up(match_id, self._fetcher.match)
            except SourceChanged as error:
                self._set_aside(match_id)
                _problem(report, str(error))
            except RateLimited as error:
                report.refused = str(error)
                break
            except TransientError as error:
                failures += 1
                self._proceed()  # the process may be ending: then this was no failure of the source
                if failures >= MOST_FAILURES or hasattr(error, "retry_after"):
                    report.refused = str(error)
                    break
                _problem(report, str(error))
            else:
                failures = 0
                self._aside.pop(match_id, None)
                answered.append(match_id)
                report.looked_up += 1
                report.to_look_up -= 1
        return answered

    def _is_aside(self, match_id: int) -> bool:
        return self._aside.get(match_id, (0.0, 0.0))[1] > self._clock.monotonic()

    def _set_aside(self, match_id: int) -> None:
        wait = min(LONGEST_ASIDE, self._aside.pop(match_id, (FIRST_ASIDE / 2, 0.0))[0] * 2)
        while len(self._aside) >= MOST_ASIDE:
            self._aside.pop(next(iter(self._aside)))
        self._aside[match_id] = (wait, self._clock.monotonic() + wait)


def _problem(report: RoundReport, text: str) -> None:
    log.warning("a match could not be looked up", extra={"error": text[:300]})
    if len(report.problems) < MOST_PROBLEMS:
        report.problems.append(text[:300])
