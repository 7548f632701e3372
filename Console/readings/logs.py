"""Search in the errors of all processes: by service, level, time and words, newest first, page by page.

Nothing that a person types becomes a pattern or an operator: words are escaped and looked for as they are. One page
looks at most at `LOOKED_AT` entries, however rare the words are, and says how far back that was.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from bson import ObjectId
from pymongo.errors import ExecutionTimeout, NetworkTimeout

from PROPPR.Console.readings.bounds import LOOKED_AT, bounded, each_word
from PROPPR.SharedServices.odds.times import milliseconds_of, moment_of
from PROPPR.SharedServices.service.log_sink import COLLECTION
from PROPPR.SharedServices.service.mongo_types import MongoDatabase

LEVELS: Final = ("ERROR", "CRITICAL")
PAGE: Final = 50
MOST_SERVICES: Final = 50
_LONGEST_EXTRA: Final = 2_000
_TEXTS: Final = ("message", "logger", "instance", "traceback")
_SHOWN: Final = ("timestamp", "service", "instance", "level", "logger", "message", "extra", "traceback")


@dataclass(frozen=True, slots=True)
class Position:
    """A place in the order of the page: behind this entry it goes on."""

    at: datetime
    id: ObjectId

    def __str__(self) -> str:
        return f"{milliseconds_of(self.at)}-{self.id}"

    @classmethod
    def read(cls, text: str) -> Position | None:
        """Read what str() wrote; None for anything else."""
        match = re.fullmatch(r"(\d{1,14})-([0-9a-f]{24})", text, re.ASCII)
        if match is None:
            return None
        return cls(moment_of(int(match[1])), ObjectId(match[2]))


@dataclass(frozen=True, slots=True)
class LogFilter:
    """What is looked for; empty means all. All `words` are in the entry, in any order, upper case or not."""

    service: str = ""
    level: str = ""
    since: datetime | None = None
    until: datetime | None = None
    words: str = ""
    before: Position | None = None


@dataclass(frozen=True, slots=True)
class LogLine:
    """One entry. `extra` are its details as text."""

    id: str
    at: datetime
    service: str
    instance: str
    level: str
    logger: str
    message: str
    extra: tuple[tuple[str, str], ...]
    traceback: str


@dataclass(frozen=True, slots=True)
class LogPage:
    """Newest first. `older`: where the next page begins, None at the end; `looked_to`: how far back was looked where
    the page is not full; `took_too_long`: MongoDB gave up, and something narrower has to be asked."""

    lines: tuple[LogLine, ...] = ()
    older: Position | None = None
    looked_to: datetime | None = None
    took_too_long: bool = False


def printable(text: str) -> str:
    """What a person typed without what is no character: MongoDB refuses some of those in a search."""
    return "".join(character if character.isprintable() else " " for character in text)


def read_services(database: MongoDatabase) -> tuple[str, ...]:
    """The services that have logged anything, sorted."""
    with bounded():
        return tuple(sorted(map(str, database[COLLECTION].distinct("service")))[:MOST_SERVICES])


def read_logs(database: MongoDatabase, chosen: LogFilter) -> LogPage:
    """One page. Raises pymongo's errors but for the time limit, which the page tells."""
    try:
        with bounded():
            found = list(database[COLLECTION].aggregate(stages_of(chosen)))
            if len(found) > PAGE:
                return LogPage(tuple(map(_line, found[:PAGE])), _position(found[PAGE - 1]))
            edge = _edge(database, chosen) if _filters(chosen) else None
    except (ExecutionTimeout, NetworkTimeout):
        return LogPage(took_too_long=True)
    return LogPage(tuple(map(_line, found)), edge, edge.at if edge is not None else None)


def stages_of(chosen: LogFilter) -> list[dict[str, Any]]:
    """The aggregation of a page: by an index as far as it goes, then through a bounded number of entries."""
    rest = _filters(chosen)
    stages: list[dict[str, Any]] = [{"$match": _range(chosen)}, {"$sort": {"timestamp": -1, "_id": -1}}]
    if rest:
        stages += [{"$limit": LOOKED_AT}, {"$set": {"_details": _DETAILS}}, {"$match": {"$and": rest}}]
    return [*stages, {"$limit": PAGE + 1}, {"$project": dict.fromkeys(_SHOWN, 1)}]


def _range(chosen: LogFilter) -> dict[str, Any]:
    """What an index serves: service and time."""
    begin = chosen.since or moment_of(0)
    bounds: dict[str, Any] = {"timestamp": {"$gte": begin} | ({"$lte": chosen.until} if chosen.until else {})}
    if chosen.service:
        bounds["service"] = chosen.service
    before = chosen.before
    if before is not None:
        newest = min(before.at, chosen.until) if chosen.until else before.at
        bounds["timestamp"] = {"$gte": begin, "$lte": newest}
        bounds["$or"] = [{"timestamp": {"$lt": before.at}}, {"_id": {"$lt": before.id}}]
    return bounds


def _filters(chosen: LogFilter) -> list[dict[str, Any]]:
    """What no index serves: the level and the words."""
    conditions: list[dict[str, Any]] = [{"level": chosen.level}] if chosen.level else []
    return conditions + each_word(chosen.words, (*_TEXTS, "_details"))


# Details are of any type: what has no text of its own is not searched.
_DETAILS: Final[Mapping[str, Any]] = {
    "$reduce": {
        "input": {"$objectToArray": {"$ifNull": ["$extra", {}]}},
        "initialValue": "",
        "in": {"$concat": [
            "$$value", " ", "$$this.k", "=",
            {"$convert": {"input": "$$this.v", "to": "string", "onError": "", "onNull": ""}},
        ]},
    }
}  # fmt: skip


def _edge(database: MongoDatabase, chosen: LogFilter) -> Position | None:
    """The last of the entries that one page looks at, None where it looked at all there are."""
    found = (
        database[COLLECTION].find(_range(chosen), {"timestamp": 1})
        .sort([("timestamp", -1), ("_id", -1)]).skip(LOOKED_AT - 1).limit(1)
    )  # fmt: skip
    return next(map(_position, found), None)


def _position(document: Mapping[str, Any]) -> Position:
    return Position(document["timestamp"], document["_id"])


def _line(document: Mapping[str, Any]) -> LogLine:
    extra = document.get("extra") or {}
    return LogLine(
        id=str(document["_id"]),
        at=document["timestamp"],
        service=str(document.get("service", "")),
        instance=str(document.get("instance", "")),
        level=str(document.get("level", "")),
        logger=str(document.get("logger", "")),
        message=str(document.get("message", "")),
        extra=_texts(list(extra.items())) if isinstance(extra, Mapping) else (),
        traceback=str(document.get("traceback", "")),
    )


def _texts(items: Sequence[tuple[str, object]]) -> tuple[tuple[str, str], ...]:
    return tuple((str(name), str(value)[:_LONGEST_EXTRA]) for name, value in items)
