"""Which sides of which lines are complete: a table of markets, and the lines that they hold on."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from odds_answers import elements_of

from PROPPR.SharedServices.odds.arbitrage import ArbitrageRule, find_arbitrages
from PROPPR.SharedServices.odds.book import Priced
from PROPPR.SharedServices.odds.coverage import covers_of, has_two_notations
from PROPPR.SharedServices.odds.types import Line

RESULT, PAIR, TOTAL, YES_NO = ("home", "draw", "away"), ("home", "away"), ("over", "under"), ("yes", "no")


@pytest.mark.parametrize(
    ("market", "sides"),
    [
        ("ML", [RESULT]),
        ("ML HT", [RESULT]),
        ("Moneyline", [RESULT]),
        ("Draw No Bet", [PAIR]),
        ("To Qualify", [PAIR]),
        ("Spread", [PAIR]),
        ("Corners Spread", [PAIR]),
        ("European Handicap", [RESULT]),
        ("Totals", [TOTAL]),
        ("Corners", [TOTAL]),
        ("Number of Goals In Match", [TOTAL]),
        ("Both Teams To Score HT", [YES_NO]),
        ("Player Shots Over/Under", [TOTAL]),
        ("Double Double", [TOTAL, YES_NO]),
        ("Something New", [RESULT, TOTAL, YES_NO]),
        ("Double Chance", []),
        ("Double Chance HT", []),
        ("Correct Score", []),
        ("Half Time Result", []),
        ("Specials", []),
        ("Corners Race", []),
        ("Bookings Totals", []),
        ("Number of Cards In Match", []),
        ("Card Handicap", []),
        ("1st Half Handicap", []),
        ("Alternative Asian Handicap", []),
        ("Multi Scorers", []),
        ("Total Player Disposals", []),
    ],
)
@pytest.mark.parametrize("written", [str, str.upper])
def test_markets_of_football(market: str, sides: list[tuple[str, ...]], written: type[str]) -> None:
    assert [cover.sides for cover in covers_of(written(market), "football")] == sides


@pytest.mark.parametrize(
    ("sport", "complete"), [("basketball", True), ("american-football", True), ("ice-hockey", False), ("", False)]
)
def test_a_result_of_two_needs_a_sport_without_draws(sport: str, complete: bool) -> None:
    assert (PAIR in [cover.sides for cover in covers_of("ML", sport)]) == complete


@pytest.mark.parametrize(
    ("market", "line", "accepted"),
    [
        ("Totals", Line(hdp=2.0), True),
        ("Totals", Line(hdp=2.25), True),
        ("Totals", Line(), False),
        ("Spread", Line(hdp=0.0), True),
        ("Spread", Line(), False),
        ("Corners", Line(hdp=9.5), True),
        ("Corners", Line(hdp=10.0), False),
        ("Alternative Corners", Line(hdp=10.0), False),
        ("Team Corners Home", Line(hdp=5.0), False),
        ("Corners Totals", Line(hdp=10.0), True),
        ("Player Props", Line(hdp=5.5, player_name="A"), True),
        ("Player Props", Line(hdp=113.5, label="Both Teams (Points)"), False),
        ("Both Teams To Score", Line(), True),
    ],
)
def test_lines(market: str, line: Line, accepted: bool) -> None:
    assert covers_of(market, "football")[0].accepts(line) == accepted


def test_only_the_three_way_handicap_has_two_notations() -> None:
    assert has_two_notations("European Handicap")
    assert not has_two_notations("Spread")
    assert not has_two_notations("ML")


def test_no_real_bookmaker_s_complete_line_is_far_under_100_percent(real_data: Path) -> None:
    """What is called complete must be: a bookmaker's own prices of it would else be an arbitrage against itself.

    Each captured book is compared with a copy of itself under another name. What an exchange has nobody waiting for
    (home 89, away 100) is the only exception, and is marked.
    """
    found = []
    for path in sorted((real_data / "odds_api").glob("rest_odds_*.json")):
        payload = json.loads(path.read_text(encoding="utf-8"))
        elements, _ = elements_of(payload)
        for element in elements:
            for snapshot in element.snapshots:
                for update in snapshot.markets:
                    priced = [Priced(line, 1000, 1000) for line in update.lines]
                    books = [("A", priced), ("B", priced)]
                    found += find_arbitrages(update.market, "football", books, ArbitrageRule(max_age=None), 1000)
    assert [(one.market_name, one.market_hdp) for one in found if not one.probable_error] == []
    assert {one.market_name for one in found} <= {"Spread"}
