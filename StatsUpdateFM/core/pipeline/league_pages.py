"""The first half of a run: what is listed, and which league is followed.

The days are read first: they show everything that is played, and so which leagues the fixtures are of. The leagues'
pages then show their seasons, and the matches that were moved.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from PROPPR.SharedServices.football.day_page import read_day
from PROPPR.SharedServices.football.errors import LayoutChanged
from PROPPR.SharedServices.football.league_page import read_league
from PROPPR.SharedServices.football.listed_match import ListedMatch
from PROPPR.SharedServices.odds.types import Fixture
from PROPPR.SharedServices.service.clock import Clock
from PROPPR.SharedServices.service.errors import SourceChanged, TransientError
from PROPPR.SharedServices.service.leases import LeaseLost
from PROPPR.SharedServices.storage.fixtures import FixtureStore
from PROPPR.SharedServices.storage.league_listings import LeagueListings, Listing, seasons_of
from PROPPR.SharedServices.storage.mapping_documents import Link
from PROPPR.SharedServices.storage.stats_runs import RunLog, RunState
from PROPPR.StatsUpdateFM.core.pipeline.fixture_mapping import (
    AHEAD,
    FixtureMapper,
    MappedFixture,
    known_leagues,
    mapped_among,
)
from PROPPR.StatsUpdateFM.core.pipeline.report import LeagueReport, OnProgress, Problem, Progress, problem_of
from PROPPR.StatsUpdateFM.core.pipeline.source import Source, StrangeLayout
from PROPPR.StatsUpdateFM.core.schedule.look_ups import RECENT

log = logging.getLogger(__name__)

LISTED: Final = "listing"
SPORTS: Final = ("football",)
MOST_FIXTURES: Final = 20_000
REMEMBERED: Final = timedelta(days=21)
"""How long a league whose fixtures are over is remembered, should the service have been down."""
DAYS: Final = AHEAD // timedelta(days=1) + 1


@dataclass(slots=True)
class FollowedLeague:
    """A league on its way through a run, with the season before the present one."""

    report: LeagueReport
    listing: Listing | None = None
    previous: Listing | None = None
    mapped: tuple[MappedFixture, ...] = ()


@dataclass(slots=True)
class Followed:
    """All leagues of a run, and the (country, league) of fixtures of which none is known."""

    leagues: dict[int, FollowedLeague] = field(default_factory=dict)
    unmapped: tuple[tuple[str, str], ...] = ()
    problems: list[Problem] = field(default_factory=list)


class LeaguePages:
    """Raises what MongoDB raises and what `proceed` raises; trouble with a page is in the reports."""

    def __init__(
        self, source: Source, listings: LeagueListings, mapper: FixtureMapper, fixtures: FixtureStore, runs: RunLog,
        clock: Clock, proceed: Callable[[], int], *, explicit: Sequence[int] = (), most: int = 250,
    ) -> None:  # fmt: skip
        self._source = source
        self._listings = listings
        self._mapper = mapper
        self._fixtures = fixtures
        self._runs = runs
        self._clock = clock
        self._proceed = proceed
        self._explicit = tuple(explicit)
        self._most = most

    def follow(self, state: RunState, progress: OnProgress) -> Followed:
        """Read what is listed, map the fixtures, and say which leagues are followed."""
        coming = self._fixtures.upcoming(self._clock.now(), AHEAD, SPORTS, limit=MOST_FIXTURES)
        found = Followed()
        days = self._days(found, progress)
        by_name = known_leagues(coming)
        known = self._mapper.map(coming, days)
        self._read_all(state, found, [*self._explicit, *self._unsettled(), *_playing(days, by_name, known)], progress)
        known = self._mapper.map(coming, [*days, *_matches(found)])
        _assign(found, coming, by_name, known)
        return found

    def _unsettled(self) -> list[int]:
        """Leagues that were followed and have had matches of late: their last ones have to be settled, too."""
        now = self._clock.now()
        listings = self._listings.newest(self._listings.followed(now - REMEMBERED))
        return [
            league_id
            for league_id, listing in listings.items()
            if any(now - RECENT <= match.kickoff <= now for match in listing.matches)
        ]

    def _read_all(self, state: RunState, found: Followed, league_ids: Iterable[int], progress: OnProgress) -> None:
        wanted = list(dict.fromkeys(league_ids))[: max(0, self._most - len(found.leagues))]
        for number, league_id in enumerate(wanted):
            progress(Progress("listing", number, len(wanted), str(league_id)))
            found.leagues[league_id] = self._read(state, league_id)

    def _read(self, state: RunState, league_id: int) -> FollowedLeague:
        """Read a league's page; where it can't be read, what it listed last still holds."""
        self._proceed()
        league = FollowedLeague(LeagueReport(league_id))
        if state.is_done(league_id, LISTED):
            league.listing = self._listings.load(league_id)
        if league.listing is None:
            try:
                league.listing = self.read(league_id)
                self._runs.step_done(state.run_id, league_id, LISTED)
            except LeaseLost:
                raise
            except (TransientError, SourceChanged) as error:
                problem = problem_of(error)
                league.report.failed(problem)
                self._runs.league_failed(state.run_id, league_id, LISTED, problem.text)
                league.listing = self._listings.load(league_id)
        if league.listing is not None:
            league.report.name, league.report.season = league.listing.name, league.listing.season
            league.previous = self._previous(league.listing)
        return league

    def _previous(self, listing: Listing) -> Listing | None:
        """The season before, which is read once: nothing changes in it any more."""
        for season in seasons_of(listing)[1:]:
            stored = self._listings.load(listing.league_id, season)
            try:
                return stored or self.read(listing.league_id, season)
            except LeaseLost:
                raise
            except (TransientError, SourceChanged) as error:
                extra = {"league": listing.league_id, "season": season, "reason": str(error)[:200]}
                log.warning("the season before could not be read", extra=extra)
        return None

    def read(self, league_id: int, season: str | None = None) -> Listing:
        """Read a league's page and store what it lists. Raises StrangeLayout and what the source raises."""
        answer = self._source.league(league_id, season)
        try:
            page = read_league(answer.payload)
        except LayoutChanged as error:
            raise StrangeLayout(f"league {league_id}", error) from error
        return self._listings.save(page, answer.fetched_at, league_id)

    def _days(self, found: Followed, progress: OnProgress) -> list[ListedMatch]:
        """Everything that is played in the next days, as far as it can be read."""
        today = self._clock.now().date()
        listed: dict[int, ListedMatch] = {}
        for number in range(DAYS):
            self._proceed()
            day = today + timedelta(days=number)
            progress(Progress("listing", number, DAYS, f"{day}"))
            try:
                listed |= {match.match_id: match for match in read_day(self._source.day(day).payload)}
            except LayoutChanged as error:
                found.problems.append(problem_of(StrangeLayout(f"day {day}", error)))
                break
            except LeaseLost:
                raise
            except (TransientError, SourceChanged) as error:
                found.problems.append(problem_of(error))
                break
        return list(listed.values())


