"""FotMob's pages over a folder of recorded matches: `*.json.gz` files of matchDetails, with its sub-folders.

Matches are served as they were captured, whatever their layout. Day and league pages follow from their heads. A file
that is no match (a page, an old layout without ids) is left out; of two captures of a match the first by path counts.
"""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from PROPPR.SharedServices.simulator.config import SimulatorConfigError
from PROPPR.SharedServices.simulator.fotmob.league_pages import page_hash
from PROPPR.SharedServices.simulator.fotmob.names import slug
from PROPPR.SharedServices.simulator.fotmob.status import local_text, utc_text, zone
from PROPPR.SharedServices.simulator.scoreline import MINUTE_MS

Json = dict[str, Any]
LENGTH_MS = 115 * MINUTE_MS
OVERTIME_MS = 50 * MINUTE_MS
_STATUS_IDS = {"FT": 6, "AET": 11, "Pen": 13, "PP": 5, "Can": 106, "Ab": 17, "AW": 190}


class RecordingsError(SimulatorConfigError):
    """A folder without a single recorded match."""


class _General(msgspec.Struct):
    matchId: str | int
    matchTimeUTCDate: str
    homeTeam: Json
    awayTeam: Json
    leagueId: int = 0
    leagueName: str = ""
    parentLeagueId: int = 0
    parentLeagueName: str = ""
    countryCode: str = ""
    matchRound: str | int | None = None


class _Header(msgspec.Struct):
    teams: list[Json]
    status: Json


class _Head(msgspec.Struct):
    general: _General
    header: _Header


@dataclass(frozen=True, slots=True)
class RecordedMatch:
    """What the pages tell of a recorded match."""

    id: int
    path: Path
    kickoff: int
    league_id: int
    stage_id: int
    league: str
    code: str
    round: str
    home: Json
    away: Json
    status: Json

    @property
    def reason(self) -> str:
        """FT, AET, Pen, PP and so on; "" where there is none."""
        return str((self.status.get("reason") or {}).get("short") or "")

    def is_over(self, now: int) -> bool:
        """Whether the match is over at a moment (ms)."""
        return now >= self.kickoff + LENGTH_MS + (OVERTIME_MS if self.reason in ("AET", "Pen") else 0)


def read_head(path: Path) -> RecordedMatch | None:
    """What a file says of its match; None for a file that is no match of a layout with ids."""
    try:
        head = msgspec.json.decode(gzip.decompress(path.read_bytes()), type=_Head)
    except (msgspec.DecodeError, OSError, EOFError):
        return None
    general, teams = head.general, head.header.teams
    kickoff = int(datetime.fromisoformat(general.matchTimeUTCDate.replace("Z", "+00:00")).timestamp() * 1000)
    if len(teams) != 2:
        return None
    home, away = (
        {"id": side.get("id", 0), "name": side.get("name", ""), "score": team.get("score") or 0}
        for side, team in zip((general.homeTeam, general.awayTeam), teams, strict=True)
    )
    competition = general.parentLeagueId or general.leagueId
    name = general.parentLeagueName or general.leagueName
    number = str(general.matchRound or "")
    return RecordedMatch(
        int(general.matchId), path, kickoff, competition, general.leagueId, name, general.countryCode, number, home,
        away, head.header.status,
    )  # fmt: skip


