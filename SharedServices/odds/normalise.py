"""Provider rows of one market to lines: prices as numbers, labels read, one meaning per side."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from PROPPR.SharedServices.odds.fields import MAX_LINE, MAX_NAME, text_fault
from PROPPR.SharedServices.odds.labels import PlayerLabel, TeamSide, parse_player_label
from PROPPR.SharedServices.odds.markets import MarketFamily, market_family
from PROPPR.SharedServices.odds.prices import cached_price, parse_amount
from PROPPR.SharedServices.odds.rejects import WireError
from PROPPR.SharedServices.odds.rows import EXCHANGE_SIDES, ExchangeRow, Row
from PROPPR.SharedServices.odds.types import SIDES, Line

Pairs = tuple[tuple[str, float], ...]
LineKey = tuple[str | None, float | None, str | None, str | None, str | None]

_MARKERS = {1.0: ("1", "(1)"), 2.0: ("2", "(2)")}


def line_key(line: Line) -> LineKey:
    """Return what tells a line of a market from its others: label, handicap, player, team and stat."""
    return (line.label, line.hdp, line.player_name, line.team_side, line.stat)


def normalise_rows(rows: Sequence[Row], market: str) -> tuple[Line, ...]:
    """Return the priced lines of a market, in the provider's order.

    Rows without any price are left out. Two rows of the same line are joined if they price different sides of it; if
    they price the same side they are two quotes of it and the later one counts. Raises WireError (`[3].label`).
    """
    family = market_family(market)
    lines = []
    for index, row in enumerate(rows):
        try:
            line = _line_of(row, market, family)
        except WireError as error:
            raise error.under(f"[{index}]") from None
        if line is not None:
            lines.append(line)
    return _distinct(lines)


def merge_lines(parts: Sequence[tuple[Line, ...]]) -> tuple[Line, ...]:
    """Return the lines of a market that came in several parts, oldest first, as one list."""
    return _distinct([line for part in parts for line in part])


def _distinct(lines: list[Line]) -> tuple[Line, ...]:
    if len(lines) < 2 or len({line_key(line) for line in lines}) == len(lines):
        return tuple(lines)
    by_key: dict[LineKey, Line] = {}
    for line in lines:
        key = line_key(line)
        earlier = by_key.get(key)
        by_key[key] = line if earlier is None else _joined(earlier, line)
    return tuple(by_key.values())


def _joined(earlier: Line, later: Line) -> Line:
    priced = {side: getattr(earlier, side) for side in SIDES if getattr(earlier, side) is not None}
    if any(getattr(later, side) is not None for side in priced):
        return later
    pairs = {
        name: _sorted_union(getattr(earlier, name), getattr(later, name)) for name in ("lay", "depth", "depth_lay")
    }
    return msgspec.structs.replace(later, **priced, **pairs)


def _sorted_union(earlier: Pairs | None, later: Pairs | None) -> Pairs | None:
    if earlier is None or later is None:
        return later if earlier is None else earlier
    return tuple(sorted((dict(earlier) | dict(later)).items()))


def _line_of(row: Row, market: str, family: MarketFamily) -> Line | None:
    """Return the line of a row, or None if no side has a price. Flat on purpose: this is the hot path."""
    value = row.home
    home = None if value is None else cached_price(value)
    value = row.draw
    draw = None if value is None else cached_price(value)
    value = row.away
    away = None if value is None else cached_price(value)
    value = row.over
    over = None if value is None else cached_price(value)
    value = row.under
    under = None if value is None else cached_price(value)
    value = row.yes
    yes = None if value is None else cached_price(value)
    value = row.no
    no = None if value is None else cached_price(value)
    value = row.odds
    odds = None if value is None else cached_price(value)
    label = row.label or None
    if label is not None:
        _check_label(label)
    hdp = row.hdp
    if hdp is not None:
        hdp = _line_number(hdp, label, family)
    if home is draw is away is over is under is yes is no is odds is None:
        return None
    limit = None if row.max is None else parse_amount(row.max)
    moved: str | None = None
    if family.price_is_label_odds and label is not None and odds is None and (over is None) != (under is None):
        # The single price under `under` or `over` is the price of the label.
        moved = "under" if over is None else "over"
        odds, over, under = under if over is None else over, None, None
    name: str | None = None
    team: TeamSide | None = None
    stat: str | None = None
    if family.is_player and label is not None:
        read = parse_player_label(label, market, hdp)
        if isinstance(read, PlayerLabel):  # else it is a team's, and stays
            label, hdp, name, team, stat = None, read.hdp, read.player_name, read.team_side, read.stat
    line = Line(label, hdp, home, draw, away, over, under, yes, no, odds, limit, name, team, stat)
    return _with_exchange(line, row, moved) if type(row) is ExchangeRow else line


def _check_label(label: str) -> None:
    if len(label) <= MAX_NAME and label.isprintable() and not label.isspace():
        return
    fault = text_fault(label)
    if fault is not None:
        raise WireError(fault, "label")


def _line_number(hdp: float, label: str | None, family: MarketFamily) -> float | None:
    """Return the handicap or total, or None where the provider's `hdp` is no line at all."""
    if not -MAX_LINE <= hdp <= MAX_LINE:
        raise WireError("bad_number", "hdp")
    if family.drops_zero_line and hdp == 0:
        return None
    if family.drops_marker_line and label is not None and label.endswith(_MARKERS.get(hdp, ())):
        return None
    return hdp + 0.0  # -0.0 becomes 0.0


def _with_exchange(line: Line, row: ExchangeRow, moved: str | None) -> Line:
    """Add what an exchange says beside its prices: lay prices and the amounts that wait.

    `moved` is the side whose price is now that of the label.
    """
    lay, depth, depth_lay = [], [], []
    for side in EXCHANGE_SIDES:
        value = getattr(row, f"lay_{side}")
        if value is not None and (price := cached_price(value)) is not None:
            lay.append((side, price))
        value = getattr(row, f"depth_{side}")
        if value is not None and (amount := parse_amount(value)) is not None:
            depth.append((side, amount))
        value = getattr(row, f"depth_lay_{side}")
        if value is not None and (amount := parse_amount(value)) is not None:
            depth_lay.append((side, amount))
    if not (lay or depth or depth_lay):
        return line
    return msgspec.structs.replace(
        line, lay=_renamed(lay, moved), depth=_renamed(depth, moved), depth_lay=_renamed(depth_lay, moved)
    )


def _renamed(pairs: list[tuple[str, float]], moved: str | None) -> Pairs | None:
    if moved is not None:
        pairs = sorted(("odds" if side == moved else side, number) for side, number in pairs)
    return tuple(pairs) or None
