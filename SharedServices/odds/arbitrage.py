"""Arbitrages: bets at different bookmakers that together win whatever the outcome.

Of every line the best fresh price of each outcome counts, backed or laid. With effective odds e (after commission) a
return of 1 costs `sum(weight / e)`; the margin is what is left of it: `1 / cost - 1`, 0.01 = 1 %. On whole and Asian
lines stakes may be returned in part: the margin is then that of the part that is not, and nothing is lost.

Pure. What counts as complete is in `coverage`, ways to combine legs in `combinations`, the division of a stake in
`staking`, commissions in `commission`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from PROPPR.SharedServices.odds.combinations import Combination, cheapest, plans_of
from PROPPR.SharedServices.odds.coverage import Cover, covers_of
from PROPPR.SharedServices.odds.legs import Row, comparable, contradicts_itself, row_of, slots_of
from PROPPR.SharedServices.odds.shelves import Book, LineKey, Shelf, by_line, promising, shelf_of
from PROPPR.SharedServices.odds.staking import divide, largest_total
from PROPPR.SharedServices.odds.types import Side

HIGHEST_COST = 1 - 1e-9
"""Above it what is left is the inexactness of floats: 13.50 and 1.08 leave nothing, but their inverses add to less."""


class ArbitrageRule(msgspec.Struct, frozen=True):
    """What counts. Ages in ms, None for any; margins and commissions as fractions.

    Quotes older than `max_age` (`max_age_in_play` once the match runs) are never used. A margin above `error_margin` is
    marked as a probable price error. `commissions` are of net winnings, per bookmaker. `one_feed` names bookmakers that
    publish the same prices under another name: they count as one bookmaker.
    """

    max_age: int | None = 600_000
    max_age_in_play: int | None = 10_000
    error_margin: float = 0.06
    commissions: Mapping[str, float] = msgspec.field(default_factory=dict)
    one_feed: Mapping[str, str] = msgspec.field(default_factory=dict)
    total_stake: float = 100.0

    def age_limit(self, in_play: bool) -> int | None:
        """The oldest that a quote may be, in ms."""
        return self.max_age_in_play if in_play else self.max_age


class Leg(msgspec.Struct, frozen=True):
    """One bet. `stake` is what is typed in, of a lay bet the backer's; `liability` what a lay bet puts at risk.

    `hdp` is the line as this bookmaker writes it. `effective_odds` are after commission, of the money at risk.
    `potential_return` is what comes back if the leg wins. `updated_at` is the quote's time in ms.
    """

    bookmaker: str
    side: Side
    is_lay: bool
    hdp: float | None
    odds: float
    commission: float
    effective_odds: float
    stake: float
    liability: float | None
    potential_return: float
    updated_at: int


class Arbitrage(msgspec.Struct, frozen=True):
    """The best arbitrage of one line.

    `total_stake` is the money at risk in all legs, `guaranteed_return` what the worst outcome pays, in whole cents.
    `max_stake` is the largest total that the known limits of the legs allow. `expires_at` (ms) is when the first leg's
    quote gets too old, None where any age counts. `key` is the same for the same line.
    """

    market_name: str
    market_hdp: float | None
    label: str | None
    player_name: str | None
    legs: tuple[Leg, ...]
    margin: float
    implied_probability: float
    total_stake: float
    guaranteed_return: float
    max_stake: float | None
    probable_error: bool
    expires_at: int | None

    @property
    def key(self) -> str:
        """Market, line, label and player."""
        parts = (self.market_name, self.market_hdp, self.label, self.player_name)
        return "|".join("" if part is None else str(part) for part in parts)


def find_arbitrages(
    market: str, sport: str, books: Iterable[Book], rule: ArbitrageRule, now: int, *, in_play: bool = False
) -> list[Arbitrage]:
    """Return the best arbitrage of each line of a market, with legs at two bookmakers or more.

    `books` are (bookmaker, its lines of this market); `sport` is the provider's slug; `now` is ms. Markets and lines
    whose outcomes are not known to be complete have none. A single bookmaker whose own prices leave a margin has made
    an error, and is no arbitrage: the best combination with another one counts.
    """
    limit = rule.age_limit(in_play)
    found: dict[LineKey, Arbitrage] = {}
    for key, rows, cover, combination in _winning(market, sport, books, rule, None if limit is None else now - limit):
        arbitrage = _arbitrage(market, key, rows, cover, combination, rule, limit)
        if key not in found or arbitrage.margin > found[key].margin:
            found[key] = arbitrage
    return sorted(found.values(), key=lambda one: one.key)


def leaves_margin(market: str, sport: str, books: Iterable[Book], rule: ArbitrageRule) -> bool:
    """Whether the prices of a market are an arbitrage of some line, whatever their age."""
    return next(_winning(market, sport, books, rule, None), None) is not None


def _winning(
    market: str, sport: str, books: Iterable[Book], rule: ArbitrageRule, oldest: int | None
) -> Iterator[tuple[LineKey, Sequence[Row], Cover, Combination]]:
    """The cheapest combination of each line and cover that wins, of quotes that are not older than `oldest` (ms)."""
    covers = covers_of(market, sport)
    shelves = [_shelf(market, book, rule, oldest) for book in books] if covers else []
    for cover in covers:
        for key, entries in by_line(shelves, promising(shelves, cover)).items():
            for rows in comparable([row_of(*entry) for entry in entries], cover):
                combination = cheapest(slots_of(rows, cover.sides), plans_of(len(cover.sides), with_lays=True))
                if combination is not None and combination.cost <= HIGHEST_COST:
                    yield key, rows, cover, combination


def _shelf(market: str, book: Book, rule: ArbitrageRule, oldest: int | None) -> Shelf:
    name = book[0]
    feed, commission = rule.one_feed.get(name, name), rule.commissions.get(name, 0.0)
    return shelf_of(market, book, oldest, feed=feed, commission=commission)


def _arbitrage(
    market: str,
    key: LineKey,
    rows: Sequence[Row],
    cover: Cover,
    combination: Combination,
    rule: ArbitrageRule,
    limit: int | None,
) -> Arbitrage:
    label, hdp, player, stat = key
    staking = divide(combination, rule.total_stake)
    handicaps = {row.bookmaker: (row.home_hdp, row.other_hdp) for row in rows}
    legs = tuple(
        Leg(
            bookmaker=leg.bookmaker,
            side=leg.side,
            is_lay=leg.is_lay,
            hdp=handicaps[leg.bookmaker][leg.side in ("draw", "away")],
            odds=leg.odds,
            commission=leg.commission,
            effective_odds=round(leg.effective, 6),
            stake=stake.stake,
            liability=stake.at_risk if leg.is_lay else None,
            potential_return=stake.potential_return,
            updated_at=leg.updated_at,
        )
        for leg, stake in zip(combination.legs, staking.stakes, strict=True)
    )
    margin = 1 / combination.cost - 1
    erring = any(contradicts_itself(rows, cover.sides, leg.bookmaker) for leg in legs)
    return Arbitrage(
        market_name=f"{market} - {stat}" if stat else market,
        market_hdp=hdp,
        label=label,
        player_name=player,
        legs=legs,
        margin=round(margin, 6),
        implied_probability=round(combination.cost, 6),
        total_stake=staking.total,
        guaranteed_return=_worst(legs),
        max_stake=largest_total(combination),
        probable_error=margin > rule.error_margin or erring,
        expires_at=None if limit is None else min(leg.updated_at for leg in legs) + limit,
    )


def _worst(legs: Sequence[Leg]) -> float:
    """What the worst outcome pays. Where something is laid, an outcome that no leg names is paid by every lay leg."""
    outcomes: list[Side | None] = [*sorted({leg.side for leg in legs})]
    if any(leg.is_lay for leg in legs):
        outcomes.append(None)
    returns = [
        math.fsum(leg.potential_return for leg in legs if (leg.side == outcome) is not leg.is_lay)
        for outcome in outcomes
    ]
    return round(min(returns), 2)
