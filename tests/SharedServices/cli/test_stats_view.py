"""The tables of `proppr stats`: what is known, and a dash for what is not."""

from __future__ import annotations

import io
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console, RenderableType
from stats_documents import AWAY, lines, player, projection, team

from PROPPR.SharedServices.cli.stats_cells import chance, number
from PROPPR.SharedServices.cli.stats_reader import FixtureReading, PlayerReading, TeamReading
from PROPPR.SharedServices.cli.stats_view import fixture_view, player_view, team_view


def drawn(view: RenderableType, width: int = 150) -> str:
    output = io.StringIO()
    Console(width=width, markup=False, highlight=False, file=output).print(view)
    return output.getvalue()


def row(text: str, *begin: str) -> list[str]:
    """The cells of the first line that begins with these words."""
    wanted = r"\s+".join(map(re.escape, begin))
    return next(line for line in text.splitlines() if re.match(wanted, line.strip())).split()


def test_a_fixture_shows_averages_lines_model_and_chances() -> None:
    text = drawn(fixture_view(FixtureReading(lines(), [projection()])))
    assert "Arsenal - Brentford FC" in text and "fixture 70505028, FotMob match 4813374" in text
    goals = row(text, "goals", "home")
    assert goals == ["goals", "home", "1.70", "1.5", "1.62", "0.5", "80", "%", "1.5", "48", "%", "2.5", "<1", "%"]
    assert row(text, "away")[:4] == ["away", "-", "-", "0.90"], "no average of the away team: no zero, a dash"
    assert row(text, "total")[:4] == ["total", "-", "-", "2.52"], "and no total of one side alone"
    assert row(text, "corners", "home") == ["corners", "home", "-", "-", "-", "-"]
    figures = ["81", "0.41", "0.00", "2.90", "1.20", "-", "0", "1", "0", "1", "0"]
    assert row(text, "Bukayo Saka") == ["Bukayo", "Saka", "forward", *figures]
    assert "Brentford FC: nobody is projected" in text
    assert "half" not in text
    halves = drawn(fixture_view(FixtureReading(lines()), "season", halves=True))
    assert halves.count("the season (home 10, away -)") == 3


def test_who_is_projected_without_the_model_is_marked() -> None:
    other = projection(5, "Kevin Schade", team_id=AWAY, method="average")
    text = drawn(fixture_view(FixtureReading(lines(), [projection(), other])))
    assert "Kevin Schade *" in text and "Bukayo Saka *" not in text and "* by their own rate" in text
    alone = drawn(fixture_view(FixtureReading(lines(model={}), [other])))
    assert "Kevin Schade *" not in alone and "all by their own rate" in alone and "no model" in alone


def test_a_team_shows_matches_averages_and_next_fixtures() -> None:
    text = drawn(team_view(TeamReading(team(), [lines()])))
    assert "ENG, Premier League, 2026/2027; team 9825; 10 matches this season" in text
    newest = row(text, "2026-08-19")
    assert newest[3:] == ["H", "W", "0:0", "-", "-", "-", "-", "11:-", "-", "-"]
    assert row(text, "goals", "1.50")[1:4] == ["1.50", "/", "0.00"], "a known zero is a zero"
    assert row(text, "shots", "12.25")[1:4] == ["12.25", "/", "-"]
    assert row(text, "corners", "-")[1:] == ["-"] * 7
    assert "70505028 Arsenal - Brentford FC" in text


def test_a_player_shows_appearances_season_and_projections() -> None:
    named = {**projection(), "home_team": "Arsenal", "away_team": "Brentford FC"}
    text = drawn(player_view(PlayerReading(player(), [named])))
    assert "Arsenal, forward, 2026/2027; player 961995; 10 appearances (9 from the start), 855 minutes" in text
    assert row(text, "2026-08-19") == ["2026-08-19", "Brentford", "H", "yes", "90", "0", "0", "3", "-", "-", "-", "-"]
    assert row(text, "goals") == ["goals", "5", "0.56", "0.50", "0.00", "1.00"]
    assert row(text, "expected", "goals")[2] == "3.25" and row(text, "fouls")[1:] == ["-"] * 5
    assert "Arsenal - Brentford FC" in text and "saves" not in text
    assert "saves" in drawn(player_view(PlayerReading(player(last_10_matches=[{"saves": 4}], position="goalkeeper"))))


@settings(deadline=None, max_examples=10)
@given(st.text(max_size=30), st.integers(60, 200))
def test_no_name_and_no_width_breaks_a_table(name: str, width: int) -> None:
    views = (
        fixture_view(FixtureReading(lines(home_team=name, league=name), [projection(name=name)])),
        team_view(TeamReading(team(name=name), [lines(away_team=name)])),
        player_view(PlayerReading(player(name=name, team=name), [projection()])),
    )
    assert all("\x1b" not in drawn(view, width) and "\r" not in drawn(view, width) for view in views)


@pytest.mark.parametrize(
    ("value", "digits", "text"), [(None, 2, "-"), (0, 2, "0.00"), (0, None, "0"), (1.5, None, "1.5"), ("x", 0, "-")]
)
def test_numbers(value: object, digits: int | None, text: str) -> None:
    assert number(value, digits) == text


@given(st.floats(0, 1))
def test_a_chance_is_never_rounded_to_certainty(probability: float) -> None:
    text = chance(probability)
    assert (text == "0 %") == (probability == 0) and (text == "100 %") == (probability == 1)
