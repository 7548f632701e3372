"""What MongoDB does for a reading: every query that it sends, and whether one of them reads a whole collection."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from pymongo import MongoClient
from pymongo.database import Database
from pymongo.monitoring import CommandFailedEvent, CommandListener, CommandStartedEvent, CommandSucceededEvent

Document = dict[str, Any]
ASKED: Final = ("find", "aggregate", "distinct", "count")
_SENT_ALONG: Final = ("lsid", "$db", "$clusterTime", "$readPreference", "txnNumber", "readConcern", "maxTimeMS")


class Queries(CommandListener):
    """Takes down the queries of a client."""

    def __init__(self) -> None:
        self.commands: list[Document] = []

    def started(self, event: CommandStartedEvent) -> None:
        if event.command_name in ASKED:
            self.commands.append({name: value for name, value in event.command.items() if name not in _SENT_ALONG})

    def succeeded(self, event: CommandSucceededEvent) -> None:
        pass

    def failed(self, event: CommandFailedEvent) -> None:
        pass


@contextmanager
def listening(uri: str, name: str) -> Iterator[tuple[Database[Document], Queries]]:
    """The database of this name through a client whose queries are taken down."""
    queries = Queries()
    with MongoClient[Document](uri, tz_aware=True, event_listeners=[queries]) as client:
        yield client[name], queries


def whole_scans(database: Database[Document], queries: Queries) -> set[str]:
    """The collections that one of the queries reads from end to end."""
    found = set()
    for command in queries.commands:
        explained: Document = {**command, "cursor": {}} if "aggregate" in command else command
        plan = database.command({"explain": explained, "verbosity": "queryPlanner"})
        if "COLLSCAN" in _stages(plan):
            found.add(str(next(iter(command.values()))))
    return found


def unbounded(queries: Queries) -> list[Document]:
    """The queries that could return or look at any number of documents."""
    return [command for command in queries.commands if not _is_bounded(command)]


def _is_bounded(command: Document) -> bool:
    if "find" in command:
        by_key = {"_id", "id", "fixture_id", "fotmob_match_id"} & set(command.get("filter", {}))
        return bool(command.get("limit") or command.get("singleBatch") or by_key)
    if "aggregate" in command:
        return any("$limit" in stage or "_id" in stage.get("$match", {}) for stage in command["pipeline"])
    return True


def _stages(plan: Any) -> set[str]:
    if isinstance(plan, list):
        return set().union(*map(_stages, plan))
    if not isinstance(plan, dict):
        return set()
    own = {plan["stage"]} if isinstance(plan.get("stage"), str) else set()
    return own.union(*(_stages(value) for name, value in plan.items() if name != "rejectedPlans"))
