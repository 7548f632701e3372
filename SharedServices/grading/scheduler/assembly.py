"""Puts the parts of the grader together: who knows whom."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from pymongo.database import Database

from PROPPR.SharedServices.grading.options import GradingOptions
from PROPPR.SharedServices.grading.scheduler.asking import Asking
from PROPPR.SharedServices.grading.scheduler.judging import Judge
from PROPPR.SharedServices.grading.scheduler.ledger_totals import LedgerTotals
from PROPPR.SharedServices.grading.scheduler.match_source import MatchSource
from PROPPR.SharedServices.grading.scheduler.passes import Rhythm
from PROPPR.SharedServices.grading.scheduler.revisions import Revisions
from PROPPR.SharedServices.grading.scheduler.rounds import Rounds
from PROPPR.SharedServices.grading.scheduler.settling import Settling
from PROPPR.SharedServices.ingest.alerting import Alerts
from PROPPR.SharedServices.providers.fotmob.source import MatchFetcher
from PROPPR.SharedServices.service.clock import Clock
from PROPPR.SharedServices.service.setting_values import named_cards, named_seconds
from PROPPR.SharedServices.service.settings import Settings
from PROPPR.SharedServices.storage.bets import BetStore
from PROPPR.SharedServices.storage.fixture_mappings import FixtureMappings
from PROPPR.SharedServices.storage.graded_matches import GradedMatches
from PROPPR.SharedServices.storage.horse_results import HorseResults
from PROPPR.SharedServices.storage.matches import MatchStore
from PROPPR.SharedServices.storage.pending_bets import PendingBets

Documents = Database[dict[str, Any]]


class GradingParts:
    """Everything that grades in a database, beside the source and the lease."""

    def __init__(self, database: Documents, settings: Settings, clock: Clock) -> None:
        self._clock = clock
        self._options = options_of(settings)
        self._rhythm = rhythm_of(settings, self._options)
        self.bets = BetStore(database)
        self.results = HorseResults(database, clock)
        self.pending = PendingBets(database)
        self.totals = LedgerTotals(database)
        self._graded = GradedMatches(database)
        self._store = MatchStore(database, clock)
        self.matches = MatchSource(self._store, self._graded, self._options)
        self.judge = Judge(FixtureMappings(database, clock), self.matches, self.results)

    def settling(self, proceed: Callable[[], int] | None) -> Settling:
        """What settles bets; without `proceed` it writes nothing."""
        return Settling(self.bets, self.judge, self._clock, self._rhythm, proceed)

    def revisions(self, alerts: Alerts, proceed: Callable[[], int]) -> Revisions:
        """What grades corrected bets again."""
        return Revisions(
            self.bets, self.judge, self._graded, self._store, self.results, alerts, self._clock, proceed
        )  # fmt: skip

    def rounds(self, fetcher: MatchFetcher, revisions: Revisions, proceed: Callable[[], int]) -> Rounds:
        """What makes rounds."""
        asking = Asking(self.matches, fetcher, self._clock, proceed)
        return Rounds(self.judge, self.settling(proceed), asking, revisions, self._clock)


def options_of(settings: Settings) -> GradingOptions:
    """How bets are settled where rules differ."""
    at = named_seconds(settings.proppr_void_after_at)
    return GradingOptions(
        void_after=timedelta(seconds=settings.proppr_void_after),
        void_after_at={name.casefold(): timedelta(seconds=seconds) for name, seconds in at.items()},
        unused_substitute=settings.proppr_unused_substitute,
        settle_early=settings.proppr_settle_early,
        abandoned_keeps_decided=settings.proppr_abandoned_keeps_decided,
        red_counts_at={name.casefold(): cards for name, cards in named_cards(settings.proppr_red_counts_at).items()},
        handicap_line_is=settings.proppr_handicap_line_is,
    )


def rhythm_of(settings: Settings, options: GradingOptions) -> Rhythm:
    """When matches are looked up."""
    voids = tuple(sorted({options.void_after, *options.void_after_at.values()}))
    return Rhythm(timedelta(seconds=min(settings.grading_interval, 300.0)), options.settle_early, voids)
