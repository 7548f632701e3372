"""One round of the grader in a process of its own: `grade_child.py URI DATABASE` prints seconds and memory."""

from __future__ import annotations

import json
import resource
import sys
import threading
import time
from dataclasses import dataclass
from typing import NoReturn

from pymongo import MongoClient

from PROPPR.SharedServices.grading.scheduler.unified_grading_scheduler import UnifiedGradingScheduler
from PROPPR.SharedServices.service.errors import SourceChanged
from PROPPR.SharedServices.service.settings import load_settings


@dataclass(frozen=True)
class Health:
    """How a source is that nobody asks."""

    healthy: bool = True
    detail: str = "not asked"


class NoSource:
    """A source that knows no match: everything is in the store."""

    def match(self, match_id: int) -> NoReturn:
        """Say so."""
        raise SourceChanged(f"match {match_id} is not known")

    def state(self) -> Health:
        """It is well."""
        return Health()


def main() -> None:
    """Grade everything that is stored."""
    uri, name = sys.argv[1:]
    client: MongoClient[dict[str, object]] = MongoClient(uri, tz_aware=True, w="majority", journal=True)
    settings = load_settings({"MONGO_URI": uri}, None)
    before = _peak()
    started = time.perf_counter()
    grader = UnifiedGradingScheduler(
        database=client[name], settings=settings, source=NoSource(), stop=threading.Event()
    )
    report = grader.run_once()
    seconds = time.perf_counter() - started
    grader.close()
    settled = sum(report.settled.values())
    print(json.dumps({"seconds": seconds, "before": before, "peak": _peak(), "settled": settled}))


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


if __name__ == "__main__":
    main()