class Recorded:
    """The source that serves a folder. With `live`, a match is ahead until the clock has passed its end."""

    def __init__(self, folder: Path, live: bool) -> None:
        self._live = live
        self.matches: dict[int, RecordedMatch] = {}
        for path in sorted(folder.rglob("*.json.gz")):
            found = read_head(path)
            if found is not None:
                self.matches.setdefault(found.id, found)
        if not self.matches:
            raise RecordingsError(f"no recorded FotMob matches in {folder}")

    def match_version(self, match_id: int, now: int) -> tuple[object, ...] | None:
        """What a match's payload depends on; None for an unknown match."""
        match = self.matches.get(match_id)
        return None if match is None else (self._is_told(match, now), match.kickoff <= now)

    def match(self, match_id: int, now: int) -> bytes | Json | None:
        """matchDetails: the bytes as captured, or its skeleton before the match."""
        match = self.matches.get(match_id)
        if match is None:
            return None
        raw = gzip.decompress(match.path.read_bytes())
        return raw if self._is_told(match, now) else _before(msgspec.json.decode(raw), match.kickoff <= now)

    def _is_told(self, match: RecordedMatch, now: int) -> bool:
        return not self._live or match.is_over(now)

    def _status(self, match: RecordedMatch, now: int) -> Json:
        if self._is_told(match, now):
            return match.status
        return _ahead(match.status, match.kickoff <= now) | {"utcTime": utc_text(match.kickoff)}

    def page_path(self, match_id: int) -> str | None:
        """`<slug>/<hash>` of a match's page."""
        match = self.matches.get(match_id)
        if match is None:
            return None
        names = f"{slug(match.home['name'])}-vs-{slug(match.away['name'])}"
        return f"{names}/{page_hash(match.home['id'], match.away['id'])}"

    def same_page(self, match_id: int, now: int) -> int:
        """The match that the page of this pair of teams shows: their meeting nearest in time."""
        asked = self.matches[match_id]
        pair = {asked.home["id"], asked.away["id"]}
        met = [match for match in self.matches.values() if {match.home["id"], match.away["id"]} == pair]
        return min(met, key=lambda match: abs(match.kickoff - now)).id

    def day(self, date: str, timezone: str, now: int) -> Json:
        """matches: one calendar day."""
        where = zone(timezone)
        begin = datetime.strptime(date, "%Y%m%d").replace(tzinfo=where)
        first, last = (int((begin + timedelta(days=days)).timestamp() * 1000) for days in (0, 1))
        rows: dict[int, Json] = {}
        for match in sorted(self.matches.values(), key=lambda match: (match.kickoff, match.id)):
            if first <= match.kickoff < last:
                row = rows.setdefault(match.stage_id, _day_row(match))
                row["matches"].append(self._day_match(match, now, where))
        return {"leagues": list(rows.values()), "date": date}

    def _day_match(self, match: RecordedMatch, now: int, where: Any) -> Json:  # noqa: ANN401 - a time zone
        told = self._status(match, now)
        known = self._is_told(match, now)
        sides = [
            {"id": side["id"], "name": side["name"], "longName": side["name"], "score": side["score"] if known else 0}
            for side in (match.home, match.away)
        ]
        return {
            "id": match.id,
            "leagueId": match.stage_id,
            "time": local_text(match.kickoff, where, "%d.%m.%Y %H:%M"),
            "home": sides[0],
            "away": sides[1],
            "eliminatedTeamId": None,
            "statusId": _STATUS_IDS.get(match.reason, 6) if known else 2 if told["started"] else 1,
            "tournamentStage": match.round,
            "status": told,
            "timeTS": match.kickoff,
        }

    def league(self, league_id: int, season: str | None, now: int) -> Json | None:
        """leagues: the recorded matches of a competition, of one season or the latest."""
        own = [match for match in self.matches.values() if match.league_id == league_id]
        if not own:
            return None
        seasons = sorted({_season(match) for match in own}, reverse=True)
        chosen = season or seasons[0]
        if chosen not in seasons:
            return None
        rows = sorted((m for m in own if _season(m) == chosen), key=lambda m: (m.kickoff, m.id))
        first = own[0]
        return {
            "allAvailableSeasons": seasons,
            "details": {
                "id": league_id, "type": "league", "name": first.league, "selectedSeason": chosen,
                "latestSeason": seasons[0], "shortName": first.league, "country": first.code, "gender": "male",
            },
            "table": [],
            "fixtures": {"allMatches": [self._league_match(match, now) for match in rows]},
            "seasons": [],
        }  # fmt: skip

    def _league_match(self, match: RecordedMatch, now: int) -> Json:
        home, away = (
            {"name": side["name"], "shortName": side["name"], "id": str(side["id"])}
            for side in (match.home, match.away)
        )
        return {
            "round": match.round, "roundName": match.round, "id": str(match.id), "home": home, "away": away,
            "pageUrl": f"/matches/{self.page_path(match.id)}#{match.id}", "status": self._status(match, now),
        }  # fmt: skip

    def team(self, club_id: int, now: int) -> Json | None:
        """teams: not recorded."""
        return None

    def player(self, player_id: int, now: int) -> Json | None:
        """playerData: not recorded."""
        return None

    def all_leagues(self) -> Json:
        """allLeagues: those with recorded matches."""
        leagues = {match.league_id: (match.league, match.code) for match in self.matches.values()}
        codes = sorted({code for _, code in leagues.values()})
        countries = [
            {
                "ccode": code, "name": code, "localizedName": code,
                "leagues": [
                    {"id": number, "name": name, "localizedName": name, "pageUrl": f"/leagues/{number}/overview"}
                    for number, (name, own) in sorted(leagues.items()) if own == code
                ],
            }
            for code in codes
        ]  # fmt: skip
        return {"popular": [], "international": [], "countries": countries}


def _day_row(match: RecordedMatch) -> Json:
    row: Json = {"ccode": match.code, "id": match.stage_id, "primaryId": match.league_id, "name": match.league}
    if match.stage_id != match.league_id:
        row |= {"parentLeagueId": match.league_id, "parentLeagueName": match.league}
    return row | {"matches": [], "internalRank": 0, "liveRank": 0, "simpleLeague": False}


def _season(match: RecordedMatch) -> str:
    """From July to June, as leagues have it; a year for tournaments of nations."""
    day = utc_text(match.kickoff)
    if match.code == "INT":
        return day[:4]
    year, month = int(day[:4]), int(day[5:7])
    first = year if month >= 7 else year - 1
    return f"{first}/{first + 1}"


def _ahead(told: Json, started: bool) -> Json:
    kept = {name: told[name] for name in ("utcTime", "timezone") if name in told}
    return kept | {"started": started, "finished": False, "cancelled": False}


def _before(payload: Json, started: bool) -> Json:
    """A captured match without what has not happened yet."""
    payload["general"] |= {"started": started, "finished": False, "coverageLevel": "lower"}
    header = payload["header"]
    header["status"] = _ahead(header["status"], started)
    header["events"] = None
    for team in header["teams"]:
        team["score"] = 0
    facts = payload["content"].get("matchFacts") or {}
    events = {"ongoing": started, "events": [], "eventTypes": [], "penaltyShootoutEvents": None}
    kept = {name: facts[name] for name in ("matchId", "infoBox", "countryCode") if name in facts}
    content: Json = {"matchFacts": kept | {"events": events}, "stats": None, "playerStats": None, "lineup": None}
    payload["content"] = content | {"shotmap": {"shots": [], "Periods": {"All": []}}, "momentum": False}
    return payload
