"""Who of the fleet lives, how each service is and what is wrong with it, out of the heartbeats. Only read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from PROPPR.Console.readings.bounds import bounded
from PROPPR.Console.readings.check_words import SERVICES, entry_of, entry_of_state, title_of, words_of
from PROPPR.SharedServices.odds.times import moment_of
from PROPPR.SharedServices.service.heartbeat import COLLECTION, SILENT_AFTER
from PROPPR.SharedServices.service.latency import Latency
from PROPPR.SharedServices.service.mongo_types import MongoDatabase

State = Literal["healthy", "degraded", "unhealthy", "silent", "stopped", "replaced", "absent"]
MOST: Final = 200
ENDED_SHOWN: Final = 3
"""Ended processes of a service that are shown while none of it runs."""
_RANKS: Final[Mapping[str, int]] = {"healthy": 0, "degraded": 1, "unhealthy": 2, "silent": 3}


@dataclass(frozen=True, slots=True)
class FailingCheck:
    """A check that is not ok. `entry` is the anchor of what the runbook says of it."""

    name: str
    words: str
    detail: str
    severity: str
    since: datetime | None
    entry: str


@dataclass(frozen=True, slots=True)
class Process:
    """One process as its last heartbeat had it. `since`: when its state began; `standby`: another one works."""

    service: str
    instance: str
    host: str
    pid: int | None
    version: str
    state: State
    since: datetime | None
    started_at: datetime | None
    beat_at: datetime
    queue: int | None
    last_update: datetime | None
    latency: Latency | None
    standby: bool
    failing: tuple[FailingCheck, ...]

    @property
    def runs(self) -> bool:
        """Whether it should be there: it neither ended on purpose nor was it replaced."""
        return self.state in _RANKS

    @property
    def uptime(self) -> float | None:
        """Seconds from its start to its last heartbeat."""
        return None if self.started_at is None else max(0.0, (self.beat_at - self.started_at).total_seconds())


@dataclass(frozen=True, slots=True)
class Service:
    """A service with its processes, of which the worst one makes its state. `entry`: the runbook's anchor, or empty."""

    name: str
    title: str
    state: State
    since: datetime | None
    entry: str
    processes: tuple[Process, ...]


def read_services(database: MongoDatabase) -> tuple[Service, ...]:
    """The services that should run, then whatever else beats. Silence is judged by MongoDB's clock."""
    # By the one index that there is; it brings those that beat before those that have ended.
    stages: list[dict[str, Any]] = [
        {"$match": {"expires_at": {"$gt": moment_of(0)}}},
        {"$sort": {"expires_at": -1}},
        {"$limit": MOST},
        {"$set": {"silent_ms": {"$subtract": ["$$NOW", "$beat_at"]}}},
    ]
    with bounded():
        found = [_process(document) for document in database[COLLECTION].aggregate(stages)]
    names = [*SERVICES, *sorted({each.service for each in found} - set(SERVICES))]
    return tuple(_service(name, [each for each in found if each.service == name]) for name in names)


def _service(name: str, processes: Sequence[Process]) -> Service:
    running = sorted((each for each in processes if each.runs), key=_order)
    ended = sorted((each for each in processes if not each.runs), key=lambda each: each.beat_at, reverse=True)
    shown = tuple(running) or tuple(ended[:ENDED_SHOWN])
    if not shown:
        return Service(name, title_of(name), "absent", None, entry_of_state("absent"), ())
    first = shown[0]
    return Service(name, title_of(name), first.state, first.since, entry_of_state(first.state), shown)


def _order(process: Process) -> tuple[int, bool, str]:
    """The worst first; of the well ones the one that works before its standby."""
    return -_RANKS[process.state], process.standby, process.instance


def _process(document: Mapping[str, Any]) -> Process:
    state = _state(document)
    service = str(document.get("service", ""))
    checks = [check for check in document.get("checks") or () if isinstance(check, Mapping)]
    since = document["beat_at"] if state in ("silent", "stopped", "replaced") else document.get("status_since")
    return Process(
        service=service,
        instance=str(document.get("instance", "")),
        host=str(document.get("host", "")),
        pid=document.get("pid"),
        version=str(document.get("version", "")),
        state=state,
        since=since,
        started_at=document.get("started_at"),
        beat_at=document["beat_at"],
        queue=document.get("queue_size"),
        last_update=document.get("last_update"),
        latency=_latency(document.get("latency")),
        standby=any(check.get("ok") and str(check.get("detail", "")).startswith("standby") and check["name"] == "lease"
                    for check in checks),
        failing=tuple(_failing(service, checks)),
    )  # fmt: skip


def _state(document: Mapping[str, Any]) -> State:
    if document.get("state") in ("stopped", "replaced"):
        return "stopped" if document["state"] == "stopped" else "replaced"
    if document["silent_ms"] > SILENT_AFTER * 1000:
        return "silent"
    status = document.get("status")
    return status if status in ("healthy", "degraded", "unhealthy") else "unhealthy"


def _failing(service: str, checks: Iterable[Mapping[str, Any]]) -> list[FailingCheck]:
    failing = [
        FailingCheck(
            str(check["name"]),
            words_of(service, str(check["name"])),
            str(check.get("detail", "")),
            str(check.get("severity", "")),
            check.get("failing_since"),
            entry_of(service, str(check["name"])),
        )
        for check in checks
        if not check.get("ok")
    ]
    return sorted(failing, key=lambda each: each.severity != "unhealthy")


def _latency(stored: Mapping[str, Any] | None) -> Latency | None:
    if not stored:
        return None
    return Latency(stored["p50_s"], stored["p99_s"], int(stored["count"]), stored["window_s"])
