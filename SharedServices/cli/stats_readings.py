"""How the statistics are, for `proppr status`, `doctor` and the live picture: the last run, how much there is. Read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from pymongo.database import Database

from PROPPR.SharedServices.service.clock import Clock
from PROPPR.SharedServices.service.settings import Settings
from PROPPR.SharedServices.tracking.fotmob_budget import fotmob_budget
from PROPPR.SharedServices.tracking.usage import Usage

Documents = Database[dict[str, Any]]
SERVICE: Final = "status"
COUNTED: Final = ("team_stats", "player_stats", "predicted_lines", "player_projections")


@dataclass(frozen=True)
class RunReading:
    """The newest run. `finished_at` None while it is under way, or was cut off; `numbers` then count leagues only."""

    run_id: str
    started_at: datetime
    finished_at: datetime | None
    numbers: Mapping[str, int]


@dataclass(frozen=True)
class StatsReading:
    """All of it: the newest run, the newest that ended, the numbers of documents and of mappings, FotMob's budget."""

    run: RunReading | None = None
    ended: RunReading | None = None
    counts: Mapping[str, int] | None = None
    mapped: int = 0
    unresolved: int = 0
    budget: Usage | None = None
    now: datetime | None = None


def read_stats(database: Documents, settings: Settings, clock: Clock) -> StatsReading:
    """Read it. Raises pymongo's errors and TransientError."""
    mappings = database["fixture_mappings"]
    coming = {"kickoff": {"$gte": clock.now() - timedelta(days=1)}}
    return StatsReading(
        run=read_last_run(database),
        ended=read_last_run(database, ended=True),
        counts={name: database[name].estimated_document_count() for name in COUNTED},
        mapped=mappings.count_documents({**coming, "fotmob_match_id": {"$exists": True}}),
        unresolved=mappings.count_documents({**coming, "status": "unresolved"}),
        budget=fotmob_budget(settings, database, service=SERVICE, clock=clock).usage(),
        now=clock.now(),
    )


def read_last_run(database: Documents, *, ended: bool = False) -> RunReading | None:
    """The newest run, or the newest that ended; None where there is none."""
    condition: dict[str, Any] = {"finished_at": {"$ne": None}} if ended else {}
    document = database["stats_runs"].find_one(condition, sort=[("started_at", -1)])
    if document is None:
        return None
    leagues = document.get("leagues") or {}
    counted = {
        "leagues": len(leagues),
        "updated": sum(1 for each in leagues.values() if "update" in (each.get("steps") or ())),
        "failed": sum(1 for each in leagues.values() if each.get("failed")),
    }
    numbers = {**counted, **(document.get("summary") or {})}
    return RunReading(str(document["_id"]), document["started_at"], document.get("finished_at"), numbers)


def run_words(run: RunReading | None, now: datetime) -> str:
    """A run in one line."""
    if run is None:
        return "none yet"
    numbers = run.numbers
    if run.finished_at is None:
        return f"{run.run_id}, {numbers['updated']} of {numbers['leagues']} listed leagues worked up, not finished"
    failed = f", {numbers['failed']} with problems" if numbers.get("failed") else ""
    return f"{run.run_id}, ended {age_words(now - run.finished_at)} ago: {numbers['leagues']} leagues{failed}"


def stats_line(reading: StatsReading) -> str:
    """The statistics in one line; empty where no run was ever begun."""
    if reading.run is None or reading.now is None:
        return ""
    counts = reading.counts or {}
    parts = [
        f"statistics: {run_words(reading.run, reading.now)}",
        f"{counts.get('predicted_lines', 0):,} fixtures predicted",
    ]
    parts += [f"{reading.unresolved:,} without a match"] if reading.unresolved else []
    if reading.budget is not None:
        parts.append(f"{reading.budget.used:,} of {reading.budget.limit:,} FotMob requests in 24 h")
    return "; ".join(parts)


def age_words(age: timedelta) -> str:
    """A length of time as a person says it."""
    minutes = max(0, round(age.total_seconds() / 60))
    if minutes < 120:
        return f"{minutes} min"
    return f"{minutes // 60} h" if minutes < 48 * 60 else f"{minutes // 1440} days"
