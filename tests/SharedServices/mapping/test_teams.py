"""Team names: which side of which club."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from PROPPR.SharedServices.mapping.markers import ANY_AGE, Kind, league_kind
from PROPPR.SharedServices.mapping.nations import country_code, nation_code
from PROPPR.SharedServices.mapping.no_teams import is_esports, is_placeholder
from PROPPR.SharedServices.mapping.teams import kind, similarity

NAMES = st.text(alphabet="abcdefgh ()2IW.-øłß'", max_size=24) | st.sampled_from(
    [
        "Manchester United",
        "Man City",
        "Real Madrid Castilla",
        "Inter",
        "Arsenal (W)",
        "England U21",
        "Congo",
        "1. FC Köln",
    ]
)
_ENGLISH = """
AFC Bournemouth|Arsenal|Aston Villa|Brentford|Brighton & Hove Albion|Burnley|Chelsea|Crystal Palace
Everton|Fulham|Leeds United|Leicester City|Liverpool|Manchester City|Manchester United
Newcastle United|Norwich City|Nottingham Forest|Sheffield United|Sheffield Wednesday|Southampton
Sunderland|Tottenham Hotspur|Watford|West Bromwich Albion|West Ham United|Wolverhampton Wanderers
Derby County|Notts County|Stoke City|Bristol City|Bristol Rovers|Queens Park Rangers|Blackburn Rovers
Bolton Wanderers|Preston North End|Northampton Town|Barnsley
"""
ENGLISH = [name.strip() for name in _ENGLISH.replace("\n", "|").split("|") if name.strip()]


@given(NAMES, NAMES, st.sampled_from([None, "ENG", "ESP", "ITA"]))
def test_similarity_is_symmetric_and_bounded(one: str, other: str, country: str | None) -> None:
    score = similarity(one, other, country)
    assert 0 <= score <= 1
    assert score == similarity(other, one, country)


@given(NAMES)
def test_a_name_is_itself(name: str) -> None:
    assert similarity(name, name) == 1


@given(st.permutations(["Brighton", "Hove", "Albion"]), st.sampled_from(["", " FC", " F.C.", " AFC"]))
def test_order_and_club_words_hardly_matter(order: list[str], suffix: str) -> None:
    assert similarity(" ".join(order) + suffix, "Brighton & Hove Albion", "ENG") >= 0.98


def test_no_two_clubs_of_england_are_near_each_other() -> None:
    for one, other in combinations(ENGLISH, 2):
        assert similarity(one, other, "ENG") <= 0.55, (one, other)


@given(st.sampled_from(ENGLISH), st.sampled_from([" (W)", " Women", " II", " U21", " Reserves", " U18", " B"]))
def test_another_side_of_the_club_is_another_team(club: str, marker: str) -> None:
    assert similarity(club, club + marker, "ENG") == 0
    assert similarity(club + marker, club + marker, "ENG") == 1


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Arsenal", Kind()),
        ("Arsenal (W)", Kind(women=True)),
        ("Arsenal W", Kind(women=True)),
        ("Barcelona (F)", Kind(women=True)),
        ("Everton Ladies", Kind(women=True)),
        ("Atlético Madrid Femenino", Kind(women=True)),
        ("Åsane 2", Kind(reserve=2)),
        ("Real Sociedad B", Kind(reserve=2)),
        ("Real Madrid C", Kind(reserve=3)),
        ("Real Madrid Castilla", Kind(reserve=2)),
        ("Bilbao Athletic", Kind(reserve=2)),
        ("Bayern München II", Kind(reserve=2)),
        ("Dynamo Kyiv-2", Kind(reserve=2)),
        ("MNUFC2", Kind(reserve=2)),
        ("Jong Ajax", Kind(reserve=2)),
        ("Brighton Reserves", Kind(reserve=2)),
        ("England U21", Kind(youth=21)),
        ("England U-21", Kind(youth=21)),
        ("Brazil Sub-20", Kind(youth=20)),
        ("Liverpool Under 19", Kind(youth=19)),
        ("Spain (U17)", Kind(youth=17)),
        ("France (W) U19", Kind(women=True, youth=19)),
        ("Roma Primavera", Kind(youth=ANY_AGE)),
        ("Willem II", Kind()),
        ("ADC Juan Pablo II", Kind()),
        ("Boca Juniors", Kind()),
        ("Young Boys", Kind()),
        ("Schalke 04", Kind()),
        ("1860 München", Kind()),
        ("Hannover 96", Kind()),
        ("2. FC Köln", Kind()),
    ],
)
def test_kinds(name: str, expected: Kind) -> None:
    assert kind(name) == expected


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (("England", "FA WSL, Women"), Kind(women=True)),
        (("Spain", "Liga F"), Kind(women=True)),
        (("AUS", "A-League Women"), Kind(women=True)),
        (("Norway", "1. Division Kvinner"), Kind(women=True)),
        (("INT", "World Cup Qualification (W) UEFA"), Kind(women=True)),
        (("International Youth", "Friendlies U21"), Kind(youth=21)),
        (("INT", "UEFA Youth League"), Kind(youth=ANY_AGE)),
        (("Brazil", "Copa Sao Paulo de Futebol Junior"), Kind(youth=ANY_AGE)),
        (("Argentina", "Reserve League"), Kind(reserve=2)),
        (("England", "Premier League"), Kind()),
        (("Brazil", "Serie B"), Kind()),
        (("Switzerland", "Super League"), Kind()),
    ],
)
def test_what_leagues_say(names: tuple[str, ...], expected: Kind) -> None:
    assert league_kind(*names) == expected


@pytest.mark.parametrize(
    "name",
    ["TBD", "To be announced", "W49", "L 61", "1A", "2B", "3C/D/F", "Winner Group A", "Winner of Wc",
     "Runner-up Group B",
     "Loser SF1", "Group E Winner", "Best 3rd A/B/C", "Play-off Winner 3", "Winner Match 97", "Portugal/Spain", "", "?",
     "Quarterfinal 1 Winner", "SF2", "Winner QF1", "3rd Group F", "Home Team"],
)  # fmt: skip
def test_placeholders(name: str) -> None:
    assert is_placeholder(name)


@pytest.mark.parametrize(
    "name",
    [*ENGLISH, "Home United", "B 93", "Willem II", "W Connection", "AZ", "Kormákur/Hvöt", "First Vienna", "1. FC Köln",
     "SV Drochtersen/Assel", "FC 08 Homburg", "England", "Trinidad & Tobago", "Young Lions"],
)  # fmt: skip
def test_teams_are_no_placeholders(name: str) -> None:
    assert not is_placeholder(name)


@pytest.mark.parametrize(
    ("league", "home", "away", "expected"),
    [
        ("Esoccer Battle - 8 mins play", "Arsenal", "Chelsea", True),
        ("GT Leagues - 12 mins play", "Arsenal", "Chelsea", True),
        ("eBasketball H2H", "Arsenal", "Chelsea", True),
        ("Premier League", "Arsenal (Bomb1to)", "Chelsea (Kray)", True),
        ("Premier League", "Arsenal Esports", "Chelsea Esports", True),
        ("Premier League SRL", "Arsenal", "Chelsea", True),
        ("LaLiga EA Sports", "Barcelona", "Real Madrid", False),
        ("Serie C", "Volta Redonda", "Santa Cruz", False),
        ("Premier League", "Arsenal (W)", "Chelsea (W)", False),
        ("Copa Libertadores", "Nacional (URU)", "River Plate (ARG)", False),
        ("Serie A", "Atlético (MG)", "América (RN)", False),
    ],
)
def test_games_on_a_screen(league: str, home: str, away: str, expected: bool) -> None:
    assert is_esports("football", "England", league, home, away) is expected


@pytest.mark.parametrize(
    ("name", "code"),
    [("England", "ENG"), ("England Amateur", "ENG"), ("International Clubs", "INT"), ("USA", "USA"), ("ENG", "ENG"),
     ("Turkiye", "TUR"), ("Türkiye", "TUR"), ("Republic of Korea", "KOR"), ("", None), ("Nowhere", None),
     ("INT", "INT"),
     ("Ivory Coast", "CIV"), ("Côte d'Ivoire", "CIV"), ("Bosnia & Herzegovina", "BIH")],
)  # fmt: skip
def test_countries(name: str, code: str | None) -> None:
    assert country_code(name) == code


def test_nations_are_whole_names() -> None:
    assert nation_code("Congo") != nation_code("DR Congo")
    assert nation_code("Guinea") != nation_code("Guinea-Bissau") != nation_code("Equatorial Guinea")
    assert nation_code("Austria Wien") is None
    assert similarity("Republic of Ireland", "Northern Ireland") == 0
