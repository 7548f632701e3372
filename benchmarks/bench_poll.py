"""A poll cycle over full books: from the first byte of the answer to books committed, against simpler loops.

The poller's part runs in a process of its own (poll_child.py), the answers come from another one, mongod is a third.
"""

from __future__ import annotations

import contextlib
import json
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from full_books import BOOKMAKER, HEAVY, TYPICAL, Books, Size
from pymongo.database import Database

from PROPPR.SharedServices.odds.drops import DropRule
from PROPPR.SharedServices.odds.rest import AnswerFacts, read_odds
from PROPPR.SharedServices.service.clock import SystemClock
from PROPPR.SharedServices.storage.books.history import drops_of
from PROPPR.SharedServices.storage.books.plan import plan
from PROPPR.SharedServices.storage.books.store import BookStore

Document = dict[str, Any]
Rows = list[tuple[str, str, str]]
CLOCK: Final = SystemClock()
CHANGED: Final = 0.1
SIDES: Final = ("home", "draw", "away", "over", "under", "yes", "no", "odds")


class Server:
    """Serves whatever was published last, from a process of its own."""

    def __init__(self, folder: Path) -> None:
        self._answer = folder / "v3" / "odds" / "updated"
        self._answer.parent.mkdir(parents=True)
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        command = [sys.executable, "-m", "http.server", str(port), "--bind", "127.0.0.1", "--directory", str(folder)]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.url = f"http://127.0.0.1:{port}/v3"

    def publish(self, body: bytes) -> None:
        self._answer.write_bytes(body)

    def close(self) -> None:
        self._process.kill()
        self._process.wait()


class Child:
    """A poller's process."""

    def __init__(self, uri: str, database: str, url: str) -> None:
        command = [sys.executable, str(Path(__file__).with_name("poll_child.py")), uri, database, url]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.idle = self._figures()

    def cycle(self, bookmaker: str = BOOKMAKER) -> dict[str, float]:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{bookmaker}\n")
        self._process.stdin.flush()
        return self._figures()

    def close(self) -> None:
        self._process.communicate(timeout=60)

    def _figures(self) -> dict[str, float]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, "the poller's process died"
        figures: dict[str, float] = json.loads(line)
        return figures


@contextlib.contextmanager
def served() -> Iterator[Server]:
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder))
        try:
            yield server
        finally:
            server.close()


def poll(database: Database[Document], uri: str, quick: bool, rows: Rows) -> None:
    """The rows of `make bench`: 1,000 fixtures of 63 markets and 1,245 lines, and 100 typical ones."""
    with served() as server:
        heavy = Books(100 if quick else 1000, Size(HEAVY), CLOCK.now_ms() - 600_000)
        ours = cycles(database, uri, server, heavy, "63 markets, 1,245 lines", rows)
        compare(database, heavy, ours, rows)
        for name in ("odds_books", "odds_history", "price_drops", "fixtures", "naive", "barest"):
            database[name].delete_many({})
        typical = Books(100, Size(TYPICAL), CLOCK.now_ms() - 600_000)
        cycles(database, uri, server, typical, "15 markets, 150 lines", rows)


def cycles(database: Database[Document], uri: str, server: Server, books: Books, what: str, rows: Rows) -> float:
    """All books new; then changed; then changed again and read by a process that has just started. Seconds."""
    server.publish(books.packed())
    child = Child(uri, database.name, server.url)
    measured = [("new", child.cycle())]
    books.change(CHANGED)
    server.publish(books.packed())
    measured.append(("changed", child.cycle()))
    child.close()
    books.change(CHANGED)
    server.publish(books.packed())
    child = Child(uri, database.name, server.url)
    measured.append(("changed, process just started", child.cycle()))
    child.close()
    for name, figures in measured:
        label = f"poll: {figures['fixtures']:.0f} fixtures ({what}), {name}"
        memory = f"{figures['peak']:.0f} MB at most, {child.idle['resident']:.0f} at rest"
        rows.append((label, f"{figures['committed']:.2f} s to committed", memory))
        parts = [f"{name} {figures[name]:.1f} s" for name in ("received", "read", "settled", "cpu")]
        rows.append(("", ", ".join(parts), ""))
    return measured[1][1]["committed"]


def compare(database: Database[Document], books: Books, ours: float, rows: Rows) -> None:
    """The same change by simpler loops, measured on some fixtures."""
    count = 30
    for name, loop in (
        ("the same books and history, each document by its own operation", naive),
        ("one document a fixture, rows as they came, no history, no drops", barest),
    ):
        books.change(CHANGED)
        elements = [*books.elements()]
        seconds = loop(database, elements[:count]) * len(elements) / count
        rows.append((f"poll: {name}", f"{seconds:.1f} s", f"ours is {seconds / ours:.1f} x as fast"))


def naive(database: Database[Document], elements: list[bytes]) -> float:
    """Parse the whole answer, then per fixture find, compare and store, one document after the other."""
    rule = DropRule(Decimal("0.05"))
    store = BookStore(database, CLOCK, rule, timedelta(days=30))
    started = time.perf_counter()
    for item in json.loads(b"[" + b",".join(elements) + b"]"):
        element = read_odds(item, AnswerFacts())
        books = store.load([element.fixture.id])[element.fixture.id]
        for draft in plan(books, element.snapshots):
            history = store.commit([draft]).history
            for drop in drops_of(history, rule):
                database["price_drops"].insert_one(drop)
            for document in history:
                database["odds_history"].insert_one(document)
    return time.perf_counter() - started


def barest(database: Database[Document], elements: list[bytes]) -> float:
    """No reading of labels and prices, no history, no guard: the rows as text, and the changes, in one document."""
    collection = database["barest"]

    def store(items: list[Document]) -> None:
        for item in items:
            known = collection.find_one({"_id": item["id"]}) or {}
            updates = changes(known, item)
            collection.update_one({"_id": item["id"]}, {"$set": {**item, "updates": updates}}, upsert=True)

    store(json.loads(b"[" + b",".join(elements) + b"]"))
    return timed(lambda: store(json.loads(b"[" + b",".join(elements) + b"]")))


def changes(known: Document, item: Document) -> list[Document]:
    """Which prices differ."""
    found: list[Document] = []
    old = {market["name"]: market for market in known.get("bookmakers", {}).get(BOOKMAKER, ())}
    for market in item["bookmakers"][BOOKMAKER]:
        rows = {(row.get("label"), row.get("hdp")): row for row in old.get(market["name"], {}).get("odds", ())}
        for row in market["odds"]:
            before = rows.get((row.get("label"), row.get("hdp")), {})
            found += [
                {"market": market["name"], "side": side, "old": before.get(side), "new": row.get(side)}
                for side in SIDES
                if row.get(side) != before.get(side)
            ]
    return found


def timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started
