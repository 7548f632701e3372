"""How FotMob spells what the odds side names: leagues, countries, clubs and players, and the names of extra men."""

from __future__ import annotations

import random
import re
import unicodedata
from dataclasses import dataclass
from zlib import crc32

# Odds-side league: (FotMob id, name, country code). The ids are FotMob's own where a league is real.
_KNOWN = {
    "England - Premier League": (47, "Premier League", "ENG"),
    "Spain - La Liga": (87, "LaLiga", "ESP"),
    "Italy - Serie A": (55, "Serie A", "ITA"),
    "Germany - Bundesliga": (54, "Bundesliga", "GER"),
    "France - Ligue 1": (53, "Ligue 1", "FRA"),
    "International - World Cup, Qualification Asia & Oceania": (10196, "World Cup Qualification AFC", "INT"),
    "England - Championship": (48, "Championship", "ENG"),
    "England - League One": (108, "League One", "ENG"),
    "Netherlands - Eredivisie": (57, "Eredivisie", "NED"),
    "Portugal - Primeira Liga": (61, "Liga Portugal", "POR"),
    "Brazil - Brasileiro Serie A": (268, "Serie A", "BRA"),
    "Argentina - Primera Division, Apertura": (112, "Liga Profesional Apertura", "ARG"),
    "USA - MLS": (130, "MLS", "USA"),
    "Turkey - Super Lig": (71, "Süper Lig", "TUR"),
    "Belgium - Pro League": (40, "First Division A", "BEL"),
    "Scotland - Premiership": (64, "Premiership", "SCO"),
    "Austria - Bundesliga": (38, "Bundesliga", "AUT"),
    "Mexico - Liga MX, Apertura": (230, "Liga MX Apertura", "MEX"),
}
_CODES = {
    "Bosnia & Herzegovina": "BIH", "Chile": "CHI", "China": "CHN", "Costa Rica": "CRC", "Croatia": "CRO",
    "Bulgaria": "BUL", "Denmark": "DEN", "Greece": "GRE", "Ireland": "IRL", "Latvia": "LVA", "Lithuania": "LTU",
    "Northern Ireland": "NIR", "Nigeria": "NGA", "Paraguay": "PAR", "Republic of Korea": "KOR", "Romania": "ROU",
    "Saudi Arabia": "KSA", "Slovakia": "SVK", "Slovenia": "SVN", "South Africa": "RSA", "Switzerland": "SUI",
    "Uruguay": "URU", "Algeria": "ALG", "Australia": "AUS", "Iceland": "ISL", "Indonesia": "IDN", "India": "IND",
    "Vietnam": "VIE", "Malta": "MLT", "Morocco": "MAR", "Serbia": "SRB",
}  # fmt: skip
_COUNTRIES = {"Republic of Korea": "South Korea", "Czech Republic": "Czechia", "Bosnia & Herzegovina": "Bosnia"}
_DIVISIONS = {"Premier Division": "Premier League", "First Division": "1. Division", "U21 League": "U21 Division"}
_LETTERS = {"o": "ö", "u": "ü", "a": "å", "i": "í", "e": "é"}
_SURNAMES = {
    "Kovar": "Kovář", "Vesely": "Veselý", "Gorski": "Górski", "Jansko": "Janško", "Ivanek": "Ivánek",
    "Lindmar": "Lindmår", "Nowik": "Nøwik", "Petrescu": "Petreşcu", "Quintal": "Quintál", "Sandoval": "Sandovál",
    "Moretto": "Moretto", "Rossel": "Røssel", "Tanaro": "Tañaro", "Urbanek": "Urbánek",
}  # fmt: skip
_MORE_FIRST = (
    "Aleš", "Bruno", "Célestin", "Dmitri", "Eskil", "Frøya", "Günter", "Håkon", "Ismaël", "João", "Kåre", "Łukasz",
    "Mateusz", "Noé", "Óscar", "Pál", "Rémi", "Søren", "Tomáš", "Uroš", "Václav", "Wout", "Xabi", "Yann",
)  # fmt: skip
_MORE_LAST = (
    "Aasgaard", "Białek", "Çelebi", "Dvořáček", "Ellingsen", "Fjørtoft", "Gonçalvez", "Hölzl", "Iversen", "Jørgensen",
    "Kjær", "Lundström", "Märkl", "Nygård", "Ørsted", "Pešić", "Quiñones", "Rådberg", "Škarda", "Tørnes", "Ulvestad",
    "Vukčević", "Wójtowicz", "Yıldıran", "Žáček", "Åkesson", "Brandvold", "Castelló", "Dembski", "Estrade",
)  # fmt: skip
_PLACES = (
    "Brod", "Dram", "Esk", "Fagers", "Gjes", "Hal", "Kar", "Lind", "Mjøl", "Nord", "Ol", "Räv", "Skå", "Tøns", "Ulv",
    "Vest", "Ys", "Zeb", "Öster", "Ås",
)  # fmt: skip
_PLACE_ENDS = ("berg", "by", "dal", "fors", "havn", "heim", "holt", "lund", "mark", "ness", "sund", "torp", "vik")
_FORMS = ("{0}", "{0} IF", "SK {0}", "{0} BK", "IK {0}", "{0} 1908", "FK {0}", "{0} Wanderers")


