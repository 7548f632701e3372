"""Compares what is stored with what the simulator knows to be true. Shares the parsing of rows, not the merging."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from pymongo.database import Database

from PROPPR.SharedServices.odds.bookmakers import book_of
from PROPPR.SharedServices.odds.rest import AnswerFacts, read_odds
from PROPPR.SharedServices.odds.types import SIDES, Line

Document = dict[str, Any]
Key = tuple[Any, ...]
"""(fixture, bookmaker, market, player, team side, label, handicap)."""
Prices = tuple[float | None, ...]


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
    examples: list[str] = field(default_factory=list)

    @property
    def faults(self) -> int:
        return self.missing + self.surplus + self.wrong + self.broken_chains + self.drop_errors

    def note(self, kind: str, detail: object) -> None:
        setattr(self, kind, getattr(self, kind) + 1)
        if len(self.examples) < 12:
            self.examples.append(f"{kind}: {detail}")


def expected_books(truth: Document, markets: frozenset[str]) -> dict[Key, Prices]:
    """The consolidated lines of the simulator's truth, for the subscribed markets."""
    newest: dict[Key, tuple[int, bool, Prices]] = {}
    for fixture_id, feeds in truth["fixtures"].items():
        for update in _updates(int(fixture_id), feeds, markets):
            fast = update.feed != book_of(update.feed)
            for line in update.lines:
                key = _key(int(fixture_id), update.bookmaker, update.market, line)
                version = (update.updated_at, fast, _prices(line))
                if key not in newest or version[:2] > newest[key][:2]:
                    newest[key] = version
    return {key: prices for key, (_, _, prices) in newest.items()}


def stored_books(database: Database[Document], markets: frozenset[str]) -> dict[Key, Prices]:
    """The lines that readers see in `team_odds` and `player_odds`, for the subscribed markets."""
    found: dict[Key, Prices] = {}
    for document in database["team_odds"].find({}, {"id": 1, "bookmakers": 1}):
        for bookmaker, stored in document["bookmakers"].items():
            for market in stored:
                for row in market["odds"] if market["name"] in markets else ():
                    key = (document["id"], bookmaker, market["name"], None, None, row.get("label"), row.get("hdp"))
                    found[key] = tuple(row.get(side) for side in SIDES)
    for document in database["player_odds"].find({}, {"id": 1, "markets_normalized": 1}):
        for bookmaker, stored in document["markets_normalized"].items():
            for market in stored:
                if market["name"].split(" - ")[0] in markets:
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


def check_history(database: Database[Document], threshold: float, verdict: Verdict) -> None:
    """Per line the history is one unbroken chain that ends at the stored price, and each fall in it is one drop."""
    chains: dict[str, dict[Key, list[tuple[tuple[int, int], Any, Any]]]] = defaultdict(lambda: defaultdict(list))
    for document in database["odds_history"].find({}, {"lines": 1}):
        book, revision, position = document["_id"].rsplit("|", 2)
        for line in document["lines"]:
            key = tuple(line.get(name) for name in ("market", "side", "hdp", "label", "player_name", "stat"))
            chains[book][key].append(((int(revision), int(position)), line.get("previous"), line["price"]))
            verdict.changes += 1
    falls: dict[str, int] = defaultdict(int)
    for book, lines in chains.items():
        for key, steps in lines.items():
            _check_chain(f"{book} {key}", steps, verdict)
            falls[book] += sum(
                1 for _, old, new in steps if old and new and (old - new) / old * 100 >= threshold - 1e-9
            )
    logged: dict[str, int] = defaultdict(int)
    for document in database["price_drops"].find({}, {"_id": 1}):
        logged[document["_id"].rsplit("|", 3)[0]] += 1
        verdict.drops += 1
    for book in falls.keys() | logged.keys():
        if falls[book] != logged[book]:
            verdict.note("drop_errors", f"{book}: {falls[book]} falls, {logged[book]} drops")


def digest(books: dict[Key, Prices]) -> str:
    """A fingerprint of the end state: lines and prices, no times."""
    text = "\n".join(sorted(repr(item) for item in books.items()))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _is_fall(old: float | None, new: float | None, threshold: float) -> bool:
    return old is not None and new is not None and (old - new) / old * 100 >= threshold - 1e-9


def _check_chain(name: str, steps: list[tuple[tuple[int, int], Any, Any]], verdict: Verdict) -> None:
    at: float | None = None
    for _, previous, price in sorted(steps, key=lambda step: step[0]):
        if previous != at:
            verdict.note("broken_chains", f"{name}: {previous} follows {at}")
            return
        at = price


def _updates(fixture_id: int, feeds: Document, markets: frozenset[str]) -> Iterator[Any]:
    bookmakers = {
        feed: [
            {"name": name, "updatedAt": market["updatedAt"], "odds": market["odds"]}
            for name, market in book["markets"].items()
            if name in markets
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
