"""Every arbitrage wins whatever happens by what it says, and none is missed."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from random import Random
from typing import Literal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from PROPPR.SharedServices.odds.arbitrage import Arbitrage, ArbitrageRule, Leg, find_arbitrages
from PROPPR.SharedServices.odds.book import Priced
from PROPPR.SharedServices.odds.shelves import Book
from PROPPR.SharedServices.odds.types import Line, Side

NOW = 1_795_000_000_000
ANY_AGE = ArbitrageRule(max_age=None, max_age_in_play=None)
EXCHANGE = "Betfair Exchange"
COMMISSIONS = {EXCHANGE: 0.05}


def book(name: str, *lines: Line, age: int = 0) -> Book:
    return (name, [Priced(line, NOW - age, NOW - age) for line in lines])


def one(market: str, *books: Book, rule: ArbitrageRule = ANY_AGE, in_play: bool = False) -> Arbitrage:
    (found,) = find_arbitrages(market, "football", books, rule, NOW, in_play=in_play)
    return found


def none(market: str, *books: Book, rule: ArbitrageRule = ANY_AGE, in_play: bool = False) -> bool:
    return find_arbitrages(market, "football", books, rule, NOW, in_play=in_play) == []


# ---- by hand


def test_over_at_one_and_under_at_another() -> None:
    found = one(
        "Totals", book("A", Line(hdp=2.5, over=2.10, under=1.75)), book("B", Line(hdp=2.5, over=1.80, under=2.02))
    )
    assert found.implied_probability == round(1 / 2.10 + 1 / 2.02, 6)
    assert found.margin == round(1 / (1 / 2.10 + 1 / 2.02) - 1, 6) == 0.029612
    assert {(leg.bookmaker, leg.side, leg.stake) for leg in found.legs} == {("A", "over", 49.03), ("B", "under", 50.97)}
    assert found.guaranteed_return == 102.95
    assert (found.market_hdp, found.probable_error, found.total_stake) == (2.5, False, 100.0)


def test_three_outcomes_at_three_bookmakers() -> None:
    found = one(
        "ML",
        book("A", Line(home=2.9, draw=3.2, away=2.5)),
        book("B", Line(home=2.4, draw=3.9, away=2.5)),
        book("C", Line(home=2.4, draw=3.2, away=2.8)),
    )
    assert [leg.odds for leg in found.legs] == [2.9, 3.9, 2.8]
    assert found.margin == pytest.approx(1 / (1 / 2.9 + 1 / 3.9 + 1 / 2.8) - 1, abs=1e-6)


def test_backed_here_and_laid_there_with_commission() -> None:
    rule = ArbitrageRule(max_age=None, commissions=COMMISSIONS)
    exchange = book(EXCHANGE, Line(home=2.0, draw=3.4, away=4.0, lay=(("home", 2.1),)))
    found = one("ML", book("A", Line(home=2.4, draw=3.0, away=3.0)), exchange, rule=rule)
    backed, laid = sorted(found.legs, key=lambda leg: leg.is_lay)
    assert laid.effective_odds == round((2.1 - 0.05) / (2.1 - 1), 6)
    assert found.margin == pytest.approx(1 / (1 / 2.4 + 1.1 / 2.05) - 1, abs=1e-6)
    assert laid.liability == pytest.approx(laid.stake * 1.1, abs=0.01)
    assert backed.stake + (laid.liability or 0) == pytest.approx(found.total_stake)


def test_commission_takes_a_thin_margin_away() -> None:
    books = (book("A", Line(hdp=2.5, over=2.05, under=1.8)), book(EXCHANGE, Line(hdp=2.5, over=1.9, under=2.0)))
    assert one("Totals", *books)
    assert none("Totals", *books, rule=ArbitrageRule(max_age=None, commissions=COMMISSIONS))


def test_a_bookmaker_s_own_error_is_no_arbitrage_alone() -> None:
    assert none("Totals", book("A", Line(hdp=2.5, over=2.2, under=2.2)), book("B", Line(hdp=2.5, over=1.5, under=1.5)))
    found = one("Totals", book("A", Line(hdp=2.5, over=2.3, under=2.2)), book("B", Line(hdp=2.5, over=1.5, under=2.0)))
    assert {leg.bookmaker for leg in found.legs} == {"A", "B"}


def test_two_names_of_one_feed_are_one_bookmaker() -> None:
    books = (
        book("BetOnline.ag", Line(hdp=1.5, over=2.2, under=1.7)),
        book("LowVig", Line(hdp=1.5, over=1.7, under=2.2)),
    )
    assert one("Totals", *books)
    same = ArbitrageRule(max_age=None, one_feed={"LowVig": "BetOnline.ag"})
    assert none("Totals", *books, rule=same)


def test_old_quotes_are_never_used() -> None:
    rule = ArbitrageRule()
    fresh, other = Line(hdp=2.5, over=2.2, under=1.7), Line(hdp=2.5, over=1.7, under=2.2)
    assert one("Totals", book("A", fresh, age=599_000), book("B", other), rule=rule).expires_at == NOW + 1_000
    assert none("Totals", book("A", fresh, age=600_001), book("B", other), rule=rule)
    assert none("Totals", book("A", fresh, age=10_001), book("B", other), rule=rule, in_play=True)
    assert (
        one("Totals", book("A", fresh, age=9_000), book("B", other), rule=rule, in_play=True).expires_at == NOW + 1_000
    )


def test_a_margin_too_good_is_marked_and_shown() -> None:
    found = one("Totals", book("A", Line(hdp=2.5, over=2.6, under=1.5)), book("B", Line(hdp=2.5, over=1.5, under=2.6)))
    assert found.margin == 0.3
    assert found.probable_error


@pytest.mark.parametrize(
    ("market", "first", "second"),
    [
        ("ML", Line(home=2.2, away=2.0), Line(home=2.0, away=2.2)),
        ("Double Chance", Line(label="A or Draw", under=2.2), Line(label="A or Draw", under=2.2)),
        ("Correct Score", Line(label="0-0", odds=30.0), Line(label="0-0", odds=30.0)),
        ("Totals", Line(over=2.2, under=1.5), Line(over=1.5, under=2.2)),
        ("Bookings Totals", Line(hdp=3.5, over=2.2, under=1.5), Line(hdp=3.5, over=1.5, under=2.2)),
    ],
)
def test_what_is_not_known_to_be_complete_has_none(market: str, first: Line, second: Line) -> None:
    assert none(market, book("A", first), book("B", second))


def test_different_lines_are_different_bets() -> None:
    assert none("Totals", book("A", Line(hdp=2.5, over=2.2)), book("B", Line(hdp=3.5, under=2.2)))
    player = Line(hdp=1.5, over=2.2, under=1.5, player_name="Kofi Abara")
    other = Line(hdp=1.5, over=1.5, under=2.2, player_name="Luca Moretto")
    assert none("Player Shots Over/Under", book("A", player), book("B", other))


def test_a_result_without_draw_is_complete_where_there_is_none() -> None:
    books = [book("A", Line(home=2.2, away=1.7)), book("B", Line(home=1.7, away=2.2))]
    assert len(find_arbitrages("ML", "tennis", books, ANY_AGE, NOW)) == 1
    assert find_arbitrages("ML", "football", books, ANY_AGE, NOW) == []


def test_what_floats_leave_is_no_margin() -> None:
    """Their inverses add up to exactly 1, in floats to a little less."""
    assert 1 / 13.5 + 1 / 1.08 < 1
    assert none("Totals", book("A", Line(hdp=2.5, over=13.5)), book("B", Line(hdp=2.5, under=1.08)))
    assert one("Totals", book("A", Line(hdp=2.5, over=13.5)), book("B", Line(hdp=2.5, under=1.080001)))


def test_a_bookmaker_that_contradicts_itself_is_marked_whatever_the_margin() -> None:
    erring = book("A", Line(hdp=2.5, over=2.1, under=2.1))
    found = one("Totals", erring, book("B", Line(hdp=2.5, over=1.8, under=1.95)))
    assert found.margin < 0.02
    assert found.probable_error


def test_players_of_the_same_name_in_both_teams_are_two() -> None:
    def shots(team: Literal["home", "away"] | None, over: float, under: float) -> Line:
        return Line(hdp=1.5, over=over, under=under, player_name="Silva", team_side=team)

    market = "Player Shots Over/Under"
    high, low = shots("home", 2.5, 1.5), shots("away", 1.5, 2.5)
    assert none(market, book("A", high), book("B", low))
    third = book("C", shots(None, 1.6, 2.0))
    assert {leg.bookmaker for leg in one(market, book("A", high), book("B", low), third).legs} == {"A", "C"}


def test_a_three_way_handicap_is_compared_under_the_home_team_s() -> None:
    by_home = book("A", Line(hdp=-1.0, home=2.4, draw=3.6, away=2.6))
    by_sign = book("B", Line(hdp=-1.0, home=2.9), Line(hdp=1.0, draw=4.2, away=2.3))
    found = one("European Handicap", by_home, by_sign)
    assert found.market_hdp == -1.0
    assert {(leg.bookmaker, leg.side, leg.hdp) for leg in found.legs} == {
        ("B", "home", -1.0),
        ("B", "draw", 1.0),
        ("A", "away", -1.0),
    }


def test_two_arbitrages_of_a_market_have_a_key_each() -> None:
    lines = [Line(hdp=hdp, over=2.2, under=1.7) for hdp in (2.5, 3.5)]
    others = [Line(hdp=hdp, over=1.7, under=2.2) for hdp in (3.5, 2.5)]
    found = find_arbitrages("Totals", "football", [book("A", *lines), book("B", *others)], ANY_AGE, NOW)
    assert [one.key for one in found] == ["Totals|2.5||", "Totals|3.5||"]


def test_the_known_limits_bound_the_stake() -> None:
    found = one(
        "Totals",
        book("A", Line(hdp=2.5, over=2.10, under=1.75, max=100.0)),
        book("B", Line(hdp=2.5, over=1.80, under=2.02)),
    )
    assert found.max_stake == pytest.approx(100 * 2.10 * found.implied_probability, abs=0.01)


# ---- properties

prices = st.floats(1.01, 12.0).map(lambda price: round(price, 3))
maybe = st.none() | prices


def _line(draw: st.DrawFn, three: bool) -> Line:
    sides: tuple[Side, ...] = ("home", "draw", "away") if three else ("over", "under")
    lay = draw(st.dictionaries(st.sampled_from(sides), prices, max_size=3))
    values = {side: draw(prices if side == "draw" else maybe) for side in sides}
    return Line(hdp=None if three else 2.5, lay=tuple(sorted(lay.items())) or None, **values)  # type: ignore[arg-type]


@st.composite
def markets(draw: st.DrawFn) -> tuple[bool, list[Book]]:
    three = draw(st.booleans())
    names = draw(st.lists(st.sampled_from(["A", "B", "C", EXCHANGE]), min_size=1, max_size=4, unique=True))
    ages = [draw(st.integers(0, 900_000)) for _ in names]
    return three, [book(name, _line(draw, three), age=age) for name, age in zip(names, ages, strict=True)]


RULE = ArbitrageRule(commissions=COMMISSIONS)


def _bets(books: Sequence[Book], sides: Sequence[Side]) -> Iterator[tuple[str, frozenset[str], float]]:
    """Every fresh bet: its bookmaker, the outcomes that it pays on, and its effective odds."""
    for name, priced in books:
        commission = COMMISSIONS.get(name, 0.0)
        for one_priced in priced:
            if NOW - one_priced.updated_at > 600_000:
                continue
            for side in sides:
                price = getattr(one_priced.line, side)
                if price is not None:
                    yield name, frozenset({side}), 1 + (price - 1) * (1 - commission)
            for side, price in one_priced.line.lay or ():
                yield name, frozenset(sides) - {side}, (price - commission) / (price - 1)


def _brute_force(books: Sequence[Book], sides: Sequence[Side]) -> float:
    """The least cost of being paid 1 whatever happens, over all sets of up to three needed bets of two bookmakers."""
    bets = list(_bets(books, sides))
    least = math.inf
    for size in (2, 3):
        for chosen in itertools.combinations(bets, size):
            if len({bet[0] for bet in chosen}) < 2:
                continue
            paid = [sum(side in bet[1] for bet in chosen) for side in sides]
            if min(paid) == 0:
                continue
            twice = size == 3 and min(paid) == 2
            if not twice and any(
                min(one - (side in bet[1]) for side, one in zip(sides, paid, strict=True)) for bet in chosen
            ):
                continue
            weight = 0.5 if twice else 1.0
            least = min(least, sum(weight / bet[2] for bet in chosen))
    return least


@given(markets())
def test_the_best_is_found_and_nothing_that_is_none(market: tuple[bool, list[Book]]) -> None:
    three, books = market
    sides: tuple[Side, ...] = ("home", "draw", "away") if three else ("over", "under")
    found = find_arbitrages("ML" if three else "Totals", "football", books, RULE, NOW)
    least = _brute_force(books, sides)
    if least < 1 - 1e-9:
        assert found[0].implied_probability == pytest.approx(least, abs=1e-6)
    elif least > 1 + 1e-9:
        assert found == []


@given(markets())
def test_every_outcome_pays_at_least_what_is_guaranteed(market: tuple[bool, list[Book]]) -> None:
    three, books = market
    sides: tuple[Side, ...] = ("home", "draw", "away") if three else ("over", "under")
    for found in find_arbitrages("ML" if three else "Totals", "football", books, RULE, NOW):
        assert len({leg.bookmaker for leg in found.legs}) >= 2
        assert found.total_stake <= 100.0
        at_risk = math.fsum(leg.stake if leg.liability is None else leg.liability for leg in found.legs)
        assert found.total_stake == pytest.approx(at_risk, abs=1e-6)
        for outcome in sides:
            paid = math.fsum(_paid(leg, outcome) for leg in found.legs)
            assert paid >= found.guaranteed_return - 0.011 * len(found.legs)
        rounding = 0.01 * sum(1 + leg.effective_odds for leg in found.legs) * 2
        assert found.guaranteed_return >= 100.0 * (1 + found.margin) - rounding * (1 + found.margin) - 0.02


def _paid(leg: Leg, outcome: str) -> float:
    wins = leg.side != outcome if leg.is_lay else leg.side == outcome
    if not wins:
        return 0.0
    if leg.is_lay:
        return (leg.liability or 0.0) + leg.stake * (1 - leg.commission)
    return leg.stake + leg.stake * (leg.odds - 1) * (1 - leg.commission)


@given(markets(), st.randoms(use_true_random=False))
def test_the_order_of_bookmakers_is_no_matter(market: tuple[bool, list[Book]], random: Random) -> None:
    three, books = market
    name = "ML" if three else "Totals"
    shuffled = list(books)
    random.shuffle(shuffled)
    assert find_arbitrages(name, "football", books, RULE, NOW) == find_arbitrages(name, "football", shuffled, RULE, NOW)


@given(markets(), st.booleans())
def test_no_leg_is_too_old_and_old_quotes_are_as_good_as_none(market: tuple[bool, list[Book]], in_play: bool) -> None:
    three, books = market
    limit = RULE.age_limit(in_play)
    assert limit is not None
    name = "ML" if three else "Totals"
    found = find_arbitrages(name, "football", books, RULE, NOW, in_play=in_play)
    fresh = [(bookmaker, [one for one in lines if NOW - one.updated_at <= limit]) for bookmaker, lines in books]
    assert found == find_arbitrages(name, "football", fresh, RULE, NOW, in_play=in_play)
    for arbitrage in found:
        oldest = min(leg.updated_at for leg in arbitrage.legs)
        assert arbitrage.expires_at == oldest + limit >= NOW
        # Nothing changes until then, and there is none with these legs afterwards.
        assert arbitrage.expires_at is not None
        later = find_arbitrages(name, "football", books, RULE, arbitrage.expires_at + 1, in_play=in_play)
        assert all(leg.updated_at > oldest for other in later for leg in other.legs)


@given(markets(), st.data())
def test_a_better_price_never_makes_it_worse(market: tuple[bool, list[Book]], data: st.DataObject) -> None:
    three, books = market
    name = "ML" if three else "Totals"
    index = data.draw(st.integers(0, len(books) - 1))
    bookmaker, (quote,) = books[index]
    side = data.draw(st.sampled_from(["home", "draw", "away"] if three else ["over", "under"]))
    price = getattr(quote.line, side)
    better = msgspec.structs.replace(quote.line, **{side: (price or 1.0) + data.draw(st.floats(0.001, 2))})
    raised = [*books[:index], (bookmaker, [Priced(better, quote.updated_at, 0)]), *books[index + 1 :]]
    before = find_arbitrages(name, "football", books, RULE, NOW)
    after = find_arbitrages(name, "football", raised, RULE, NOW)
    if before:
        assert after[0].margin >= before[0].margin
