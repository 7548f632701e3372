"""Real results at real odds: 97,535 matches of eighteen seasons, settled to the cent by the rules of the grader.

What has to come out is worked out here a second time, in whole numbers.
"""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterator
from decimal import Decimal
from functools import lru_cache
from pathlib import Path

import pytest

from PROPPR.SharedServices.grading.rules.handicaps import asian_handicap
from PROPPR.SharedServices.grading.rules.results import match_result
from PROPPR.SharedServices.grading.rules.returns import returns_of
from PROPPR.SharedServices.grading.rules.totals import over_under

Row = dict[str, str]
STAKE = Decimal(100)
OUTCOMES = (("H", "home"), ("D", "draw"), ("A", "away"))
MATCHES = 97_535
PRICED_BY_ALL = 83_408
BLIND_YIELDS = {"B365": -6.4579, "PS": -3.8613, "best": -1.4585}


@pytest.fixture(scope="module")
def rows(real_data: Path) -> list[Row]:
    """All matches, as text."""
    return [
        row
        for path in sorted((real_data / "football_data" / "results_and_odds").glob("season_*.csv.gz"))
        for row in _read(path)
    ]


def test_every_match_is_there(rows: list[Row]) -> None:
    assert len(rows) == MATCHES


def test_results_blindly_backed_lose_what_the_margin_says(rows: list[Row]) -> None:
    money = dict.fromkeys(BLIND_YIELDS, Decimal(0))
    bets = 0
    for row in rows:
        prices = {book: [_price(row, book, side) for side, _ in OUTCOMES] for book in BLIND_YIELDS}
        if int(row["Season"]) < 2013 or not all(price > 1 for three in prices.values() for price in three):
            continue
        home, away = _goals(row)
        bets += 3
        for book, three in prices.items():
            for price, (_, outcome) in zip(three, OUTCOMES, strict=True):
                money[book] += returns_of(STAKE, price, match_result(home, away, outcome))
    assert bets == 3 * PRICED_BY_ALL
    yields = {book: round(float(100 * (back / (STAKE * bets) - 1)), 4) for book, back in money.items()}
    assert yields == BLIND_YIELDS


def test_over_and_under_two_and_a_half(rows: list[Row]) -> None:
    line, settled = Decimal("2.5"), 0
    for row in rows:
        home, away = _goals(row)
        for column, over in (("BbMx>2.5", True), ("BbMx<2.5", False), ("B365>2.5", True), ("B365<2.5", False)):
            price = _number(row, column)
            if price > 1:
                back = returns_of(STAKE, price, over_under(home + away, line, over=over))
                assert back == (price * 100 if (home + away > 2) is over else 0)
                settled += 1
    assert settled > 150_000


def test_asian_handicaps_with_their_quarter_lines(rows: list[Row]) -> None:
    settled, results = 0, set()
    for row in rows:
        home, away = _goals(row)
        for line_column, book in (("BbAHh", "BbMx"), ("AHh", "B365"), ("AHh", "P"), ("AHCh", "PC")):
            line, prices = _number(row, line_column), [_number(row, f"{book}AH{side}") for side in "HA"]
            if not row.get(line_column) or abs(line) > 6 or line % Decimal("0.25") or not all(p > 1 for p in prices):
                continue
            backed = ((home, away, line, prices[0]), (away, home, -line, prices[1]))
            for own, other, handicap, price in backed:
                result = asian_handicap(own, other, handicap)
                back = returns_of(STAKE, price, result)
                assert back * 1000 == _by_hand(own - other, int(handicap * 4), int(price * 1000))
                results.add(result.value)
                settled += 1
    assert settled > 200_000
    assert results == {"won", "lost", "refund", "half_won", "half_lost"}


def _by_hand(margin: int, quarters: int, price: int) -> int:
    """Thousandths that come back of a hundred: a fifty on each neighbour of the line, in whole numbers."""
    back = 0
    for part in (quarters - quarters % 2, quarters + quarters % 2):
        after = 4 * margin + part
        back += 50 * (price if after > 0 else 1000 if after == 0 else 0)
    return back


def _read(path: Path) -> Iterator[Row]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        yield from csv.DictReader(file)


def _goals(row: Row) -> tuple[int, int]:
    return int(row["FTHG"]), int(row["FTAG"])


def _price(row: Row, book: str, side: str) -> Decimal:
    if book != "best":
        return _number(row, f"{book}{side}")
    highest = _number(row, f"Max{side}")
    return highest if highest > 0 else _number(row, f"BbMx{side}")


def _number(row: Row, column: str) -> Decimal:
    return _decimal(row.get(column) or "0")


@lru_cache(maxsize=50_000)
def _decimal(text: str) -> Decimal:
    return Decimal(text)
