"""Fixtures of the odds to matches of FotMob, each at most once, and nothing that could be something else.

A wrong mapping settles bets on the wrong match, so a pair is taken only if it is above the bar and, by a margin, the
best of all that is known both for its fixture and for its match: the pairs taken are then one-to-one by themselves.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from typing import Final, Literal

from PROPPR.SharedServices.football.model import League
from PROPPR.SharedServices.mapping.candidates import (
    AGREES,
    REARRANGED,
    SHIFTED,
    SWAPPED_FACTOR,
    Candidate,
    Circumstances,
    FotMobMatch,
    is_excluded,
    league_factor,
    time_factor,
)
from PROPPR.SharedServices.mapping.competitions import FRIENDLY_IDS, NEUTRAL_IDS
from PROPPR.SharedServices.mapping.leagues import Judgement, LeagueKey, Relation, judge
from PROPPR.SharedServices.mapping.names import fold
from PROPPR.SharedServices.mapping.no_teams import is_esports, is_football, is_placeholder
from PROPPR.SharedServices.mapping.sides import Meetings, Sides, Teams, read_fixture, read_match
from PROPPR.SharedServices.odds.types import Fixture

BAR: Final = 0.80
"""The least score of a mapping that is made without a person."""
MARGIN: Final = 0.06
"""How far behind the next best must be, of the fixture's matches and of the match's fixtures."""
LEAST_TEAM: Final = 0.70
"""The least similarity of either team of a mapping that is made without a person."""
LISTED: Final = 0.40
"""The least score of a candidate that is shown to a person."""
DOUBTED: Final = 0.75
"""What remains of a score that the names alone would allow: too little for the bar."""
MOST_CANDIDATES: Final = 5


class Reason(StrEnum):
    """Why a fixture has the match it has, or none."""

    MATCHED = "matched"
    NOT_FOOTBALL = "not football"
    ESPORTS = "a game on a screen"
    PLACEHOLDER = "placeholder"
    NOTHING_LIKE_IT = "nothing like it"
    BELOW_BAR = "below the bar"
    AMBIGUOUS = "a second match is too near"
    RIVAL = "another fixture is too near"


@dataclass(frozen=True, slots=True)
class FixtureMapping:
    """What became of a fixture. `match` is set where `status` is auto; `candidates` are the best five, best first."""

    fixture: Fixture
    status: Literal["auto", "unresolved"]
    reason: Reason
    match: Candidate | None = None
    candidates: tuple[Candidate, ...] = ()

    @property
    def score(self) -> float | None:
        """The score of the match, or of the best candidate where there is none."""
        best = self.match or (self.candidates[0] if self.candidates else None)
        return None if best is None else best.score


def match_fixtures(
    fixtures: Iterable[Fixture],
    matches: Iterable[FotMobMatch],
    confirmed: Mapping[LeagueKey, int] | None = None,
) -> list[FixtureMapping]:
    """Return what each fixture is, in the order of the fixtures, at most one fixture per match.

    Give all fixtures and matches of the days in question and of the days around them: what else is played decides
    whether something can be meant by mistake. The order of both does not matter. `confirmed` holds the competitions
    that people have confirmed (`leagues.confirmed_leagues`).
    """
    unique = {fixture.id: fixture for fixture in fixtures}
    known = {match.match_id: match for match in matches}
    return _Assignment(list(unique.values()), list(known.values()), confirmed or {}).run()


class _Assignment:
    def __init__(
        self, fixtures: Sequence[Fixture], matches: Sequence[FotMobMatch], confirmed: Mapping[LeagueKey, int]
    ) -> None:
        self._confirmed = confirmed
        self._fixtures = fixtures
        self._barred = {fixture.id: reason for fixture in fixtures if (reason := _bar_at_once(fixture)) is not None}
        self._sides = {fixture.id: read_fixture(fixture) for fixture in fixtures if fixture.id not in self._barred}
        self._groups: dict[League, list[tuple[FotMobMatch, Sides]]] = defaultdict(list)
        for match in matches:
            if not (is_placeholder(match.home.name) or is_placeholder(match.away.name)):
                self._groups[replace(match.league, round=None)].append((match, read_match(match)))
        theirs: dict[int, list[Sides]] = defaultdict(list)
        for league, group in self._groups.items():
            theirs[league.competition_id] += [sides for _, sides in group]
        ours: dict[tuple[str, str], list[Sides]] = defaultdict(list)
        for fixture in fixtures:
            if fixture.id in self._sides:
                ours[fixture.country, fixture.league].append(self._sides[fixture.id])
        self._their_teams = {competition: Teams(sides) for competition, sides in theirs.items()}
        self._our_teams = {league: Teams(sides) for league, sides in ours.items()}
        self._our_meetings = Meetings(self._sides.values())
        self._their_meetings = Meetings(sides for group in theirs.values() for sides in group)
        self._judgements: dict[tuple[str, str, League], Judgement] = {}

    def run(self) -> list[FixtureMapping]:
        options = {fixture.id: self._options(fixture) for fixture in self._fixtures if fixture.id in self._sides}
        claims: dict[int, list[tuple[float, int]]] = defaultdict(list)
        for fixture_id, found in options.items():
            for candidate in found:
                claims[candidate.match_id].append((candidate.score, fixture_id))
        return [self._decide(fixture, options.get(fixture.id, []), claims) for fixture in self._fixtures]

    def _decide(
        self, fixture: Fixture, found: Sequence[Candidate], claims: Mapping[int, list[tuple[float, int]]]
    ) -> FixtureMapping:
        listed = tuple(found[:MOST_CANDIDATES])
        if fixture.id in self._barred:
            return FixtureMapping(fixture, "unresolved", self._barred[fixture.id])
        if not found:
            return FixtureMapping(fixture, "unresolved", Reason.NOTHING_LIKE_IT)
        best = found[0]
        if best.score < BAR or min(best.home_similarity, best.away_similarity) < LEAST_TEAM:
            return FixtureMapping(fixture, "unresolved", Reason.BELOW_BAR, None, listed)
        if len(found) > 1 and found[1].score > best.score - MARGIN:
            return FixtureMapping(fixture, "unresolved", Reason.AMBIGUOUS, None, listed)
        if any(score > best.score - MARGIN for score, claimant in claims[best.match_id] if claimant != fixture.id):
            return FixtureMapping(fixture, "unresolved", Reason.RIVAL, None, listed)
        return FixtureMapping(fixture, "auto", Reason.MATCHED, best, listed)

    def _options(self, fixture: Fixture) -> list[Candidate]:
        """The matches that the fixture may be, best first, each at most once."""
        found = self._search(fixture, {Relation.SAME: REARRANGED, Relation.POSSIBLE: SHIFTED})
        if not found or max(candidate.score for candidate in found) < BAR:  # for the person who is to settle it
            found += self._search(fixture, {Relation.OTHER: AGREES})
        return sorted(found, key=lambda candidate: (-candidate.score, abs(candidate.apart), candidate.match_id))

    def _search(self, fixture: Fixture, reach: Mapping[Relation, timedelta]) -> list[Candidate]:
        ours, found = self._sides[fixture.id], []
        for league, group in self._groups.items():
            judgement = self._judge(fixture, league)
            if judgement.relation in reach:
                for match, theirs in group:
                    if abs(theirs.kickoff - ours.kickoff) <= reach[judgement.relation]:
                        either = (self._weigh(fixture, match, theirs, judgement, turned) for turned in (False, True))
                        best = max((one for one in either if one), key=lambda one: one.score, default=None)
                        found += [best] if best else []
        return found

    def _judge(self, fixture: Fixture, league: League) -> Judgement:
        key = (fixture.country, fixture.league, league)
        if key not in self._judgements:
            self._judgements[key] = judge(fixture.country, fixture.league, league, self._confirmed)
        return self._judgements[key]

    def _weigh(
        self, fixture: Fixture, match: FotMobMatch, theirs: Sides, judgement: Judgement, turned: bool
    ) -> Candidate | None:
        ours, order = self._sides[fixture.id], theirs.swapped() if turned else theirs
        home, away = ours.home.similarity(order.home), ours.away.similarity(order.away)
        apart = theirs.kickoff - ours.kickoff
        score = (home + away) / 2 * time_factor(apart) * league_factor(judgement) * (SWAPPED_FACTOR if turned else 1)
        if min(home, away) < LISTED:
            return None
        league = match.league
        candidate = Candidate(
            match.match_id, score, match.home.name, match.away.name, match.kickoff, league.country_code, league.name,
            league.competition_id, judgement.relation, round(home, 4), round(away, 4), apart, turned,
        )  # fmt: skip
        if self._is_doubtful(candidate, fixture, match, theirs):
            score *= DOUBTED
        return replace(candidate, score=round(score, 4)) if score >= LISTED else None

    def _is_doubtful(self, candidate: Candidate, fixture: Fixture, match: FotMobMatch, theirs: Sides) -> bool:
        """Whether time, order or the other teams of the competition speak against what the names allow."""
        ours, competition = self._sides[fixture.id], candidate.competition_id
        if candidate.swapped and not _may_be_swapped(match):
            return True
        alone, alone_in_order = (
            self._our_meetings.is_single(ours, in_order) and self._their_meetings.is_single(theirs, in_order)
            for in_order in (False, True)
        )
        known = Circumstances(
            match.state, fixture.status, alone, alone_in_order, _may_be_swapped(match), competition in FRIENDLY_IDS
        )
        if is_excluded(candidate, known):
            return True
        order = theirs.swapped() if candidate.swapped else theirs
        our_teams, their_teams = self._our_teams[fixture.country, fixture.league], self._their_teams[competition]
        return not all(
            their_teams.is_best(mine, alike) and our_teams.is_best(other, alike)
            for mine, other, alike in (
                (ours.home, order.home, candidate.home_similarity),
                (ours.away, order.away, candidate.away_similarity),
            )
        )


def _bar_at_once(fixture: Fixture) -> Reason | None:
    if not is_football(fixture.sport):
        return Reason.NOT_FOOTBALL
    if is_esports(fixture.sport, fixture.country, fixture.league, fixture.home, fixture.away):
        return Reason.ESPORTS
    if is_placeholder(fixture.home) or is_placeholder(fixture.away):
        return Reason.PLACEHOLDER
    return None


def _may_be_swapped(match: FotMobMatch) -> bool:
    """Whether the ground is neutral, as far as the competition or the round says so."""
    return match.league.competition_id in NEUTRAL_IDS or fold(match.league.round or "") in ("final", "finals")
