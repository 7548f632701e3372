"""The stand-in's catalogue: sports, bookmakers and leagues, in the provider's spelling and of about its size."""

from __future__ import annotations

import re
import unicodedata

from PROPPR.SharedServices.simulator.config import DEFAULT_BOOKMAKERS

# Bet365's second feed: delivered with Bet365, never in the catalogue, never to be asked for.
FAST_FEED_OF = {"Bet365": "Bet365 (no latency)"}

SPORTS: dict[str, str] = {
    "football": "Football",
    "basketball": "Basketball",
    "tennis": "Tennis",
    "table-tennis": "Table Tennis",
    "baseball": "Baseball",
    "american-football": "American Football",
    "ice-hockey": "Ice Hockey",
    "mixed-martial-arts": "Mixed Martial Arts",
    "esports": "Esports",
    "boxing": "Boxing",
    "cricket": "Cricket",
    "cycling": "Cycling",
    "darts": "Darts",
    "futsal": "Futsal",
    "golf": "Golf",
    "handball": "Handball",
    "lacrosse": "Lacrosse",
    "motorsport": "Motorsport",
    "netball": "Netball",
    "rugby": "Rugby",
    "snooker": "Snooker",
    "volleyball": "Volleyball",
    "beach-volleyball": "Beach Volleyball",
    "water-polo": "Water Polo",
    "badminton": "Badminton",
    "bandy": "Bandy",
    "bowls": "Bowls",
    "curling": "Curling",
    "field-hockey": "Field Hockey",
    "floorball": "Floorball",
    "gaelic-football": "Gaelic Football",
    "aussie-rules": "Aussie Rules",
    "squash": "Squash",
    "pesapallo": "Pesapallo",
}

_KNOWN_BOOKMAKERS = (
    *DEFAULT_BOOKMAKERS,
    "bet365 NJ",
    "Betfair Sportsbook",
    "Sharp Exchange",
    "BetMGM",
    "BetMGM BR",
    "Kalshi",
    "Polymarket",
    "NoVig",
    "Superbet",
    "BetRivers",
    "Bovada",
    "BetUS",
    "Caesars",
    "Fanatics",
    "LowVig",
    "MyBookie",
)
_INACTIVE = ("BookMaker.eu",)
_CATALOGUE_SIZE = 265
_COUNTRY_CODES = (
    "AR",
    "AT",
    "BE",
    "BR",
    "CA",
    "CO",
    "CZ",
    "DE",
    "DK",
    "ES",
    "FI",
    "FR",
    "GR",
    "IT",
    "MX",
    "NL",
    "PL",
    "PT",
)


def _invented_bookmakers() -> list[str]:
    names: list[str] = []
    for stem in ("Oddsfield", "Kickprice", "Betharbor", "Wagerline", "Stakeport", "Goalbank", "Lineworks", "Puntix"):
        names.append(stem)
        names.extend(f"{stem} {code}" for code in _COUNTRY_CODES)
    for stem in ("Quotient", "Tippwerk", "Scommio", "Cuotazo", "Pronofox"):
        names.append(stem)
        names.extend(f"{stem} {code}" for code in _COUNTRY_CODES)
    return names


def _bookmakers() -> dict[str, bool]:
    rows = {name: True for name in _KNOWN_BOOKMAKERS}
    rows.update({name: False for name in _INACTIVE})
    for number, name in enumerate(_invented_bookmakers()):
        if len(rows) == _CATALOGUE_SIZE:
            break
        rows[name] = number % 17 != 0
    return rows


BOOKMAKERS: dict[str, bool] = _bookmakers()
"""Name -> active."""

# (league, tier, clubs): tier 1 has the largest books.
_LEAGUES: tuple[tuple[str, int, int], ...] = (
    ("England - Premier League", 1, 20),
    ("Spain - La Liga", 1, 20),
    ("Italy - Serie A", 1, 20),
    ("Germany - Bundesliga", 1, 18),
    ("France - Ligue 1", 1, 18),
    ("International - World Cup, Qualification Asia & Oceania", 1, 24),
    ("England - Championship", 2, 24),
    ("England - League One", 2, 24),
    ("Netherlands - Eredivisie", 2, 18),
    ("Portugal - Primeira Liga", 2, 18),
    ("Brazil - Brasileiro Serie A", 2, 20),
    ("Argentina - Primera Division, Apertura", 2, 30),
    ("USA - MLS", 2, 30),
    ("Turkey - Super Lig", 2, 18),
    ("Belgium - Pro League", 2, 16),
    ("Scotland - Premiership", 2, 12),
    ("Austria - Bundesliga", 2, 12),
    ("Mexico - Liga MX, Apertura", 2, 18),
)
_MORE_COUNTRIES = (
    "Albania", "Algeria", "Australia", "Azerbaijan", "Bolivia", "Bosnia & Herzegovina", "Bulgaria", "Chile", "China",
    "Colombia", "Costa Rica", "Croatia", "Cyprus", "Czech Republic", "Denmark", "Ecuador", "Egypt", "Estonia",
    "Finland", "Georgia", "Ghana", "Greece", "Hungary", "Iceland", "India", "Indonesia", "Ireland", "Israel", "Japan",
    "Kenya", "Latvia", "Lithuania", "Malta", "Morocco", "Nigeria", "Northern Ireland", "Norway", "Paraguay", "Peru",
    "Poland", "Qatar", "Republic of Korea", "Romania", "Saudi Arabia", "Serbia", "Slovakia", "Slovenia", "South Africa",
    "Sweden", "Switzerland", "Thailand", "Tunisia", "Ukraine", "Uruguay", "Uzbekistan", "Vietnam", "Wales",
)  # fmt: skip
_MORE_DIVISIONS = ("Premier Division", "First Division", "Cup", "U21 League")


def slug(text: str) -> str:
    """A slug as the provider builds it: `&` stays, other punctuation becomes a hyphen."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9&]+", "-", plain).strip("-")


def leagues() -> list[tuple[str, int, int]]:
    """All football leagues as (name, tier, clubs), about 250 of them."""
    rows = list(_LEAGUES)
    for country in _MORE_COUNTRIES:
        rows.extend((f"{country} - {division}", 3, 16) for division in _MORE_DIVISIONS)
    return rows


def find_sport(text: str) -> str | None:
    """The slug of a sport given by slug or by name, in any case; None if unknown."""
    wanted = text.strip().lower()
    if wanted in SPORTS:
        return wanted
    return next((key for key, name in SPORTS.items() if name.lower() == wanted), None)
