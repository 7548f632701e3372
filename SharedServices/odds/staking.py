"""How to divide a total stake over the legs of an arbitrage, in whole cents, so that the worst outcome pays most.

Equal returns need stakes in proportion to 1 / odds, which are no whole cents. Here the guaranteed return is the
highest one that whole cents can reach within the total: rounding never takes more from it than one cent's return per
leg (`guaranteed >= (total - 0.01 * sum(cost of a cent's stake)) / cost of a return of 1`).
"""

from __future__ import annotations

import math
from functools import lru_cache

import msgspec

from PROPPR.SharedServices.odds.combinations import Candidate, Combination

_TOLERANCE = 1e-7  # of a cent: what floats may be off
_HALVINGS = 48
Terms = tuple[tuple[float, float], ...]
"""Of each leg the effective odds, and what one unit of stake puts at risk."""


class Stake(msgspec.Struct, frozen=True, gc=False):
    """One leg's money. `stake` is what is typed in (of a lay bet the backer's), `at_risk` what may be lost."""

    stake: float
    at_risk: float
    potential_return: float


class Staking(msgspec.Struct, frozen=True, gc=False):
    """The legs' stakes; `total` is their sum at risk, at most the wanted one."""

    stakes: tuple[Stake, ...]
    total: float


def divide(combination: Combination, total: float) -> Staking:
    """Divide a total stake over the legs. All amounts are whole cents; returns are rounded down, liabilities up."""
    terms = tuple((leg.effective, _risk(leg)) for leg in combination.legs)
    return _divided(terms, combination.weight, combination.cost, round(total * 100))


@lru_cache(maxsize=4096)  # an arbitrage lasts: most are looked at again with the prices of before
def _divided(terms: Terms, weight: float, cost: float, cents: int) -> Staking:
    high = cents / cost
    low = max(0.0, (cents - math.fsum(risk + 1 for _, risk in terms)) / cost)  # what rounding takes at most
    if _needed(terms, high * weight) <= cents:
        low = high
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if _needed(terms, middle * weight) <= cents:
            low = middle
        else:
            high = middle
    stakes = tuple(_stake(effective, risk, _cents(effective, risk, low * weight)) for effective, risk in terms)
    return Staking(stakes, round(math.fsum(each.at_risk for each in stakes), 2))


def largest_total(combination: Combination) -> float | None:
    """Return the largest total stake that the known limits of the legs allow, in whole cents; None if none is known."""
    totals = [
        leg.limit * _risk(leg) * leg.effective * combination.cost / combination.weight
        for leg in combination.legs
        if leg.limit is not None
    ]
    return math.floor(min(totals) * 100 + _TOLERANCE) / 100 if totals else None


def _risk(leg: Candidate) -> float:
    """What one unit of stake puts at risk."""
    return leg.odds - 1 if leg.is_lay else 1.0


def _cents(effective: float, risk: float, wanted: float) -> int:
    """The least stake in cents that returns `wanted` cents."""
    return math.ceil(wanted / (effective * risk) - _TOLERANCE)


def _at_risk(risk: float, cents: int) -> int:
    return math.ceil(cents * risk - _TOLERANCE)


def _needed(terms: Terms, wanted: float) -> int:
    return sum(_at_risk(risk, _cents(effective, risk, wanted)) for effective, risk in terms)


def _stake(effective: float, risk: float, cents: int) -> Stake:
    returned = math.floor(cents * risk * effective + _TOLERANCE)
    return Stake(cents / 100, _at_risk(risk, cents) / 100, returned / 100)
