"""A matchDetails payload in layout C: what FotMob tells of a match at a moment."""

from __future__ import annotations

from typing import Any

from PROPPR.SharedServices.simulator.fotmob import padding
from PROPPR.SharedServices.simulator.fotmob.clubs import ELEVEN, Club
from PROPPR.SharedServices.simulator.fotmob.counts import Counts
from PROPPR.SharedServices.simulator.fotmob.events import Events, shootout_score
from PROPPR.SharedServices.simulator.fotmob.lineups import lineup
from PROPPR.SharedServices.simulator.fotmob.names import slug
from PROPPR.SharedServices.simulator.fotmob.play import Game, play
from PROPPR.SharedServices.simulator.fotmob.player_stats import player_stats
from PROPPR.SharedServices.simulator.fotmob.shots import shot_row, shotmap
from PROPPR.SharedServices.simulator.fotmob.squad_of_day import BENCH, SideOfDay
from PROPPR.SharedServices.simulator.fotmob.standing import Standing
from PROPPR.SharedServices.simulator.fotmob.status import halves, status, utc_text, zone
from PROPPR.SharedServices.simulator.fotmob.team_stats import team_stats
from PROPPR.SharedServices.simulator.fotmob.world import Meeting
from PROPPR.SharedServices.simulator.scoreline import Course

Json = dict[str, Any]
_COLORS = {True: "#7B2B3A", False: "#2B3737"}
_PRE_MATCH_NAV = ["matchfacts", "lineup", "head to head"]
_NAV = ["matchfacts", "liveticker", "lineup", "table", "stats", "head to head"]


def match_payload(seed: int, meeting: Meeting, at: Standing, course: Course) -> Json:
    """The whole body; for `msgspec.json.encode`, as some parts are encoded already."""
    return _Payload(seed, meeting, at, course).build()


