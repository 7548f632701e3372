"""Competitions by country and name together."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from PROPPR.SharedServices.football.model import League
from PROPPR.SharedServices.mapping.leagues import Relation, confirmed_leagues, judge, league_key


@pytest.mark.parametrize(
    ("country", "name", "other", "relation"),
    [
        ("England", "Premier League", League(47, "Premier League", "ENG"), Relation.SAME),
        ("England", "England - Premier League", League(47, "Premier League", "ENG"), Relation.SAME),
        ("Spain", "La Liga", League(87, "LaLiga", "ESP"), Relation.SAME),
        ("International", "World Cup", League(894790, "World Cup Grp. A", "INT", 77), Relation.SAME),
        ("Scotland", "Premiership", League(926127, "Premiership Championship Group", "SCO", 64), Relation.SAME),
        ("England", "Premier League", League(441, "Premier League", "UKR"), Relation.OTHER),
        ("Ukraine", "Premier League", League(47, "Premier League", "ENG"), Relation.OTHER),
        ("England", "Premier League", League(132, "FA Cup", "ENG"), Relation.OTHER),
        ("England", "Premier League", League(9084, "Premier League 2", "ENG"), Relation.OTHER),
        ("Italy", "Serie A", League(86, "Serie B", "ITA"), Relation.OTHER),
        ("Kenya", "Division One", League(5, "Division Two", "KEN"), Relation.OTHER),
        ("Kenya", "Serie A", League(5, "Serie B", "KEN"), Relation.OTHER),
        ("Kenya", "1. Division", League(5, "2. Division", "KEN"), Relation.OTHER),
        ("Kenya", "Super League", League(5, "Kenya Super League", "KEN"), Relation.SAME),
        ("Kenya", "Super League", League(5, "Super League Relegation Group", "KEN"), Relation.SAME),
        ("Kenya", "Serie C, Group B", League(5, "Serie C Grp. A", "KEN"), Relation.SAME),
        ("Kenya", "Serie C, Group B", League(5, "Serie D Grp. B", "KEN"), Relation.OTHER),
        ("Kenya", "Super League", League(5, "Super League 2", "KEN"), Relation.OTHER),
        ("Kenya", "Super League", League(5, "Super League - 2nd Stage Group B", "KEN"), Relation.SAME),
        ("Kenya", "First Division", League(5, "1. Division", "KEN"), Relation.SAME),
        ("Kenya", "Super League", League(5, "Shield", "KEN"), Relation.POSSIBLE),
        ("", "Premier League", League(47, "Premier League", "ENG"), Relation.OTHER),
        ("Atlantis", "Premier League", League(47, "Premier League", "ENG"), Relation.OTHER),
        ("England", "Premier League", League(5, "Premier League", None), Relation.OTHER),
        ("International", "Champions League", League(42, "Champions League", "INT"), Relation.SAME),
        ("International Clubs", "UEFA Champions League", League(526, "CAF Champions League", "INT"), Relation.OTHER),
    ],
)
def test_relations(country: str, name: str, other: League, relation: Relation) -> None:
    assert judge(country, name, other).relation is relation


def test_what_people_confirmed_decides() -> None:
    league, other = League(5, "Supa Ligi", "KEN"), League(6, "Super League", "KEN")
    confirmed = confirmed_leagues([("Kenya", "Super League", 5)] * 2)
    assert judge("Kenya", "Super League", league, confirmed).relation is Relation.SAME
    assert judge("Kenya", "Super League", other, confirmed).relation is Relation.OTHER
    assert judge("Uganda", "Super League", league, confirmed).relation is Relation.OTHER


def test_one_confirmation_or_a_contradiction_teaches_nothing() -> None:
    assert confirmed_leagues([("Kenya", "Super League", 5)]) == {}
    assert confirmed_leagues([("Kenya", "Super League", 5), ("Kenya", "Super League", 6)] * 3) == {}
    assert confirmed_leagues([("", "Super League", 5)] * 3) == {}


@given(st.text(max_size=20), st.text(max_size=30))
def test_keys_are_folded(country: str, name: str) -> None:
    assert league_key(country, name) == league_key(country.strip(), name.strip())
