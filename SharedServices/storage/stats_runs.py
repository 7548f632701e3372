"""How far each run has come: what a process that takes over a run after a kill need not do again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from pymongo import ReturnDocument
from pymongo.database import Database

from PROPPR.SharedServices.service.clock import Clock

Document = dict[str, Any]
COLLECTION: Final = "stats_runs"
LONGEST_TEXT: Final = 500


@dataclass(frozen=True, slots=True)
class RunState:
    """A run: `steps` done per league; `finished_at` None while it is under way."""

    run_id: str
    job: str
    due: datetime
    started_at: datetime
    finished_at: datetime | None = None
    steps: Mapping[int, frozenset[str]] = field(default_factory=dict)

    def is_done(self, league_id: int, step: str) -> bool:
        """Whether the step needs no repetition in this run."""
        return step in self.steps.get(league_id, frozenset())


@dataclass(frozen=True, slots=True)
class EndedRun:
    """A run that came to its end: when, and what it did, in numbers by name."""

    run_id: str
    finished_at: datetime
    summary: Mapping[str, Any] = field(default_factory=dict)


class RunLog:
    """The collection `stats_runs`: one document per job and moment it was due. Raises pymongo's errors."""

    def __init__(self, database: Database[Document], clock: Clock) -> None:
        self._runs = database[COLLECTION]
        self._clock = clock

    def begin(self, job: str, due: datetime, holder: str = "") -> RunState:
        """Begin the run, or take it up where an earlier process left it. It may be finished already."""
        begun = {"job": job, "due": due, "started_at": self._clock.now(), "finished_at": None, "leagues": {}}
        document = self._runs.find_one_and_update(
            {"_id": run_id_of(job, due)},
            {"$setOnInsert": begun, "$set": {"holder": holder}, "$inc": {"attempts": 1}},
            upsert=True,
            return_document=ReturnDocument.AFTER,
        )
        return _decode(document or {})

    def get(self, job: str, due: datetime) -> RunState | None:
        """The run of a job that was due then; None if it was never begun."""
        document = self._runs.find_one({"_id": run_id_of(job, due)})
        return None if document is None else _decode(document)

    def unfinished(self, job: str, within: timedelta) -> RunState | None:
        """The newest run of a job that was begun within the last while and did not end."""
        recent = {"job": job, "finished_at": None, "started_at": {"$gte": self._clock.now() - within}}
        document = self._runs.find_one(recent, sort=[("due", -1)])
        return None if document is None else _decode(document)

    def last_ended(self) -> EndedRun | None:
        """The run of any job that ended last."""
        document = self._runs.find_one({"finished_at": {"$ne": None}}, sort=[("finished_at", -1)])
        if document is None:
            return None
        return EndedRun(document["_id"], document["finished_at"], document.get("summary") or {})

    def step_done(self, run_id: str, league_id: int, step: str) -> None:
        """Note a step. Only after all that it writes is stored."""
        self._runs.update_one({"_id": run_id}, {"$addToSet": {f"leagues.{league_id}.steps": step}})

    def league_failed(self, run_id: str, league_id: int, step: str, error: str) -> None:
        """Note why a league went no further in this run."""
        failure = {"step": step, "error": error[:LONGEST_TEXT], "at": self._clock.now()}
        self._runs.update_one({"_id": run_id}, {"$set": {f"leagues.{league_id}.failed": failure}})

    def finish(self, run_id: str, summary: Mapping[str, Any]) -> None:
        """End the run."""
        done = {"finished_at": self._clock.now(), "summary": dict(summary)}
        self._runs.update_one({"_id": run_id}, {"$set": done})


def run_id_of(job: str, due: datetime) -> str:
    """The identity of a run: two processes that find the same job due mean the same run."""
    return f"{job}@{due.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _decode(document: Mapping[str, Any]) -> RunState:
    leagues = document.get("leagues", {})
    return RunState(
        run_id=document["_id"],
        job=document["job"],
        due=document["due"],
        started_at=document["started_at"],
        finished_at=document.get("finished_at"),
        steps={int(league_id): frozenset(entry.get("steps", ())) for league_id, entry in leagues.items()},
    )
