"""Polls as the poller does, in a process of its own whose memory can be measured: answers, books, what follows.

`poll_child.py MONGO_URI DATABASE BASE_URL`; each line on standard input is a bookmaker to ask for, each line on
standard output the figures of that cycle as JSON.
"""

from __future__ import annotations

import gc
import json
import re
import sys
import threading
import time
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from pydantic import SecretStr
from pymongo import MongoClient

from PROPPR.SharedServices.ingest.pipeline import BookPipeline
from PROPPR.SharedServices.odds.rest import OddsElement
from PROPPR.SharedServices.odds.types import BookUpdate, Fixture
from PROPPR.SharedServices.providers.odds_api.client import OddsApiClient
from PROPPR.SharedServices.providers.odds_api.config import RestConfig
from PROPPR.SharedServices.service.clock import SystemClock
from PROPPR.SharedServices.service.metrics import Metrics
from PROPPR.SharedServices.service.redact import Redactor
from PROPPR.SharedServices.service.settings import Settings
from PROPPR.SharedServices.storage.fixtures import FixtureStore
from PROPPR.SharedServices.tracking.request_tracker import GlobalRequestTracker
from PROPPR.UnifiedAPIPoller.runners import run_unified_poller

CLOCK: Final = SystemClock()
PAUSE: Final = threading.Event()


class Numbers:
    """Nothing may be set aside."""

    def committed(self, received: Sequence[float]) -> None:
        pass

    def reject(self, reason: str) -> None:
        raise AssertionError(reason)


class Poll:
    """A client and a pipeline, put together as the poller's."""

    def __init__(self, uri: str, name: str, base_url: str) -> None:
        assert run_unified_poller  # what the service imports counts
        self._mongo: MongoClient[dict[str, Any]] = MongoClient(uri, tz_aware=True, w="majority", journal=True)
        database = self._mongo[name]
        settings = Settings()
        self._fixtures = FixtureStore(database, CLOCK)
        self._pipeline = BookPipeline(
            database, settings, CLOCK, Metrics(), Redactor(), Numbers(), service="unified-poller", source="api_poller"
        )
        self._client = OddsApiClient(
            RestConfig(base_url, SecretStr("key")),
            GlobalRequestTracker(1000, database=database),
            service="unified_poller",
        )
        self._pipeline.follower.start()
        self._pipeline.writer.start()

    def cycle(self, bookmaker: str) -> dict[str, float]:
        """One cycle: seconds from the request to the last byte, to all books committed, to all that follows."""
        started, used = CLOCK.monotonic(), time.process_time()
        feed = self._client.odds_updated(bookmaker, "football", CLOCK.now() - timedelta(seconds=50))
        received = CLOCK.monotonic()
        outstanding: set[int] = set()
        fixtures: list[Fixture] = []
        for element in feed.elements():
            assert isinstance(element, OddsElement)
            fixtures.append(element.fixture)
            updates: list[BookUpdate] = [*element.snapshots, *element.partial]
            ticket = self._pipeline.tickets.issue(outstanding.discard)
            outstanding.add(ticket)
            self._pipeline.writer.submit(updates, ticket=ticket, received_at=CLOCK.monotonic())
        read = CLOCK.monotonic()
        while outstanding:
            PAUSE.wait(0.002)
        committed = CLOCK.monotonic()
        while self._pipeline.writer.pending or self._pipeline.follower.pending:
            PAUSE.wait(0.002)
        settled = CLOCK.monotonic()
        cpu = round(time.process_time() - used, 2)
        self._fixtures.upsert_many(fixtures, "api_poller")
        times = {"received": received, "read": read, "committed": committed, "settled": settled}
        return (
            {name: round(at - started, 3) for name, at in times.items()}
            | memory()
            | {"fixtures": feed.count, "cpu": cpu}
        )

    def close(self) -> None:
        deadline = CLOCK.monotonic() + 30
        self._pipeline.writer.stop(deadline)
        self._pipeline.follower.stop(deadline)
        self._client.close()
        self._mongo.close()


def memory() -> dict[str, float]:
    """Resident megabytes now, and at most since the start."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    found = dict(re.findall(r"^(VmHWM|VmRSS):\s+(\d+) kB$", status, re.MULTILINE))
    return {"resident": round(int(found["VmRSS"]) / 1000), "peak": round(int(found["VmHWM"]) / 1000)}


def main() -> None:
    poll = Poll(*sys.argv[1:4])
    gc.collect()
    print(json.dumps(memory()), flush=True)
    for line in sys.stdin:
        print(json.dumps(poll.cycle(line.strip())), flush=True)
    poll.close()


if __name__ == "__main__":
    main()
