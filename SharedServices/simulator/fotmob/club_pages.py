"""The team page and the player page, as FotMob writes them."""

from __future__ import annotations

from typing import Any

from PROPPR.SharedServices.simulator.fotmob.clubs import Club, Man
from PROPPR.SharedServices.simulator.fotmob.counts import Counts
from PROPPR.SharedServices.simulator.fotmob.league_pages import Told, page_path
from PROPPR.SharedServices.simulator.fotmob.names import slug
from PROPPR.SharedServices.simulator.fotmob.play import play
from PROPPR.SharedServices.simulator.fotmob.player_stats import rating
from PROPPR.SharedServices.simulator.fotmob.standing import Standing
from PROPPR.SharedServices.simulator.fotmob.status import status, utc_text
from PROPPR.SharedServices.simulator.fotmob.world import Competition, Meeting
from PROPPR.SharedServices.simulator.scoreline import Course

Json = dict[str, Any]
RECENT = 12
_TITLES = ("keepers", "defenders", "midfielders", "attackers")
_ROLES = (
    ("keeper_long", "Keeper"), ("defender_long", "Defender"), ("midfielder_long", "Midfielder"),
    ("attacker_long", "Attacker"),
)  # fmt: skip
_PLACES = (
    ("11", "Keeper", "GK"),
    ("34", "Center Back", "CB"),
    ("77", "Central Midfielder", "CM"),
    ("105", "Striker", "ST"),
)


def team_page(club: Club, league: Competition, season: str, rows: list[Told]) -> Json:
    """A club: its matches and its squad."""
    fixtures = [_fixture(club, *row) for row in rows]
    played = [fixture for fixture in fixtures if fixture["status"]["finished"]]
    ahead = [fixture for fixture in fixtures if fixture["notStarted"] and not fixture["status"]["cancelled"]]
    return {
        "tabs": ["overview", "table", "fixtures", "squad", "stats"],
        "allAvailableSeasons": [season],
        "details": {
            "id": club.id, "type": "team", "name": club.name.long, "latestSeason": season,
            "shortName": club.name.short, "country": league.name.code, "gender": "male", "primaryLeagueId": league.id,
        },
        "seostr": slug(club.name.long),
        "QAData": [],
        "table": None,
        "transfers": None,
        "overview": {"season": season, "selectedSeason": ""},
        "stats": None,
        "fixtures": {
            "allFixtures": {
                "fixtures": fixtures,
                "nextMatch": ahead[0] if ahead else None,
                "lastMatch": played[-1] if played else None,
            }
        },
        "squad": {"squad": _squad(club), "isNationalTeam": False},
        "history": None,
    }  # fmt: skip


def _fixture(club: Club, meeting: Meeting, at: Standing, course: Course) -> Json:
    home = {"id": meeting.home.id, "name": meeting.home.name.short, "score": at.score[0]}
    away = {"id": meeting.away.id, "name": meeting.away.name.short, "score": at.score[1]}
    at_home = meeting.home.id == club.id
    row: Json = {
        "id": meeting.id,
        "pageUrl": f"/matches/{page_path(meeting)}#{meeting.id}",
        "opponent": away if at_home else home,
        "home": home,
        "away": away,
        "displayTournament": False,
    }
    if at.finished:
        lead = (at.score[0] - at.score[1]) * (1 if at_home else -1)
        row["result"] = (lead > 0) - (lead < 0)
    row["notStarted"] = not at.started
    row["tournament"] = {"name": meeting.league.name.name, "stage": "", "leagueId": meeting.league.id}
    row["status"] = status(meeting, at, course)
    return row


def _squad(club: Club) -> list[Json]:
    coach = _member(club.coach)
    coach |= {"role": {"key": "coach", "fallback": "Coach"}, "shirtNumber": None}
    groups = [{"title": "coach", "members": [coach]}]
    for position, title in enumerate(_TITLES):
        members = [_member(man) for man in club.squad if man.position == position]
        groups.append({"title": title, "members": members})
    return groups


