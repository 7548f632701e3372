"""The bookmakers' characters: which markets they price, how wide, with what margin, and how fast they follow."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from functools import lru_cache

from PROPPR.SharedServices.simulator.catalogue import FAST_FEED_OF, slug
from PROPPR.SharedServices.simulator.player_markets import FULL_PLAYER_MARKETS, PLAYER_MARKETS
from PROPPR.SharedServices.simulator.rows import MarketSpec
from PROPPR.SharedServices.simulator.team_markets import CARD_HANDICAP, TEAM_MARKETS

SPECS: dict[str, MarketSpec] = {spec.name: spec for spec in (*TEAM_MARKETS, *PLAYER_MARKETS)}

_SHARP_MARKETS = (
    "ML", "Spread", "Totals", "ML HT", "Spread HT", "Totals HT", "Corners Spread", "Corners Totals", "Bookings Totals",
    "Team Total Home", "Team Total Away", "Both Teams To Score",
)  # fmt: skip
_SOFT_MARKETS = (
    "ML", "Spread", "Totals", "Both Teams To Score", "Draw No Bet", "Double Chance", "European Handicap", "ML HT",
    "Totals HT", "Corners Totals", "Bookings Totals", "Correct Score", "Team Total Home", "Team Total Away",
)  # fmt: skip
_PROPS_MARKETS = (*_SOFT_MARKETS[:9], "Player Props", "Anytime Goalscorer")
_EXCHANGE_MARKETS = (
    "ML", "Draw No Bet", "Spread", "Totals", "Both Teams To Score", "ML HT", "Totals HT", "Team Total Home",
    "Team Total Away", "European Handicap", "Corners Totals", "Bookings Totals",
)  # fmt: skip
_FAST_MARKETS = ("ML", "Spread", "Totals", "Goals Over/Under", "Bookings Totals")
_WIDE_MARKETS = (
    "ML", "Spread", "Totals", "Corners Totals", "Bookings Totals", "Alternative Asian Handicap",
    "Alternative Goal Line", "Correct Score", "Alternative Corners", "European Handicap", "Corners Spread",
    "Spread HT", "Totals HT", "ML HT", "Double Chance", "Both Teams To Score", "Exact Total Goals",
)  # fmt: skip
_NOT_AT_BET365 = {"Team Total Home", "Team Total Away", "Player Props", "ML HT"}
_BET365_MARKETS = tuple(name for name in SPECS if name not in _NOT_AT_BET365)
_BET365_SMALL = _BET365_MARKETS[:26]
# 63 markets of about 1,250 lines, as Bet365's book of a match of a large league has been seen.
_NOT_IN_FULL = {"Correct Score", "Player Fouls Committed", "Goalkeeper Saves"}
_FULL_SPECS = {**SPECS, **{spec.name: spec for spec in (*FULL_PLAYER_MARKETS, CARD_HANDICAP)}}
_BET365_FULL = tuple(_FULL_SPECS[name] for name in (*_BET365_MARKETS, CARD_HANDICAP.name) if name not in _NOT_IN_FULL)


@dataclass(frozen=True)
class Style:
    """One feed's character.

    `keep` is the part of the fair winnings that it pays, `follow` the part of the way to the truth that its view moves
    at each of its updates, `weight` how often it is heard.
    """

    feed: str
    keep: float
    follow: float
    weight: int
    width: int
    number: str
    markets: tuple[tuple[MarketSpec, ...], ...]
    exchange: bool = False
    has_url: bool = True

    def specs(self, tier: int) -> tuple[MarketSpec, ...]:
        """The markets it prices in a league of this tier; empty where it does not cover the league."""
        return self.markets[min(tier, len(self.markets)) - 1]

    def url(self, fixture_id: int) -> str | None:
        """The link to the fixture at the bookmaker; some feeds never have one."""
        return f"https://www.{slug(self.feed)}.example/event/{fixture_id}" if self.has_url else None


def _specs(*lists: tuple[str, ...]) -> tuple[tuple[MarketSpec, ...], ...]:
    return tuple(tuple(SPECS[name] for name in names) for names in lists)


_SHARP = {"M88": (0.975, 0.95), "FB Sports": (0.970, 0.90), "SingBet": (0.965, 0.85), "Sbobet": (0.960, 0.85)}
_PROPS = {"DraftKings", "FanDuel"}
_THIN = {"BC.Game", "Stoiximan"}  # no third tier: a book may lack a fixture


def _style(name: str) -> Style:
    rng = random.Random(f"style-{name}")
    soft = Style(name, 0.90 + rng.random() * 0.04, 0.2 + rng.random() * 0.3, 3, 5, "%.2f", _specs(_SOFT_MARKETS))
    if name == "Bet365":
        markets = _specs(_BET365_MARKETS, _BET365_SMALL, _BET365_MARKETS[:14])
        return Style(name, 0.93, 0.35, 8, 1, "%.3f", markets)
    if name in _SHARP:
        keep, follow = _SHARP[name]
        return Style(name, keep, follow, 6, 7, "%.3f" if name == "M88" else "%.2f", _specs(_SHARP_MARKETS))
    if name == "Betfair Exchange":
        return replace(
            soft, keep=0.985, follow=0.8, weight=5, width=9, markets=_specs(_EXCHANGE_MARKETS), exchange=True
        )
    if name in _PROPS:
        return replace(soft, markets=_specs(_PROPS_MARKETS))
    if name in _THIN:
        return replace(soft, markets=_specs(_SOFT_MARKETS, _SOFT_MARKETS, ()))
    return soft


def _fast(of: Style, feed: str) -> Style:
    return Style(feed, of.keep, 0.8, 5, 1, "%.2f", _specs(_FAST_MARKETS), has_url=False)


@lru_cache(maxsize=8)
def styles(bookmakers: tuple[str, ...], profile: str) -> dict[str, Style]:
    """The feeds of these bookmakers by name; Bet365 brings its second feed along."""
    found: dict[str, Style] = {}
    for name in bookmakers:
        style = _style(name)
        if profile == "benchmark":
            style = replace(style, width=13, weight=1, markets=_specs(_WIDE_MARKETS), exchange=False)
        elif profile == "heavy" and name == "Bet365":
            style = replace(style, markets=(_BET365_FULL,))
        found[name] = style
        if name in FAST_FEED_OF:
            fast = FAST_FEED_OF[name]
            found[fast] = _fast(style, fast)
    return found
