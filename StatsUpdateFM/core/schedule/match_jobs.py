"""What is due between the daily runs: before kick-offs, after full time, and the next day."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from pymongo.errors import PyMongoError

from PROPPR.SharedServices.football.listed_match import ListedMatch
from PROPPR.SharedServices.odds.types import Fixture
from PROPPR.SharedServices.service.clock import Clock
from PROPPR.SharedServices.service.errors import RateLimited, TransientError
from PROPPR.SharedServices.service.leases import LeaseLost
from PROPPR.SharedServices.storage.fixtures import FixtureStore
from PROPPR.SharedServices.storage.league_listings import LeagueListings, Listing
from PROPPR.SharedServices.storage.matches import MatchStore
from PROPPR.StatsUpdateFM.core.pipeline.daily_run import RunStopped, names_of
from PROPPR.StatsUpdateFM.core.pipeline.fixture_mapping import AHEAD, FixtureMapper, MappedFixture, mapped_among
from PROPPR.StatsUpdateFM.core.pipeline.league_pages import MOST_FIXTURES, SPORTS
from PROPPR.StatsUpdateFM.core.pipeline.league_update import LeagueUpdate
from PROPPR.StatsUpdateFM.core.pipeline.report import LeagueReport, problem_of
from PROPPR.StatsUpdateFM.core.schedule.look_ups import BEFORE_KICKOFF, RECENT, LookUp, Reason, due
from PROPPR.StatsUpdateFM.core.schedule.planner import plan
from PROPPR.StatsUpdateFM.core.schedule.set_aside import SetAside

log = logging.getLogger(__name__)

LISTINGS_KEPT: Final = 600.0
"""Seconds for which the listings are not read anew."""
FOLLOWED_FOR: Final = RECENT
"""A league whose page was not read for so long is not followed any more."""


@dataclass(frozen=True, slots=True)
class _Near:
    """A league's season with its matches that may be due soon."""

    league_id: int
    season: str
    matches: tuple[ListedMatch, ...]


class MatchJobs:
    """Looks up what is due, league by league. Raises what MongoDB raises, LeaseLost and RunStopped."""

    def __init__(
        self, update: LeagueUpdate, listings: LeagueListings, matches: MatchStore, fixtures: FixtureStore,
        mapper: FixtureMapper, aside: SetAside, clock: Clock, *, free: Callable[[], int],
        on_league: Callable[[LeagueReport], None] = lambda _: None,
    ) -> None:  # fmt: skip
        self._update = update
        self._listings = listings
        self._matches = matches
        self._fixtures = fixtures
        self._mapper = mapper
        self._aside = aside
        self._clock = clock
        self._free = free
        self._on_league = on_league
        self._near: list[_Near] = []
        self._read_at: float | None = None
        self.waiting = 0

    def refresh(self) -> None:
        """Read the listings anew at the next look: a run has changed them."""
        self._read_at = None

    def wanted(self) -> list[LookUp]:
        """Everything that is due now, but for back-filling."""
        now = self._clock.now()
        soon = self._fixtures.upcoming(now, BEFORE_KICKOFF, SPORTS)
        mapped = frozenset(link.match_id for link in self._mapper.known(soon).values())
        found: list[LookUp] = []
        for near in self._listed(now):
            states = self._matches.states(match.match_id for match in near.matches)
            found += due(near.matches, states, now, league_id=near.league_id, season=near.season, mapped=mapped)
        return [each for each in found if each.reason is not Reason.BACKFILL and each.match_id not in self._aside]

    def serve(self) -> list[LeagueReport]:
        """Do what is due. Trouble with a league is in its report; the others go on."""
        now = self._clock.now()
        wanted = self.wanted()
        self.waiting = len(wanted)
        if not wanted:
            return []
        by_league: dict[tuple[int, str], list[LookUp]] = {}
        for each in plan(wanted, self._free(), now).chosen:
            by_league.setdefault((each.league_id, each.season), []).append(each)
        coming = self._fixtures.upcoming(now, AHEAD, SPORTS, limit=MOST_FIXTURES)
        reports = []
        for (league_id, season), chosen in by_league.items():
            listing = self._listings.load(league_id, season)
            if listing is not None:
                reports.append(self._work_up(listing, chosen, self._mapped(listing, coming)))
                self._on_league(reports[-1])
                self.waiting = max(0, self.waiting - len(chosen))
        return reports

    def one(self, listing: Listing, chosen: Sequence[LookUp]) -> LeagueReport:
        """Do these look-ups of a league and what follows from them."""
        coming = self._fixtures.upcoming(self._clock.now(), AHEAD, SPORTS, limit=MOST_FIXTURES)
        return self._work_up(listing, chosen, self._mapped(listing, coming))

    def _mapped(self, listing: Listing, coming: Sequence[Fixture]) -> list[MappedFixture]:
        return mapped_among(coming, self._mapper.known(coming), listing.matches)

    def _work_up(self, listing: Listing, chosen: Sequence[LookUp], mapped: Sequence[MappedFixture]) -> LeagueReport:
        report = LeagueReport(listing.league_id, listing.name, listing.season, mapped=len(mapped))
        try:
            self._update.details(chosen, report)
        except LeaseLost:
            raise
        except RateLimited:
            report.postponed = len(chosen) - report.looked_up
        except TransientError as error:
            report.failed(problem_of(error))
        try:
            names = names_of(self._listings.newest(self._listings.followed(self._clock.now() - FOLLOWED_FOR)).values())
            self._update.results(listing, mapped, names, report)
        except (LeaseLost, RunStopped, PyMongoError):
            raise
        except Exception as error:
            # The other leagues' matches must not wait for this one's.
            log.exception("a league failed", extra={"league": listing.league_id})
            report.failed(problem_of(error))
        return report

    def _listed(self, now: datetime) -> list[_Near]:
        """The matches that were or will be played around now, in the leagues that are followed."""
        tick = self._clock.monotonic()
        if self._read_at is None or tick - self._read_at >= LISTINGS_KEPT:
            leagues = self._listings.newest(self._listings.followed(now - FOLLOWED_FOR))
            self._near = [_near(listing, now) for listing in leagues.values()]
            self._read_at = tick
        return self._near


def _near(listing: Listing, now: datetime) -> _Near:
    begin, end = now - RECENT, now + BEFORE_KICKOFF + timedelta(seconds=2 * LISTINGS_KEPT)
    matches = tuple(match for match in listing.matches if begin <= match.kickoff <= end)
    return _Near(listing.league_id, listing.season, matches)