def _assign(
    found: Followed, coming: Sequence[Fixture], by_name: Mapping[int, Sequence[Fixture]], known: Mapping[int, Link]
) -> None:
    """Give each league its fixtures: those that are mapped to its matches, and those named after it."""
    placed: set[int] = set()
    for league_id, league in found.leagues.items():
        if league.listing is None:
            continue
        league.mapped = tuple(mapped_among(coming, known, league.listing.matches))
        named = {fixture.id: fixture for fixture in by_name.get(league_id, ())}
        named |= {each.fixture.id: each.fixture for each in league.mapped}
        league.report.fixtures, league.report.mapped = len(named), len(league.mapped)
        placed |= named.keys()
    left = ((fixture.country, fixture.league) for fixture in coming if fixture.id not in placed)
    found.unmapped = tuple(dict.fromkeys(left))


def _playing(days: Sequence[ListedMatch], by_name: Iterable[int], known: Mapping[int, Link]) -> Iterable[int]:
    """The leagues of the fixtures among those that play in the next days; by their names alone where no day is known.

    So a wrong or old id in the table of names costs no request.
    """
    if not days:
        return by_name
    ids = {match.match_id for match in days}
    wanted = {link.match_id for link in known.values()} & ids
    playing = {match.league.competition_id for match in days}
    mapped = (match.league.competition_id for match in days if match.match_id in wanted)
    return dict.fromkeys([*mapped, *(league_id for league_id in by_name if league_id in playing)])


def _matches(found: Followed) -> list[ListedMatch]:
    return [match for league in found.leagues.values() if league.listing for match in league.listing.matches]
