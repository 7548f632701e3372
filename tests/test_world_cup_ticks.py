"""107,451 real price changes, replayed as WebSocket frames into MongoDB, end in the last price of every line."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pymongo.database import Database
from support import eventually

from PROPPR.SharedServices.odds.drops import DropRule
from PROPPR.SharedServices.odds.wire import OddsMessage, decode_frame
from PROPPR.SharedServices.service.clock import SystemClock
from PROPPR.SharedServices.simulator.messages import encode_odds
from PROPPR.SharedServices.simulator.ticks import BOOK_NAMES, MARKET_NAMES, SIDES, TickTable, event_number
from PROPPR.SharedServices.storage.books.store import BookStore
from PROPPR.SharedServices.storage.books.writer import BookWriter

CLOCK = SystemClock()
Key = tuple[int, str, str, float | None, str]


def table(real_data: Path) -> Path:
    return real_data / "football_data" / "world_cup_2026_ticks" / "worldcup2026_ticks.csv.gz"


def last_prices(path: Path) -> dict[Key, float]:
    """Straight from the table: what was last fetched of every (event, book, market, line, side)."""
    last: dict[Key, float] = {}
    with gzip.open(path, "rt", encoding="utf-8", newline="") as rows:
        for row in csv.DictReader(rows):
            market = MARKET_NAMES[row["market"]]
            line = float(row["point"]) if row["point"] else None
            if market == "Spread" and line is not None and row["outcome"] == "A":
                line = -line
            american = int(row["price"])
            price = 1 + (american / 100 if american > 0 else 100 / -american)
            key = (event_number(row["event"]), BOOK_NAMES[row["book"]], market, line, SIDES[row["outcome"]])
            last[key] = round(price, 6)
    return last


def stored_prices(database: Database[dict[str, Any]]) -> Iterator[tuple[Key, float]]:
    for document in database["odds_books"].find():
        for market in document["markets"].values():
            for row in market["odds"]:
                for side in SIDES.values():
                    if side in row:
                        head = (document["fixture_id"], document["bookmaker"], market["name"])
                        yield (*head, row.get("hdp"), side), row[side]


@pytest.mark.timeout(300)
def test_the_world_cup_ends_in_the_last_price_of_every_line(
    database: Database[dict[str, Any]], real_data: Path
) -> None:
    ticks = TickTable(table(real_data), 0.0, CLOCK.now_ms(), CLOCK.now_ms, 1000)
    done: list[int] = []
    writer = BookWriter(
        BookStore(database, CLOCK, DropRule(Decimal("0.05"))),
        CLOCK,
        on_done=lambda tickets, _: done.extend(tickets),
        set_aside=lambda *found: pytest.fail(str(found)),
    )
    writer.start()
    while (message := ticks.next()) is not None:
        frame = encode_odds(message, None)
        assert frame is not None
        decoded = decode_frame(frame, CLOCK.now_ms())
        assert not decoded.rejects
        for odds in decoded.messages:
            assert isinstance(odds, OddsMessage)
            assert writer.submit(odds.updates, ticket=ticks.count, received_at=CLOCK.monotonic())
    eventually(lambda: len(done) == ticks.count, 120, "all ticks to be stored")
    writer.stop(CLOCK.monotonic() + 10)
    assert ticks.count == 107_451
    assert dict(stored_prices(database)) == last_prices(table(real_data))
