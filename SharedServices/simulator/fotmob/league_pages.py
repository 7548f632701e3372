"""The day page, the league page and the list of leagues, as FotMob writes them."""

from __future__ import annotations

from collections import defaultdict
from datetime import tzinfo
from typing import Any
from zlib import crc32

from PROPPR.SharedServices.simulator.fotmob.clubs import Club
from PROPPR.SharedServices.simulator.fotmob.names import slug
from PROPPR.SharedServices.simulator.fotmob.standing import Standing
from PROPPR.SharedServices.simulator.fotmob.status import halves, local_text, status
from PROPPR.SharedServices.simulator.fotmob.world import Competition, Meeting
from PROPPR.SharedServices.simulator.scoreline import Course

Json = dict[str, Any]
Told = tuple[Meeting, Standing, Course]
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


def page_hash(first: int, second: int) -> str:
    """The hash of a pair of teams, whoever is at home."""
    number = crc32(f"{min(first, second)}-{max(first, second)}".encode())
    text = ""
    while number:
        number, digit = divmod(number, 36)
        text = _DIGITS[digit] + text
    return text or "0"


def page_path(meeting: Meeting) -> str:
    """`<slug>/<hash>`; the slug names the teams in the order of their ids."""
    first, second = sorted((meeting.home, meeting.away), key=lambda club: club.id)
    return f"{slug(first.name.long)}-vs-{slug(second.name.long)}/{page_hash(first.id, second.id)}"


def day_row(league: Competition, matches: list[Json]) -> Json:
    """A league of the day page; cups have the id of a stage, and the competition's as `primaryId`."""
    stage = league.id * 100 + 1 if league.knockout else league.id
    row: Json = {"ccode": league.name.code, "id": stage, "primaryId": league.id, "name": league.name.name}
    if stage != league.id:
        row |= {"parentLeagueId": league.id, "parentLeagueName": league.name.name, "isGroup": False}
    row["matches"] = [match | {"leagueId": stage} for match in matches]
    return row | {"internalRank": max(0, 100 - league.ordinal), "liveRank": 0, "simpleLeague": False}


def match_row(meeting: Meeting, at: Standing, course: Course, where: tzinfo) -> Json:
    """A match of the day page. `score` is 0, not null, where nothing was played."""
    told = status(meeting, at, course)
    told["halfs"] = halves(meeting, at, course, where, False)
    told["periodLength"] = 45
    home, away = _side(meeting.home, at.score[0]), _side(meeting.away, at.score[1])
    loser = None
    if at.ending == "Pen":
        kicks = [sum(hit for side, hit in course.shootout if side == is_home) for is_home in (True, False)]
        home["penScore"], away["penScore"] = kicks
        loser = meeting.away.id if kicks[0] > kicks[1] else meeting.home.id
    return {
        "id": meeting.id,
        "leagueId": meeting.league.id,
        "time": local_text(meeting.kickoff, where, "%d.%m.%Y %H:%M"),
        "home": home,
        "away": away,
        "eliminatedTeamId": loser,
        "statusId": at.status_id,
        "tournamentStage": str(meeting.round),
        "status": told,
        "timeTS": meeting.kickoff,
    }


def _side(club: Club, score: int) -> Json:
    return {"id": club.id, "score": score, "name": club.name.short, "longName": club.name.long}


def league_page(league: Competition, seasons: list[str], season: int, rows: list[Told]) -> Json:
    """The league page of one season: its matches and table."""
    unplayed = next((index for index, (_, at, _) in enumerate(rows) if at.phase == "scheduled"), None)
    path = f"/leagues/{league.id}/overview/{slug(league.name.name)}"
    last_round = max((meeting.round for meeting, _, _ in rows), default=0)
    return {
        "tabs": ["overview", "table", "fixtures", "stats"],
        "allAvailableSeasons": seasons,
        "details": {
            "id": league.id, "type": "league", "name": league.name.name, "selectedSeason": seasons[season],
            "latestSeason": seasons[0], "shortName": league.name.name, "country": league.name.code, "gender": "male",
            "dataProvider": "enet", "seopath": slug(league.name.name),
        },
        "seostr": slug(league.name.name),
        "QAData": [],
        "table": [{"data": _table(league, path, rows)}],
        "transfers": None,
        "overview": {"season": seasons[season], "selectedSeason": seasons[season]},
        "stats": None,
        "fixtures": {
            "firstUnplayedMatch": {
                "firstUnplayedMatchIndex": unplayed,
                "firstUnplayedMatchId": None if unplayed is None else str(rows[unplayed][0].id),
            },
            "allMatches": [_league_match(*row) for row in rows],
            "hasOngoingMatch": any(at.phase == "live" for _, at, _ in rows),
            "fixtureInfo": {
                "activeRound": {"roundId": str(last_round), "localizedKey": "round_fmt"},
                "rounds": [{"roundId": str(n), "localizedKey": "round_fmt"} for n in range(1, last_round + 1)],
                "teams": [{"id": club.id, "name": club.name.long} for club in _clubs(rows)],
                "groups": [],
            },
        },
        "playoff": None,
        "seasons": [],
    }  # fmt: skip


