"""Puts the parts of the statistics service together: who knows whom."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from pymongo.database import Database

from PROPPR.SharedServices.ingest.alerting import Alerts
from PROPPR.SharedServices.service.clock import Clock
from PROPPR.SharedServices.service.settings import Settings
from PROPPR.SharedServices.storage.fixture_mappings import FixtureMappings
from PROPPR.SharedServices.storage.fixture_players import FixturePlayers
from PROPPR.SharedServices.storage.fixtures import FixtureStore
from PROPPR.SharedServices.storage.league_listings import LeagueListings
from PROPPR.SharedServices.storage.matches import MatchStore
from PROPPR.SharedServices.storage.statistics import StatisticsStore
from PROPPR.SharedServices.storage.stats_runs import RunLog
from PROPPR.StatsUpdateFM.core.pipeline.daily_run import DailyRun
from PROPPR.StatsUpdateFM.core.pipeline.fixture_mapping import FixtureMapper
from PROPPR.StatsUpdateFM.core.pipeline.fixture_predictions import FixturePredictions
from PROPPR.StatsUpdateFM.core.pipeline.league_pages import LeaguePages
from PROPPR.StatsUpdateFM.core.pipeline.league_update import LeagueUpdate, Parts
from PROPPR.StatsUpdateFM.core.pipeline.match_pages import MatchPages
from PROPPR.StatsUpdateFM.core.pipeline.models import Models
from PROPPR.StatsUpdateFM.core.pipeline.player_positions import PlayerPositions
from PROPPR.StatsUpdateFM.core.pipeline.report import LeagueReport
from PROPPR.StatsUpdateFM.core.pipeline.season_statistics import SeasonStatistics
from PROPPR.StatsUpdateFM.core.pipeline.source import MonitoredSource
from PROPPR.StatsUpdateFM.core.request_budget import RequestBudget
from PROPPR.StatsUpdateFM.core.schedule.match_jobs import MatchJobs
from PROPPR.StatsUpdateFM.core.schedule.set_aside import SetAside
from PROPPR.StatsUpdateFM.core.statistics.documents import content_hash
from PROPPR.StatsUpdateFM.core.stats_metrics import StatsMetrics
from PROPPR.StatsUpdateFM.core.stats_status import StatsStatus

PART_FOR_LEAGUES: Final = 8
"""At most an eighth of the day's requests goes to the pages of leagues: they come to nothing without their matches."""

Documents = Database[dict[str, Any]]


class StatsParts:
    """Everything that the service needs beside the source and the lease."""

    def __init__(
        self,
        source: MonitoredSource,
        database: Documents,
        settings: Settings,
        budget: RequestBudget,
        metrics: StatsMetrics,
        alerts: Alerts,
        clock: Clock,
        models: Models,
        proceed: Callable[[], int],
    ) -> None:
        self.metrics = metrics
        self.status = StatsStatus(clock, alerts, source.state)
        self.runs = RunLog(database, clock)
        self.listings = LeagueListings(database)
        self.matches = MatchStore(database, clock)
        fixtures = FixtureStore(database, clock)
        mapper = FixtureMapper(FixtureMappings(database, clock))
        statistics = StatisticsStore(database, content_hash)
        parts = Parts(
            listings=self.listings,
            matches=self.matches,
            pages=MatchPages(source, self.matches),
            statistics=SeasonStatistics(self.matches, statistics),
            predictions=FixturePredictions(self.matches, statistics, models),
            positions=PlayerPositions(FixturePlayers(database), statistics),
            clock=clock,
        )
        aside = SetAside(clock)
        update = LeagueUpdate(parts, proceed, aside)
        self.pages = LeaguePages(
            source, self.listings, mapper, fixtures, self.runs, clock, proceed,
            explicit=settings.proppr_fotmob_leagues,
            most=max(1, settings.proppr_fotmob_requests_per_day // PART_FOR_LEAGUES),
        )  # fmt: skip
        self.daily = DailyRun(
            self.pages, update, parts, self.runs, free=budget.free, on_plan=budget.planned, on_league=self._told
        )
        self.jobs = MatchJobs(
            update, self.listings, self.matches, fixtures, mapper, aside, clock, free=budget.free, on_league=self._told
        )

    def _told(self, report: LeagueReport) -> None:
        self.metrics.league(report)
        self.status.league(report)
        self.status.alert()
