"""Backfills: which fixtures were chosen to be read again, and how far that has come, so that it survives kill -9."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from bson import Int64
from pymongo import DESCENDING
from pymongo.database import Database

from PROPPR.SharedServices.service.clock import Clock
from PROPPR.SharedServices.service.leases import COLLECTION as LEASES
from PROPPR.SharedServices.service.leases import LeaseLost, fenced_update
from PROPPR.SharedServices.service.mongo_types import MongoCollection

Document = dict[str, Any]
COLLECTION: Final = "backfills"
LEASE_PREFIX: Final = "backfill:"
KEPT: Final = timedelta(days=30)
# Their ids stand in the job's one document, which must stay far below MongoDB's 16 MB.
MOST_FIXTURES: Final = 20_000
LONGEST_REASON: Final = 150


@dataclass(frozen=True, slots=True)
class Selection:
    """Which fixtures are to be read, at which bookmakers: the intersection of what is named; empty does not limit.

    `leagues` are (country, league) as the registry has them, `sports` slugs; `since` and `until` bound the kick-off,
    both included.
    """

    ids: tuple[int, ...] = ()
    leagues: tuple[tuple[str, str], ...] = ()
    sports: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    bookmakers: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """The same for the same selection, in whatever order it was named."""
        ordered = [
            sorted(set(self.ids)), sorted(set(self.leagues)), sorted(set(self.sports)),
            *(None if at is None else at.isoformat() for at in (self.since, self.until)), sorted(set(self.bookmakers)),
        ]  # fmt: skip
        return hashlib.sha256(json.dumps(ordered).encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Job:
    """One backfill. `done` are the fixtures read and stored, in that order: `read` with prices, `absent` without.

    `requests` counts what was granted by the budget, over all runs; `registered` the fixtures that were looked up;
    `failed` is why others could not be read in the last run, `refused` the bookmakers that the provider refused in it.
    """

    selection: Selection
    started_at: datetime
    updated_at: datetime
    finished_at: datetime | None = None
    done: tuple[int, ...] = ()
    read: int = 0
    absent: int = 0
    requests: int = 0
    registered: int = 0
    failed: Mapping[int, str] = field(default_factory=dict)
    refused: tuple[str, ...] = ()


class BackfillStore:
    """The collection `backfills`. Raises pymongo's errors."""

    def __init__(self, database: Database[Document], clock: Clock) -> None:
        self._jobs = database[COLLECTION]
        self._leases = database[LEASES]
        self._clock = clock

    def load(self, key: str) -> Job | None:
        """A job by its selection's key."""
        document = self._jobs.find_one({"_id": key})
        return None if document is None else _decode(document)

    def last_unfinished(self) -> Job | None:
        """The unfinished job that was worked on last."""
        document = self._jobs.find_one({"finished_at": None}, sort=[("updated_at", DESCENDING)])
        return None if document is None else _decode(document)

    def hold(self, selection: Selection, fence: Callable[[], int]) -> HeldJob:
        """The job of this selection for the holder of its lease; `fence` is the lease's `guard`."""
        return HeldJob(self._jobs, selection, fence, self._clock)

    def lease_renewed_at(self, key: str) -> datetime | None:
        """When the holder of the job's lease last showed that it lives."""
        lease = self._leases.find_one({"_id": LEASE_PREFIX + key}, {"renewed_at": 1})
        return None if lease is None else lease.get("renewed_at")

    def forget_old_leases(self) -> None:
        """The leases of jobs that are kept no longer have no use either."""
        old = self._clock.now() - KEPT
        self._leases.delete_many({"_id": {"$regex": f"^{LEASE_PREFIX}"}, "expires_at": {"$lt": old}})


class TakenOver(LeaseLost):
    """Another process works on the job, or has since we last wrote it: what we know of it is out of date."""


