"""The FotMob side's competitions, clubs and meetings: seasons already played, and the fixtures of the odds side.

Everything follows from the seed and from the odds side's fixtures, which are read as they stand: their kick-offs move,
they are postponed or cancelled there and so here. Clubs of one league that the odds side does not name fill its places.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache

from PROPPR.SharedServices.simulator.catalogue import leagues as odds_leagues
from PROPPR.SharedServices.simulator.config import SimulatorConfig
from PROPPR.SharedServices.simulator.day import PLACEHOLDER
from PROPPR.SharedServices.simulator.fotmob.calendar import DAY_MS, Round, rounds, shifted
from PROPPR.SharedServices.simulator.fotmob.clubs import Club, expected_goals
from PROPPR.SharedServices.simulator.fotmob.names import ClubName, LeagueName, club_name, filler_name, league_name
from PROPPR.SharedServices.simulator.messages import Fixture
from PROPPR.SharedServices.simulator.scoreline import Course, draw_course, fixture_course, is_knockout, means_of

FIRST_FIXTURE_MATCH = 5_000_000
LONG_MATCH_ID = 1_000_002_056_000
FIRST_PAST_MATCH = 10_000_000
FIRST_CLUB = 200_000
FIRST_FILLER = 2_000_000
MAX_BLOCKS = 20
SEASONS = 2
_BLOCK_MATCHES = 1000
_DEFAULT_CLUBS = 20


@dataclass(frozen=True)
class Meeting:
    """A match between two clubs. `fixture` is that of the odds side, None for a match of the past."""

    id: int
    league: Competition
    season: int
    round: int
    home: Club
    away: Club
    planned: int
    fixture: Fixture | None = None

    @property
    def kickoff(self) -> int:
        """Milliseconds; of a fixture, where the odds side has it now."""
        return self.planned if self.fixture is None else self.fixture.kickoff

    @property
    def day(self) -> datetime:
        """The kick-off in UTC."""
        return datetime.fromtimestamp(self.kickoff / 1000, UTC)


@dataclass(eq=False)
class Competition:
    """A league or cup; `blocks` are groups of clubs that play each other, one per `size` clubs."""

    ordinal: int
    odds_name: str
    name: LeagueName
    size: int
    fixtures: list[Fixture] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    block_meetings: dict[tuple[int, int], tuple[Meeting, ...]] = field(default_factory=dict)

    @property
    def id(self) -> int:
        """FotMob's id."""
        return self.name.id

    @property
    def blocks(self) -> int:
        """How many groups of clubs it has."""
        return -(-2 * len(self.fixtures) // self.size) or 1

    @property
    def knockout(self) -> bool:
        """Whether level matches go into extra time."""
        return is_knockout(self.odds_name)


class World:
    """Finds meetings by id, league, club and day. `fixtures` are the odds side's, in the order of their appearance."""

    def __init__(self, config: SimulatorConfig, start: int, fixtures: Callable[[], Mapping[int, Fixture]]) -> None:
        self._config = config
        self.seed = config.seed
        self.start = start
        self._fixtures = fixtures
        self._sizes = {name: clubs + clubs % 2 for name, _, clubs in odds_leagues()}
        self._by_name: dict[str, Competition] = {}
        self._by_id: dict[int, Competition] = {}
        self._numbers: list[tuple[Fixture, Competition]] = []
        self._clubs: dict[int, tuple[Club, Competition]] = {}

    # ---- competitions

    @property
    def competitions(self) -> list[Competition]:
        """All leagues of the odds side's fixtures, or the first `fotmob_leagues` of them."""
        self._refresh()
        return list(self._by_name.values())[: self._config.fotmob_leagues or None]

    def competition(self, league_id: int) -> Competition | None:
        """A league by FotMob's id."""
        self._refresh()
        found = self._by_id.get(league_id)
        limit = self._config.fotmob_leagues
        return None if found is None or (limit and found.ordinal >= limit) else found

    def _refresh(self) -> None:
        """Take in the fixtures that have appeared since."""
        known = self._fixtures()
        if len(known) == len(self._numbers):
            return
        for fixture in list(known.values())[len(self._numbers) :]:
            league = self._by_name.get(fixture.league)
            if league is None:
                ordinal = len(self._by_name)
                size = self._sizes.get(fixture.league, _DEFAULT_CLUBS)
                league = Competition(ordinal, fixture.league, league_name(fixture.league, ordinal), size)
                self._by_name[fixture.league] = league
                self._by_id[league.id] = league
            block = 2 * len(league.fixtures) // league.size
            league.block_meetings = {key: value for key, value in league.block_meetings.items() if key[0] != block}
            league.numbers.append(len(self._numbers))
            self._numbers.append((fixture, league))
            league.fixtures.append(fixture)

    # ---- clubs

    def club_of(self, fixture: Fixture, home: bool) -> Club:
        """A club of a fixture; a placeholder has neither squad nor past."""
        name, number = (fixture.home, fixture.home_id) if home else (fixture.away, fixture.away_id)
        own, other = means_of(self.seed, fixture.id)
        means = (own, other, True) if home else (other, own, False)
        known = tuple(player for player, side in fixture.players if (side == 1) == home)
        return _club(self.seed, FIRST_CLUB + number, name, known, means)

    def clubs(self, league: Competition, block: int) -> list[Club]:
        """The clubs of a block: those of its fixtures, and others for the places that are left."""
        found: list[Club] = []
        half = league.size // 2
        for slot, fixture in enumerate(league.fixtures[block * half : (block + 1) * half]):
            found.append(self.club_of(fixture, True))
            away = self.club_of(fixture, False)
            found.append(self._filler(league, block, 2 * slot + 1) if away.is_placeholder else away)
        found.extend(self._filler(league, block, slot) for slot in range(len(found), league.size))
        for club in found:
            self._clubs[club.id] = (club, league)
        return found

    def club(self, club_id: int) -> tuple[Club, Competition] | None:
        """A club by its id, and its league."""
        if club_id not in self._clubs:
            for league in self.competitions:
                for block in range(league.blocks):
                    self.clubs(league, block)
        return self._clubs.get(club_id)

    def _filler(self, league: Competition, block: int, slot: int) -> Club:
        number = (league.ordinal * MAX_BLOCKS + block) * 100 + slot
        return _filler(self.seed, FIRST_FILLER + number, number)

    # ---- meetings

    def meeting(self, match_id: int) -> Meeting | None:
        """A match by its id."""
        self._refresh()
        number = match_id - (LONG_MATCH_ID if match_id >= LONG_MATCH_ID else FIRST_FIXTURE_MATCH)
        if 0 <= number < FIRST_PAST_MATCH - FIRST_FIXTURE_MATCH:
            if number >= len(self._numbers) or fixture_match_id(number) != match_id:
                return None
            league = self._numbers[number][1]
            return self._of_fixture(number) if self.competition(league.id) is not None else None
        group, place = divmod(match_id - FIRST_PAST_MATCH, _BLOCK_MATCHES)
        group, season = divmod(group, SEASONS)
        ordinal, block = divmod(group, MAX_BLOCKS)
        leagues = self.competitions
        if not 0 <= ordinal < len(leagues) or block >= leagues[ordinal].blocks:
            return None
        past = self.past(leagues[ordinal], block, season)
        return past[place] if place < len(past) else None

    def past(self, league: Competition, block: int, season: int) -> tuple[Meeting, ...]:
        """The matches a block has played before the day: `season` 0 is the running one, 1 the one before."""
        key = (block, season)
        if key not in league.block_meetings:
            first = FIRST_PAST_MATCH + ((league.ordinal * MAX_BLOCKS + block) * SEASONS + season) * _BLOCK_MATCHES
            clubs = self.clubs(league, block)
            plan = self._rounds(league)
            league.block_meetings[key] = tuple(
                Meeting(first + place, league, season, row.round, clubs[row.home], clubs[row.away], row.kickoff)
                for place, row in enumerate(shifted(plan, season))
            )
        return league.block_meetings[key]

    def _rounds(self, league: Competition) -> tuple[Round, ...]:
        return rounds(league.size, self._config.fotmob_history, self.start, league.ordinal)

    def meetings(self, league: Competition, season: int = 0) -> list[Meeting]:
        """All matches of a league in a season, those of the day included, by kick-off."""
        found = [meeting for block in range(league.blocks) for meeting in self.past(league, block, season)]
        if season == 0:
            found.extend(self._upcoming(league))
        return sorted(found, key=lambda meeting: (meeting.kickoff, meeting.id))

    def between(self, first: int, last: int) -> Iterator[tuple[Competition, list[Meeting]]]:
        """The matches of all leagues that begin from `first` up to, but not at, `last` (ms)."""
        margin = 3 * DAY_MS
        for league in self.competitions:
            seasons = [
                season
                for season in range(SEASONS)
                if any(first - margin <= row.kickoff <= last + margin for row in shifted(self._rounds(league), season))
            ]
            found = [m for s in seasons for b in range(league.blocks) for m in self.past(league, b, s)]
            found.extend(self._upcoming(league))
            chosen = [meeting for meeting in found if first <= meeting.kickoff < last]
            if chosen:
                yield league, sorted(chosen, key=lambda meeting: (meeting.kickoff, meeting.id))

    def _upcoming(self, league: Competition) -> list[Meeting]:
        return [self._of_fixture(number) for number in league.numbers]

    def _of_fixture(self, number: int) -> Meeting:
        fixture, league = self._numbers[number]
        played = self._rounds(league)[-1].round if self._config.fotmob_history else 0
        home, away = self.club_of(fixture, True), self.club_of(fixture, False)
        return Meeting(fixture_match_id(number), league, 0, played + 1, home, away, fixture.kickoff, fixture)

    def course(self, meeting: Meeting) -> Course:
        """How a match goes: the odds side's course of a fixture, or one of its own."""
        if meeting.fixture is not None:
            return fixture_course(self.seed, meeting.fixture.id, meeting.fixture.league)
        return _past_course(self.seed, meeting.id, *expected_goals(meeting.home, meeting.away), meeting.league.knockout)


def fixture_match_id(number: int) -> int:
    """The match id of the odds side's fixture of that number; every fiftieth is a long one."""
    return LONG_MATCH_ID + number if number % 50 == 49 else FIRST_FIXTURE_MATCH + number


@lru_cache(maxsize=65_536)
def _past_course(seed: int, match_id: int, home: float, away: float, knockout: bool) -> Course:
    return draw_course(random.Random(f"past-{seed}-{match_id}"), home, away, knockout)


@lru_cache(maxsize=65_536)
def _club(seed: int, club_id: int, name: str, known: tuple[str, ...], means: tuple[float, float, bool]) -> Club:
    is_placeholder = name.startswith(PLACEHOLDER)
    spelt = ClubName(name, name, name) if is_placeholder else club_name(name)
    return Club(club_id, spelt, seed, known, means, is_placeholder)


@lru_cache(maxsize=65_536)
def _filler(seed: int, club_id: int, number: int) -> Club:
    name = filler_name(number)
    return Club(club_id, ClubName(name, name, name), seed)
