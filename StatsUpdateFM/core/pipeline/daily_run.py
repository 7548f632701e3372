"""A run over all followed leagues: what is listed, the plan of look-ups, then one league after the other.

One at a time, so that no more than a league's matches are in memory. A run that is cut off is taken up by whoever holds
the lease next: what is stored tells what is left to do.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from pymongo.errors import PyMongoError

from PROPPR.SharedServices.service.errors import ProPprError, RateLimited, TransientError
from PROPPR.SharedServices.service.leases import LeaseLost
from PROPPR.SharedServices.storage.league_listings import Listing
from PROPPR.SharedServices.storage.stats_runs import RunLog, RunState
from PROPPR.StatsUpdateFM.core.pipeline.fixture_mapping import MappedFixture
from PROPPR.StatsUpdateFM.core.pipeline.identities import LeagueName
from PROPPR.StatsUpdateFM.core.pipeline.league_pages import FollowedLeague, LeaguePages
from PROPPR.StatsUpdateFM.core.pipeline.league_update import LeagueUpdate, Parts
from PROPPR.StatsUpdateFM.core.pipeline.report import LeagueReport, OnProgress, Progress, RunReport, problem_of
from PROPPR.StatsUpdateFM.core.schedule.look_ups import LookUp, due
from PROPPR.StatsUpdateFM.core.schedule.planner import Plan, plan, reserve_for

log = logging.getLogger(__name__)

UPDATED: Final = "update"
DAY: Final = timedelta(days=1)


class RunStopped(ProPprError):
    """The process ends: the run goes on later from where it is."""


class DailyRun:
    """Raises what MongoDB raises, LeaseLost and RunStopped; trouble with a league is in the report."""

    def __init__(
        self,
        pages: LeaguePages,
        update: LeagueUpdate,
        parts: Parts,
        runs: RunLog,
        *,
        free: Callable[[], int],
        on_plan: Callable[[Plan], None] = lambda _: None,
        on_league: Callable[[LeagueReport], None] = lambda _: None,
    ) -> None:
        self._pages = pages
        self._update = update
        self._parts = parts
        self._runs = runs
        self._free = free
        self._on_plan = on_plan
        self._on_league = on_league

    def run(self, state: RunState, progress: OnProgress, interlude: Callable[[], object]) -> RunReport:
        """Make the run, or what is left of it. `interlude` is called between leagues, for what can't wait so long."""
        begun = self._parts.clock.now()
        followed = self._pages.follow(state, progress)
        leagues = followed.leagues
        chosen = self._plan(leagues)
        names = names_of(league.listing for league in leagues.values())
        for number, (league_id, league) in enumerate(leagues.items()):
            progress(Progress("updating", number, len(leagues), league.report.name))
            self._work_up(state, league, chosen.get(league_id, []), names)
            self._parts.matches.rest()
            self._on_league(league.report)
            interlude()
        progress(Progress("updating", len(leagues), len(leagues)))
        reports = tuple(league.report for league in leagues.values())
        report = RunReport(
            state.run_id, begun, self._parts.clock.now(), reports, followed.unmapped, tuple(followed.problems),
            resumed=bool(state.steps),
        )  # fmt: skip
        if not report.may_be_tried_again:
            self._runs.finish(state.run_id, report.summary())
        return report

    def _plan(self, leagues: Mapping[int, FollowedLeague]) -> dict[int, list[LookUp]]:
        """Choose the look-ups of the whole run, by league."""
        now = self._parts.clock.now()
        wanted: list[LookUp] = []
        kickoffs: list[datetime] = []
        for league in leagues.values():
            for listing in (league.listing, league.previous):
                wanted += [] if listing is None else self._due(listing, league.mapped, now)
            if league.listing is not None:
                kickoffs += [match.kickoff for match in league.listing.matches]
        made = plan(wanted, self._free(), now, reserve_for(kickoffs, now, len(leagues)))
        self._on_plan(made)
        found: dict[int, list[LookUp]] = {}
        for each in made.chosen:
            found.setdefault(each.league_id, []).append(each)
        for each in wanted:
            leagues[each.league_id].report.postponed += 1
        for league_id, ours in found.items():
            leagues[league_id].report.postponed -= len(ours)
        return found

    def _due(self, listing: Listing, mapped: Sequence[MappedFixture], now: datetime) -> list[LookUp]:
        states = self._parts.matches.states(match.match_id for match in listing.matches)
        ours = [each.match.match_id for each in mapped]
        return due(listing.matches, states, now, league_id=listing.league_id, season=listing.season, mapped=ours)

    def _work_up(
        self, state: RunState, league: FollowedLeague, wanted: Sequence[LookUp], names: Mapping[int, LeagueName]
    ) -> None:
        if league.listing is None:
            return
        report = league.report
        try:
            self._look_up(wanted, report)
            self._update.results(league.listing, league.mapped, names, report)
        except (LeaseLost, RunStopped, PyMongoError):
            raise
        except Exception as error:
            # Whatever is wrong with one league, the others get their run.
            log.exception("a league failed", extra={"league": report.league_id})
            report.failed(problem_of(error))
        if report.problems:
            self._runs.league_failed(state.run_id, report.league_id, UPDATED, report.problems[-1].text)
        else:
            self._runs.step_done(state.run_id, report.league_id, UPDATED)

    def _look_up(self, wanted: Sequence[LookUp], report: LeagueReport) -> None:
        """Look matches up as far as the source allows; the rest waits for the next run."""
        try:
            self._update.details(wanted, report)
        except LeaseLost:
            raise
        except RateLimited as error:
            report.postponed += len(wanted) - report.looked_up
            log.info("no requests are left", extra={"league": report.league_id, "reason": str(error)[:200]})
        except TransientError as error:
            report.failed(problem_of(error))


def names_of(listings: Iterable[Listing | None]) -> dict[int, LeagueName]:
    """What the leagues of these listings are called."""
    return {each.league_id: LeagueName(each.name, each.country) for each in listings if each is not None}
