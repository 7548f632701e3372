"""The connection to MongoDB as a part of a process: how it is handed over, and the component that stops last."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from PROPPR.SharedServices.service.components import Check, Component
from PROPPR.SharedServices.service.logs import Logging
from PROPPR.SharedServices.service.mongo_types import MongoConnection


class Connected(Protocol):
    """What `connect` may hand over instead of a bare client: who keeps the server running, and how to let go."""

    @property
    def client(self) -> MongoConnection:
        """The client."""

    @property
    def components(self) -> Sequence[Component]:
        """What has to run beside it: the watcher of an embedded server."""

    @property
    def close(self) -> Callable[[], object]:
        """Close the client and leave the server. Called last of all."""


@dataclass(frozen=True)
class JustAClient:
    """A bare client as a Connected."""

    client: MongoConnection
    components: Sequence[Component] = ()

    @property
    def close(self) -> Callable[[], object]:
        """Close the client."""
        return self.client.close


class Connection:
    """The connection as the component that stops last."""

    def __init__(self, connected: Connected, logging_: Logging) -> None:
        self.name = "connection"
        self._connected = connected
        self._logging = logging_

    def start(self) -> None:
        """It is there already."""

    def stop(self, deadline: float) -> None:
        """Send the last log lines, then let go."""
        self._logging.finish_sinks()
        self._connected.close()

    def check(self) -> Check:
        """The monitor watches it."""
        return Check(True)
