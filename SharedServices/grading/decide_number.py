"""Markets on how many: over and under, exact numbers, odd and even, of a match or a side."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from PROPPR.SharedServices.grading.bets import Bet, Pick
from PROPPR.SharedServices.grading.count import Count, Number, Waits
from PROPPR.SharedServices.grading.facts import Facts
from PROPPR.SharedServices.grading.market import Built, Quantity, Rule, Scope
from PROPPR.SharedServices.grading.options import GradingOptions
from PROPPR.SharedServices.grading.people import check_sides, side_named
from PROPPR.SharedServices.grading.result import Decision, Reason, Result
from PROPPR.SharedServices.grading.rules import totals
from PROPPR.SharedServices.grading.rules.counts import RED_COUNTS_ONE, RED_COUNTS_TWO, CardWorth

MOST_CARDS: Final = Decimal(12)
FEWEST_POINTS: Final = Decimal(15)
"""Lines of bookings up to MOST_CARDS are of cards, from FEWEST_POINTS on of points."""


@dataclass(frozen=True, slots=True)
class Case:
    """A bet with what it is settled by."""

    bet: Bet
    facts: Facts
    options: GradingOptions


def worths(case: Case, quantity: Quantity) -> Iterable[CardWorth]:
    """What a red card may count at this bookmaker: one rule where it is known, both where it is not."""
    if quantity is not Built.CARDS:
        return (RED_COUNTS_ONE,)
    known = case.options.red_cards(case.bet.bookmaker)
    return {None: (RED_COUNTS_ONE, RED_COUNTS_TWO), 1: (RED_COUNTS_ONE,), 2: (RED_COUNTS_TWO,)}[known]


def quantity_of(bet: Bet) -> Quantity:
    """The quantity; for bookings the line tells whether it is cards or points. Raises Waits where it does not."""
    if bet.market.quantity is not Built.BOOKINGS:
        return bet.market.quantity
    line = abs(bet.line) if bet.line is not None else None
    if line is None or (bet.market.rule is not Rule.TOTAL and line != 0) or MOST_CARDS < line < FEWEST_POINTS:
        raise Waits(Reason.UNCLEAR_RULE, "bookings may be cards or points")
    return Built.CARDS if line <= MOST_CARDS else Built.BOOKING_POINTS


def settle_range(counts: Iterable[Count], rule: Callable[[Number], Result]) -> Decision:
    """The result that every possible number gives. Raises Waits where they give several.

    The rules are monotone in the number, so the ends of a range stand for it.
    """
    listed = list(counts)
    found = {rule(number) for count in listed for number in (count.low, count.high)}
    if len(found) > 1:
        raise undecided(listed)
    shown = listed[0].shown if len(set(listed)) == 1 else f"{listed[0].shown} or {listed[-1].shown}"
    return Decision(found.pop(), shown)


def undecided(counts: list[Count]) -> Waits:
    """What a bet waits for whose possible numbers give several results."""
    for count in counts:
        if count.why is not None:
            return Waits(count.why.reason, f"{count.why.detail} ({count.shown})")
    return Waits(Reason.UNCLEAR_RULE, "a red card may count one or two: " + " or ".join(str(c.shown) for c in counts))


def sides(case: Case, quantity: Quantity, worth: CardWorth) -> tuple[Count, Count]:
    """Both sides' numbers. Raises Waits."""
    period = case.bet.market.period
    return case.facts.of_side(quantity, True, period, worth), case.facts.of_side(quantity, False, period, worth)


def _counts(case: Case, quantity: Quantity) -> list[Count]:
    """The number of the match, or of the side that the market or the bet names, by each rule that may hold."""
    bet, scope = case.bet, case.bet.market.scope
    if scope is Scope.MATCH or (scope is Scope.ANY and bet.team is None):
        both = (sides(case, quantity, worth) for worth in worths(case, quantity))
        return [home + away for home, away in both]
    if scope in (Scope.HOME, Scope.AWAY):
        check_sides(bet, case.facts.match)
        home = scope is Scope.HOME
    else:
        home = side_named(bet.team or "", bet, case.facts.match)
    return [case.facts.of_side(quantity, home, bet.market.period, worth) for worth in worths(case, quantity)]


def total(case: Case) -> Decision:
    """Over and under. Raises Waits."""
    line, over = line_of(case.bet), case.bet.pick is Pick.OVER
    quantity = quantity_of(case.bet)
    decision = settle_range(_counts(case, quantity), lambda number: totals.over_under(number, line, over=over))
    if case.bet.market.scope in (Scope.HOME, Scope.AWAY, Scope.TEAM) or case.bet.team is not None:
        return decision
    home, away = sides(case, quantity, next(iter(worths(case, quantity))))
    return replace(decision, numbers={"home": home.shown, "away": away.shown})


def exact_total(case: Case) -> Decision:
    """An exact number or a range. Raises Waits."""
    span = case.bet.span
    assert span is not None  # noqa: S101 - the reader has seen to it
    counts = _counts(case, quantity_of(case.bet))
    _all_certain(counts)
    number = int(counts[0].low)
    return Decision(totals.between(number, span.lowest, span.highest), number)


def odd_even(case: Case) -> Decision:
    """Odd or even. Raises Waits."""
    counts = _counts(case, quantity_of(case.bet))
    _all_certain(counts)
    number = int(counts[0].low)
    return Decision(totals.odd_even(number, odd=case.bet.pick is Pick.ODD), number)


def _all_certain(counts: list[Count]) -> None:
    if not all(count.certain for count in counts) or len({count.low for count in counts}) > 1:
        raise undecided(counts)


def line_of(bet: Bet) -> Decimal:
    """The line, which the reader has seen to be there."""
    assert bet.line is not None  # noqa: S101
    return bet.line
