"""Which sides of a market's lines exclude each other and leave nothing out, also across bookmakers.

An arbitrage needs an answer for every outcome, and two bookmakers that mean the same. What is not known to be complete
or comparable has no cover:

| market | why not |
| --- | --- |
| 1X2 without the draw, in a sport that has draws | the draw loses both bets |
| Double Chance; Correct Score and other labels | overlap; never known to list every outcome |
| races, unknown home/away markets | neither team may get there |
| totals and handicaps without a line | which line it is isn't known |
| bookings and cards | points at one bookmaker, cards at the other |
| Alternative Asian Handicap | away prices near 0 stand under the away team's handicap (seen at Bet365: 82.7 %) |
| corners on whole numbers, unless an Asian total | "exactly" is a third outcome (seen at Bet365: 94.3 to 98 %) |
"""

from __future__ import annotations

import re
from functools import lru_cache

import msgspec

from PROPPR.SharedServices.odds.markets import MarketKind, market_family
from PROPPR.SharedServices.odds.types import Line, Side

SPORTS_WITHOUT_DRAW = frozenset(
    {
        "american football",
        "badminton",
        "baseball",
        "basketball",
        "e sports",
        "esports",
        "table tennis",
        "tennis",
        "volleyball",
    }
)
"""Sports whose match result without a draw is complete (a tie, where one can happen, returns the stakes)."""

_MIXED_NOTATIONS = re.compile(r"^alternative asian handicap$")
_INCOMPARABLE = re.compile(rf"\bdouble chance\b|\bbookings?\b|\bcards?\b|{_MIXED_NOTATIONS.pattern}|\brace\b")
_ALWAYS_TWO = re.compile(r"^draw no bet\b|^to qualify$")
_CORNER_COUNT = re.compile(r"^(?!.*\btotals\b).*\bcorners?\b")


class Cover(msgspec.Struct, frozen=True):
    """Sides of which exactly one wins (or, on whole and Asian lines, all stakes are returned in the same part).

    Only lines with a handicap or total count with `needs_line`, only x.5 with `half_lines`. With `draw` True only rows
    that price the draw count, with False only those that don't: they are different bets under one name.
    """

    sides: tuple[Side, ...]
    needs_line: bool = False
    half_lines: bool = False
    draw: bool | None = None
    of_player: bool = False

    def accepts(self, line: Line) -> bool:
        """Tell whether the line as such (not its prices) is one on which the sides are complete."""
        if line.hdp is None:
            return not self.needs_line and (line.player_name is not None or not self.of_player)
        if self.half_lines and line.hdp % 1 != 0.5:
            return False
        return line.player_name is not None or not self.of_player


_RESULT = Cover(("home", "draw", "away"), draw=True)
_TWO_WAY = Cover(("home", "away"), draw=False)
_TOTAL = Cover(("over", "under"), needs_line=True)
_HALF_TOTAL = Cover(("over", "under"), needs_line=True, half_lines=True)
_YES_NO = Cover(("yes", "no"))
_HANDICAP = Cover(("home", "away"), needs_line=True, draw=False)
_THREE_WAY_HANDICAP = Cover(("home", "draw", "away"), needs_line=True)
_PLAYER_TOTAL = Cover(("over", "under"), needs_line=True, of_player=True)
_PLAYER_YES_NO = Cover(("yes", "no"), of_player=True)


@lru_cache(maxsize=4096)
def covers_of(market: str, sport: str) -> tuple[Cover, ...]:
    """Return the complete sets of sides that lines of a market can have; () where none is known.

    `sport` is the provider's slug (`football`); a sport that isn't known to have no draws is taken to have them.
    Lines of a market for which `has_two_notations` holds must be brought to the home team's handicap first.
    """
    family = market_family(market)
    name = market.strip().casefold()
    if family.skip or _INCOMPARABLE.search(name):
        return ()
    if _ALWAYS_TWO.search(name):
        return (_TWO_WAY,)
    total = _HALF_TOTAL if _CORNER_COUNT.search(name) else _TOTAL
    drawless = sport.casefold().replace("-", " ") in SPORTS_WITHOUT_DRAW
    by_kind: dict[MarketKind, tuple[Cover, ...]] = {
        "result": (_RESULT, _TWO_WAY) if drawless else (_RESULT,),
        "handicap": (_THREE_WAY_HANDICAP if has_two_notations(market) else _HANDICAP,),
        "total": (total,),
        "yes_no": (_YES_NO,),
        "label": (total,) if "over" in family.sides else (),
        "player": tuple(cover for cover in (_PLAYER_TOTAL, _PLAYER_YES_NO) if cover.sides[0] in family.sides),
        "other": (_RESULT, total, _YES_NO),
    }
    return by_kind.get(family.kind, ())


def seems_complete_only(market: str, hdp: float | None) -> bool:
    """Tell whether two sides of a line are known not to be the whole market: the last rows of the table."""
    name = market.strip().casefold()
    if _MIXED_NOTATIONS.search(name):
        return True
    return hdp is not None and hdp % 1 == 0 and _CORNER_COUNT.search(name) is not None


@lru_cache(maxsize=4096)
def has_two_notations(market: str) -> bool:
    """Tell whether bookmakers write the market's draw and away under different handicaps."""
    family = market_family(market)
    return family.kind == "handicap" and "draw" in family.sides
