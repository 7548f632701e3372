"""Pairs of a fixture and a match that a careless mapping gets wrong, and hard pairs that it should still get right.

They are in `two_games.txt` and `one_game.txt`. A line is `odds' competition: home v away = FotMob's competition:
home v away`, where the second competition is left out if it is the first one's. `+3` at its end: so many hours later at
FotMob. Each line is judged by itself, as if nothing else were played: the hardest case, for what else is played only
adds evidence.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from PROPPR.SharedServices.football.listed_match import ListedMatch
from PROPPR.SharedServices.football.model import League, State, Team
from PROPPR.SharedServices.odds.types import Fixture

KICKOFF = datetime(2026, 3, 21, 15, 0, tzinfo=UTC)

# odds' country - league, FotMob's country, league, id
COMPETITIONS = {
    "EPL": ("England - Premier League", "ENG", "Premier League", 47),
    "CH": ("England - Championship", "ENG", "Championship", 48),
    "L1": ("England - League One", "ENG", "League One", 108),
    "FAC": ("England - FA Cup", "ENG", "FA Cup", 132),
    "EFL": ("England - EFL Cup", "ENG", "EFL Cup", 133),
    "WSL": ("England - FA WSL, Women", "ENG", "WSL", 9227),
    "PL2": ("England - Premier League 2", "ENG", "Premier League 2", 9084),
    "U18": ("England - U18 Premier League", "ENG", "Premier League U18", 10068),
    "SCO": ("Scotland - Premiership", "SCO", "Premiership", 64),
    "ESP": ("Spain - La Liga", "ESP", "LaLiga", 87),
    "ES2": ("Spain - La Liga 2", "ESP", "LaLiga2", 140),
    "ES3": ("Spain - Primera Federacion", "ESP", "Primera Federacion - Group 2", 8968),
    "LF": ("Spain - Liga F", "ESP", "Liga F", 9907),
    "ITA": ("Italy - Serie A", "ITA", "Serie A", 55),
    "IT2": ("Italy - Serie B", "ITA", "Serie B", 86),
    "IT3": ("Italy - Serie C, Group B", "ITA", "Serie C Grp. B", 147),
    "ITW": ("Italy - Serie A, Women", "ITA", "Serie A Femminile", 10178),
    "GER": ("Germany - Bundesliga", "GER", "Bundesliga", 54),
    "GE2": ("Germany - 2. Bundesliga", "GER", "2. Bundesliga", 146),
    "GE4": ("Germany Amateur - Regionalliga West", "GER", "Regionalliga West", 512),
    "FRA": ("France - Ligue 1", "FRA", "Ligue 1", 53),
    "NED": ("Netherlands - Eredivisie", "NED", "Eredivisie", 57),
    "NE2": ("Netherlands - Eerste Divisie", "NED", "Eerste Divisie", 111),
    "NEW": ("Netherlands - KNVB Beker, Women", "NED", "KNVB Beker Women", 10668),
    "POR": ("Portugal - Liga Portugal", "POR", "Liga Portugal", 61),
    "BEL": ("Belgium - Pro League", "BEL", "Belgian Pro League", 40),
    "TUR": ("Turkiye - Super Lig", "TUR", "Super Lig", 71),
    "GRE": ("Greece - Super League", "GRE", "Super League", 135),
    "ROU": ("Romania - Superliga", "ROU", "Superliga", 189),
    "BUL": ("Bulgaria - First Professional League", "BUL", "First Professional League", 270),
    "RUS": ("Russia - Premier League", "RUS", "Premier League", 63),
    "RU2": ("Russia - First League", "RUS", "First League", 338),
    "UKR": ("Ukraine - Premier League", "UKR", "Premier League", 441),
    "SRB": ("Serbia - Super Liga", "SRB", "Super Liga", 182),
    "DEN": ("Denmark - Superliga", "DEN", "Superligaen", 46),
    "SWE": ("Sweden - Allsvenskan", "SWE", "Allsvenskan", 67),
    "NOR": ("Norway - Eliteserien", "NOR", "Eliteserien", 59),
    "AUT": ("Austria - Bundesliga", "AUT", "Bundesliga", 38),
    "SUI": ("Switzerland - Super League", "SUI", "Super League", 69),
    "CYP": ("Cyprus - 1. Division", "CYP", "Cyprus League", 136),
    "ISR": ("Israel - Premier League", "ISR", "Ligat HaAl", 127),
    "IDN": ("Indonesia - Super League", "IDN", "Super League", 8983),
    "KSA": ("Saudi Arabia - Pro League", "KSA", "Saudi Pro League", 536),
    "UAE": ("United Arab Emirates - Pro League", "UAE", "Pro League", 538),
    "EGY": ("Egypt - Premier League", "EGY", "Premier League", 519),
    "USA": ("USA - MLS", "USA", "Major League Soccer", 130),
    "NXT": ("USA - MLS Next Pro", "USA", "MLS Next Pro", 10282),
    "NWSL": ("USA - NWSL, Women", "USA", "NWSL", 9134),
    "ARG": ("Argentina - Liga Profesional", "ARG", "Liga Profesional", 112),
    "BRA": ("Brazil - Brasileiro Serie A", "BRA", "Serie A", 268),
    "BR2": ("Brazil - Brasileiro Serie B", "BRA", "Serie B", 8814),
    "BR3": ("Brazil - Brasileiro Serie C", "BRA", "Serie C", 8971),
    "CHI": ("Chile - Primera Division", "CHI", "Primera Division", 273),
    "URU": ("Uruguay - Primera Division", "URU", "Liga AUF Uruguaya", 161),
    "PAR": ("Paraguay - Division Profesional", "PAR", "Division Profesional", 199),
    "ECU": ("Ecuador - Serie A", "ECU", "Serie A", 246),
    "COL": ("Colombia - Primera A", "COL", "Primera A", 274),
    "MEX": ("Mexico - Liga MX", "MEX", "Liga MX", 230),
    "AUS": ("Australia - A-League", "AUS", "A-League Men", 113),
    "AUW": ("Australia - A-League, Women", "AUS", "A-League Women", 9495),
    "CL": ("International Clubs - UEFA Champions League", "INT", "Champions League", 42),
    "UEL": ("International Clubs - UEFA Europa League", "INT", "Europa League", 73),
    "UYL": ("International Clubs - UEFA Youth League", "INT", "UEFA Youth League", 9741),
    "WCL": ("International Clubs - UEFA Champions League, Women", "INT", "Women's Champions League", 9375),
    "LIB": ("International Clubs - Copa Libertadores", "INT", "Copa Libertadores", 45),
    "CF": ("International Clubs - Club Friendly Games", "INT", "Club Friendlies", 489),
    "WC": ("International - World Cup", "INT", "World Cup", 77),
    "WWC": ("International - Women's World Cup", "INT", "Women's World Cup", 76),
    "AFC": ("International - Africa Cup of Nations", "INT", "Africa Cup of Nations", 289),
    "INT": ("International - Int. Friendly Games", "INT", "Friendlies", 114),
    "U21": ("International Youth - Friendlies U21", "INT", "Friendlies U-21", 344),
    "ESO": ("International - Esoccer Battle - 8 mins play", "INT", "Club Friendlies", 489),
    "GTL": ("International - GT Leagues - 12 mins play", "ENG", "Premier League", 47),
    "SRL": ("Simulated Reality League - Premier League SRL", "ENG", "Premier League", 47),
    "???": (" - Premier League", "ENG", "Premier League", 47),
}


@dataclass(frozen=True, slots=True)
class Case:
    """A fixture, a match, and whether they are one game."""

    line: str
    fixture: Fixture
    match: ListedMatch
    is_same: bool


def cases() -> list[Case]:
    """Return all pairs, those that are one game last."""
    lines = [(line, False) for line in _lines("two_games.txt")]
    lines += [(line, True) for line in _lines("one_game.txt")]
    return [_case(number, line, is_same) for number, (line, is_same) in enumerate(lines, 1)]


def _lines(name: str) -> list[str]:
    return (Path(__file__).parent / name).read_text(encoding="utf-8").splitlines()


def _case(number: int, line: str, is_same: bool) -> Case:
    ours, _, theirs = line.partition(" = ")
    key, _, teams = ours.partition(": ")
    their_key, separator, their_teams = theirs.partition(": ")
    their_key, their_teams = (their_key, their_teams) if separator else (key, theirs)
    hours = 0
    if their_teams.rsplit(" ", 1)[1].lstrip("+-").isdigit() and their_teams.rsplit(" ", 1)[1][0] in "+-":
        their_teams, _, shift = their_teams.rpartition(" ")
        hours = int(shift)
    country, _, league = COMPETITIONS[key][0].partition(" - ")
    _, code, name, competition = COMPETITIONS[their_key]
    home, away = teams.split(" v ")
    match_home, match_away = their_teams.split(" v ")
    kickoff = KICKOFF + timedelta(hours=hours)
    fixture = Fixture(
        number, home, away, "football", league, country, KICKOFF.isoformat(), int(KICKOFF.timestamp() * 1000), "pending"
    )
    match = ListedMatch(
        5_000_000 + number, League(competition, name, code), kickoff, Team(2 * number, match_home),
        Team(2 * number + 1, match_away), State.SCHEDULED,
    )  # fmt: skip
    return Case(line, fixture, match, is_same)
