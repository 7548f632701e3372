"""Two services on one database whose every command to MongoDB may be preceded by something the other does.

No threads: what runs at once in reality is nested here, at the boundaries of commands, which is where it can matter.
A service's writer may store books while its own follower is at work, and either may be killed at any command.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from derived_rig import CLOCK, RETENTION
from pymongo import MongoClient, monitoring
from pymongo.database import Database
from support import eventually

from PROPPR.SharedServices.odds.drops import DropRule
from PROPPR.SharedServices.odds.types import BookUpdate, Source
from PROPPR.SharedServices.service.clock import Clock
from PROPPR.SharedServices.storage.books.store import BookStore
from PROPPR.SharedServices.storage.books.writer import BookWriter, WriterOptions
from PROPPR.SharedServices.storage.derived.chores import Rhythm
from PROPPR.SharedServices.storage.derived.follower import BooksFollower
from PROPPR.SharedServices.storage.derived.product import Product
from PROPPR.SharedServices.storage.fixtures import FixtureStore

Document = dict[str, Any]
Action = tuple[str, int, Any]
"""("commit", service, what) or ("turn", service, None) or ("kill", service, None) or ("rest", 0, None)."""
Products = Callable[[Database[Document], Source], Sequence[Product]]
SILENT = 0.1
WATCHED = frozenset({"find", "update", "delete", "distinct", "aggregate"})


class Killed(BaseException):
    """The service dies here: not an Exception, so that nothing of it goes on."""


class Service:
    """One process: what it has in memory is gone with it."""

    def __init__(
        self, database: Database[Document], products: Products, source: Source = "websocket", clock: Clock = CLOCK
    ) -> None:
        self.dead = False
        self.deriving = False
        self.follower = BooksFollower(
            database, clock, products(database, source), FixtureStore(database, clock).get, source,
            retention=RETENTION, rhythm=Rhythm(0.0, 0.0, 0.0), silent_after=SILENT,
        )  # fmt: skip
        self.writer = BookWriter(
            BookStore(database, clock, DropRule(Decimal("0.05")), RETENTION),
            clock,
            on_done=lambda tickets, received: None,
            set_aside=_refuse,
            listeners=[self.follower],
            options=WriterOptions(workers=1),
        )

    def commit(self, updates: Sequence[BookUpdate]) -> None:
        """Store updates, however often another process is first."""
        assert self.writer.submit(updates, ticket=1, received_at=0.0)
        (worker,) = self.writer._workers
        while entries := worker.intake.take(1000, 0.0):
            worker._flush(entries)

    def turn(self) -> bool:
        self.deriving = True
        try:
            return self.follower.turn()
        finally:
            self.deriving = False


class World:
    """Both services, and the actions that are still to come: each command takes the next one and does it first.

    `at` puts actions at one certain command instead.
    """

    def __init__(self, uri: str, name: str, products: Products) -> None:
        self.actions: list[Action] = []
        self._planned: list[tuple[Moment, list[Action]]] = []
        self._name = name
        self._products = products
        self._clients = [self._client(uri, index) for index in range(2)]
        self.services = [self._service(index) for index in range(2)]
        self._depth = 0
        self._followers = 0
        self.kills = 0

    def close(self) -> None:
        for client in self._clients:
            client.close()

    def _client(self, uri: str, index: int) -> MongoClient[Document]:
        listeners = [_Commands(self, index)]
        return MongoClient(uri, tz_aware=True, w=1, event_listeners=listeners)  # nothing of the disk's is tested here

    def _service(self, index: int) -> Service:
        sources: tuple[Source, Source] = ("websocket", "api_poller")
        return Service(self._clients[index][self._name], self._products, sources[index])

    def play(self, actions: Sequence[Action]) -> None:
        """Do all actions, one within the other where commands give the occasion."""
        self.actions = list(reversed(actions))
        while self.actions:
            self.next()

    def restart(self) -> None:
        """Begin with two new services."""
        self.services = [self._service(index) for index in range(2)]

    def play_in_turn(self, *actions: Action) -> None:
        """Do these one after the other, with nothing in between but what `at` says."""
        for action in actions:
            self.do(action)

    def at(self, index: int, command: str, collection: str, *actions: Action, nth: int = 1) -> None:
        """Do these when a service is about to send such a command for the nth time from now."""
        self._planned.append((Moment(index, command, collection, nth), list(actions)))

    def next(self) -> None:
        """Do the next action."""
        self.do(self.actions.pop())

    def do(self, action: Action) -> None:
        """Do one action."""
        kind, index, what = action
        service = self.services[index]
        if kind == "commit":
            self._alive(index, lambda: service.commit(what))
        elif kind == "turn" and not service.deriving:
            self._alive(index, service.turn)
        elif kind == "kill":
            self._kill(index)

    def before(self, index: int, command: str = "", collection: str = "") -> None:
        """A command of a service is about to be sent."""
        mine = self.services[index]
        for planned in list(self._planned):
            if planned[0].comes(index, command, collection):
                self._planned.remove(planned)
                for action in planned[1]:
                    self.do(action)
        self._followers += collection == "book_followers"
        rare = collection == "book_followers" and self._followers % 7  # these are most of the commands
        if self._depth < 6 and self.actions and not rare:
            self._depth += 1
            try:
                self.next()
            finally:
                self._depth -= 1
        if mine.dead or mine is not self.services[index]:
            raise Killed(index)

    def _kill(self, index: int) -> None:
        self.kills += 1
        self.services[index].dead = True
        self.services[index] = self._service(index)

    def _alive(self, index: int, work: Callable[[], object]) -> None:
        service = self.services[index]
        try:
            work()
        except Killed as killed:
            if killed.args[0] != index or not service.dead:
                raise

    def settle(self) -> None:
        """Let both work until nothing waits and nobody owes anything but to itself."""
        self.actions, self._planned = [], []
        database = self._clients[0][self._name]

        def quiet() -> bool:
            worked = [service.turn() for service in self.services]
            followers = database["book_followers"].count_documents({"_id": {"$ne": "rules"}})
            return followers == 2 and not any(worked) and not any(s.follower.pending for s in self.services)

        eventually(quiet, 20, "both services to have nothing to do")


class Moment:
    """The nth time that a service sends a command to a collection."""

    def __init__(self, index: int, command: str, collection: str, nth: int) -> None:
        self._what = (index, command, collection)
        self._left = nth

    def comes(self, *what: object) -> bool:
        self._left -= what == self._what
        return self._left == 0


class _Commands(monitoring.CommandListener):
    def __init__(self, world: World, index: int) -> None:
        self._world = world
        self._index = index

    def started(self, event: monitoring.CommandStartedEvent) -> None:
        if event.command_name in WATCHED:
            self._world.before(self._index, event.command_name, event.command[event.command_name])

    def succeeded(self, event: monitoring.CommandSucceededEvent) -> None:
        """Between MongoDB's answer and what the process makes of it, the other one may act too."""
        if event.command_name == "update":
            self._world.before(self._index)

    def failed(self, event: monitoring.CommandFailedEvent) -> None:
        """Nothing."""


def _refuse(kind: str, reason: str, document: object) -> None:
    raise AssertionError(f"{kind}: {reason}")
