"""Real fixtures to real matches: the World Cup 2026, four tables of the Premier League, and the clubs of whole days."""

from __future__ import annotations

import csv
import gzip
import json
import re
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import combinations
from pathlib import Path

import pytest

from PROPPR.SharedServices.football.listed_match import ListedMatch
from PROPPR.SharedServices.football.model import League, State, Team
from PROPPR.SharedServices.football.pages import read_day
from PROPPR.SharedServices.football.reading import read_match
from PROPPR.SharedServices.mapping.fixtures import BAR, match_fixtures
from PROPPR.SharedServices.mapping.players import Ambiguous, Found, match_player
from PROPPR.SharedServices.mapping.teams import similarity
from PROPPR.SharedServices.odds.types import Fixture

PREMIER_LEAGUE = League(47, "Premier League", "ENG")
WORLD_CUP = League(894790, "World Cup Grp. A", "INT", 77)
# The table's names where they are not FotMob's own: written by hand, so that the mapping is judged by something else.
CLUBS = {
    "Bournemouth": "AFC Bournemouth", "Brighton": "Brighton & Hove Albion", "Leeds": "Leeds United",
    "Leicester": "Leicester City", "Man City": "Manchester City", "Man United": "Manchester United",
    "Newcastle": "Newcastle United", "Nott'm Forest": "Nottingham Forest", "Tottenham": "Tottenham Hotspur",
    "West Ham": "West Ham United", "Wolves": "Wolverhampton Wanderers",
}  # fmt: skip
SHORT = {
    "AFC Bournemouth": "Bournemouth", "Brighton & Hove Albion": "Brighton", "Leeds United": "Leeds",
    "Leicester City": "Leicester", "Manchester City": "Man City", "Manchester United": "Man United",
    "Newcastle United": "Newcastle", "Nottingham Forest": "Nottm Forest", "Tottenham Hotspur": "Tottenham",
    "West Ham United": "West Ham", "Wolverhampton Wanderers": "Wolves",
}  # fmt: skip
NATIONS = {
    "Czech Republic": "Czechia", "Bosnia & Herzegovina": "Bosnia and Herzegovina", "Turkey": "Turkiye",
    "Curaçao": "Curacao",
}  # fmt: skip
Pair = tuple[str, str]


def table(path: Path, delimiter: str = ",") -> list[dict[str, str]]:
    content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    return list(csv.DictReader(content.decode("utf-8-sig").splitlines(), delimiter=delimiter))


def fixture(number: int, home: str, away: str, kickoff: datetime, country: str, league: str) -> Fixture:
    milliseconds = int(kickoff.timestamp() * 1000)
    return Fixture(number, home, away, "football", league, country, kickoff.isoformat(), milliseconds, "pending")


def judged(fixtures: list[Fixture], matches: list[ListedMatch], truth: dict[int, int]) -> tuple[int, list[Fixture]]:
    """How many fixtures are mapped as they truly are, and those that are not mapped though they have a match."""
    results = match_fixtures(fixtures, matches)
    wrong = [one for one in results if one.match and truth.get(one.fixture.id) != one.match.match_id]
    assert not wrong, "precision has to be 100 %"
    missed = [one.fixture for one in results if not one.match and one.fixture.id in truth]
    return sum(one.match is not None for one in results), missed


def test_the_world_cup(real_data: Path) -> None:
    events = table(real_data / "football_data" / "world_cup_2026_ticks" / "worldcup2026_events.csv.gz")
    fixtures = [
        fixture(number, row["home"], row["away"], datetime.fromisoformat(row["commence"]), "International", "World Cup")
        for number, row in enumerate(events)
    ]
    matches = [
        ListedMatch(
            int(row["matchId"]), WORLD_CUP, datetime.fromisoformat(row["utc"]), Team(int(row["home_id"]), row["home"]),
            Team(int(row["away_id"]), row["away"]), State.SCHEDULED, round=row["round"],
        )
        for row in table(real_data / "fotmob" / "world_cup_2026" / "fixtures.tsv", "\t")
    ]  # fmt: skip
    by_teams = {(match.home.name, match.away.name): match.match_id for match in matches}
    names = [(NATIONS.get(one.home, one.home), NATIONS.get(one.away, one.away)) for one in fixtures]
    truth = {number: by_teams[pair] for number, pair in enumerate(names) if pair in by_teams}
    assert len(truth) == len(matches) == 92
    mapped, missed = judged(fixtures, matches, truth)
    assert (mapped, len(fixtures) - mapped, missed) == (92, 13, [])


