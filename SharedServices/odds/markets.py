"""Market families: what the sides, lines and labels of a market mean, by its exact provider name.

The provider puts a price under whatever key its parser found. The rules here turn the rows of section 4.3 and 4.4 of
the reference into one meaning each:

| market | as received | as kept |
| --- | --- | --- |
| ML*, Draw No Bet, Both Teams To Score*, Double Chance | Betfair adds `hdp: 0` | no line |
| Double Chance, Exact Total Goals, Correct Score | label with the price under `under` (or `odds`) | label, `odds` |
| Half Time Result | label `1`, `Draw`, `2`; `hdp` repeats the label | label, `odds`, no line |
| Number of Goals In Match, Total Corners | `Over 3 goals` with `over`, `2 or 3 goals` with `under` | label, `odds` |
| the same with both `over` and `under` priced, or without a label | a true total | kept as it is |
| Multi Scorers, Goal Method | player label with the price under `under` | player, stat, `odds` |
| Specials | `To Win From Behind (1)`: `hdp` 1 or 2 repeats the team marker | label, `home` or `away`, no line |
| European Handicap | sides of one line split by sign | separate lines, as received |
| 1st Half, Corner, Card Handicap; Total Player Disposals | unreliable rows | skipped |

Every label of the two label markets with `over` is one outcome of its own (`Over 3 goals` is not a side of anything).
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal

import msgspec

from PROPPR.SharedServices.odds.types import SIDES, Side

MarketKind = Literal["result", "handicap", "total", "yes_no", "label", "race", "player", "other"]


class MarketFamily(msgspec.Struct, frozen=True):
    """What the rows of a market mean.

    `sides` are those a line can be priced on. With `price_is_label_odds` a labelled row's single price under `under` or
    `over` is the price of the label. With `drops_zero_line` an `hdp` of 0 is no line; with `drops_marker_line` one that
    repeats the label's team marker isn't either. Rows of a market with `skip` are unreliable and never used.
    """

    kind: MarketKind
    sides: tuple[Side, ...]
    is_player: bool = False
    price_is_label_odds: bool = False
    drops_zero_line: bool = False
    drops_marker_line: bool = False
    skip: bool = False


_RESULT = MarketFamily("result", ("home", "draw", "away"), drops_zero_line=True)
_TWO_WAY = MarketFamily("result", ("home", "away"), drops_zero_line=True)
_HANDICAP = MarketFamily("handicap", ("home", "away"))
_THREE_WAY_HANDICAP = MarketFamily("handicap", ("home", "draw", "away"))
_TOTAL = MarketFamily("total", ("over", "under"))
_YES_NO = MarketFamily("yes_no", ("yes", "no"), drops_zero_line=True)
_LABEL = MarketFamily("label", ("odds",), price_is_label_odds=True, drops_zero_line=True)
_LABEL_OR_TOTAL = MarketFamily("label", ("odds", "over", "under"), price_is_label_odds=True)
_PLAYER = MarketFamily("player", ("over", "under"), is_player=True)
_PLAYER_YES_NO = MarketFamily("player", ("yes", "no", "over", "under"), is_player=True)
_PLAYER_LABEL = MarketFamily("player", ("odds",), is_player=True, price_is_label_odds=True)
_SKIPPED = MarketFamily("handicap", ("home", "away"), skip=True)

_BY_NAME: dict[str, MarketFamily] = {
    "ml": _RESULT,
    "moneyline": _TWO_WAY,
    "draw no bet": _TWO_WAY,
    "double chance": _LABEL,
    "correct score": _LABEL,
    "exact total goals": _LABEL,
    "half time result": MarketFamily(
        "label", ("odds",), price_is_label_odds=True, drops_zero_line=True, drops_marker_line=True
    ),
    "number of goals in match": _LABEL_OR_TOTAL,
    "total corners": _LABEL_OR_TOTAL,
    "specials": MarketFamily("label", ("home", "draw", "away"), drops_marker_line=True),
    "european handicap": _THREE_WAY_HANDICAP,
    "alternative asian handicap": _HANDICAP,
    "corners race": MarketFamily("race", ("home", "away")),
    "goals over/under": _TOTAL,
    "corners": _TOTAL,
    "corners 2-way": _TOTAL,
    "alternative corners": _TOTAL,
    "alternative goal line": _TOTAL,
    "alternative total goals": _TOTAL,
    "number of cards in match": _TOTAL,
    "first 10 minutes (00:00 - 09:59)": _TOTAL,
    "1st half handicap": _SKIPPED,
    "corner handicap": _SKIPPED,
    "card handicap": _SKIPPED,
    "total player disposals": MarketFamily("player", ("under",), is_player=True, skip=True),
    "player props": _PLAYER,
    "anytime goalscorer": _PLAYER,
    "first goalscorer": _PLAYER,
    "last goalscorer": _PLAYER,
    "team goalscorer": _PLAYER,
    "goalkeeper saves": _PLAYER,
    "double double": _PLAYER_YES_NO,
    "triple double": _PLAYER_YES_NO,
    "multi scorers": _PLAYER_LABEL,
    "goal method": _PLAYER_LABEL,
}

_BY_PATTERN: tuple[tuple[re.Pattern[str], MarketFamily], ...] = (
    (re.compile(r"\bplayers?\b|goal ?scorers?$"), _PLAYER),
    (re.compile(r"^(?!goals|games|sets|total).* o/u$"), _PLAYER),  # NBA on Bet365: `Points & Rebounds O/U`
    (re.compile(r"^ml\b"), _RESULT),
    (re.compile(r"^both teams to score\b"), _YES_NO),
    (re.compile(r"^european handicap\b"), _THREE_WAY_HANDICAP),
    (re.compile(r"\bspread\b|\bhandicap\b"), _HANDICAP),
    (re.compile(r"^team (total|corners|cards|shots|tackles|offsides|bookings)\b"), _TOTAL),
    (re.compile(r"^match (shots|tackles|offsides|corners|cards|fouls)\b"), _TOTAL),
    (re.compile(r"\btotals?\b|\bover/under\b|\bo/u$"), _TOTAL),
)
_OTHER = MarketFamily("other", SIDES)


@lru_cache(maxsize=4096)
def market_family(name: str) -> MarketFamily:
    """Return the family of a market name, whatever its case; an unknown name has all sides and no oddity."""
    folded = name.strip().casefold()
    known = _BY_NAME.get(folded)
    if known is not None:
        return known
    return next((family for pattern, family in _BY_PATTERN if pattern.search(folded)), _OTHER)


def is_player_market(name: str) -> bool:
    """Tell whether the labels of this market name players."""
    return market_family(name).is_player