def _league_match(meeting: Meeting, at: Standing, course: Course) -> Json:
    told = status(meeting, at, course)
    told["utcTime"] = told["utcTime"].replace(".000Z", "Z")
    return {
        "round": str(meeting.round),
        "roundName": meeting.round,
        "pageUrl": f"/matches/{page_path(meeting)}#{meeting.id}",
        "id": str(meeting.id),
        "home": _listed(meeting.home),
        "away": _listed(meeting.away),
        "status": told | {"timezone": ""},
    }


def _listed(club: Club) -> Json:
    return {"name": club.name.long, "shortName": club.name.short, "id": str(club.id)}


def _clubs(rows: list[Told]) -> list[Club]:
    found = {club.id: club for meeting, _, _ in rows for club in (meeting.home, meeting.away)}
    return sorted(found.values(), key=lambda club: club.name.long)


def _table(league: Competition, path: str, rows: list[Told]) -> Json:
    lines: defaultdict[int, list[int]] = defaultdict(lambda: [0, 0, 0, 0, 0])
    for meeting, at, _ in rows:
        if at.finished:
            home, away = at.score
            for club, own, other in ((meeting.home, home, away), (meeting.away, away, home)):
                line = lines[club.id]
                line[0 if own > other else 1 if own == other else 2] += 1
                line[3] += own
                line[4] += other
    clubs = sorted(_clubs(rows), key=lambda club: _order(lines[club.id]))
    return {
        "ccode": league.name.code,
        "leagueId": league.id,
        "pageUrl": path,
        "leagueName": league.name.name,
        "legend": [],
        "ongoing": [],
        "table": {"all": [_line(place, club, lines[club.id]) for place, club in enumerate(clubs, 1)]},
    }


def _order(line: list[int]) -> tuple[int, int, int]:
    wins, draws, _, own, other = line
    return -(3 * wins + draws), other - own, -own


def _line(place: int, club: Club, line: list[int]) -> Json:
    wins, draws, losses, own, other = line
    return {
        "name": club.name.long,
        "shortName": club.name.short,
        "id": club.id,
        "pageUrl": f"/teams/{club.id}/overview/{slug(club.name.long)}",
        "deduction": None,
        "ongoing": None,
        "played": wins + draws + losses,
        "wins": wins,
        "draws": draws,
        "losses": losses,
        "scoresStr": f"{own}-{other}",
        "goalConDiff": own - other,
        "pts": 3 * wins + draws,
        "idx": place,
        "qualColor": None,
    }


def all_leagues(leagues: list[Competition]) -> Json:
    """Every league by country."""
    countries: dict[str, Json] = {}
    for league in leagues:
        code = league.name.code
        country = countries.setdefault(
            code, {"ccode": code, "name": league.name.country, "localizedName": league.name.country, "leagues": []}
        )
        country["leagues"].append(_league_link(league))
    international = [countries.pop("INT")] if "INT" in countries else []
    return {
        "favourite": [],
        "popular": [_league_link(league) for league in leagues[:6]],
        "international": international,
        "countries": sorted(countries.values(), key=lambda country: str(country["name"])),
        "userSettings": None,
    }


def _league_link(league: Competition) -> Json:
    name = league.name.name
    url = f"/leagues/{league.id}/overview/{slug(name)}"
    return {"id": league.id, "name": name, "localizedName": name, "pageUrl": url}
