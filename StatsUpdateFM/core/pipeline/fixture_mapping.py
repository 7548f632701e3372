"""Which match each coming fixture of the odds is: all fixtures against everything that is listed, in one go.

What else is played on the same days shows what a fixture could be confused with.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from PROPPR.SharedServices.football.listed_match import ListedMatch
from PROPPR.SharedServices.mapping.competitions import COMPETITIONS
from PROPPR.SharedServices.mapping.fixtures import match_fixtures
from PROPPR.SharedServices.mapping.leagues import league_key
from PROPPR.SharedServices.odds.times import moment_of
from PROPPR.SharedServices.odds.types import Fixture
from PROPPR.SharedServices.storage.fixture_mappings import FixtureMappings
from PROPPR.SharedServices.storage.mapping_documents import Link
from PROPPR.StatsUpdateFM.core.statistics.documents import FixtureIdentity

AHEAD: Final = timedelta(days=14)
"""How far ahead fixtures are followed."""
AROUND: Final = timedelta(days=11)
"""How much further a fixture's match may be, before and after: it may have moved at one source only."""


@dataclass(frozen=True, slots=True)
class MappedFixture:
    """A fixture and its match. `swapped` says that the odds name the source's away team as home."""

    fixture: Fixture
    match: ListedMatch
    swapped: bool = False

    @property
    def team_ids(self) -> tuple[int, int]:
        """The source's teams in the order of the fixture."""
        home, away = self.match.home.id, self.match.away.id
        return (away, home) if self.swapped else (home, away)

    def identity(self, season: str) -> FixtureIdentity:
        """As the documents name it."""
        home_id, away_id = self.team_ids
        return FixtureIdentity(
            self.fixture.id, self.fixture.home, self.fixture.away, self.fixture.league,
            moment_of(self.fixture.kickoff), season, self.match.match_id, home_id, away_id,
        )  # fmt: skip


class FixtureMapper:
    """Maps fixtures. Raises what MongoDB raises, and TransientError."""

    def __init__(self, mappings: FixtureMappings) -> None:
        self._mappings = mappings

    def map(self, fixtures: Sequence[Fixture], listed: Iterable[ListedMatch]) -> Mapping[int, Link]:
        """Find out which match each fixture is, and store it; what is known of them then, by fixture."""
        if not fixtures:
            return {}
        begin, end = (moment_of(each(one.kickoff for one in fixtures)) for each in (min, max))
        near = [match for match in listed if begin - AROUND <= match.kickoff <= end + AROUND]
        self._mappings.store(match_fixtures(fixtures, near, self._mappings.confirmed_leagues()))
        return self.known(fixtures)

    def known(self, fixtures: Sequence[Fixture]) -> Mapping[int, Link]:
        """The matches that are known of these fixtures, by fixture."""
        return self._mappings.matches_of(fixture.id for fixture in fixtures)


def mapped_among(
    fixtures: Iterable[Fixture], known: Mapping[int, Link], listed: Iterable[ListedMatch]
) -> list[MappedFixture]:
    """Those of the fixtures whose known match is among the listed, by kick-off."""
    matches = {match.match_id: match for match in listed}
    found = [
        MappedFixture(fixture, matches[link.match_id], link.swapped)
        for fixture in fixtures
        if (link := known.get(fixture.id)) is not None and link.match_id in matches
    ]
    return sorted(found, key=lambda each: (each.fixture.kickoff, each.fixture.id))


def known_leagues(fixtures: Iterable[Fixture]) -> dict[int, list[Fixture]]:
    """The fixtures of leagues that the table knows, by the source's id, in the order of their first fixture.

    A league that the source splits into several counts for each of them.
    """
    found: dict[int, list[Fixture]] = {}
    for fixture in fixtures:
        for league_id in COMPETITIONS.get(league_key(fixture.country, fixture.league), ()):
            found.setdefault(league_id, []).append(fixture)
    return found
