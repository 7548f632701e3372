"""One league in a run: its page, its fixtures, its matches, and everything that is computed from them.

Each step writes only what follows from what is stored, and notes that it is done afterwards; a process that is killed
between the two does the step again, with the same result.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from PROPPR.SharedServices.service.clock import Clock
from PROPPR.SharedServices.service.errors import SourceChanged
from PROPPR.SharedServices.storage.league_listings import LeagueListings, Listing, seasons_of
from PROPPR.SharedServices.storage.matches import MatchStore
from PROPPR.StatsUpdateFM.core.pipeline.fixture_mapping import MappedFixture
from PROPPR.StatsUpdateFM.core.pipeline.fixture_predictions import FixturePredictions, Task
from PROPPR.StatsUpdateFM.core.pipeline.identities import LeagueName
from PROPPR.StatsUpdateFM.core.pipeline.match_pages import MatchPages
from PROPPR.StatsUpdateFM.core.pipeline.player_positions import PlayerPositions
from PROPPR.StatsUpdateFM.core.pipeline.report import LeagueReport, problem_of
from PROPPR.StatsUpdateFM.core.pipeline.season_rows import SeasonRows
from PROPPR.StatsUpdateFM.core.pipeline.season_statistics import SeasonStatistics
from PROPPR.StatsUpdateFM.core.schedule.look_ups import LookUp
from PROPPR.StatsUpdateFM.core.schedule.set_aside import SetAside

log = logging.getLogger(__name__)

STRANGE_IN_A_ROW: Final = 3
"""Pages of a league that can't be read, one after the other: the layout has changed, asking on is of no use."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What the steps are made by."""

    listings: LeagueListings
    matches: MatchStore
    pages: MatchPages
    statistics: SeasonStatistics
    predictions: FixturePredictions
    positions: PlayerPositions
    clock: Clock


class LeagueUpdate:
    """The steps of one league. `proceed()` is asked before each look-up and raises what ends the run."""

    def __init__(self, parts: Parts, proceed: Callable[[], int], aside: SetAside) -> None:
        self._parts = parts
        self._aside = aside
        self.proceed = proceed

    def details(self, wanted: Sequence[LookUp], report: LeagueReport) -> None:
        """Look up matches. A page that can't be read is set aside; three in a row end the step.

        Raises what the source raises when it can't be asked at all.
        """
        in_a_row = 0
        for each in wanted:
            if each.match_id in self._aside:
                continue
            self.proceed()
            try:
                looked = self._parts.pages.look_up(each)
            except SourceChanged as error:
                in_a_row += 1
                self._aside.put(each.match_id)
                report.failed(problem_of(error))
                log.warning("a match can't be read", extra={"match": each.match_id, "reason": str(error)[:300]})
                if in_a_row >= STRANGE_IN_A_ROW:
                    return
                continue
            in_a_row = 0
            self._aside.worked(each.match_id)
            report.looked_up += 1
            report.revisions += looked.revision.changed
            report.kept += looked.kept

    def results(
        self, listing: Listing, mapped: Sequence[MappedFixture], names: Mapping[int, LeagueName], report: LeagueReport
    ) -> None:
        """Bring everything that is computed from the league's matches up to date with what is stored."""
        parts, rows = self._parts, SeasonRows(self._parts.matches, self.proceed)
        token, now = self.proceed(), parts.clock.now()
        for season in seasons_of(listing):
            counted = parts.statistics.update(listing.league_id, season, rows, names, now, token)
            report.teams += counted.teams
            report.players += counted.players
        self.predictions(listing, mapped, report, rows)
        report.positions = parts.positions.update(mapped, seasons_of(listing), now, token)

    def predictions(
        self, listing: Listing, mapped: Sequence[MappedFixture], report: LeagueReport, rows: SeasonRows | None = None
    ) -> None:
        """Bring the predictions of these fixtures up to date, unless nothing that they depend on has changed."""
        parts = self._parts
        task = Task(listing.league_id, seasons_of(listing), tuple(mapped), midnight(parts.clock.now()))
        key = parts.predictions.key(task)
        if listing.worked.get("predictions") == key:
            return
        token, now = self.proceed(), parts.clock.now()
        rows = SeasonRows(parts.matches, self.proceed) if rows is None else rows
        done = parts.predictions.update(task, rows, now, token)
        report.lines, report.projections = done.lines, done.projections
        parts.listings.mark_worked(listing.league_id, listing.season, "predictions", key)


def midnight(now: datetime) -> datetime:
    """The beginning of the day in UTC: predictions of one day are made as of one moment."""
    return now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