@pytest.fixture(scope="module")
def season(real_data: Path) -> list[ListedMatch]:
    """The Premier League 2022/23 as FotMob has it; the kick-off is picked from the payload without parsing it all."""
    found = []
    for row in table(real_data / "fotmob" / "INDEX.tsv", "\t"):
        if row["file"].startswith("premier_league_2022_23/"):
            payload = gzip.decompress((real_data / "fotmob" / row["file"]).read_bytes())
            kickoff = re.search(rb'"matchTimeUTCDate":\s*"([^"]+)"', payload)
            assert kickoff is not None
            at = datetime.fromisoformat(kickoff[1].decode())
            teams = Team(1, row["home"]), Team(2, row["away"])
            found.append(ListedMatch(int(row["matchId"]), PREMIER_LEAGUE, at, *teams, State.PLAYED))
    assert len(found) == 380
    return found


def shortened(matches: list[ListedMatch]) -> list[ListedMatch]:
    """The same matches with the short names of FotMob's lists."""
    return [
        ListedMatch(
            one.match_id, one.league, one.kickoff, Team(one.home.id, SHORT.get(one.home.name, one.home.name)),
            Team(one.away.id, SHORT.get(one.away.name, one.away.name)), one.state,
        )
        for one in matches
    ]  # fmt: skip


@pytest.mark.parametrize("names", ["long", "short"])
@pytest.mark.parametrize("source", ["results_and_odds/season_2023", "multi_market/E0_2223"])
def test_the_premier_league(real_data: Path, season: list[ListedMatch], source: str, names: str) -> None:
    rows = [row for row in table(real_data / "football_data" / f"{source}.csv.gz") if row.get("Div", "E0") == "E0"]
    assert len(rows) == 380
    fixtures = []
    for number, row in enumerate(rows):
        # One table tells only the day; the other's times are three hours behind UTC.
        at = datetime.fromisoformat(f"{row['Date'][:10]} {row.get('Time', '12:00:00')}").replace(tzinfo=UTC)
        at += timedelta(hours=3) if "Time" in row else timedelta(hours=4)
        fixtures.append(fixture(number, row["HomeTeam"], row["AwayTeam"], at, "England", "Premier League"))
    by_teams: dict[Pair, int] = {(match.home.name, match.away.name): match.match_id for match in season}
    truth = {
        one.id: by_teams[CLUBS.get(one.home, one.home), CLUBS.get(one.away, one.away)] for one in fixtures
    }  # every pair of teams meets once at each ground
    assert len(truth) == 380
    mapped, missed = judged(fixtures, season if names == "long" else shortened(season), truth)
    assert mapped / len(truth) >= 0.99, [(one.home, one.away, one.date) for one in missed]


def test_other_seasons_have_nothing_of_this_one(real_data: Path, season: list[ListedMatch]) -> None:
    rows = table(real_data / "football_data" / "multi_market" / "E0_2122.csv.gz")
    fixtures = [
        fixture(n, row["HomeTeam"], row["AwayTeam"], datetime.fromisoformat(f"{row['Date']}T12:00:00+00:00"), "England",
                "Premier League")
        for n, row in enumerate(rows)
    ]  # fmt: skip
    assert judged(fixtures, season, {}) == (0, [])


def days(real_data: Path) -> Iterator[list[ListedMatch]]:
    for path in ("fotmob/api_data_matches_20260516_Europe-Paris", "fusion-stat/matches_date_20230903"):
        with gzip.open(real_data / "fotmob" / "misc" / f"{path}.json.gz") as file:
            yield list(read_day(json.load(file)))


def test_every_match_of_a_day_finds_itself_and_only_itself(real_data: Path) -> None:
    for matches in days(real_data):
        ours = [
            fixture(one.match_id, one.home.name, one.away.name, one.kickoff, one.league.country_code or "",
                    one.league.name)
            for one in matches
        ]  # fmt: skip
        mapped, missed = judged(ours, matches, {one.match_id: one.match_id for one in matches})
        assert mapped >= 0.99 * len(matches), [(one.country, one.home, one.away) for one in missed]


