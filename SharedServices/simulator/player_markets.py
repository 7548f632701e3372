"""Player markets with the label forms of the real ones, `Name (1) (2.5)` as well as `Name (Stat)`."""

from __future__ import annotations

from functools import partial

from PROPPR.SharedServices.simulator.goals import GRID, fair, normal_over, poisson_over
from PROPPR.SharedServices.simulator.rows import MarketSpec, Pricing, labelled
from PROPPR.SharedServices.simulator.team_markets import short_name

Row = tuple[str, float | None, dict[str, float]]
NOT_QUOTED = -1.0


def _rank(index: int) -> float:
    """How much of the team's play a player has: strikers first, the keeper last."""
    return 1.0 / (1.0 + index * 0.35)


def _squads(pricing: Pricing, each: int) -> list[tuple[str, int, int, float]]:
    """(name, side, index, expected goals of the team) for the first `each` players of both teams."""
    rows = []
    seen = {1: 0, 2: 0}
    for name, side in pricing.fixture.players:
        index = seen[side]
        seen[side] += 1
        if index < each:
            mean = (pricing.view.home if side == 1 else pricing.view.away) / GRID
            rows.append((name, side, index, mean))
    return rows


def _anytime(pricing: Pricing, each: int = 11) -> bytes:
    return labelled(
        pricing,
        [
            (name, 0.5, {"over": poisson_over(mean * 0.3 * _rank(index), 0.5)[0]})
            for name, _, index, mean in _squads(pricing, each)
        ],
    )


def _shots(pricing: Pricing, rate: float, lines: tuple[float, ...], each: int = 11) -> bytes:
    rows: list[Row] = []
    for name, side, index, mean in _squads(pricing, each):
        expected = (0.6 + mean * rate) * _rank(index)
        rows.extend((f"{name} ({side})", line, {"over": poisson_over(expected, line)[0]}) for line in lines)
    return labelled(pricing, rows)


def _over_under(pricing: Pricing, rate: float) -> bytes:
    rows: list[Row] = []
    for name, side, index, mean in _squads(pricing, 6):
        expected = (0.5 + mean * rate) * _rank(index)
        line = max(0.5, int(expected) + 0.5)
        over, under = poisson_over(expected, line)
        rows.append((f"{name} ({side}) ({line})", line, {"over": over, "under": under}))
    return labelled(pricing, rows)


def _passes(pricing: Pricing, each: int = 8) -> bytes:
    rows: list[Row] = []
    for name, side, index, mean in _squads(pricing, each):
        line = 22.5 + 3 * index
        over = normal_over(26.0 + 3 * index + mean * 4, 9.0, line)[0]
        rows.append((f"{name} ({side}) ({line})", line, {"over": over}))
    return labelled(pricing, rows)


def _fouls(pricing: Pricing) -> bytes:
    return labelled(
        pricing,
        [
            (f"{name} ({side})", line, {"over": poisson_over(0.5 + 0.2 * index, line)[0]})
            for name, side, index, _ in _squads(pricing, 7)
            for line in (0.5, 1.5)
        ],
    )


def _saves(pricing: Pricing) -> bytes:
    keepers = [row for row in _squads(pricing, 14) if row[2] == 13]
    faced = {1: pricing.view.away / GRID, 2: pricing.view.home / GRID}
    return labelled(
        pricing,
        [
            (name, line, {"over": poisson_over(1.0 + faced[side] * 1.6, line)[0]})
            for name, side, _, _ in keepers
            for line in (1.5, 2.5, 3.5)
        ],
    )


def _score_or_assist(pricing: Pricing, each: int = 9, assists: bool = False) -> bytes:
    rows: list[Row] = []
    for name, side, index, mean in _squads(pricing, each):
        score = poisson_over(mean * 0.3 * _rank(index), 0.5)[0]
        either = poisson_over(mean * 0.5 * _rank(index), 0.5)[0]
        rows.append((f"{name} (Score) ({side})", None, {"over": score}))
        rows.append((f"{name} (Score or Assist) ({side})", None, {"over": either}))
        if assists:
            assist = poisson_over(mean * 0.2 * _rank(index), 0.5)[0]
            rows.append((f"{name} (Assist) ({side})", None, {"over": assist}))
    return labelled(pricing, rows)


def _team_goalscorer(pricing: Pricing, each: int = 9) -> bytes:
    rows: list[Row] = []
    for name, _, index, mean in _squads(pricing, each):
        share = fair(0.24 * _rank(index) * min(1.0, mean))
        rows.append((f"{name} (First)", None, {"over": share}))
        rows.append((f"{name} (Last)", None, {"over": share}))
    for team, mean_steps in ((pricing.fixture.home, pricing.view.home), (pricing.fixture.away, pricing.view.away)):
        none = poisson_over(mean_steps / GRID, 0.5)[1]
        rows.append((f"No Goalscorer ({short_name(team)}) (Last)", None, {"over": none}))
    return labelled(pricing, rows)


