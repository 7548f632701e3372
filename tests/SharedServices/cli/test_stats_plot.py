"""Pictures of form: what their panels hold, and that they are drawn whatever is missing."""

from __future__ import annotations

import struct
from datetime import UTC, datetime
from pathlib import Path

import pytest
from stats_documents import lines, player, projection, team

from PROPPR.SharedServices.cli.stats_panels import Panel, fixture_panels, player_panels, team_panels
from PROPPR.SharedServices.cli.stats_plot import draw
from PROPPR.SharedServices.cli.stats_reader import FixtureReading, PlayerReading, TeamReading

FIXTURE = FixtureReading(lines(), (), (team(), None))
TEAM = TeamReading(team(), [lines()])
PLAYER = PlayerReading(player(), [{**projection(), "home_team": "Arsenal", "away_team": "Brentford FC"}])


def test_panels_of_a_team() -> None:
    goals, corners, *_ = team_panels(TEAM)
    assert [bar.value for bar in goals.bars] == [0, 2, 1, 0, 2, 1, 0, 2, 1, 0], "the oldest first"
    assert [bar.home for bar in goals.bars][-2:] == [False, True]
    assert goals.average == 0.9
    assert (goals.line, goals.line_name) == (1.5, "predicted line, at home to Brentford FC")
    assert corners.average is None and corners.line is None and {bar.value for bar in corners.bars} == {None}
    (alone,) = team_panels(TeamReading(team()), ["shots"])
    assert (alone.line, alone.line_name) == (14.5, "nearest half line")
    assert alone.average == 15.0, "over the nine matches in which it is known"


def test_panels_of_a_fixture_and_of_a_player() -> None:
    home, away = fixture_panels(FIXTURE, ["goals"])
    assert home.line == 1.5 and len(home.bars) == 10 and away.bars == () and away.line is None
    early = datetime(2026, 7, 1, tzinfo=UTC)
    past, _ = fixture_panels(FixtureReading(lines(kickoff=early), (), (team(), None)), ["goals"])
    assert past.bars and all(bar.date < "2026-07-01" for bar in past.bars), "what came later is not shown"
    goals, shots, _, fouls = player_panels(PLAYER)
    assert goals.line == 0.41 and shots.average == 3.0 and fouls.average is None and fouls.line is None
    assert player_panels(PlayerReading(player(position="goalkeeper")))[0].statistic == "saves"


@pytest.mark.parametrize(
    "panels",
    [team_panels(TEAM), fixture_panels(FIXTURE), player_panels(PLAYER), [Panel("goals", "goals", (), None, None)], []],
    ids=["team", "fixture", "player", "nothing known", "no panel"],
)
def test_a_picture_is_drawn_whatever_is_missing(panels: list[Panel], tmp_path: Path) -> None:
    path = tmp_path / "form.png"
    draw(path, "Bodø/Glimt $x^$ 清水エスパルス", "kick-off\x1b[31m", panels)
    content = path.read_bytes()
    width, height = struct.unpack(">II", content[16:24])
    assert content.startswith(b"\x89PNG") and 1000 <= width <= 2000 and 100 <= height <= 2000
