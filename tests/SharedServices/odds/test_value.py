"""Value bets: the worked example, which lines compare, which sides form a complete market, and the speed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from odds_answers import elements_of

from PROPPR.SharedServices.odds.margin import METHODS, MarginMethod, remove_margin
from PROPPR.SharedServices.odds.three_way_handicap import notation_of, under_home_handicap
from PROPPR.SharedServices.odds.types import Line
from PROPPR.SharedServices.odds.value import ValueBet, expected_value, find_value


def only(found: list[ValueBet]) -> ValueBet:
    assert len(found) == 1, found
    return found[0]


@pytest.mark.parametrize(("method", "fair_value"), [("power", 104.1), ("multiplicative", 104.2)])
def test_the_worked_example(method: MarginMethod, fair_value: float) -> None:
    sharp = [Line(hdp=-0.5, home=1.93, away=1.90)]
    bet = only(
        find_value(
            "Spread", [Line(hdp=-0.5, home=2.10, away=1.80)], [("M88", sharp)], method=method, bookmaker="Bet365"
        )
    )
    assert bet == ValueBet(
        market_name="Spread",
        bet_side="home",
        market_hdp=-0.5,
        player_name=None,
        label=None,
        bookmaker="Bet365",
        bookmaker_odds={"home": 2.10, "away": 1.80},
        sharp_source="M88",
        sharp_odds={"home": 1.93, "away": 1.90},
        expected_value=108.8,
        fair_odds=round(remove_margin((1.93, 1.90), method).prices[0], 4),
        fair_expected_value=fair_value,
        margin_method=method,
    )


def test_the_minimum_is_included() -> None:
    line, sharp = [Line(home=1.93, away=1.5)], [("M88", [Line(home=1.93, away=1.90)])]
    assert only(find_value("Draw No Bet", line, sharp, 100, bookmaker="Bet365")).expected_value == 100
    assert find_value("Draw No Bet", line, sharp, 100.01, bookmaker="Bet365") == []


def test_the_first_sharp_book_that_prices_the_side_wins() -> None:
    first = ("M88", [Line(hdp=2.5, over=2.0), Line(hdp=3.5, over=3.0, under=1.4)])
    second = ("FB Sports", [Line(hdp=2.5, over=1.9, under=1.95)])
    own = [Line(hdp=2.5, over=2.1, under=2.0), Line(hdp=4.5, over=9.0)]
    over, under = find_value("Totals", own, [first, second], bookmaker="Bet365")
    assert (over.bet_side, over.sharp_source, over.expected_value, over.fair_odds) == ("over", "M88", 105.0, None)
    assert (under.bet_side, under.sharp_source, under.expected_value) == ("under", "FB Sports", 102.6)
    assert under.fair_odds is not None


def test_sharp_books_are_no_targets_and_never_compared_with_themselves() -> None:
    sharps = [("M88", [Line(home=1.5, draw=4.0, away=6.0)]), ("FB Sports", [Line(home=1.4, draw=4.0, away=6.0)])]
    for name, lines in sharps:
        assert find_value("ML", lines, sharps, bookmaker=name) == []


@pytest.mark.parametrize(
    "other",
    [Line(hdp=2.0, over=1.5), Line(hdp=2.5, over=1.5, player_name="A"), Line(hdp=2.5, over=1.5, label="x")],
)
def test_only_the_same_line_compares(other: Line) -> None:
    assert find_value("Totals", [Line(hdp=2.5, over=3.0)], [("M88", [other])], bookmaker="Bet365") == []


def test_unreliable_markets_have_no_value() -> None:
    lines = [Line(label="1 (-1)", hdp=-1.0, home=3.0)]
    sharp = [Line(label="1 (-1)", hdp=-1.0, home=2.0)]
    assert find_value("1st Half Handicap", lines, [("M88", sharp)], bookmaker="Bet365") == []


def fair_of(market: str, line: Line, sharp: Line) -> float | None:
    found = find_value(market, [line], [("M88", [sharp])], 1, bookmaker="Bet365")
    return found[0].fair_odds


@pytest.mark.parametrize(
    ("market", "sharp", "complete"),
    [
        ("ML", Line(home=2.0, draw=3.5, away=4.0), True),
        ("ML", Line(home=2.0, draw=3.5), False),
        ("ML", Line(home=1.67, away=2.24), True),  # basketball: no draw anywhere
        ("ML", Line(home=2.0, away=4.0), False),  # a football match with its draw suspended: 75 %
        ("ML", Line(home=1.075, away=1.064), False),  # an empty exchange: 187 %
        ("Draw No Bet", Line(home=1.6, away=2.3), True),
        ("Both Teams To Score", Line(yes=1.8, no=1.95), True),
        ("Both Teams To Score", Line(yes=1.8), False),
        ("Totals", Line(hdp=2.75, over=1.9, under=1.9), True),
        ("Corners Race", Line(hdp=9.0, home=1.9, away=1.9), False),
        ("Corners", Line(hdp=10.0, over=2.05, under=1.95), False),
        ("Corners", Line(hdp=10.5, over=1.9, under=1.9), True),
        ("Corners Totals", Line(hdp=10.0, over=1.9, under=1.9), True),
        ("Alternative Asian Handicap", Line(hdp=-0.5, home=1.9, away=1.9), False),
        ("Player Props", Line(hdp=5.5, over=1.65, under=2.16, player_name="A", stat="Assists"), True),
        ("Player Shots", Line(hdp=1.5, over=1.65, player_name="A"), False),
        ("Double Chance", Line(label="Home or Draw", odds=1.3), False),
        ("Specials", Line(label="To Win From Behind (1)", home=9.0), False),
        ("Something New", Line(over=1.9, under=1.9), True),
        ("Something New", Line(home=2.5, draw=3.3, away=2.9), True),
        ("European Handicap", Line(hdp=-1.0, home=1.9, away=1.9), False),
        ("European Handicap", Line(hdp=-1.0, home=2.66, draw=3.9, away=2.6), True),
    ],
)
def test_fair_odds_need_a_complete_market(market: str, sharp: Line, complete: bool) -> None:
    assert (fair_of(market, sharp, sharp) is not None) == complete


def test_a_draw_that_only_the_other_book_prices_still_belongs_to_the_market() -> None:
    assert fair_of("ML", Line(home=2.1, draw=3.4, away=3.9), Line(home=1.9, away=1.95)) is None


def test_a_price_of_an_incomplete_line_is_compared_all_the_same() -> None:
    bet = only(find_value("ML", [Line(draw=4.0)], [("M88", [Line(draw=3.5)])], bookmaker="Bet365"))
    assert (bet.expected_value, bet.fair_odds, bet.fair_expected_value, bet.margin_method) == (114.3, None, None, None)


def scores(prices: dict[str, float]) -> list[Line]:
    return [Line(label=label, odds=price) for label, price in prices.items()]


def test_labels_that_exclude_each_other_are_a_market_where_both_books_list_the_same() -> None:
    sharp = scores({"1": 2.4, "Draw": 3.3, "2": 3.1})
    own = scores({"1": 2.5, "Draw": 3.0, "2": 3.0})
    bet = only(find_value("Half Time Result", own, [("M88", sharp)], bookmaker="Bet365"))
    assert (bet.bet_side, bet.label, bet.bookmaker_odds, bet.expected_value) == ("1", "1", {"odds": 2.5}, 104.2)
    assert bet.fair_odds == round(remove_margin((2.4, 3.3, 3.1)).prices[0], 4)
    fewer = only(find_value("Half Time Result", own[:2], [("M88", sharp)], bookmaker="Bet365"))
    assert fewer.fair_odds is None


def test_a_label_with_a_side_is_named_with_it() -> None:
    own, sharp = [Line(label="To Win To Nil (1)", home=3.0)], [Line(label="To Win To Nil (1)", home=2.5)]
    assert only(find_value("Specials", own, [("M88", sharp)], bookmaker="B")).bet_side == "To Win To Nil (1): home"


def test_a_stat_is_part_of_the_markets_name() -> None:
    own = [Line(hdp=5.5, over=2.0, player_name="A", stat=stat) for stat in ("Assists", "Points")]
    sharp = [Line(hdp=5.5, over=1.5, player_name="A", stat=stat) for stat in ("Points", "Assists")]
    found = find_value("Player Props", own, [("M88", sharp)], bookmaker="Bet365")
    assert [bet.market_name for bet in found] == ["Player Props - Assists", "Player Props - Points"]
    keys = {(bet.market_name, bet.market_hdp, bet.bet_side, bet.bookmaker, bet.player_name) for bet in found}
    assert len(keys) == 2


BY_HOME = (
    Line(hdp=1.0, home=1.18, draw=9.0, away=18.0),
    Line(hdp=-1.0, home=2.66, draw=3.9, away=2.6),
    Line(hdp=-2.0, home=5.3, draw=5.1, away=1.57),
)
BY_SIGN = (
    Line(hdp=-1.0, home=2.5),
    Line(hdp=1.0, draw=3.75, away=2.3),
    Line(hdp=-2.0, home=4.75, draw=17.0, away=34.0),
    Line(hdp=2.0, home=1.035, draw=4.75, away=1.5),
)


def test_a_three_way_handicap_is_compared_under_the_home_handicap() -> None:
    assert (notation_of(BY_HOME), notation_of(BY_SIGN)) == ("home", "own")
    assert under_home_handicap(BY_SIGN)[0] == Line(hdp=-1.0, home=2.5, draw=3.75, away=2.3)
    found = find_value("European Handicap", BY_HOME, [("M88", BY_SIGN)], 90, bookmaker="Exchange")
    assert {(bet.market_hdp, bet.bet_side): bet.expected_value for bet in found} == {
        (-1.0, "home"): 106.4,
        (-1.0, "draw"): 104.0,
        (-1.0, "away"): 113.0,
        (-2.0, "home"): 111.6,
        (-2.0, "draw"): 107.4,
        (-2.0, "away"): 104.7,
    }
    assert all(bet.fair_odds is not None for bet in found)


def test_a_three_way_handicap_keeps_the_notation_of_the_book_it_was_found_at() -> None:
    found = find_value("European Handicap", BY_SIGN, [("M88", BY_HOME)], 93, bookmaker="Bet365")
    assert {(bet.market_hdp, bet.bet_side): bet.expected_value for bet in found} == {
        (-1.0, "home"): 94.0,
        (1.0, "draw"): 96.2,
        (2.0, "draw"): 93.1,
        (2.0, "away"): 95.5,
    }


def test_of_a_three_way_handicap_in_an_unknown_notation_only_home_is_compared() -> None:
    unknown = [Line(hdp=1.0, home=1.5, draw=4.0), Line(hdp=2.0, away=9.0)]
    assert notation_of(unknown) is None
    found = find_value("European Handicap", unknown, [("M88", BY_HOME)], 1, bookmaker="Bet365")
    assert [(bet.market_hdp, bet.bet_side) for bet in found] == [(1.0, "home")]


prices = st.one_of(st.none(), st.floats(1.01, 50))
lines = st.lists(
    st.builds(
        Line,
        hdp=st.sampled_from([0.5, 1.5, 2.5, 3.5]),
        home=prices,
        draw=prices,
        away=prices,
        over=prices,
        under=prices,
    ),
    max_size=6,
    unique_by=lambda line: line.hdp,
)


@given(
    market=st.sampled_from(["ML", "Totals", "Spread", "European Handicap", "Unheard Of"]),
    own=lines,
    sharps=st.lists(lines, max_size=3),
    minimum=st.floats(50, 150),
    method=st.sampled_from(METHODS),
)
def test_every_bet_is_what_it_says(
    market: str, own: list[Line], sharps: list[list[Line]], minimum: float, method: MarginMethod
) -> None:
    named = [(f"sharp {number}", each) for number, each in enumerate(sharps)]
    found = find_value(market, own, named, minimum, method, bookmaker="Bet365")
    for bet in found:
        price, sharp = bet.bookmaker_odds[bet.bet_side], bet.sharp_odds[bet.bet_side]
        assert expected_value(price, sharp) >= minimum
        assert bet.expected_value == round(100 * price / sharp, 1)
        assert (bet.fair_odds is None) == (bet.fair_expected_value is None) == (bet.margin_method is None)
        if bet.fair_odds is not None:
            assert bet.fair_odds > 1
    if market == "Totals":
        expected = set()
        for line in own:
            for side in ("over", "under"):
                quoted = [getattr(row, side) for _, rows in named for row in rows if row.hdp == line.hdp]
                first = next((quote for quote in quoted if quote is not None), None)
                price = getattr(line, side)
                if price is not None and first is not None and 100 * price / first >= minimum:
                    expected.add((line.hdp, side))
        assert {(bet.market_hdp, bet.bet_side) for bet in found} == expected


def test_real_books_compare(real_data: Path) -> None:
    """Bet365 against an exchange: a three-way handicap read naively would show bets of 780."""
    path = real_data / "odds_api" / "rest_odds_bet365_nolatency_betfairexchange_2026-03-16.json"
    payload = json.loads(path.read_text(encoding="utf-8"))
    (element,), _ = elements_of(payload)
    books = {
        snapshot.feed: {update.market: update.lines for update in snapshot.markets} for snapshot in element.snapshots
    }
    found = []
    for market, own in books["Betfair Exchange"].items():
        sharp = books["Bet365"].get(market)
        if sharp is not None:
            found += find_value(market, own, [("Bet365", sharp)], bookmaker="Betfair Exchange")
    assert found
    handicaps = [bet for bet in found if bet.market_name == "European Handicap"]
    assert handicaps
    assert all(bet.expected_value < 200 and (bet.fair_expected_value or 0) < 110 for bet in handicaps)
