"""The tables of `proppr stats`. Pure: from the stored documents to what rich prints. A dash is what is not known."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from rich.console import Group, RenderableType
from rich.table import Table

from PROPPR.SharedServices.cli.poller_picture import printable
from PROPPR.SharedServices.cli.stats_cells import (
    APPEARANCE,
    PROJECTED,
    STATISTICS,
    UNKNOWN,
    Document,
    chance,
    counted,
    form_words,
    joined,
    new_table,
    note_of,
    number,
    short_name,
    teams_words,
    time_words,
    title_of,
    words,
)
from PROPPR.SharedServices.cli.stats_reader import FixtureReading, PlayerReading, TeamReading

WINDOWS: Final = {"last10": "last 10 matches", "last5": "last 5 matches", "season": "the season"}
PERIODS: Final = {
    "match": ("", "match"),
    "first_half": ("1st_half_", "1st half"),
    "second_half": ("2nd_half_", "2nd half"),
}
SIDES: Final = ("home", "away", "total")


def fixture_view(reading: FixtureReading, window: str = "last10", *, halves: bool = False) -> RenderableType:
    """A fixture: averages, lines and the model's numbers of both teams, and the projections of both squads."""
    lines = reading.lines
    match_id = lines.get("fotmob_match_id")
    parts: list[RenderableType] = [
        title_of(f"{lines['home_team']} - {lines['away_team']}"),
        note_of(
            f"{joined(lines.get('league'), lines.get('season'))}; kick-off {time_words(lines['kickoff'])} UTC; "
            f"fixture {lines['fixture_id']}, FotMob match {UNKNOWN if match_id is None else match_id}; "
            f"changed {time_words(lines['updated_at'])} UTC"
        ),
    ]
    parts += [_lines_table(lines, window, period) for period in (PERIODS if halves else ("match",))]
    if not lines.get("model"):
        parts.append(note_of("no model: too few matches of the league are known"))
    methods = {each.get("method") for each in reading.players}
    for side in ("home", "away"):
        squad = [each for each in reading.players if each.get("team_id") == lines.get(f"{side}_team_id")]
        parts.append(_squad_table(str(lines[f"{side}_team"]), squad, is_mixed=len(methods) > 1))
    if "average" in methods:
        whose = "* " if len(methods) > 1 else "all "
        parts.append(note_of(f"{whose}by their own rate per ninety minutes, not by the model"))
    return Group(*parts)


def team_view(reading: TeamReading) -> RenderableType:
    """A team's season: the last matches, the averages, what comes."""
    team = reading.team
    parts: list[RenderableType] = [
        title_of(str(team["team_name"])),
        note_of(f"{joined(team.get('country'), team.get('league'), team['season'])}; team {team['team_id']}; "
              f"{counted(team['matches_played'], 'match', 'matches')} this season"),
        _matches_table(team),
        _averages_table(team),
    ]  # fmt: skip
    return Group(*parts, *([_coming_table(reading.coming, team["team_id"])] if reading.coming else []))


def player_view(reading: PlayerReading) -> RenderableType:
    """A player's season: the last appearances, totals and rates, what is projected."""
    player = reading.player
    names = (player.get("team"), player.get("position"), player["season"])
    parts: list[RenderableType] = [
        title_of(str(player["player_name"])),
        note_of(f"{joined(*names)}; player {player['player_id']}; "
              f"{counted(player['appearances'], 'appearance', 'appearances')} "
              f"({number(player.get('starts'))} from the start), {number(player['minutes'])} minutes"),
        _appearances_table(player),
        _season_table(player),
    ]  # fmt: skip
    return Group(*parts, *([_projections_table(reading.coming)] if reading.coming else []))


def _lines_table(lines: Document, window: str, period: str) -> Table:
    prefix, name = PERIODS[period]
    counts = lines.get(f"{prefix}matches_{window}") or {}
    rests = f"home {number(counts.get('home'))}, away {number(counts.get('away'))}"
    table = new_table(f"{name}: {WINDOWS[window]} ({rests}) and the model")
    table.add_column("", no_wrap=True)
    table.add_column("", no_wrap=True)
    for heading in ("average", "line", "model", "more than", "", ""):
        table.add_column(heading, justify="right")
    wanted = lines.get(f"{prefix}predicted_lines_{window}") or {}
    model = (lines.get("model") or {}).get(period) or {}
    means = {side: lines.get(f"{prefix}{side}_averages_{window}") or {} for side in ("home", "away")}
    for statistic in STATISTICS:
        home, away = (means[side].get(statistic) for side in ("home", "away"))
        averages = (home, away, None if home is None or away is None else home + away)
        for place, (side, mean) in enumerate(zip(SIDES, averages, strict=True)):
            predicted = (model.get(statistic) or {}).get(side) or {}
            label = words(statistic) if place == 0 else ""
            figures = (number(mean, 2), number((wanted.get(statistic) or {}).get(side), 1))
            table.add_row(label, side, *figures, number(predicted.get("mean"), 2), *_chances(predicted))
    return table


def _chances(predicted: Document) -> list[str]:
    told = [f"{line:g} {chance(probability):>5}" for line, probability in predicted.get("over") or ()][:3]
    return told + [UNKNOWN] * (not told) + [""] * (3 - max(1, len(told)))