class _Payload:
    def __init__(self, seed: int, meeting: Meeting, at: Standing, course: Course) -> None:
        self._meeting = meeting
        self._at = at
        self._course = course
        self._tells = at.played or at.phase == "abandoned"
        self._has_numbers = at.played and at.until > (0, 0)
        if at.lineups or self._tells:
            self._game = play(seed, meeting.id, meeting.home, meeting.away, course)
        else:
            self._game = Game(course, _last_eleven(meeting.home), _last_eleven(meeting.away))
        self._counts = Counts(self._game, meeting.id, at) if self._tells else None
        self._shots: list[Json] = []
        self._events: Events | None = None
        if self._counts is not None:
            self._read(self._counts)

    def _read(self, counts: Counts) -> None:
        game, number = self._game, self._meeting.id
        self._shots = [shot_row(game, number, shot, _COLORS[shot.home]) for shot in counts.attempts]
        by_number = {shot.number: row for shot, row in zip(counts.attempts, self._shots, strict=True)}
        self._events = Events(game, number, counts, self._at, by_number)
        if self._at.ending == "Pen":
            kicks = enumerate(game.kicks)
            self._shots += [shot_row(game, number, kick, _COLORS[kick.home], turn) for turn, kick in kicks]

    def build(self) -> Json:
        """All top keys."""
        events = self._events.build() if self._events is not None else []
        return {
            "general": self._general(),
            "header": self._header(),
            "nav": _NAV if self._has_numbers else _PRE_MATCH_NAV,
            "ongoing": self._at.phase == "live",
            "hasPendingVAR": False,
            "content": self._content(events),
            "seo": {"path": f"{slug(self._meeting.home.name.long)}-vs-{slug(self._meeting.away.name.long)}"},
        }

    @property
    def _coverage(self) -> str:
        return "xG" if self._has_numbers else "lower"

    def _general(self) -> Json:
        meeting, league = self._meeting, self._meeting.league
        when = meeting.day.strftime("%a, %b %d, %Y, %H:%M UTC")
        mode = {"home": "#8B3249", "away": "#FFFFFF"}
        return {
            "matchId": str(meeting.id),
            "matchName": f"{meeting.home.name.long}-vs-{meeting.away.name.long}_{when}",
            "matchRound": str(meeting.round),
            "teamColors": {"darkMode": mode, "lightMode": mode, "fontDarkMode": mode, "fontLightMode": mode},
            "leagueId": league.id,
            "leagueName": league.name.name,
            "leagueRoundName": str(meeting.round),
            "parentLeagueId": league.id,
            "countryCode": league.name.code,
            "homeTeam": {"name": meeting.home.name.long, "id": meeting.home.id},
            "awayTeam": {"name": meeting.away.name.long, "id": meeting.away.id},
            "coverageLevel": self._coverage,
            "matchTimeUTC": when,
            "matchTimeUTCDate": utc_text(meeting.kickoff),
            "started": self._at.started,
            "finished": self._at.finished,
            "gender": "male",
        }

    def _header(self) -> Json:
        meeting, at, counts = self._meeting, self._at, self._counts
        teams = [self._team(meeting.home, at.score[0]), self._team(meeting.away, at.score[1])]
        told = status(meeting, at, self._course)
        reds = {home: counts.period(home, 0, "red") if counts else 0 for home in (True, False)}
        told |= {"numberOfHomeRedCards": reds[True], "numberOfAwayRedCards": reds[False]}
        told["halfs"] = halves(meeting, at, self._course, zone("Europe/Oslo"), True)
        told |= {"awarded": at.phase == "awarded", "timezone": "UTC"}
        if at.finished:
            told |= {"whoLostOnPenalties": None, "whoLostOnAggregated": ""}
        if at.ending == "Pen":
            home, away = shootout_score(self._game)
            told["reason"] |= {"long": f"Pen {home} - {away}", "penalties": [home, away]}
            told["whoLostOnPenalties"] = (meeting.away if home > away else meeting.home).name.long
        return {"teams": teams, "status": told, "events": self._header_events()}

    @staticmethod
    def _team(club: Club, score: int) -> Json:
        return {
            "name": club.name.long,
            "id": club.id,
            "score": score,
            "imageUrl": f"https://images.fotmob.com/image_resources/logo/teamlogo/{club.id}_small.png",
            "pageUrl": f"/teams/{club.id}/overview/{slug(club.name.long)}",
        }

    def _header_events(self) -> Json | None:
        """Goals by last name, as the page's head shows them; asked for after the events were built."""
        if self._events is None or not self._events.goals:
            return None
        found: Json = {"homeTeamGoals": {}, "awayTeamGoals": {}, "homeTeamRedCards": {}, "awayTeamRedCards": {}}
        for row in self._events.goals:
            side = found["homeTeamGoals" if row["isHome"] else "awayTeamGoals"]
            side.setdefault(row["lastName"], []).append(row)
        return found

    def _content(self, events: list[Json]) -> Json:
        meeting, at, counts = self._meeting, self._at, self._counts
        last = min(self._course.last_period, at.until[0] if at.phase == "live" else 4)
        colors = {"lightMode": {"home": _COLORS[True], "away": _COLORS[False]}}
        has_lineup = at.lineups or at.phase == "scheduled"
        numbers = counts if self._has_numbers else None
        return {
            "matchFacts": self._facts(events),
            "liveticker": {"langs": "en", "teams": [meeting.home.name.long]} if self._has_numbers else False,
            "superlive": {"superLiveUrl": None, "showSuperLive": False},
            "buzz": None,
            "stats": team_stats(numbers, last, colors) if numbers else None,
            "playerStats": player_stats(self._game, numbers, self._shots) if numbers else None,
            "shotmap": shotmap(self._shots),
            "weather": None,
            "lineup": lineup(self._game, meeting.id, counts, at) if has_lineup else None,
            "hasPlayoff": False,
            "table": {"leagueId": str(meeting.league.id), "parentLeagueId": meeting.league.id},
            "h2h": padding.earlier_meetings(meeting.id),
            "momentum": padding.momentum(meeting.id) if self._has_numbers else False,
            "highlightStories": None,
        }

    def _facts(self, events: list[Json]) -> Json:
        meeting = self._meeting
        kicks = self._events.kicks() if self._events is not None else None
        kinds = list(dict.fromkeys(row["type"] for row in events))
        number = str(meeting.round)
        tournament = {"id": meeting.league.id, "parentLeagueId": meeting.league.id, "round": number}
        tournament |= {"leagueName": meeting.league.name.name, "roundName": number, "link": "/leagues"}
        return {
            "matchId": meeting.id,
            "highlights": None,
            "playerOfTheMatch": {},
            "events": {
                "ongoing": self._at.phase in ("live", "scheduled"),
                "events": events,
                "eventTypes": kinds,
                "penaltyShootoutEvents": kicks,
            },
            "infoBox": {
                "legInfo": None,
                "Match Date": {"utcTime": utc_text(meeting.kickoff), "isDateCorrect": True},
                "Tournament": tournament,
                "Attendance": None,
            },
            "teamForm": [[], []],
            "countryCode": meeting.league.name.code,
            "insights": padding.notes(meeting.id),
        }


def _last_eleven(club: Club) -> SideOfDay:
    bench = tuple(man for man in club.squad if man.index not in ELEVEN)
    return SideOfDay(club, tuple(club.squad[index] for index in ELEVEN), bench[:BENCH], ())
