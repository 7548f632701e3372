"""Every captured odds payload, from its JSON to what readers find in `team_odds` and `player_odds`."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from odds_answers import elements_of
from pymongo.database import Database
from support import eventually

from PROPPR.SharedServices.odds.drops import DropRule
from PROPPR.SharedServices.odds.rest import OddsElement
from PROPPR.SharedServices.odds.types import SIDES, Fixture, Line
from PROPPR.SharedServices.odds.wire import OddsMessage, decode_frame
from PROPPR.SharedServices.service.clock import SystemClock
from PROPPR.SharedServices.storage.books.store import BookStore
from PROPPR.SharedServices.storage.books.writer import BookWriter
from PROPPR.SharedServices.storage.collections import ensure_collections
from PROPPR.SharedServices.storage.fixtures import FixtureStore

CLOCK = SystemClock()
Key = tuple[Any, ...]
REST = (
    "rest_odds_bet365_nolatency_betfairexchange_2026-03-16.json",
    "rest_odds_multi_nba_includeSeq_2026-05-27.trimmed.json",
    "rest_odds_updated_polymarket_2026-05-27.json",
    "rest_odds_updated_draftkings_nba_2026-05-27.trimmed.json",
    "rest_odds_updated_empty_bet365_2026-05-27.json",
)


def store(database: Database[dict[str, Any]], fixtures: list[Fixture], batches: list[tuple[Any, ...]]) -> None:
    ensure_collections(database)
    FixtureStore(database, CLOCK).upsert_many(fixtures, "api_poller")
    done: list[int] = []
    writer = BookWriter(
        BookStore(database, CLOCK, DropRule(Decimal("0.05"))),
        CLOCK,
        on_done=lambda tickets, _: done.extend(tickets),
        set_aside=lambda *found: pytest.fail(str(found)),
    )
    writer.start()
    for ticket, updates in enumerate(batches):
        writer.submit(updates, ticket=ticket, received_at=CLOCK.monotonic())
    eventually(lambda: len(done) == len(batches))
    writer.stop(CLOCK.monotonic() + 10)


def prices(line: Line) -> tuple[float | None, ...]:
    return tuple(getattr(line, side) for side in SIDES)


def wanted(elements: list[OddsElement]) -> dict[Key, set[tuple[float | None, ...]]]:
    """What the payload says of each line; two feeds of one book may say two things, of which one must be shown."""
    found: dict[Key, set[tuple[float | None, ...]]] = {}
    for element in elements:
        for snapshot in element.snapshots:
            for market in snapshot.markets:
                for line in market.lines:
                    stat = f" - {line.stat}" if line.player_name and line.stat else ""
                    who = (line.player_name, line.label, line.hdp)
                    key = (element.fixture.id, snapshot.bookmaker, market.market + stat, *who)
                    found.setdefault(key, set()).add(prices(line))
    return found


def shown(database: Database[dict[str, Any]]) -> dict[Key, tuple[float | None, ...]]:
    found: dict[Key, tuple[float | None, ...]] = {}
    for document in database["team_odds"].find():
        for bookmaker, markets in document["bookmakers"].items():
            for market in markets:
                for row in market["odds"]:
                    key = (document["id"], bookmaker, market["name"], None, row.get("label"), row.get("hdp"))
                    found[key] = tuple(row.get(side) for side in SIDES)
    for document in database["player_odds"].find():
        for bookmaker, markets in document["markets_normalized"].items():
            for market in markets:
                for player in market["players"]:
                    for row in player["odds"]:
                        name = player["player_name"]
                        key = (document["id"], bookmaker, market["name"], name, row.get("label"), row.get("hdp"))
                        found[key] = tuple(row.get(side) for side in SIDES)
    return found


@pytest.mark.parametrize("name", REST)
def test_rest_answers_reach_the_readers_row_by_row(
    database: Database[dict[str, Any]], real_data: Path, name: str
) -> None:
    payload = json.loads((real_data / "odds_api" / name).read_text(encoding="utf-8"))
    elements, rejects = elements_of(payload)
    assert not rejects and not any(element.rejects for element in elements)
    batches: list[tuple[Any, ...]] = [element.snapshots for element in elements if element.snapshots]
    store(database, [element.fixture for element in elements], batches)
    expected, found = wanted(elements), shown(database)
    assert found.keys() == expected.keys()
    assert all(found[key] in expected[key] for key in found)


def test_captured_frames_reach_the_readers(database: Database[dict[str, Any]], real_data: Path) -> None:
    frames = json.loads((real_data / "odds_api" / "ws_frames_nba_fanduel_2026-05-27.trimmed.json").read_text("utf-8"))
    messages = [message for frame in frames for message in decode_frame(json.dumps(frame), CLOCK.now_ms()).messages]
    odds = [message for message in messages if isinstance(message, OddsMessage)]
    assert len(odds) == len(frames) - 1
    fixture = Fixture(odds[0].fixture_id, "A", "B", "basketball", "NBA", "USA", "2026-05-29T00:30:00Z", 0, "pending")
    store(database, [fixture], [message.updates for message in odds])
    last = {update.market: update for message in odds for update in message.updates}
    found = shown(database)
    assert len(found) == sum(len(update.lines) for update in last.values())
    assert set(found.values()) == {prices(line) for update in last.values() for line in update.lines}
