"""Team markets with their true names and row shapes, oddities included (the price under `under`, split handicaps)."""

from __future__ import annotations

from functools import lru_cache, partial

from PROPPR.SharedServices.simulator.count_markets import (
    card_handicap,
    cards,
    cards_spread,
    corner_bands,
    corner_handicap,
    corner_race,
    corners,
    corners_spread,
    stat,
    wide_cards,
    wide_corners,
)
from PROPPR.SharedServices.simulator.goals import GRID, FairPrices, GoalModel, fair, normal_over, two_way
from PROPPR.SharedServices.simulator.rows import (
    Lines,
    MarketSpec,
    Pricing,
    around,
    half_line,
    labelled,
    ladder,
    positive,
    single,
)


def short_name(team: str) -> str:
    """The team's name as labels shorten it: without the club's form."""
    return team.removesuffix(" FC").removeprefix("AFC ").split(" &")[0]


def _ml(model: GoalModel) -> FairPrices:
    return tuple([fair(probability) for probability in model.result])


def _moneyline(pricing: Pricing) -> bytes:
    return single(pricing, ("home", "draw", "away"), _ml(pricing.model()))


def _moneyline_half(pricing: Pricing) -> bytes:
    return single(pricing, ("home", "draw", "away"), _ml(pricing.first_half()))


def _draw_no_bet(pricing: Pricing) -> bytes:
    home, _, away = pricing.model().result
    return single(pricing, ("home", "away"), two_way(home, away), 0)


def _double_chance(pricing: Pricing) -> bytes:
    home, draw, away = pricing.model().result
    one, two = short_name(pricing.fixture.home), short_name(pricing.fixture.away)
    return labelled(
        pricing,
        [
            (f"{one} or Draw", None, {"under": fair(home + draw)}),
            (f"Draw or {two}", None, {"under": fair(draw + away)}),
            (f"{one} or {two}", None, {"under": fair(home + away)}),
        ],
    )


def _goal_total(view_goals: int, share: float = 1.0) -> float:
    """The line nearest to the expected goals, in quarters."""
    return max(0.5, round(view_goals / GRID * share * 4) / 4)


def _totals(pricing: Pricing) -> bytes:
    lines = positive(around(_goal_total(pricing.view.home + pricing.view.away), pricing.width, 0.25))
    return ladder(pricing, lines, pricing.model().totals(lines))