class HeldJob:
    """Writes one job, while its lease is ours; begins with `begin` or `resume`. A write may be repeated without harm.

    Raises pymongo's errors, LeaseLost while it is not sure that the lease is ours, and TakenOver.
    """

    def __init__(self, jobs: MongoCollection, selection: Selection, fence: Callable[[], int], clock: Clock) -> None:
        self._jobs = jobs
        self._selection = selection
        self._key = selection.key
        self._fence = fence
        self._clock = clock
        self._written = 0

    def begin(self) -> Job:
        """Start the job, in place of an earlier one of the same selection."""
        now = self._clock.now()
        job = Job(self._selection, started_at=now, updated_at=now)
        self._take({"$set": _encode(job)})
        return job

    def resume(self) -> None:
        """Go on with the job: what failed is tried again, who was refused is asked again."""
        self._take({"$set": {"failed": {}, "refused": []}})

    def spent(self, requests: int) -> None:
        """So many requests were granted in all runs together."""
        self._update({"$set": {"requests": requests}})

    def registered(self, fixtures: int) -> None:
        """So many fixtures were looked up and registered in all runs together."""
        self._update({"$set": {"registered": fixtures}})

    def stored(self, ids: Sequence[int], *, read: int, absent: int) -> None:
        """These fixtures' books are stored for good; now it is `read` with and `absent` without prices altogether."""
        done = {"done": {"$each": [Int64(each) for each in ids]}}
        self._update({"$addToSet": done, "$set": {"read": read, "absent": absent}})

    def fail(self, ids: Iterable[int], reason: str) -> None:
        """These fixtures can't be read."""
        self._update({"$set": {f"failed.{each}": reason[:LONGEST_REASON] for each in ids}})

    def refuse(self, bookmakers: Sequence[str]) -> None:
        """The provider refuses these bookmakers; the rest is read."""
        self._update({"$addToSet": {"refused": {"$each": list(bookmakers)}}})

    def finish(self) -> None:
        """Everything was read or failed."""
        self._update({"$set": {"finished_at": self._clock.now()}})

    def _take(self, change: Mapping[str, Mapping[str, Any]]) -> None:
        fence = self._fence()
        if not fenced_update(self._jobs, {"_id": self._key}, self._dated(change), fence):
            raise TakenOver("a younger process works on this backfill")
        self._written = fence

    def _update(self, change: Mapping[str, Mapping[str, Any]]) -> None:
        """Write, if nobody else has since we did: a lease that lapsed and came back may have been another's between."""
        fence = self._fence()
        dated = self._dated(change)
        dated["$set"]["fence"] = fence
        own = {"_id": self._key, "fence": {"$in": [self._written, fence]}}
        if not self._jobs.update_one(own, dated).matched_count:
            raise TakenOver("another process has taken this backfill over")
        self._written = fence

    def _dated(self, change: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
        values = {**change.get("$set", {}), "updated_at": self._clock.now()}
        return {**{operator: dict(fields) for operator, fields in change.items()}, "$set": values}


def _encode(job: Job) -> Document:
    chosen = job.selection
    return {
        "selection": {
            "ids": [Int64(each) for each in chosen.ids],
            "leagues": [{"country": country, "league": league} for country, league in chosen.leagues],
            "sports": list(chosen.sports),
            "since": chosen.since,
            "until": chosen.until,
            "bookmakers": list(chosen.bookmakers),
        },
        "started_at": job.started_at,
        "finished_at": job.finished_at,
        "done": [Int64(each) for each in job.done],
        "read": job.read,
        "absent": job.absent,
        "requests": job.requests,
        "registered": job.registered,
        "failed": {str(each): reason for each, reason in job.failed.items()},
        "refused": list(job.refused),
    }


def _decode(document: Document) -> Job:
    chosen = document["selection"]
    return Job(
        selection=Selection(
            ids=tuple(int(each) for each in chosen["ids"]),
            leagues=tuple((one["country"], one["league"]) for one in chosen["leagues"]),
            sports=tuple(chosen["sports"]),
            since=chosen["since"],
            until=chosen["until"],
            bookmakers=tuple(chosen["bookmakers"]),
        ),
        started_at=document["started_at"],
        updated_at=document["updated_at"],
        finished_at=document["finished_at"],
        done=tuple(int(each) for each in document["done"]),
        read=document["read"],
        absent=document["absent"],
        requests=document["requests"],
        registered=document["registered"],
        failed={int(each): reason for each, reason in document["failed"].items()},
        refused=tuple(document["refused"]),
    )
