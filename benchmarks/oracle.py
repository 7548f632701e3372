"""Compares what is stored with what the simulator knows to be true. Shares the parsing of rows, not the merging."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from pymongo.database import Database

from PROPPR.SharedServices.odds.bookmakers import book_of
from PROPPR.SharedServices.odds.rest import AnswerFacts, read_odds
from PROPPR.SharedServices.odds.times import parse_iso_ms
from PROPPR.SharedServices.odds.types import SIDES, Line, MarketUpdate

Document = dict[str, Any]
Key = tuple[Any, ...]
"""(fixture, bookmaker, market, player, team side, label, handicap)."""
Prices = tuple[float | None, ...]
LINE_KEY = ("market", "side", "hdp", "label", "player_name", "stat")
"""What names a price within a segment."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
BEHIND = 6 * 3_600_000
AHEAD = 14 * 24 * 3_600_000


@dataclass
class Verdict:
    """What a comparison found; `examples` shows a few of each kind."""

    lines: int = 0
    missing: int = 0
    surplus: int = 0
    wrong: int = 0
    changes: int = 0
    drops: int = 0
    broken_chains: int = 0
    drop_errors: int = 0
    by_source: Counter[str] = field(default_factory=Counter)
    examples: list[str] = field(default_factory=list)

    @property
    def faults(self) -> int:
        return self.missing + self.surplus + self.wrong + self.broken_chains + self.drop_errors

    def add(self, other: Verdict) -> None:
        """Take in what another comparison of the same kind found elsewhere."""
        for name in ("lines", "missing", "surplus", "wrong", "changes", "drops", "broken_chains", "drop_errors"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.by_source.update(other.by_source)
        self.examples = (self.examples + other.examples)[:12]

    def note(self, kind: str, detail: object) -> None:
        setattr(self, kind, getattr(self, kind) + 1)
        if len(self.examples) < 12:
            self.examples.append(f"{kind}: {detail}")


def expected_books(truth: Document, markets: frozenset[str] | None = None) -> dict[Key, Prices]:
    """The consolidated lines of the simulator's truth, for these markets (None: all)."""
    newest: dict[Key, tuple[int, bool, Prices]] = {}
    for fixture_id, feeds in truth["fixtures"].items():
        for update in updates_of(int(fixture_id), feeds, markets):
            fast = update.feed != book_of(update.feed)
            for line in update.lines:
                key = _key(int(fixture_id), update.bookmaker, update.market, line)
                version = (update.updated_at, fast, _prices(line))
                if key not in newest or version[:2] > newest[key][:2]:
                    newest[key] = version
    return {key: prices for key, (_, _, prices) in newest.items()}


def stored_books(database: Database[Document], markets: frozenset[str] | None = None) -> dict[Key, Prices]:
    """The lines that readers see in `team_odds` and `player_odds`, for these markets (None: all)."""
    found: dict[Key, Prices] = {}
    for document in database["team_odds"].find({}, {"id": 1, "bookmakers": 1}):
        for bookmaker, stored in document["bookmakers"].items():
            for market in stored:
                for row in market["odds"] if markets is None or market["name"] in markets else ():
                    key = (document["id"], bookmaker, market["name"], None, None, row.get("label"), row.get("hdp"))
                    found[key] = tuple(row.get(side) for side in SIDES)
    for document in database["player_odds"].find({}, {"id": 1, "markets_normalized": 1}):
        for bookmaker, stored in document["markets_normalized"].items():
            for market in stored:
                if markets is None or market["name"].split(" - ")[0] in markets:
                    found.update(_player_rows(document["id"], bookmaker, market))
    return found


def compare(expected: dict[Key, Prices], stored: dict[Key, Prices], verdict: Verdict) -> None:
    """Every expected line stored with its prices, nothing besides."""
    verdict.lines = len(expected)
    for key, prices in expected.items():
        if key not in stored:
            verdict.note("missing", (key, prices))
        elif stored[key] != prices:
            verdict.note("wrong", (key, prices, stored[key]))
    for key in stored.keys() - expected.keys():
        verdict.note("surplus", (key, stored[key]))


def compare_fixtures(events: list[Document], database: Database[Document], now: int, verdict: Verdict) -> None:
    """Every event that the provider lists is registered with its names, kick-off and status, and no other is open.

    `now` is in ms. Left out are matches that are long over, and those that began too soon after they appeared.
    """
    found = database["fixtures"].find({"kickoff": {"$gte": EPOCH + timedelta(milliseconds=now - BEHIND)}})
    stored = {document["id"]: document for document in found}
    for event in events:
        document = stored.pop(event["id"], None)
        if not now - BEHIND <= parse_iso_ms(event["date"]) <= now + AHEAD:
            continue
        said = {"home": event["home"], "away": event["away"], "status": event["status"], "date": event["date"]}
        if document is None:
            if event["status"] in ("pending", "live"):
                verdict.note("missing", f"fixture {event['id']}: {said}")
            continue
        wrong = {name: document[name] for name, value in said.items() if document[name] != value}
        if wrong:
            verdict.note("wrong", f"fixture {event['id']}: {wrong} is not {said}")
    for document in stored.values():
        if document["status"] in ("pending", "live") and document.get("registered"):
            verdict.note("surplus", f"fixture {document['id']}: {document['status']}, {document['date']}")


def check_history(database: Database[Document], threshold: float, verdict: Verdict) -> None:
    """Per line the history is one unbroken chain that ends at the stored price, and each fall in it is one drop."""
    for fixture_id in fixtures_with_prices(database):
        check_history_of(database, fixture_id, threshold, verdict)
    verdict.changes = sum(verdict.by_source.values())


def fixtures_with_prices(database: Database[Document]) -> list[int]:
    """Every fixture with books, history or drops."""
    names = ("odds_books", "odds_history", "price_drops")
    return sorted({fixture_id for name in names for fixture_id in database[name].distinct("fixture_id")})


def check_history_of(database: Database[Document], fixture_id: int, threshold: float, verdict: Verdict) -> None:
    """The same for the books of one fixture: hours of history fit into no memory at once."""
    chains: dict[str, dict[Key, list[tuple[tuple[int, int], Any, Any]]]] = defaultdict(lambda: defaultdict(list))
    falls: set[str] = set()
    chosen = {"fixture_id": fixture_id}
    for document in database["odds_history"].find(chosen, {"lines": 1, "source": 1}):
        book, revision, position = document["_id"].rsplit("|", 2)
        verdict.by_source[document["source"]] += len(document["lines"])
        for index, line in enumerate(document["lines"]):
            key = tuple(line.get(name) for name in LINE_KEY)
            old, new = line.get("previous"), line["price"]
            chains[book][key].append(((int(revision), int(position)), old, new))
            if old and new and (old - new) / old * 100 >= threshold - 1e-9:
                falls.add(f"{document['_id']}|{index}")
    for document in database["price_drops"].find(chosen, {"_id": 1}):
        verdict.drops += 1
        if document["_id"] not in falls:
            verdict.note("drop_errors", f"{document['_id']}: a drop that is no fall of the history")
        falls.discard(document["_id"])
    for fall in falls:
        verdict.note("drop_errors", f"{fall}: a fall that is no drop")
    stored = {book: prices for book, prices in _stored_prices(database, chosen)}
    for book in chains.keys() | stored.keys():
        ends = {key: _end_of(f"{book} {key}", steps, verdict) for key, steps in chains.get(book, {}).items()}
        _compare_ends(book, ends, stored.get(book, {}), verdict)


def _stored_prices(database: Database[Document], chosen: Document) -> Iterator[tuple[str, dict[Key, float]]]:
    """The prices of each stored segment, by the same key as the history's lines."""
    for document in database["odds_books"].find(chosen, {"markets": 1}):
        prices: dict[Key, float] = {}
        for market in document["markets"].values():
            rows = [(row, {}) for row in market["odds"]]
            rows += [(row, player) for player in market["players"] for row in player["odds"]]
            for row, player in rows:
                named = {
                    **row,
                    **{name: player.get(name) for name in ("player_name", "stat")},
                    "market": market["name"],
                }
                for side in SIDES:
                    if side in row:
                        prices[tuple(side if name == "side" else named.get(name) for name in LINE_KEY)] = row[side]
        yield document["_id"], prices


def _compare_ends(book: str, ends: dict[Key, float | None], stored: dict[Key, float], verdict: Verdict) -> None:
    for key in ends.keys() | stored.keys():
        if ends.get(key) != stored.get(key):
            verdict.note("broken_chains", f"{book} {key}: {ends.get(key)} in the history, stored {stored.get(key)}")


def digest(books: dict[Key, Prices]) -> str:
    """A fingerprint of the end state: lines and prices, no times."""
    text = "\n".join(sorted(repr(item) for item in books.items()))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _end_of(name: str, steps: list[tuple[tuple[int, int], Any, Any]], verdict: Verdict) -> float | None:
    """The last price of a chain; notes where a step does not begin where the one before it ended."""
    at: float | None = None
    for _, previous, price in sorted(steps, key=lambda step: step[0]):
        if previous != at:
            verdict.note("broken_chains", f"{name}: {previous} follows {at}")
        at = price
    return at


def updates_of(fixture_id: int, feeds: Document, markets: frozenset[str] | None = None) -> Iterator[MarketUpdate]:
    """What the simulator's books (as /_sim/truth tells them) say, read as any answer is."""
    bookmakers = {
        feed: [
            {"name": name, "updatedAt": market["updatedAt"], "odds": market["odds"]}
            for name, market in book["markets"].items()
            if markets is None or name in markets
        ]
        for feed, book in feeds.items()
    }
    element = {
        "id": fixture_id,
        "home": "Home",
        "away": "Away",
        "date": "2026-01-01T00:00:00Z",
        "status": "pending",
        "sport": {"name": "Football", "slug": "football"},
        "league": {"name": "A - B", "slug": "a-b"},
        "bookmakers": bookmakers,
    }
    answer = read_odds(element, AnswerFacts())
    assert not answer.rejects, answer.rejects
    for snapshot in answer.snapshots:
        yield from snapshot.markets


def _player_rows(fixture_id: int, bookmaker: str, market: Document) -> Iterable[tuple[Key, Prices]]:
    for player in market["players"]:
        for row in player["odds"]:
            who = (player["player_name"], player.get("team_side"))
            key = (fixture_id, bookmaker, market["name"], *who, row.get("label"), row.get("hdp"))
            yield key, tuple(row.get(side) for side in SIDES)


def _key(fixture_id: int, bookmaker: str, market: str, line: Line) -> Key:
    name = f"{market} - {line.stat}" if line.player_name is not None and line.stat else market
    return (fixture_id, bookmaker, name, line.player_name, line.team_side, line.label, line.hdp)


def _prices(line: Line) -> Prices:
    return tuple(getattr(line, side) for side in SIDES)