def _member(man: Man) -> Json:
    key, text = _ROLES[man.position]
    number, _, short = _PLACES[man.position]
    return {
        "id": man.id,
        "name": man.name,
        "shirtNumber": man.shirt,
        "ccode": man.country,
        "cname": man.country.title(),
        "role": {"key": key, "fallback": text},
        "positionId": man.position,
        "injury": None,
        "rating": None,
        "goals": 0,
        "penalties": 0,
        "assists": 0,
        "rcards": 0,
        "ycards": 0,
        "positionIds": number,
        "positionIdsDesc": short,
        "height": 175 + man.id % 20,
        "age": man.age,
        "dateOfBirth": f"{2026 - man.age}-01-15",
        "transferValue": None,
    }


def player_page(seed: int, club: Club, man: Man, league: Competition, season: str, recent: list[Told]) -> Json:
    """A man: who he is and his last matches, newest first."""
    number, place, short = _PLACES[man.position]
    key = place.lower().replace(" ", "")
    name = {"strPos": {"label": place, "key": key}, "strPosShort": {"label": short, "key": f"{key}_short"}}
    matches = [row for row in (_recent(seed, club, man, *told) for told in recent) if row is not None]
    totals = {kind: sum(row[kind] for row in matches) for kind in ("goals", "assists", "minutesPlayed")}
    return {
        "id": man.id,
        "name": man.name,
        "birthDate": {"utcTime": f"{2026 - man.age}-01-15T00:00:00.000Z", "timezone": "UTC"},
        "gender": "male",
        "isCoach": man.index < 0,
        "isCaptain": False,
        "primaryTeam": {"teamId": club.id, "teamName": club.name.long, "onLoan": False},
        "positionDescription": {
            "positions": [name | {"occurences": len(matches), "position": number, "isMainPosition": True}],
            "primaryPosition": {"label": place, "key": key},
            "nonPrimaryPositions": [],
        },
        "injuryInformation": None,
        "playerInformation": [],
        "mainLeague": {
            "leagueId": league.id,
            "leagueName": league.name.name,
            "season": season,
            "stats": [
                {"title": "Goals", "localizedTitleId": "goals", "value": totals["goals"]},
                {"title": "Assists", "localizedTitleId": "assists", "value": totals["assists"]},
                {"title": "Minutes played", "localizedTitleId": "minutes_played", "value": totals["minutesPlayed"]},
            ],
        },
        "recentMatches": matches,
        "careerHistory": None,
        "traits": None,
        "statSeasons": [],
        "status": "active",
    }


def _recent(seed: int, club: Club, man: Man, meeting: Meeting, at: Standing, course: Course) -> Json | None:
    """One of his last matches; None where he was not in the squad."""
    game = play(seed, meeting.id, meeting.home, meeting.away, course)
    home = meeting.home.id == club.id
    side = game.side(home)
    on_bench = any(other.id == man.id for other in side.bench)
    if not on_bench and all(other.id != man.id for other in side.starters):
        return None
    counts = Counts(game, meeting.id, at)
    cards = [booking.kind for booking in counts.cards_of(man.id)]
    opponent = meeting.away if home else meeting.home
    played = man.id in counts.minutes
    row: Json = {
        "teamId": club.id, "teamName": club.name.long, "opponentTeamId": opponent.id,
        "opponentTeamName": opponent.name.long, "isHomeTeam": home, "id": meeting.id,
        "matchDate": {"utcTime": utc_text(meeting.kickoff)},
        "matchPageUrl": f"/matches/{page_path(meeting)}#{meeting.id}",
        "leagueId": meeting.league.id, "leagueName": meeting.league.name.name, "stage": None,
        "homeScore": at.score[0], "awayScore": at.score[1],
        "minutesPlayed": counts.minutes.get(man.id, 0),
        "goals": counts.man[man.id]["goal"], "assists": counts.man[man.id]["assist"],
        "yellowCards": cards.count("Yellow"), "redCards": len(cards) - cards.count("Yellow"),
        "ratingProps": {"num": f"{rating(counts, man):.1f}" if played else "", "bgcolor": ""},
        "playerOfTheMatch": False, "onBench": on_bench,
    }  # fmt: skip
    if not played:
        row["playedInMatch"] = False
    return row