def _at_least(goals: int, mean: float) -> dict[str, float]:
    """The oddity of these markets: the price of "so many or more" stands under `under`."""
    return {"under": poisson_over(mean, goals - 0.5)[0]}


def _multi_scorers(pricing: Pricing, each: int = 9, goals: tuple[int, ...] = (2,)) -> bytes:
    return labelled(
        pricing,
        [
            (
                f"{name} ({many} or More) ({side})",
                None,
                {"under": poisson_over(mean * 0.3 * _rank(index), many - 0.5)[0]},
            )
            for name, side, index, mean in _squads(pricing, each)
            for many in goals
        ],
    )


def _goal_method(pricing: Pricing, each: int = 9) -> bytes:
    rows: list[Row] = []
    for name, side, index, mean in _squads(pricing, each):
        for method, share in (("Header", 0.06), ("Free Kick", 0.01)):
            rows.append((f"{name} ({method}) ({side})", None, {"under": fair(mean * share * _rank(index))}))
    return labelled(pricing, rows)


def _disposals(pricing: Pricing) -> bytes:
    """The provider's mislabelled bucket: names without a stat, the price under `under`."""
    rows: list[Row] = []
    for name, _, index, mean in _squads(pricing, 4):
        rows.append((name, 1.5 if index % 2 else None, {"under": fair(0.03 + mean * 0.02)}))
    return labelled(pricing, rows)


def _many_disposals(pricing: Pricing) -> bytes:
    """The same bucket as full as it can be: every player with and without a line."""
    rows: list[Row] = []
    for name, _, index, mean in _squads(pricing, 19):
        rows.append((name, None, {"under": fair(0.03 + mean * 0.02)}))
        rows.extend((name, count - 0.5, _at_least(count, (1.0 + mean) * _rank(index))) for count in range(1, 7))
    return labelled(pricing, rows)


def _player_props(pricing: Pricing) -> bytes:
    """The consolidated market: `Name (Stat)`, ladders, many sides not quoted, and team labels among the players."""
    rows: list[Row] = []
    for name, _, index, mean in _squads(pricing, 3):
        for stat, expected in (("Shots", (0.8 + mean) * _rank(index)), ("Goals", mean * 0.3 * _rank(index))):
            for line in (0.5, 1.5)[: 2 if stat == "Shots" else 1]:
                over, under = poisson_over(expected, line)
                rows.append((f"{name} ({stat})", line, {"over": over, "under": under if index % 2 else NOT_QUOTED}))
    over, under = poisson_over((pricing.view.home + pricing.view.away) / GRID * 0.7, 1.5)
    rows.append(("Both Teams (Assists)", 1.5, {"over": over, "under": under}))
    rows.append((f"{short_name(pricing.fixture.home)} Alternate (Shots)", 9.5, {"over": 1.9, "under": NOT_QUOTED}))
    return labelled(pricing, rows)


PLAYER_MARKETS: tuple[MarketSpec, ...] = (
    MarketSpec("Anytime Goalscorer", "players", _anytime),
    MarketSpec("Player Shots", "players", partial(_shots, rate=1.2, lines=(0.5, 1.5, 2.5, 3.5))),
    MarketSpec("Player Tackles", "players", partial(_shots, rate=0.2, lines=(0.5, 1.5, 2.5))),
    MarketSpec("Player Shots Over/Under", "players", partial(_over_under, rate=1.4)),
    MarketSpec("Player Shots On Target Over/Under", "players", partial(_over_under, rate=0.6)),
    MarketSpec("Player Passes", "players", _passes),
    MarketSpec("Player Fouls Committed", "players", _fouls),
    MarketSpec("Goalkeeper Saves", "players", _saves),
    MarketSpec("Player To Score or Assist", "players", _score_or_assist),
    MarketSpec("Team Goalscorer", "players", _team_goalscorer),
    MarketSpec("Multi Scorers", "players", _multi_scorers),
    MarketSpec("Goal Method", "players", _goal_method),
    MarketSpec("Total Player Disposals", "players", _disposals),
    MarketSpec("Player Props", "players", _player_props),
)

# The player markets of the largest books: whole squads, long ladders.
FULL_PLAYER_MARKETS: tuple[MarketSpec, ...] = (
    MarketSpec("Anytime Goalscorer", "players", partial(_anytime, each=22)),
    MarketSpec("Player Shots", "players", partial(_shots, rate=1.2, lines=(0.5, 1.5, 2.5, 3.5), each=22)),
    MarketSpec("Player Tackles", "players", partial(_shots, rate=0.2, lines=(0.5, 1.5, 2.5, 3.5), each=18)),
    MarketSpec("Player Passes", "players", partial(_passes, each=22)),
    MarketSpec("Player To Score or Assist", "players", partial(_score_or_assist, each=20, assists=True)),
    MarketSpec("Team Goalscorer", "players", partial(_team_goalscorer, each=20)),
    MarketSpec("Multi Scorers", "players", partial(_multi_scorers, each=22, goals=(2, 3))),
    MarketSpec("Goal Method", "players", partial(_goal_method, each=22)),
    MarketSpec("Total Player Disposals", "players", _many_disposals),
)