def test_clubs_of_a_country_are_not_near_each_other(real_data: Path) -> None:
    """Of about 37,000 pairs of clubs that share a country, those above the bar, judged by their names alone."""
    pairs, near = 0, set()
    for matches in days(real_data):
        clubs: dict[str, set[str]] = defaultdict(set)
        for one in matches:
            clubs[one.league.country_code or ""] |= {one.home.name, one.away.name}
        for country, names in clubs.items():
            for first, second in combinations(sorted(names), 2):
                pairs += 1
                if similarity(first, second, country) >= BAR:
                    near.add((first, second))
    assert pairs > 37_000
    assert near <= {
        ("NTV Tokyo Verdy Beleza", "Tokyo Verdy"),  # women, as only their league says
        ("San Fernando CD", "UD San Fernando"),
        ("Baltika", "Baltika-BFU Kaliningrad"),
        ("Znamya", "Znamya Noginsk"),
    }


def test_clubs_of_the_tables_are_not_near_each_other(real_data: Path) -> None:
    countries = {
        "E": "ENG",
        "S": "SCO",
        "D": "GER",
        "I": "ITA",
        "F": "FRA",
        "N": "NED",
        "B": "BEL",
        "P": "POR",
        "T": "TUR",
    }
    clubs: dict[str, set[str]] = defaultdict(set)
    for year in range(2006, 2024):
        for row in table(real_data / "football_data" / "results_and_odds" / f"season_{year}.csv.gz"):
            country = "ESP" if row["Div"].startswith("SP") else countries.get(row["Div"][0])
            if country is not None:
                clubs[country].add(row["HomeTeam"])
    near = {
        (first, second)
        for country, names in clubs.items()
        for first, second in combinations(sorted(names), 2)
        if similarity(first, second, country) >= BAR
    }
    assert sum(len(names) * (len(names) - 1) // 2 for names in clubs.values()) > 15_000
    assert near <= {("Mouscron", "Mouscron-Peruwelz")}, "the same club under two names"


def test_men_of_another_source_are_the_men_who_played_as_long(real_data: Path, season: list[ListedMatch]) -> None:
    """Names of a fantasy game ("Bruno Borges Fernandes") to FotMob's squads; the minutes of both judge the answer."""
    played: dict[tuple[str, str, bool], list[dict[str, str]]] = defaultdict(list)
    for row in table(real_data / "football_data" / "players" / "epl_player_matches_2019_2024.csv.gz"):
        if row["Season"] == "2022-23" and float(row["minutes"]) > 0:
            at_home = row["was_home"] == "True"
            names = (row["team"], row["opp"]) if at_home else (row["opp"], row["team"])
            home, away = (max(FANTASY, key=lambda full, name=name: similarity(full, name, "ENG")) for name in names)
            played[home, away, at_home].append(row)
    asked, found, ambiguous, differing = 0, 0, 0, 0
    for listed in season[::6]:
        match = read_match(
            json.loads(gzip.decompress((payloads(real_data) / f"{listed.match_id}.json.gz").read_bytes()))
        )
        for at_home, lineup in ((True, match.home_lineup), (False, match.away_lineup)):
            men = {man.id: man for man in lineup.players} if lineup else {}
            for row in played[match.home.name, match.away.name, at_home]:
                answer = match_player(re.sub(r"_\d+$", "", row["name"]).replace("_", " "), men.values())
                asked += 1
                ambiguous += isinstance(answer, Ambiguous)
                if isinstance(answer, Found):
                    found += 1
                    minutes = men[answer.player_id].minutes
                    differing += minutes is not None and abs(minutes - float(row["minutes"])) > 3
    assert asked > 1_500
    assert found / asked >= 0.97, (found, asked)
    assert ambiguous <= asked / 500
    assert differing <= asked / 500


FANTASY = sorted({*SHORT, "Arsenal", "Aston Villa", "Brentford", "Chelsea", "Crystal Palace", "Everton", "Fulham",
                  "Liverpool", "Southampton"})  # fmt: skip


def payloads(real_data: Path) -> Path:
    return real_data / "fotmob" / "premier_league_2022_23"
