"""One change for each live page, committed as a service would commit it: what the page must then show by itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any, Final

import msgspec
from bson import Int64
from console_seed import Seeded
from pymongo.database import Database

from PROPPR.SharedServices.odds.drops import DropRule
from PROPPR.SharedServices.odds.types import Line, MarketUpdate
from PROPPR.SharedServices.service.alert_documents import AlertEvent
from PROPPR.SharedServices.service.alerts import AlertOutbox
from PROPPR.SharedServices.service.clock import Clock
from PROPPR.SharedServices.storage.books.plan import plan
from PROPPR.SharedServices.storage.books.store import BookStore
from PROPPR.SharedServices.storage.fixtures import FixtureStore

Document = dict[str, Any]
Change = Callable[[Database[Document], Clock, Seeded, str], None]
"""Commits (majority) something that shows as the given text, which is new to the page."""


def fleet(database: Database[Document], _: Clock, __: Seeded, text: str) -> None:
    """A new process beats."""
    values: Document = {
        "service": "unified-poller", "instance": text, "pid": 77, "host": text, "version": "0.1.0", "state": "running",
        "status": "healthy", "process": text, "beat_at": "$$NOW", "started_at": "$$NOW",
        "expires_at": {"$dateAdd": {"startDate": "$$NOW", "unit": "minute", "amount": 10}},
    }  # fmt: skip
    database["service_heartbeats"].update_one({"_id": f"unified-poller:{text}"}, [{"$set": values}], upsert=True)


def alerts(database: Database[Document], _: Clock, __: Seeded, text: str) -> None:
    """Something begins to fail."""
    outbox = AlertOutbox(database, service="unified-poller", deliver=False)
    outbox.record(AlertEvent(f"test:{text}", "failed", "critical", text, "for a test"), text)


def logs(database: Database[Document], clock: Clock, _: Seeded, text: str) -> None:
    """A service logs an error."""
    database["service_logs"].insert_one(
        {"timestamp": clock.now(), "service": "unified-poller", "instance": "host-a-1", "level": "ERROR",
         "logger": "PROPPR.test", "message": text}
    )  # fmt: skip


def mappings(database: Database[Document], clock: Clock, seeded: Seeded, text: str) -> None:
    """A fixture without a match."""
    number = Int64(90_000_000 + sum(map(ord, text)))
    database["fixture_mappings"].update_one(
        {"fixture_id": number},
        {"$set": {
            "status": "unresolved", "reason": "nothing like it", "home": text, "away": seeded.next_up.away,
            "country": "England", "league": "Cup", "kickoff": clock.now() + timedelta(minutes=1), "candidates": [],
            "updated_at": clock.now(),
        }},
        upsert=True,
    )  # fmt: skip


def fixtures(database: Database[Document], clock: Clock, seeded: Seeded, text: str) -> None:
    """A team that plays now is renamed."""
    FixtureStore(database, clock).upsert_many([msgspec.structs.replace(seeded.fixtures[1], home=text)], "api_poller")


def books(database: Database[Document], clock: Clock, seeded: Seeded, text: str) -> None:
    """A bookmaker quotes a new price: `text` is it."""
    store = BookStore(database, clock, DropRule(Decimal("0.05")))
    number = seeded.stirred.id
    lines = (Line(home=float(text), draw=3.4, away=4.1),)
    at = clock.now_ms()
    quote = MarketUpdate(number, "Bet365", "Bet365", "ML", False, at, at, lines)
    result = store.commit(plan(store.load([number])[number], [quote]))
    store.record(result.history)


def drops(database: Database[Document], clock: Clock, seeded: Seeded, text: str) -> None:
    """A price falls."""
    database["price_drops"].insert_one(
        {"_id": f"{seeded.stirred.id}|Bet365|team|{text}", "fixture_id": Int64(seeded.stirred.id), "is_player": False,
         "bookmaker": "Bet365", "market": text, "side": "home", "old_odds": 2.5, "new_odds": 2.1, "drop_pct": 16.0,
         "timestamp": clock.now(), "recorded_at": clock.now()}
    )  # fmt: skip


def value(database: Database[Document], clock: Clock, seeded: Seeded, text: str) -> None:
    """A price is above the sharp one."""
    now = clock.now()
    database["all_value_bets"].insert_one(
        {"_id": f"value {text}", "event_id": Int64(seeded.next_up.id), "event_name": text, "league": "England - Cup",
         "market_name": "ML", "market_hdp": None, "bet_side": "home", "player_name": text, "label": None,
         "bookmaker": "Bet365", "bookmaker_odds": {"home": 2.9}, "sharp_source": "M88", "sharp_odds": {"home": 2.1},
         "expected_value": 138.1, "fair_odds": 2.16, "fair_expected_value": 134.3, "margin_method": "power",
         "book_market": "ML", "created_at": now, "last_updated": now, "expires_at": now + timedelta(hours=1),
         "source": "websocket"}
    )  # fmt: skip


def arbitrages(database: Database[Document], clock: Clock, seeded: Seeded, text: str) -> None:
    """Two bookmakers disagree."""
    now = clock.now()
    sides = (("Bet365", "home", 2.2, 49.0), ("M88", "away", 2.1, 51.0))
    legs = [
        {"bookmaker": name, "side": side, "lay": False, "hdp": None, "odds": odds, "commission": 0.0,
         "effective_odds": odds, "stake": stake, "liability": None, "potential_return": 107.5, "updated_at": now}
        for name, side, odds, stake in sides
    ]  # fmt: skip
    database["arbitrage_bets"].insert_one(
        {"_id": f"arbitrage {text}", "event_id": Int64(seeded.next_up.id), "event_name": text,
         "league": "England - Cup", "market_name": "Draw No Bet",
         "market_hdp": None, "label": None, "player_name": text, "legs": legs,
         "margin": 0.074, "implied_probability": 0.931, "total_stake": 100.0, "guaranteed_return": 107.1,
         "max_stake": None, "probable_error": False, "in_play": False, "created_at": now, "last_updated": now,
         "expires_at": now + timedelta(minutes=10), "source": "websocket", "segment": "team",
         "book_market": "Draw No Bet", "mark": Int64(1), "legs_mark": Int64(1)}
    )  # fmt: skip


def bets(database: Database[Document], clock: Clock, seeded: Seeded, text: str) -> None:
    """A bet is settled just now."""
    database["team_tracked_bets"].insert_one(_bet(clock, seeded, text, "Bet365"))


def ledger(database: Database[Document], clock: Clock, seeded: Seeded, text: str) -> None:
    """The first bet at a bookmaker is settled."""
    database["team_tracked_bets"].insert_one(_bet(clock, seeded, text, text))


def _bet(clock: Clock, seeded: Seeded, text: str, bookmaker: str) -> Document:
    now = clock.now()
    grading = {"source": "fotmob", "match_id": 4_000_001, "rule": "total", "numbers": {"goals": 3}, "reason": None,
               "revision": 1, "graded_at": now, "pass": "post_match"}  # fmt: skip
    return {
        "bet_id": f"bet {text}", "status": "won", "bookmaker": bookmaker, "home_team": text,
        "away_team": seeded.stirred.away, "fixture_id": Int64(seeded.stirred.id), "fotmob_match_id": 4_000_001,
        "market_name": text, "direction": "over", "threshold": "2.5", "odds": 2.0, "stake": 10,
        "kickoff": now - timedelta(hours=3), "created_at": now - timedelta(hours=5), "settled_at": now,
        "actual_value": 3, "returns": 20.0, "profit_loss": 10.0, "grading": grading, "_graded_immediately": False,
    }  # fmt: skip


CHANGES: Final[Mapping[str, tuple[str, Change]]] = {
    "fleet": ("/", fleet),
    "alerts": ("/alerts", alerts),
    "logs": ("/logs", logs),
    "mappings": ("/mappings", mappings),
    "fixtures": ("/fixtures", fixtures),
    "fixture": ("/fixtures/{stirred}", books),
    "drops": ("/drops", drops),
    "value": ("/value", value),
    "arbitrages": ("/arbitrages", arbitrages),
    "bets": ("/bets", bets),
    "ledger": ("/ledger", ledger),
}
"""By page: its address, and a change that it shows."""


def path_of(page: str, seeded: Seeded) -> str:
    """The address of a page."""
    return CHANGES[page][0].format(stirred=seeded.stirred.id)


def text_for(page: str, number: int) -> str:
    """A text that no page shows yet; for the page of a fixture a price."""
    return f"{17 + number % 20}.{2 * number % 80 + 11}" if page == "fixture" else f"Z{page}{number:04}"
