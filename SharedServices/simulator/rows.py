"""How rows of a market are written: one template per set of lines, filled with a bookmaker's prices."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from PROPPR.SharedServices.simulator.goals import FairPrices, GoalModel, goal_model
from PROPPR.SharedServices.simulator.messages import Fixture

Lines = tuple[float, ...]


@dataclass(slots=True)
class View:
    """What one feed believes of a match: expected goals in grid steps, corners and cards in tenths, its shading."""

    home: int
    away: int
    corners: int
    cards: int
    shade: float = 1.0


@dataclass(slots=True)
class Pricing:
    """All that the rows of a market depend on."""

    fixture: Fixture
    view: View
    number: str
    keep: float
    width: int
    exchange: bool = False

    def model(self) -> GoalModel:
        """The whole match."""
        return goal_model(self.view.home, self.view.away)

    def first_half(self) -> GoalModel:
        """The first half: 45 % of the goals."""
        return goal_model(self.view.home * 9 // 20, self.view.away * 9 // 20)

    def second_half(self) -> GoalModel:
        """The second half: 55 % of the goals."""
        return goal_model(self.view.home * 11 // 20, self.view.away * 11 // 20)

    def prices(self, fair_prices: Sequence[float]) -> tuple[float, ...]:
        """The book's prices: a part of each fair price's winnings, so that no price falls to 1."""
        keep = self.keep
        return tuple([1.0 + (price - 1.0) * keep for price in fair_prices])


Renderer = Callable[[Pricing], bytes]


@dataclass(frozen=True, slots=True)
class MarketSpec:
    """A market: its exact name, what moves it (goals, corners, cards, stats, players) and how its rows are written."""

    name: str
    group: str
    render: Renderer


def number(value: float) -> str:
    """A handicap as a JSON number: whole ones without a fraction."""
    return str(int(value)) if value == int(value) else str(value)


@lru_cache(maxsize=4096)
def ladder_template(lines: Lines, first: str, second: str, form: str) -> str:
    """Rows of a handicap and two prices, with a hole for each price."""
    rows = [f'{{"hdp":{number(line)},"{first}":"{form}","{second}":"{form}"}}' for line in lines]
    return "[" + ",".join(rows) + "]"


@lru_cache(maxsize=4096)
def exchange_template(lines: Lines, sides: tuple[str, ...]) -> str:
    """Rows of an exchange: price, lay price and depth for each side."""
    rows = []
    for line in lines:
        cells = [f'"hdp":{number(line)}'] if line == line else []
        cells += [f'"{side}":"%.2f"' for side in sides]
        for prefix, form in (("lay", "%.2f"), ("depth", "%.2f"), ("depthLay", "%.1f")):
            cells += [f'"{prefix}{side.capitalize()}":"{form}"' for side in sides]
        rows.append("{" + ",".join(cells) + "}")
    return "[" + ",".join(rows) + "]"


NO_LINE: Lines = (float("nan"),)


def ladder(
    pricing: Pricing, lines: Lines, fair_prices: FairPrices, first: str = "over", second: str = "under"
) -> bytes:
    """Rows `{hdp, first, second}` for every line."""
    if pricing.exchange:
        return exchange_rows(pricing, lines, fair_prices, (first, second))
    template = ladder_template(lines, first, second, pricing.number)
    return (template % pricing.prices(fair_prices)).encode()


def exchange_rows(pricing: Pricing, lines: Lines, fair_prices: FairPrices, sides: tuple[str, ...]) -> bytes:
    """Rows of an exchange; depths follow the price, so that they change when it does."""
    holes: list[float] = []
    prices = pricing.prices(fair_prices)
    for start in range(0, len(prices), len(sides)):
        row = prices[start : start + len(sides)]
        holes += row
        holes += [price * 1.02 + 0.005 for price in row]
        holes += [9000.0 / price for price in row]
        holes += [7000.0 / price for price in row]
    return (exchange_template(lines, sides) % tuple(holes)).encode()


def single(pricing: Pricing, sides: tuple[str, ...], fair_prices: FairPrices, line: float | None = None) -> bytes:
    """One row with a price for each side; exchanges write a handicap of 0 where others have none."""
    if pricing.exchange:
        return exchange_rows(pricing, NO_LINE if line is None else (line,), fair_prices, sides)
    cells = ",".join(f'"{side}":"{pricing.number}"' for side in sides)
    return (("[{" + cells + "}]") % pricing.prices(fair_prices)).encode()


def labelled(pricing: Pricing, rows: Sequence[tuple[str, float | None, dict[str, float]]]) -> bytes:
    """Rows `{label, hdp?, side: price ...}`; a negative fair price stands for "N/A"."""
    parts = []
    for label, line, sides in rows:
        cells = _row_head(label, line)
        for side, fair_price in sides.items():
            text = "N/A" if fair_price < 0 else pricing.number % (1.0 + (fair_price - 1.0) * pricing.keep)
            cells += f',"{side}":"{text}"'
        parts.append(cells)
    return ("[" + "},".join(parts) + "}]").encode()


@lru_cache(maxsize=32768)
def _row_head(label: str, line: float | None) -> str:
    head = '{"label":' + json.dumps(label, ensure_ascii=False)
    return head if line is None else f'{head},"hdp":{number(line)}'


@lru_cache(maxsize=4096)
def around(centre: float, width: int, step: float) -> Lines:
    """`width` lines around a centre, the centre first and the rest unsorted, as the provider lists them."""
    half = width // 2
    offsets = [i * step for i in range(-half, width - half) if i != 0]
    return (centre, *[round(centre + offset, 2) for offset in offsets[::-2] + offsets[-2::-2]])


def positive(lines: Lines) -> Lines:
    """The lines above zero (totals)."""
    return tuple([line for line in lines if line > 0])


def half_line(value: float) -> float:
    """The half line just above a whole number of expected events."""
    return max(0.5, int(value) + 0.5)
