"""The two sides of a fixture or match, read once: who plays, which kind of team, and when the same two meet again."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from PROPPR.SharedServices.mapping.candidates import FotMobMatch
from PROPPR.SharedServices.mapping.markers import Kind, league_kind
from PROPPR.SharedServices.mapping.nations import country_code
from PROPPR.SharedServices.mapping.teams import TeamName, club_similarity, read_team
from PROPPR.SharedServices.odds.times import moment_of
from PROPPR.SharedServices.odds.types import Fixture

NEAR_BY: Final = timedelta(days=21)
CLEARLY: Final = 0.03
Who = tuple[frozenset[str], Kind]
Pair = frozenset[Who]
OrderedPair = tuple[Who, Who]


@dataclass(frozen=True, slots=True)
class Side:
    """One team: its name as compared, and its kind with what the league says of it."""

    team: TeamName
    kind: Kind

    def similarity(self, other: Side) -> float:
        """Return how surely both are one team, 0 where they are of different kinds."""
        return club_similarity(self.team, other.team) if self.kind.agrees(other.kind) else 0.0


@dataclass(frozen=True, slots=True)
class Sides:
    """Both teams and the kick-off."""

    home: Side
    away: Side
    kickoff: datetime

    def swapped(self) -> Sides:
        """Return them the other way round."""
        return replace(self, home=self.away, away=self.home)

    @property
    def pair(self) -> Pair:
        """The two teams without their order."""
        return frozenset(self.ordered_pair)

    @property
    def ordered_pair(self) -> OrderedPair:
        """The two teams, home first."""
        return (self.home.team.core, self.home.kind), (self.away.team.core, self.away.kind)


def read_fixture(fixture: Fixture) -> Sides:
    """Read the sides of a fixture of the odds."""
    code, said = country_code(fixture.country), league_kind(fixture.country, fixture.league)
    kickoff = moment_of(fixture.kickoff)
    return Sides(_side(fixture.home, code, said), _side(fixture.away, code, said), kickoff)


def read_match(match: FotMobMatch) -> Sides:
    """Read the sides of a match of FotMob."""
    code, said = country_code(match.league.country_code), league_kind(match.league.name)
    return Sides(_side(match.home.name, code, said), _side(match.away.name, code, said), match.kickoff)


class Meetings:
    """When which two teams meet, in any competition, as one source tells it."""

    def __init__(self, sides: Iterable[Sides]) -> None:
        self._kickoffs: dict[Pair | OrderedPair, list[datetime]] = defaultdict(list)
        for one in sides:
            self._kickoffs[one.pair].append(one.kickoff)
            self._kickoffs[one.ordered_pair].append(one.kickoff)
        for kickoffs in self._kickoffs.values():
            kickoffs.sort()

    def is_single(self, sides: Sides, in_order: bool) -> bool:
        """Whether these two meet only this once within three weeks on either side; `in_order`: on this ground."""
        kickoffs = self._kickoffs.get(sides.ordered_pair if in_order else sides.pair, [])
        first = bisect_left(kickoffs, sides.kickoff - NEAR_BY)
        return bisect_right(kickoffs, sides.kickoff + NEAR_BY) - first <= 1


class Teams:
    """The teams of a competition, to ask whether a name fits another of them better."""

    def __init__(self, sides: Iterable[Sides]) -> None:
        self._sides = frozenset(side for one in sides for side in (one.home, one.away))
        self._best: dict[Side, float] = {}

    def is_best(self, side: Side, similarity: float) -> bool:
        """Whether no team of the competition is clearly more similar to `side` than `similarity`."""
        if side not in self._best:
            self._best[side] = max((side.similarity(other) for other in self._sides), default=0.0)
        return similarity >= self._best[side] - CLEARLY


def _side(name: str, code: str | None, said: Kind) -> Side:
    team = read_team(name, code)
    return Side(team, team.kind.joined(said))
