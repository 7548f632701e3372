"""What the terminal shows: the services' health, the newest drops, value bets and arbitrages. Read, never written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import msgspec
import requests
from pymongo import DESCENDING
from pymongo.cursor import Cursor
from pymongo.database import Database

Documents = Database[dict[str, Any]]
LOOKED_AT = 100


class CheckReading(msgspec.Struct, frozen=True):
    """One entry of `checks` in /health."""

    ok: bool
    detail: str = ""
    age_s: float | None = None


class HealthReading(msgspec.Struct, frozen=True):
    """The answer of /health (DESIGN section 4), or `status="down"` with the reason in `service`'s check `http`."""

    service: str
    status: str
    version: str = ""
    uptime: float = 0.0
    last_update: str | None = None
    queue_size: int = 0
    checks: dict[str, CheckReading] = {}

    @property
    def is_healthy(self) -> bool:
        return self.status == "healthy"

    @property
    def complaint(self) -> str:
        """The checks that are not ok, in words; empty when all are."""
        return "; ".join(f"{name}: {check.detail}" for name, check in self.checks.items() if not check.ok)


@dataclass(frozen=True)
class DropReading:
    """One price that fell, with the names a person needs."""

    at: datetime
    fixture: str
    bookmaker: str
    selection: str
    old_odds: float
    new_odds: float
    drop_pct: float


@dataclass(frozen=True)
class ValueReading:
    """One price above the sharp one. `expected_value` and `fair` are on the base-100 index."""

    fixture: str
    bookmaker: str
    selection: str
    odds: float | None
    sharp: str
    expected_value: float
    fair: float | None


@dataclass(frozen=True)
class ArbitrageReading:
    """Prices of several bookmakers that win whatever happens. `margin` 0.01 is 1 %."""

    fixture: str
    market: str
    legs: str
    margin: float
    probable_error: bool


@dataclass(frozen=True)
class Board:
    """The newest of everything that is stored."""

    drops: tuple[DropReading, ...] = ()
    values: tuple[ValueReading, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)
    arbitrages: tuple[ArbitrageReading, ...] = ()


_HEALTH: Final = msgspec.json.Decoder(HealthReading)  # made here: first uses by several threads at once would crash


def read_health(service: str, base_url: str, timeout: float = 1.0) -> HealthReading:
    """GET /health; an unreachable or odd answer is a reading too, never an exception."""
    try:
        answer = requests.get(f"{base_url}/health", timeout=timeout)
        return _HEALTH.decode(answer.content)
    except requests.RequestException as error:
        reason = "nothing answers" if isinstance(error, requests.ConnectionError) else type(error).__name__
    except msgspec.DecodeError as error:
        reason = f"an unexpected answer: {error}"
    return HealthReading(service, "down", checks={"http": CheckReading(False, f"{reason} at {base_url}/health")})


def read_metrics(base_url: str, timeout: float = 1.0) -> str:
    """GET /metrics as text; empty when it does not answer."""
    try:
        answer = requests.get(f"{base_url}/metrics", timeout=timeout)
        return answer.text if answer.ok else ""
    except requests.RequestException:
        return ""


def read_board(database: Documents, limit: int = 8) -> Board:
    """The newest `limit` drops, value bets and arbitrages, and how much there is of each.

    Of drops and value bets one a book, where there are enough; of arbitrages those that have not expired.
    """
    drops = _varied(database["price_drops"].find().sort("recorded_at", DESCENDING), "fixture_id", limit)
    values = _varied(database["all_value_bets"].find().sort("last_updated", DESCENDING), "event_id", limit)
    names = _fixture_names(database, (drop["fixture_id"] for drop in drops))
    counted = ("fixtures", "odds_books", "odds_history", "price_drops", "all_value_bets", "arbitrage_bets")
    return Board(
        drops=tuple(_drop(document, names) for document in drops),
        values=tuple(_value(document) for document in values),
        arbitrages=tuple(_arbitrage(document) for document in _newest_arbitrages(database, limit)),
        counts={name: database[name].estimated_document_count() for name in counted},
    )


def _varied(newest_first: Cursor[dict[str, Any]], fixture: str, limit: int) -> list[dict[str, Any]]:
    """One message moves many lines of a book: prefer different books, in the order of time."""
    documents = list(newest_first.limit(LOOKED_AT))
    first_of_book = {(document[fixture], document["bookmaker"]): document for document in reversed(documents)}
    chosen = {id(document) for document in first_of_book.values()}
    order = sorted(range(len(documents)), key=lambda index: (id(documents[index]) not in chosen, index))
    return [documents[index] for index in sorted(order[:limit])]


def _fixture_names(database: Documents, ids: Iterable[int]) -> dict[int, str]:
    wanted = sorted(set(ids))
    found = database["fixtures"].find({"id": {"$in": wanted}}, {"id": 1, "home": 1, "away": 1})
    return {document["id"]: f"{document['home']} - {document['away']}" for document in found}


def _selection(market: str, side: str, line: object, player: object) -> str:
    number = f"{line:g}" if isinstance(line, float | int) else str(line or "")
    return " ".join(part for part in (market, str(player or ""), number, side) if part)


def _drop(document: Mapping[str, Any], names: Mapping[int, str]) -> DropReading:
    return DropReading(
        at=document["timestamp"],
        fixture=names.get(document["fixture_id"], f"fixture {document['fixture_id']}"),
        bookmaker=document["bookmaker"],
        selection=_selection(
            document["market"],
            document["side"],
            document.get("hdp"),
            document.get("player_name") or document.get("label"),
        ),
        old_odds=document["old_odds"],
        new_odds=document["new_odds"],
        drop_pct=document["drop_pct"],
    )


def _value(document: Mapping[str, Any]) -> ValueReading:
    side = document["bet_side"]
    odds = (document.get("bookmaker_odds") or {}).get(side)
    return ValueReading(
        fixture=document["event_name"],
        bookmaker=document["bookmaker"],
        selection=_selection(document["market_name"], side, document.get("market_hdp"), document.get("player_name")),
        odds=odds if isinstance(odds, float | int) else None,
        sharp=str(document.get("sharp_source", "")),
        expected_value=document["expected_value"],
        fair=document.get("fair_expected_value"),
    )


def _newest_arbitrages(database: Documents, limit: int) -> list[dict[str, Any]]:
    # By MongoDB's clock: it is the one that lets them expire, though up to a minute late.
    valid = {"$expr": {"$gt": ["$expires_at", "$$NOW"]}}
    return list(database["arbitrage_bets"].find(valid).sort("last_updated", DESCENDING).limit(limit))


def _arbitrage(document: Mapping[str, Any]) -> ArbitrageReading:
    return ArbitrageReading(
        fixture=document["event_name"],
        market=_selection(
            document["market_name"],
            "",
            document.get("market_hdp"),
            document.get("player_name") or document.get("label"),
        ),
        legs=", ".join(_leg(leg) for leg in document.get("legs", ())),
        margin=float(document["margin"]),
        probable_error=bool(document.get("probable_error")),
    )


def _leg(leg: Mapping[str, Any]) -> str:
    odds = leg.get("odds")
    price = f" {odds:g}" if isinstance(odds, float | int) else ""
    return f"{'lay ' if leg.get('lay') else ''}{leg.get('side', '')} {leg.get('bookmaker', '')}{price}".strip()
