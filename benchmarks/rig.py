"""What the benchmarks run: the updater's path from frame to store, and simpler loops to compare it with."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import msgspec
from pymongo import UpdateOne
from pymongo.database import Database

from PROPPR.SharedServices.odds.drops import DropRule
from PROPPR.SharedServices.odds.wire import OddsMessage, decode_frame
from PROPPR.SharedServices.service.clock import SystemClock
from PROPPR.SharedServices.storage.books.store import BookStore
from PROPPR.SharedServices.storage.books.worker import Listener
from PROPPR.SharedServices.storage.books.writer import BookWriter, WriterOptions

Document = dict[str, Any]
CLOCK = SystemClock()


@dataclass(slots=True)
class Latencies:
    """Seconds from frame received to majority-committed."""

    values: list[float] = field(default_factory=list)

    def quantile(self, share: float) -> float:
        """Milliseconds; 0 where nothing was measured."""
        ordered = sorted(self.values)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1000 if ordered else 0.0


class Ours:
    """decode -> intake -> merge -> compare-and-set bulk -> history, as the updater runs it."""

    def __init__(
        self, database: Database[Document], options: WriterOptions | None = None, listeners: Sequence[Listener] = ()
    ) -> None:
        self.latencies = Latencies()
        self.deepest = 0
        self._done = 0
        self._lock = threading.Lock()
        store = BookStore(database, CLOCK, DropRule(Decimal("0.05")))
        self.writer = BookWriter(
            store, CLOCK, on_done=self._on_done, set_aside=self._refuse, listeners=listeners,
            options=options or WriterOptions(),
        )  # fmt: skip
        self._ticket = 0

    def __enter__(self) -> Ours:
        self.writer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.writer.stop(CLOCK.monotonic() + 30)

    def feed(self, frame: str) -> None:
        received = CLOCK.monotonic()
        for message in decode_frame(frame, CLOCK.now_ms()).messages:
            assert isinstance(message, OddsMessage)
            self._ticket += 1
            self.writer.submit(message.updates, ticket=self._ticket, received_at=received)
        self.deepest = max(self.deepest, self.writer.pending)

    def wait(self, timeout: float = 120) -> None:
        """Until all that was fed is stored."""
        deadline = CLOCK.monotonic() + timeout
        pause = threading.Event()
        while self._done < self._ticket:
            assert CLOCK.monotonic() < deadline, f"{self._ticket - self._done} messages not stored after {timeout} s"
            pause.wait(0.002)

    def _on_done(self, tickets: Sequence[int], received: Sequence[float]) -> None:
        now = CLOCK.monotonic()
        with self._lock:
            self._done += len(tickets)
            self.latencies.values.extend(now - at for at in received)

    def _refuse(self, kind: str, reason: str, document: object) -> None:
        raise AssertionError(f"{kind}: {reason}")


class Naive:
    """The naive loop: json.loads, then one update_one per message into the fixture's document."""

    def __init__(self, database: Database[Document]) -> None:
        self._fixtures = database["naive"]

    def prepare(self, frames: Iterable[str]) -> None:
        documents: dict[str, Document] = {}
        for frame in frames:
            message = json.loads(frame)
            book = documents.setdefault(message["id"], {"_id": message["id"]})
            for market in message["markets"]:
                markets = book.setdefault("bookmakers", {}).setdefault(message["bookie"], {})
                markets[market["name"]] = _converted(market)
        self._fixtures.insert_many(documents.values())

    def feed(self, frame: str) -> None:
        message = json.loads(frame)
        book = f"bookmakers.{message['bookie']}"
        values = {f"{book}.{market['name']}": _converted(market) for market in message["markets"]}
        self._fixtures.update_one({"_id": message["id"]}, {"$set": values}, upsert=True)


class Barest:
    """The barest loop that writes the same documents: decode, one bulk of `$set`s of the markets for what waits.

    No merge, no guard, no history: the least latency that these writes can have on this machine.
    """

    def __init__(self, database: Database[Document]) -> None:
        self._books = database["odds_books"]
        self._decode = msgspec.json.decode
        self.latencies = Latencies()

    def run(self, paced: Iterable[tuple[float, str]]) -> None:
        waiting: list[tuple[float, str]] = []
        finished = threading.Event()
        lock = threading.Condition()

        def write() -> None:
            while True:
                with lock:
                    while not waiting:
                        if finished.is_set():
                            return
                        lock.wait(0.05)
                    batch = waiting[:]
                    waiting.clear()
                self._books.bulk_write([self._operation(frame) for _, frame in batch], ordered=False)
                now = CLOCK.monotonic()
                self.latencies.values.extend(now - received for received, _ in batch)

        writer = threading.Thread(target=write)
        writer.start()
        for received, frame in paced:
            with lock:
                waiting.append((received, frame))
                lock.notify()
        finished.set()
        writer.join()

    def _operation(self, frame: str) -> UpdateOne:
        message = self._decode(frame)
        values = {f"markets.{market['name']}": _converted(market) for market in message["markets"]}
        return UpdateOne({"_id": f"{message['id']}|{message['bookie']}|team"}, {"$set": values})


def paced(frames: Iterable[str], rate: float) -> Iterable[tuple[float, str]]:
    """Yield (time received, frame) at `rate` a second; never catches up faster than one burst of what is late."""
    pause = threading.Event()
    start = CLOCK.monotonic()
    for index, frame in enumerate(frames):
        due = start + index / rate
        ahead = due - CLOCK.monotonic()
        if ahead > 0.0002:
            pause.wait(ahead)
        yield CLOCK.monotonic(), frame


def per_second(count: int, started: float) -> float:
    """Rate since a perf_counter reading."""
    return count / (time.perf_counter() - started)


def _converted(market: Document) -> Document:
    rows = [{key: float(value) for key, value in row.items()} for row in market["odds"]]
    return {"name": market["name"], "updatedAt": market["updatedAt"], "odds": rows}
