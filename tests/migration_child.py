"""Two slow migrations that would show every repetition, and a process that runs them: URI, database, holder."""

from __future__ import annotations

import sys
import threading
from typing import Any

from pymongo import MongoClient

from PROPPR.SharedServices.service.clock import SystemClock
from PROPPR.SharedServices.storage import migrations
from PROPPR.SharedServices.storage.migrations import Migration, Step, migrate

DOCUMENTS = 300
VERSIONS = 2
PAUSE = threading.Event()


def _count(step: Step) -> None:
    def change(each: dict[str, Any]) -> dict[str, Any]:
        return {"$inc": {"count": 1}}

    step.each("things", {}, change)


def _name(step: Step) -> None:
    def change(each: dict[str, Any]) -> dict[str, Any]:
        return {"$push": {"names": "second"}}

    step.each("things", {"count": 1}, change)


MIGRATIONS = (Migration(1, "Count up", _count), Migration(2, "Append a name", _name))


def main() -> None:
    """Run them in batches of ten, with a short pause at each, so that a kill finds it in the middle."""
    migrations.BATCH = 10  # type: ignore[misc]
    store = Step.store

    def slow(self: Step, *arguments: Any) -> None:
        store(self, *arguments)
        PAUSE.wait(0.01)

    Step.store = slow  # type: ignore[method-assign]
    uri, name, holder = sys.argv[1:]
    with MongoClient[dict[str, Any]](uri, tz_aware=True, w="majority") as client:
        print(*migrate(client[name], MIGRATIONS, SystemClock(), holder=holder, ttl=1.0))


if __name__ == "__main__":
    main()