@dataclass(frozen=True, slots=True)
class LeagueName:
    """A competition as FotMob lists it."""

    id: int
    name: str
    code: str
    country: str


@dataclass(frozen=True, slots=True)
class ClubName:
    """A club's three spellings: full, short, and that of the odds side."""

    long: str
    short: str
    odds: str


def slug(text: str) -> str:
    """A part of a page address."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-") or "x"


def league_name(odds_name: str, ordinal: int) -> LeagueName:
    """FotMob's name of a league that the odds side spells `Country - League`; `ordinal` makes its id."""
    country, _, league = odds_name.partition(" - ")
    if odds_name in _KNOWN:
        number, name, code = _KNOWN[odds_name]
        return LeagueName(number, name, code, country)
    shown = _COUNTRIES.get(country, country)
    code = _CODES.get(country, slug(country)[:3].upper())
    return LeagueName(20_000 + ordinal, _DIVISIONS.get(league, league or odds_name), code, shown)


def club_name(odds_name: str) -> ClubName:
    """FotMob's spellings of a club; the same for the same club always."""
    kind = crc32(odds_name.encode()) % 6
    long = odds_name
    if odds_name.endswith(" FC"):
        long = (odds_name[:-3], "FC " + odds_name[:-3], odds_name)[kind % 3]
    elif odds_name.endswith(" & District"):
        long = odds_name.replace("&", "and")
    elif odds_name.startswith("AFC ") and kind % 2:
        long = odds_name[4:] + " AFC"
    if kind == 5:
        long = _with_accent(long)
    short = long.removeprefix("FC ").removeprefix("AFC ").removesuffix(" AFC").removesuffix(" FC")
    short = short.replace(" United", " Utd").removesuffix(" Town").replace("Sporting ", "Sp. ")
    return ClubName(long, short, odds_name)


def _with_accent(name: str) -> str:
    for index in range(len(name) - 3, 1, -1):
        if name[index] in _LETTERS and name[index - 1].isalpha():
            return name[:index] + _LETTERS[name[index]] + name[index + 1 :]
    return name


def player_name(odds_name: str) -> tuple[str, str]:
    """First and last name as FotMob spells them; about half of the men carry diacritics there."""
    first, _, last = odds_name.partition(" ")
    if crc32(odds_name.encode()) % 2:
        last = _SURNAMES.get(last, last)
        first = first.replace("Jean-Luc", "Jean Luc")
    return first, last


def invented(rng: random.Random, taken: set[str]) -> tuple[str, str]:
    """First and last name of a man the odds side does not know, none twice in a squad."""
    while True:
        first, last = rng.choice(_MORE_FIRST), rng.choice(_MORE_LAST)
        if f"{first} {last}" not in taken:
            taken.add(f"{first} {last}")
            return first, last


def filler_name(number: int) -> str:
    """The name of a club that the odds side never plays; a name for every number."""
    rest, town = divmod(number, len(_PLACES) * len(_PLACE_ENDS))
    again, form = divmod(rest, len(_FORMS))
    first, last = divmod(town, len(_PLACE_ENDS))
    return _FORMS[form].format(_PLACES[first] + _PLACE_ENDS[last] + (f" {again + 1}" if again else ""))
