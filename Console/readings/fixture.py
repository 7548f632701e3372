"""A fixture: who plays, which FotMob match it is, what is predicted, and what others derive from its books."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from pymongo import DESCENDING
from pymongo.database import Database

from PROPPR.Console.readings.arbitrages import Arbitrage, arbitrages_of
from PROPPR.Console.readings.books import MarketEntry, MarketView, list_markets, market_view
from PROPPR.Console.readings.bounds import bounded
from PROPPR.Console.readings.drops import Drop, drops_of
from PROPPR.Console.readings.fixtures import State, score_of, state_of
from PROPPR.Console.readings.value import ValueBet, values_of
from PROPPR.Console.readings.words import league_text, number_in
from PROPPR.SharedServices.storage.mapping_documents import StoredMapping, read_mapping

Document = dict[str, Any]
SIDES: Final = ("home", "away", "total")
FEW: Final = 10


@dataclass(frozen=True, slots=True)
class FixtureHead:
    """Who plays where and when. `league` is "Country - League", `score` empty where none is known."""

    id: int
    home: str
    away: str
    league: str
    sport: str
    kickoff: datetime
    state: State
    status: str
    score: str
    last_seen: datetime | None

    @property
    def name(self) -> str:
        """`Home - Away`."""
        return f"{self.home} - {self.away}"

    @property
    def has_begun(self) -> bool:
        """Whether the kick-off has passed."""
        return self.state != "next"


@dataclass(frozen=True, slots=True)
class BookReading:
    """The fixture's markets, and the one that is looked at; `seen` changes with every change of its books."""

    seen: str
    markets: tuple[MarketEntry, ...] = ()
    market: MarketView | None = None


@dataclass(frozen=True, slots=True)
class PredictedRow:
    """One side of a statistic: both averages of the last 10 matches, the line, and what the model says of it."""

    statistic: str
    side: str
    average: float | None
    line: float | None
    mean: float | None
    over: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is stored about a fixture beside its books."""

    mapping: StoredMapping | None
    predicted: tuple[PredictedRow, ...]
    predicted_at: datetime | None
    drops: tuple[Drop, ...]
    values: tuple[ValueBet, ...]
    arbitrages: tuple[Arbitrage, ...]


def read_head(database: Database[Document], now: datetime, fixture_id: int) -> FixtureHead | None:
    """The fixture of this id, None where nobody knows it. Raises pymongo's errors."""
    with bounded():
        document = database["fixtures"].find_one({"id": fixture_id}, {"_id": 0})
    if document is None:
        return None
    kickoff, status = document["kickoff"], document["status"]
    return FixtureHead(
        id=int(document["id"]),
        home=document["home"],
        away=document["away"],
        league=league_text(document.get("country"), document.get("league")),
        sport=document.get("sport") or "football",
        kickoff=kickoff,
        state=state_of(status, kickoff, now),
        status=status,
        score=score_of(document),
        last_seen=document.get("last_seen"),
    )


def seen_of(database: Database[Document], fixture_id: int) -> str:
    """A mark of the state of a fixture's books: another one after every write. Raises pymongo's errors."""
    pipeline: list[Document] = [
        {"$match": {"fixture_id": fixture_id}},
        {"$group": {"_id": None, "books": {"$sum": 1}, "revisions": {"$sum": "$revision"}}},
    ]
    with bounded():
        row = next(iter(database["odds_books"].aggregate(pipeline)), None)
    return "0" if row is None else f"{row['books']}-{row['revisions']}"


def read_book(database: Database[Document], head: FixtureHead, market: str) -> BookReading:
    """The fixture's markets, and of one of them (by default the first) all prices. Raises pymongo's errors."""
    with bounded():
        seen = seen_of(database, head.id)  # before the books: what is written meanwhile is shown again
        team, player = (
            database[view].find_one({"id": head.id}, {field: 1})
            for view, field in (("team_odds", "bookmakers"), ("player_odds", "markets_normalized"))
        )
    markets = list_markets(team, player)
    chosen = next((one for one in markets if one.name == market), markets[0] if markets else None)
    if chosen is None:
        return BookReading(seen)
    document = player if chosen.is_player else team
    return BookReading(
        seen, markets, market_view(document, chosen.name, is_player=chosen.is_player, sport=head.sport)
    )  # fmt: skip


def read_surroundings(database: Database[Document], now: datetime, head: FixtureHead) -> Surroundings:
    """What is stored about a fixture beside its books. Raises pymongo's errors."""
    with bounded():
        mapping = database["fixture_mappings"].find_one({"fixture_id": head.id})
        lines = database["predicted_lines"].find_one({"fixture_id": head.id}, _PREDICTED)
        drops = [
            document
            for is_player in (False, True)
            for document in database["price_drops"]
            .find({"fixture_id": head.id, "is_player": is_player})
            .sort("timestamp", DESCENDING)
            .limit(FEW)
        ]
        open_ones: Document = {"event_id": head.id, "expires_at": {"$gt": now}}
        values = list(database["all_value_bets"].find(open_ones).limit(500))
        arbitrages = list(database["arbitrage_bets"].find(open_ones).limit(100))
    newest = sorted(drops, key=lambda one: one["timestamp"], reverse=True)[:FEW]
    best = sorted(values, key=lambda one: -one["expected_value"])[:FEW]
    return Surroundings(
        mapping=None if mapping is None else read_mapping(mapping),
        predicted=predicted_rows(lines or {}),
        predicted_at=(lines or {}).get("updated_at"),
        drops=drops_of(newest, {head.id: (head.name, head.league)}),
        values=values_of(best),
        arbitrages=arbitrages_of(sorted(arbitrages, key=lambda one: -one["margin"])[:FEW]),
    )


_PREDICTED: Final = {
    "_id": 0, "home_averages_last10": 1, "away_averages_last10": 1, "predicted_lines_last10": 1, "model.match": 1,
    "updated_at": 1,
}  # fmt: skip


def predicted_rows(lines: Mapping[str, Any]) -> tuple[PredictedRow, ...]:
    """The predictions of a fixture's document, per statistic home, away and both together; what is unknown is None."""
    suggested = _part(lines, "predicted_lines_last10")
    model = _part(_part(lines, "model"), "match")
    rows = []
    for statistic in dict.fromkeys((*suggested, *model)):
        averages = {side: number_in(_part(lines, f"{side}_averages_last10"), statistic) for side in ("home", "away")}
        home, away = averages["home"], averages["away"]
        averages["total"] = None if home is None or away is None else home + away
        for side in SIDES:
            predicted = _part(_part(model, statistic), side)
            rows.append(
                PredictedRow(
                    statistic=statistic.replace("_", " "),
                    side=side,
                    average=averages[side],
                    line=number_in(_part(suggested, statistic), side),
                    mean=number_in(predicted, "mean"),
                    over=tuple((float(line), float(chance)) for line, chance in predicted.get("over") or ()),
                )
            )
    return tuple(rows)


def _part(document: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = document.get(name)
    return value if isinstance(value, Mapping) else {}
