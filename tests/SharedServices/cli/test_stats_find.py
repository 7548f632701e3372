"""Typed names and what they mean."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from PROPPR.SharedServices.cli.stats_find import Known, KnownFixture, find_fixture, find_player, find_team

NOW = datetime(2026, 8, 20, 12, 0, tzinfo=UTC)
TEAMS = [
    Known(number, name)
    for number, name in enumerate(
        (
            "Arsenal",
            "Arsenal Women",
            "Manchester City",
            "Manchester United",
            "Bodø/Glimt",
            "Real Sociedad",
            "Real Madrid",
        )
    )
]
MEN = [
    Known(1, "Martin Ødegaard", "Arsenal"),
    Known(2, "Erling Haaland", "Manchester City"),
    Known(3, "Gabriel Magalhães", "Arsenal"),
    Known(4, "Gabriel Martinelli", "Arsenal"),
    Known(5, "Bukayo Saka", "Arsenal"),
]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("arsenal", ["Arsenal"]),
        ("ARSENAL W", ["Arsenal Women"]),
        ("man city", ["Manchester City"]),
        ("manchester", ["Manchester City", "Manchester United"]),
        ("bodo glimt", ["Bodø/Glimt"]),
        ("real", ["Real Madrid", "Real Sociedad"]),
        ("Machester Untied", ["Manchester United"]),
        ("Juventus", []),
        ("", []),
        ("  - ", []),
    ],
)
def test_teams(text: str, names: list[str]) -> None:
    assert [team.name for team in find_team(text, TEAMS)] == names


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("odegaard", [1]),
        ("Haaland, Erling", [2]),
        ("E. Haaland", [2]),
        ("gabriel", [3, 4]),
        ("Sakka", []),
        ("buk sak", [5]),
    ],
)
def test_players(text: str, ids: list[int]) -> None:
    assert [man.id for man in find_player(text, MEN)] == ids


@given(st.text(max_size=30))
def test_any_text_is_answered_with_known_names(text: str) -> None:
    assert all(team in TEAMS for team in find_team(text, TEAMS))
    assert all(man in MEN for man in find_player(text, MEN))


@given(st.sampled_from(TEAMS))
def test_everybody_is_found_by_his_own_name_alone(team: Known) -> None:
    assert find_team(team.name, TEAMS) == [team]


def fixture(number: int, home: str, away: str, days: float) -> KnownFixture:
    return KnownFixture(number, home, away, NOW + timedelta(days=days))


FIXTURES = [
    fixture(1, "Arsenal", "Manchester City", -90),
    fixture(2, "Arsenal", "Manchester City", 2),
    fixture(3, "Manchester City", "Arsenal", -7),
    fixture(4, "Stade-Lausanne - Ouchy", "Real Madrid", 3),
    fixture(5, "Arsenal", "Real Madrid", 5),
]


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("Arsenal - Manchester City", [2]),
        ("arsenal v man city", [2]),
        ("Arsenal vs Man City", [2]),
        ("Manchester City - Arsenal", [3]),
        ("Real Madrid - Arsenal", [5]),
        ("stade lausanne - ouchy - real madrid", [4]),
        ("arsenal", [2, 5]),
        ("Arsenal - Juventus", []),
        (" - ", []),
    ],
)
def test_fixtures(text: str, ids: list[int]) -> None:
    assert [each.id for each in find_fixture(text, FIXTURES, NOW)] == ids
