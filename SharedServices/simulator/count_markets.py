"""Markets of what is counted beside goals: corners, cards, shots, tackles, offsides."""

from __future__ import annotations

from functools import lru_cache

from PROPPR.SharedServices.simulator.goals import FairPrices, count_ladder, fair, normal_over
from PROPPR.SharedServices.simulator.rows import Lines, Pricing, around, half_line, labelled, ladder, positive


def _count(pricing: Pricing, mean_tenths: int, deviation: int, width: int, step: float) -> bytes:
    centre = round(mean_tenths / 10 * 2) / 2
    lines = positive(around(centre if step != 1 else half_line(centre), width, step))
    return ladder(pricing, lines, count_ladder(mean_tenths, deviation, lines))


def corners(pricing: Pricing, share: float, width: int, step: float = 0.5) -> bytes:
    """Lines around the expected corners of the match, or of the part `share` of it."""
    return _count(pricing, int(pricing.view.corners * share), 34 if share == 1 else 24, width, step)


def wide_corners(pricing: Pricing) -> bytes:
    """As many lines of corners as the book is wide."""
    return corners(pricing, 1, max(3, pricing.width))


def cards(pricing: Pricing, share: float, width: int) -> bytes:
    """Lines around the expected cards."""
    return _count(pricing, int(pricing.view.cards * share), 20 if share == 1 else 13, width, 0.5)


def wide_cards(pricing: Pricing) -> bytes:
    """Two lines of cards for every three of the book's width."""
    return cards(pricing, 1, max(2, pricing.width * 2 // 3))


@lru_cache(maxsize=4096)
def _count_spread(mean_tenths: int, deviation: int, width: int) -> tuple[Lines, FairPrices]:
    lines = around(round(-mean_tenths / 10 * 2) / 2, width, 0.5)
    prices = tuple(price for line in lines for price in normal_over(mean_tenths / 10, deviation / 10, -line))
    return lines, prices


def corners_spread(pricing: Pricing) -> bytes:
    """Handicaps in corners."""
    lines, prices = _count_spread((pricing.view.home - pricing.view.away) * 6 // 10, 38, max(1, pricing.width * 2 // 3))
    return ladder(pricing, lines, prices, "home", "away")


def cards_spread(pricing: Pricing) -> bytes:
    """Handicaps in cards."""
    lines, prices = _count_spread((pricing.view.away - pricing.view.home) * 2 // 10, 18, max(1, pricing.width // 3))
    return ladder(pricing, lines, prices, "home", "away")


def corner_handicap(pricing: Pricing) -> bytes:
    """A handicap of corners in the labelled form that is not to be trusted."""
    home, away = normal_over((pricing.view.home - pricing.view.away) * 0.06, 3.8, 3)
    return labelled(pricing, [("1 (-3)", -3, {"home": home}), ("Tie (3)", 3, {"away": away})])


def corner_race(pricing: Pricing) -> bytes:
    """First to so many corners."""
    lead = (pricing.view.home - pricing.view.away) * 0.06
    lines: Lines = (3, 5, 7, 9)
    prices = tuple(price for line in lines for price in normal_over(lead, 2.0 + line * 0.2, 0.0))
    return ladder(pricing, lines, prices, "home", "away")


def corner_bands(pricing: Pricing) -> bytes:
    """Corners in bands, the price under `under`."""
    mean = pricing.view.corners / 10
    below = [1.0 / normal_over(mean, 3.4, line)[1] for line in (5.5, 8.5, 11.5, 14.5)]
    names = ("Under 6", "6 - 8", "9 - 11", "12 - 14", "Over 14")
    bounds = [0.0, *below, 1.0]
    rows: list[tuple[str, float | None, dict[str, float]]] = [
        (name, None, {"under": fair(bounds[i + 1] - bounds[i])}) for i, name in enumerate(names)
    ]
    return labelled(pricing, rows)


def card_handicap(pricing: Pricing) -> bytes:
    """A handicap of cards in the labelled form that is not to be trusted."""
    home, away = normal_over((pricing.view.away - pricing.view.home) * 0.02, 1.8, 1)
    return labelled(pricing, [("1 (-1)", -1, {"home": home}), ("Tie (1)", 1, {"away": away})])


def stat(pricing: Pricing, base: int, of_home: int, of_away: int, deviation: int) -> bytes:
    """Lines around a team's or a match's count: tenths, of which a part follows each team's goals."""
    mean = base + pricing.view.home * of_home // 10 + pricing.view.away * of_away // 10
    return _count(pricing, max(5, mean), deviation, 3, 1)
