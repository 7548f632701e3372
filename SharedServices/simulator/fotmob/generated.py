"""FotMob's pages over the generated world: day, league, team, player and match, as they stand at a moment."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from PROPPR.SharedServices.simulator.config import SimulatorConfig
from PROPPR.SharedServices.simulator.fotmob import club_pages, league_pages
from PROPPR.SharedServices.simulator.fotmob.calendar import season_name
from PROPPR.SharedServices.simulator.fotmob.match_payload import match_payload
from PROPPR.SharedServices.simulator.fotmob.standing import FATES, Standing, drawn_fate, has_correction, standing
from PROPPR.SharedServices.simulator.fotmob.status import zone
from PROPPR.SharedServices.simulator.fotmob.world import SEASONS, Competition, Meeting, World
from PROPPR.SharedServices.simulator.messages import Fixture

Json = dict[str, Any]
MAX_FATES = 10_000


class Generated:
    """The source that plays the odds side's fixtures, and the matches before them."""

    def __init__(self, config: SimulatorConfig, start: int, fixtures: Callable[[], Mapping[int, Fixture]]) -> None:
        self.world = World(config, start, fixtures)
        self._seed = config.seed
        self._start = start
        self.fates: dict[int, str] = {}

    def decide(self, match_id: int, fate: str) -> None:
        """Let a match be postponed, abandoned and so on, whatever the seed says; ValueError for no such thing."""
        if fate not in FATES or self.world.meeting(match_id) is None or len(self.fates) >= MAX_FATES:
            raise ValueError(f"no such match or fate: {match_id} {fate}")
        self.fates[match_id] = fate

    def standing(self, meeting: Meeting, now: int) -> Standing:
        """Where a match stands."""
        fate = self.fates.get(meeting.id) or drawn_fate(self._seed, meeting)
        course = self.world.course(meeting)
        return standing(meeting, course, fate, now, has_correction(self._seed, meeting.id))

    # ---- pages

    def match_version(self, match_id: int, now: int) -> tuple[object, ...] | None:
        """What a match's payload depends on; None for an unknown match."""
        meeting = self.world.meeting(match_id)
        if meeting is None:
            return None
        at = self.standing(meeting, now)
        clock = at.elapsed // 1000 if at.phase == "live" else 0
        names = (meeting.home.name.long, meeting.away.name.long, meeting.kickoff)
        return (at.phase, at.until, at.lineups, at.settled, at.corrected, clock, *names)

    def match(self, match_id: int, now: int) -> Json | None:
        """matchDetails."""
        meeting = self.world.meeting(match_id)
        if meeting is None:
            return None
        return match_payload(self._seed, meeting, self.standing(meeting, now), self.world.course(meeting))

    def page_path(self, match_id: int) -> str | None:
        """`<slug>/<hash>` of a match's page; the hash names the pair of teams."""
        meeting = self.world.meeting(match_id)
        return None if meeting is None else league_pages.page_path(meeting)

    def same_page(self, match_id: int, now: int) -> int:
        """The match that the page of this pair of teams shows: their meeting nearest in time."""
        meeting = self.world.meeting(match_id)
        if meeting is None:
            return match_id
        pair = {meeting.home.id, meeting.away.id}
        met = [other for other in self.world.meetings(meeting.league) if {other.home.id, other.away.id} == pair]
        return min(met, key=lambda other: abs(other.kickoff - now)).id if met else match_id

    def day(self, date: str, timezone: str, now: int) -> Json:
        """matches: one calendar day (YYYYMMDD) in a time zone; ValueError for another text."""
        where = zone(timezone)
        begin = datetime.strptime(date, "%Y%m%d").replace(tzinfo=where)
        first = int(begin.timestamp() * 1000)
        last = int((begin + timedelta(days=1)).timestamp() * 1000)
        rows = [
            league_pages.day_row(league, [league_pages.match_row(m, *self._told(m, now), where) for m in meetings])
            for league, meetings in self.world.between(first, last)
        ]
        return {"leagues": rows, "date": date}

    def league(self, league_id: int, season: str | None, now: int) -> Json | None:
        """leagues."""
        league = self.world.competition(league_id)
        names = [season_name(self._start, number) for number in range(SEASONS)]
        if league is None or (season is not None and season not in names):
            return None
        number = names.index(season) if season is not None else 0
        meetings = [(meeting, *self._told(meeting, now)) for meeting in self.world.meetings(league, number)]
        return league_pages.league_page(league, names, number, meetings)

    def team(self, club_id: int, now: int) -> Json | None:
        """teams."""
        found = self.world.club(club_id)
        if found is None:
            return None
        club, league = found
        meetings = [(meeting, *self._told(meeting, now)) for meeting in self._of_club(league, club_id)]
        return club_pages.team_page(club, league, season_name(self._start, 0), meetings)

    def player(self, player_id: int, now: int) -> Json | None:
        """playerData."""
        found = self.world.club(player_id // 100)
        if found is None:
            return None
        club, league = found
        man = next((man for man in (*club.squad, club.coach) if man.id == player_id), None)
        if man is None:
            return None
        recent = []
        for meeting in reversed(self._of_club(league, club.id)):
            at, course = self._told(meeting, now)
            if at.phase == "finished":
                recent.append((meeting, at, course))
            if len(recent) == club_pages.RECENT:
                break
        return club_pages.player_page(self._seed, club, man, league, season_name(self._start, 0), recent)

    def all_leagues(self) -> Json:
        """allLeagues."""
        return league_pages.all_leagues(self.world.competitions)

    def _told(self, meeting: Meeting, now: int) -> tuple[Standing, Any]:
        return self.standing(meeting, now), self.world.course(meeting)

    def _of_club(self, league: Competition, club_id: int) -> list[Meeting]:
        return [meeting for meeting in self.world.meetings(league) if club_id in (meeting.home.id, meeting.away.id)]

    # ---- what is true, for tests

    def known_pairs(self) -> list[Json]:
        """The odds side's fixtures beside the matches that they are here."""
        found = []
        for league in self.world.competitions:
            for meeting in self.world.meetings(league):
                if meeting.fixture is not None:
                    fixture = meeting.fixture
                    found.append(
                        {
                            "fixture_id": fixture.id, "match_id": meeting.id, "kickoff": meeting.kickoff,
                            "league_id": league.id, "league": fixture.league, "fotmob_league": league.name.name,
                            "odds_home": fixture.home, "odds_away": fixture.away,
                            "home": meeting.home.name.long, "away": meeting.away.name.long,
                            "home_id": meeting.home.id, "away_id": meeting.away.id,
                        }
                    )  # fmt: skip
        return found