def _squad_table(team: str, squad: Sequence[Document], *, is_mixed: bool) -> RenderableType:
    if not squad:
        return note_of(f"{printable(team)}: nobody is projected")
    table = new_table(f"{team}: projections")
    table.add_column("player", no_wrap=True, overflow="ellipsis")
    table.add_column("position", no_wrap=True)
    for heading in (short_name(name) for name in ("minutes", *PROJECTED)):
        table.add_column(heading, justify="right")
    table.add_column("scored", no_wrap=True)
    for each in squad:
        mark = " *" if is_mixed and each.get("method") == "average" else ""
        figures = (number(each.get(f"projected_{name}"), 2) for name in PROJECTED)
        names = (printable(str(each["player_name"])) + mark, each.get("position") or UNKNOWN)
        table.add_row(*names, number(each.get("expected_minutes"), 0), *figures, form_words(each.get("form")))
    return table


def _matches_table(team: Document) -> Table:
    table = new_table("last matches: own and the other side's numbers")
    _match_columns(table)
    for statistic in STATISTICS:
        table.add_column(short_name(statistic), justify="right")
    for each in team["last_10_matches"]:
        own, other = each.get("for") or {}, each.get("against") or {}
        pairs = (_versus(own.get(name), other.get(name)) for name in STATISTICS)
        table.add_row(*_match_cells(each), each.get("result") or UNKNOWN, *pairs)
    return table


def _versus(own: object, other: object) -> str:
    return UNKNOWN if own is None and other is None else f"{number(own)}:{number(other)}"


def _averages_table(team: Document) -> Table:
    table = new_table("averages: own / the other side's")
    table.add_column("", no_wrap=True)
    season = (team["averages"].get("season") or {}) if team.get("averages") else {}
    blocks = {
        "last 5": (team["averages"].get("last5") or {}).get("all"),
        "last 10": (team["averages"].get("last10") or {}).get("all"),
        "season": season.get("all"),
        "home": season.get("home"),
        "away": season.get("away"),
        "1st half": ((team.get("halves") or {}).get("first_half") or {}).get("season"),
        "2nd half": ((team.get("halves") or {}).get("second_half") or {}).get("season"),
    }
    for heading, block in blocks.items():
        table.add_column(f"{heading} ({number((block or {}).get('n'))})", justify="right")
    for statistic in STATISTICS:
        table.add_row(words(statistic), *(_pair(block, statistic) for block in blocks.values()))
    return table


def _pair(block: Document | None, statistic: str) -> str:
    sides = [((block or {}).get(side) or {}).get(statistic) for side in ("for", "against")]
    return UNKNOWN if sides == [None, None] else f"{number(sides[0], 2)} / {number(sides[1], 2)}"


def _coming_table(coming: Sequence[Document], team_id: int) -> Table:
    table = new_table("next fixtures: lines of the last 10 matches, own")
    for heading in ("kick-off (UTC)", "fixture", "teams"):
        table.add_column(heading, no_wrap=heading != "teams")
    for statistic in STATISTICS:
        table.add_column(short_name(statistic), justify="right")
    for lines in coming:
        side = "home" if lines.get("home_team_id") == team_id else "away"
        wanted = lines.get("predicted_lines_last10") or {}
        figures = (number((wanted.get(name) or {}).get(side), 1) for name in STATISTICS)
        table.add_row(time_words(lines["kickoff"]), str(lines["fixture_id"]), teams_words(lines), *figures)
    return table


def _appearances_table(player: Document) -> Table:
    listed = player["last_10_matches"]
    shown = [name for name in APPEARANCE if name != "saves" or any("saves" in each for each in listed)]
    table = new_table("last appearances")
    _match_columns(table, "start")
    for heading in (short_name(name) for name in ("minutes", *shown)):
        table.add_column(heading, justify="right")
    for each in listed:
        started = {True: "yes", False: "no"}.get(each.get("started"), UNKNOWN)
        table.add_row(*_match_cells(each), started, *(number(each.get(name)) for name in ("minutes", *shown)))
    return table


def _season_table(player: Document) -> Table:
    stats = player.get("season_stats") or {}
    totals, rates, means = (stats.get(name) or {} for name in ("totals", "per_90", "per_match"))
    venues = [(player.get(venue) or {}) for venue in ("home", "away")]
    table = new_table("season")
    table.add_column("", no_wrap=True)
    for heading in ("total", "per 90", "per match"):
        table.add_column(heading, justify="right")
    for heading, venue in zip(("home", "away"), venues, strict=True):
        table.add_column(f"{heading} ({number(venue.get('appearances'))})", justify="right")
    for statistic in dict.fromkeys((*APPEARANCE[:-1], *totals)):
        places = (number((venue.get("per_match") or {}).get(statistic), 2) for venue in venues)
        total = totals.get(statistic)
        whole = number(total, 2 if isinstance(total, float) else None)
        table.add_row(
            words(statistic), whole, number(rates.get(statistic), 2), number(means.get(statistic), 2), *places
        )
    return table


def _projections_table(coming: Sequence[Document]) -> Table:
    table = new_table("projections")
    for heading in ("kick-off (UTC)", "fixture", "teams"):
        table.add_column(heading, no_wrap=heading != "teams")
    for heading in (short_name(name) for name in ("minutes", *PROJECTED)):
        table.add_column(heading, justify="right")
    for each in coming:
        figures = (number(each.get(f"projected_{name}"), 2) for name in PROJECTED)
        head = (time_words(each["kickoff"]), str(each["fixture_id"]), teams_words(each))
        table.add_row(*head, number(each.get("expected_minutes"), 0), *figures)
    return table


def _match_columns(table: Table, last: str = "") -> None:
    table.add_column("date", no_wrap=True)
    table.add_column("opponent")
    table.add_column("", no_wrap=True)
    table.add_column(last)


def _match_cells(each: Document) -> tuple[str, str, str]:
    venue = {True: "H", False: "A"}.get(each.get("home"), UNKNOWN)  # type: ignore[arg-type]
    return str(each.get("date", UNKNOWN)), printable(str(each.get("opponent") or UNKNOWN)), venue
