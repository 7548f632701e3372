"""What a picture of form shows: a panel a number, its last ten matches, their average, the line. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import fsum
from typing import Any, Final

from PROPPR.SharedServices.cli.stats_cells import words
from PROPPR.SharedServices.cli.stats_reader import FixtureReading, PlayerReading, TeamReading
from PROPPR.StatsUpdateFM.core.statistics.averages import half_line

Document = Mapping[str, Any]
OF_A_FIXTURE: Final = ("goals", "corners")
OF_A_TEAM: Final = ("goals", "corners", "shots_on_target", "yellow_cards")
OF_A_PLAYER: Final = ("goals", "shots", "shots_on_target", "fouls")
OF_A_GOALKEEPER: Final = ("saves", "goals", "fouls", "yellow_cards")


@dataclass(frozen=True)
class Bar:
    """One match; `value` None where the number is not known. `home` None where that is not."""

    date: str
    opponent: str
    home: bool | None
    value: float | None


@dataclass(frozen=True)
class Panel:
    """The last matches, oldest first. `average` is over what is known of them; `line` is drawn with its `line_name`."""

    title: str
    statistic: str
    bars: tuple[Bar, ...]
    average: float | None
    line: float | None
    line_name: str = ""


def fixture_panels(reading: FixtureReading, statistics: Sequence[str] = ()) -> list[Panel]:
    """A row a number, home team left, away team right, each with its predicted line of the last ten matches."""
    lines = reading.lines
    wanted = lines.get("predicted_lines_last10") or {}
    before = lines["kickoff"].date().isoformat()
    panels = []
    for statistic in statistics or OF_A_FIXTURE:
        for side, team in zip(("home", "away"), reading.teams, strict=True):
            listed = (team or {}).get("last_10_matches") or ()
            # Of a fixture that is over, what was known when it began.
            bars = _bars([each for each in listed if str(each.get("date")) < before], statistic, "for")
            line = (wanted.get(statistic) or {}).get(side)
            title = f"{lines[f'{side}_team']} ({side}): {words(statistic)}"
            panels.append(Panel(title, statistic, bars, _average(bars), line, "predicted line"))
    return panels


def team_panels(reading: TeamReading, statistics: Sequence[str] = ()) -> list[Panel]:
    """A panel a number. The line is that of the next fixture; without one, the half line nearest to the average."""
    team = reading.team
    coming = reading.coming[0] if reading.coming else None
    panels = []
    for statistic in statistics or OF_A_TEAM:
        bars = _bars(team["last_10_matches"], statistic, "for")
        average = _average(bars)
        line, name = None if average is None else half_line(average), "nearest half line"
        if coming is not None:
            side = "home" if coming.get("home_team_id") == team["team_id"] else "away"
            predicted = ((coming.get("predicted_lines_last10") or {}).get(statistic) or {}).get(side)
            if predicted is not None:
                line, name = predicted, f"predicted line, {_against(coming, side)}"
        panels.append(Panel(words(statistic), statistic, bars, average, line, name))
    return panels


def player_panels(reading: PlayerReading, statistics: Sequence[str] = ()) -> list[Panel]:
    """A panel a number. The line is what is projected for the next fixture, where anything is."""
    player = reading.player
    usual = OF_A_GOALKEEPER if player.get("position") == "goalkeeper" else OF_A_PLAYER
    coming = reading.coming[0] if reading.coming else {}
    panels = []
    for statistic in statistics or usual:
        bars = _bars(player["last_10_matches"], statistic)
        name = f"projected, {coming.get('home_team', '?')} - {coming.get('away_team', '?')}" if coming else ""
        projected = coming.get(f"projected_{statistic}")
        panels.append(Panel(words(statistic), statistic, bars, _average(bars), projected, name))
    return panels


def _bars(listed: Sequence[Document], statistic: str, part: str | None = None) -> tuple[Bar, ...]:
    """The listed matches, oldest first."""
    return tuple(
        Bar(
            str(each.get("date", "")),
            str(each.get("opponent") or ""),
            each.get("home"),
            (each if part is None else each.get(part) or {}).get(statistic),
        )
        for each in reversed(listed)
    )


def _average(bars: Sequence[Bar]) -> float | None:
    known = [bar.value for bar in bars if bar.value is not None]
    return fsum(known) / len(known) if known else None


def _against(lines: Document, side: str) -> str:
    return f"at home to {lines['away_team']}" if side == "home" else f"away to {lines['home_team']}"