def _totals_half(pricing: Pricing) -> bytes:
    width = max(1, pricing.width // 2)
    lines = positive(around(_goal_total(pricing.view.home + pricing.view.away, 0.45), width, 0.25))
    return ladder(pricing, lines, pricing.first_half().totals(lines))


def _goals_over_under(pricing: Pricing) -> bytes:
    lines = (half_line(_goal_total(pricing.view.home + pricing.view.away) - 0.5),)
    return ladder(pricing, lines, pricing.model().totals(lines))


_GOAL_LINES: Lines = tuple(quarter / 4 for quarter in range(3, 22))
_HALF_LINES: Lines = (0.5, 1.5, 3.5, 4.5, 5.5, 6.5, 7.5)


def _fixed_totals(pricing: Pricing, lines: Lines) -> bytes:
    return ladder(pricing, lines, pricing.model().totals(lines))


def _spread_centre(pricing: Pricing, share: float = 1.0) -> float:
    return round((pricing.view.away - pricing.view.home) / GRID * share * 4) / 4


def _spread(pricing: Pricing) -> bytes:
    lines = around(_spread_centre(pricing), pricing.width, 0.25)
    return ladder(pricing, lines, pricing.model().spreads(lines), "home", "away")


def _spread_half(pricing: Pricing) -> bytes:
    lines = around(_spread_centre(pricing, 0.45), max(1, pricing.width // 2), 0.25)
    return ladder(pricing, lines, pricing.first_half().spreads(lines), "home", "away")


def _alternative_handicap(pricing: Pricing) -> bytes:
    lines = around(_spread_centre(pricing), 17, 0.25)
    return ladder(pricing, lines, pricing.model().spreads(lines), "home", "away")


def _both_score(pricing: Pricing, period: str) -> bytes:
    model = {"": pricing.model, "HT": pricing.first_half, "2H": pricing.second_half}[period]()
    return single(pricing, ("yes", "no"), model.both_score(), 0)


def _european_handicap(pricing: Pricing) -> bytes:
    """The sides of a line are split by sign: `{hdp:-1,home}` and `{hdp:1,draw,away}`; exchanges keep them together."""
    prices = pricing.prices(pricing.model().handicaps(_EUROPEAN_LINES))
    return (_european_template(pricing.number, pricing.exchange) % prices).encode()


_EUROPEAN_LINES: Lines = (-1, -2, -3, 1, 2)


@lru_cache(maxsize=8)
def _european_template(form: str, together: bool) -> str:
    rows: list[str] = []
    for line in _EUROPEAN_LINES:
        if together:
            rows.append(f'{{"hdp":{line},"home":"{form}","draw":"{form}","away":"{form}"}}')
        else:
            rows.append(f'{{"hdp":{line},"home":"{form}"}}')
            rows.append(f'{{"hdp":{-line},"draw":"{form}","away":"{form}"}}')
    return "[" + ",".join(rows) + "]"


def _half_time_result(pricing: Pricing) -> bytes:
    home, draw, away = _ml(pricing.first_half())
    return labelled(pricing, [("1", 1, {"under": home}), ("Draw", None, {"under": draw}), ("2", 2, {"under": away})])


def _correct_score(pricing: Pricing) -> bytes:
    model = pricing.model()
    return labelled(
        pricing,
        [(f"{h}-{a}", None, {"odds": fair(model.home[h] * model.away[a])}) for h in range(4) for a in range(4)],
    )


def _exact_goals(pricing: Pricing) -> bytes:
    total = pricing.model().total
    rows: list[tuple[str, float | None, dict[str, float]]] = [
        (f"{goals} Goal" + ("" if goals == 1 else "s"), None, {"under": fair(total[goals][1])}) for goals in range(7)
    ]
    rows.append(("7+ Goals", None, {"under": fair(sum(p for goals, p in total if goals >= 7))}))
    return labelled(pricing, rows)


def _number_of_goals(pricing: Pricing) -> bytes:
    total = pricing.model().total
    few = total[0][1] + total[1][1]
    middle = total[2][1] + total[3][1]
    return labelled(
        pricing,
        [
            ("Under 2 goals", None, {"under": fair(few)}),
            ("2 or 3 goals", None, {"under": fair(middle)}),
            ("Over 3 goals", None, {"over": fair(1.0 - few - middle)}),
        ],
    )


def _half_handicap(pricing: Pricing) -> bytes:
    home, away = pricing.first_half().spreads((-1,))
    return labelled(pricing, [("1 (-1)", -1, {"home": home}), ("Tie (1)", 1, {"away": away})])


def _team_total(pricing: Pricing, is_home: bool) -> bytes:
    lines = (0.5, 1.5, 2.5, 3.5)[: max(3, pricing.width // 3)]
    return ladder(pricing, lines, pricing.model().team_totals(is_home, lines))


def _first_minutes(pricing: Pricing) -> bytes:
    mean = (pricing.view.home + pricing.view.away) / GRID * 0.08
    goals = normal_over(mean, 0.4, 0.5)
    return labelled(
        pricing,
        [
            ("Goals (Over) (0.5)", 0.5, {"over": goals[0], "under": goals[1]}),
            ("Free Kicks (Over) (2.5)", 2.5, {"over": 2.02, "under": 1.98}),
            ("Goal Kicks (Over) (1.5)", 1.5, {"over": 2.2, "under": 1.83}),
        ],
    )


def _specials(pricing: Pricing) -> bytes:
    home, _, away = pricing.model().result
    return labelled(
        pricing,
        [
            ("To Win From Behind (1)", 1, {"home": fair(home * 0.15)}),
            ("To Win From Behind (2)", 2, {"away": fair(away * 0.15)}),
        ],
    )


TEAM_MARKETS: tuple[MarketSpec, ...] = (
    MarketSpec("ML", "goals", _moneyline),
    MarketSpec("Draw No Bet", "goals", _draw_no_bet),
    MarketSpec("Double Chance", "goals", _double_chance),
    MarketSpec("Spread", "goals", _spread),
    MarketSpec("Totals", "goals", _totals),
    MarketSpec("Goals Over/Under", "goals", _goals_over_under),
    MarketSpec("Both Teams To Score", "goals", partial(_both_score, period="")),
    MarketSpec("Spread HT", "goals", _spread_half),
    MarketSpec("Totals HT", "goals", _totals_half),
    MarketSpec("ML HT", "goals", _moneyline_half),
    MarketSpec("European Handicap", "goals", _european_handicap),
    MarketSpec("Corners Spread", "corners", corners_spread),
    MarketSpec("Corners Totals", "corners", wide_corners),
    MarketSpec("Corners Totals HT", "corners", partial(corners, share=0.48, width=1)),
    MarketSpec("Bookings Spread", "cards", cards_spread),
    MarketSpec("Bookings Totals", "cards", wide_cards),
    MarketSpec("Corners", "corners", partial(corners, share=1, width=1)),
    MarketSpec("Corners 2-Way", "corners", partial(corners, share=1, width=1, step=1)),
    MarketSpec("Alternative Corners", "corners", partial(corners, share=1, width=14, step=1)),
    MarketSpec("Total Corners", "corners", corner_bands),
    MarketSpec("Team Corners Home", "corners", partial(corners, share=0.55, width=1, step=1)),
    MarketSpec("Team Corners Away", "corners", partial(corners, share=0.45, width=1, step=1)),
    MarketSpec("Corner Handicap", "corners", corner_handicap),
    MarketSpec("Corners Race", "corners", corner_race),
    MarketSpec("Number of Cards In Match", "cards", partial(cards, share=1, width=1)),
    MarketSpec("Team Cards Home", "cards", partial(cards, share=0.48, width=1)),
    MarketSpec("Team Cards Away", "cards", partial(cards, share=0.52, width=1)),
    MarketSpec("Alternative Asian Handicap", "goals", _alternative_handicap),
    MarketSpec("Alternative Goal Line", "goals", partial(_fixed_totals, lines=_GOAL_LINES)),
    MarketSpec("Alternative Total Goals", "goals", partial(_fixed_totals, lines=_HALF_LINES)),
    MarketSpec("Number of Goals In Match", "goals", _number_of_goals),
    MarketSpec("Exact Total Goals", "goals", _exact_goals),
    MarketSpec("Correct Score", "goals", _correct_score),
    MarketSpec("Half Time Result", "goals", _half_time_result),
    MarketSpec("1st Half Handicap", "goals", _half_handicap),
    MarketSpec("Both Teams To Score HT", "goals", partial(_both_score, period="HT")),
    MarketSpec("Both Teams To Score 2H", "goals", partial(_both_score, period="2H")),
    MarketSpec("Team Total Goals Home", "goals", partial(_team_total, is_home=True)),
    MarketSpec("Team Total Goals Away", "goals", partial(_team_total, is_home=False)),
    MarketSpec("Team Total Home", "goals", partial(_team_total, is_home=True)),
    MarketSpec("Team Total Away", "goals", partial(_team_total, is_home=False)),
    MarketSpec("First 10 Minutes (00:00 - 09:59)", "goals", _first_minutes),
    MarketSpec("Match Shots", "stats", partial(stat, base=180, of_home=12, of_away=12, deviation=50)),
    MarketSpec("Match Shots on Target", "stats", partial(stat, base=40, of_home=8, of_away=8, deviation=28)),
    MarketSpec("Match Tackles", "stats", partial(stat, base=320, of_home=0, of_away=0, deviation=60)),
    MarketSpec("Match Offsides", "stats", partial(stat, base=20, of_home=3, of_away=3, deviation=18)),
    MarketSpec("Team Shots Home", "stats", partial(stat, base=70, of_home=22, of_away=-4, deviation=38)),
    MarketSpec("Team Shots Away", "stats", partial(stat, base=70, of_home=-4, of_away=22, deviation=38)),
    MarketSpec("Team Shots on Target Home", "stats", partial(stat, base=16, of_home=12, of_away=-2, deviation=20)),
    MarketSpec("Team Shots on Target Away", "stats", partial(stat, base=16, of_home=-2, of_away=12, deviation=20)),
    MarketSpec("Team Tackles Home", "stats", partial(stat, base=150, of_home=0, of_away=6, deviation=38)),
    MarketSpec("Team Tackles Away", "stats", partial(stat, base=150, of_home=6, of_away=0, deviation=38)),
    MarketSpec("Team Offsides Home", "stats", partial(stat, base=10, of_home=4, of_away=0, deviation=12)),
    MarketSpec("Team Offsides Away", "stats", partial(stat, base=10, of_home=0, of_away=4, deviation=12)),
    MarketSpec("Specials", "goals", _specials),
)

CARD_HANDICAP = MarketSpec("Card Handicap", "cards", card_handicap)
