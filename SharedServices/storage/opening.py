"""Opening the database that the settings name, whoever runs it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pymongo import MongoClient

from PROPPR.SharedServices.service.lifecycle import Component, Worker
from PROPPR.SharedServices.service.settings import Settings
from PROPPR.SharedServices.storage.client import connect
from PROPPR.SharedServices.storage.embedded import EmbeddedServer

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Opened:
    """A client, what has to run beside it (the keeper of an embedded server), and how to let go of both."""

    client: MongoClient[Document]
    components: tuple[Component, ...]
    close: Callable[[], object]


def open_mongodb(settings: Settings, service: str) -> Opened:
    """Connect to MONGO_URI, or else start or join the embedded server in PROPPR_DATA_DIR.

    ConfigError where neither is possible, TransientError where the embedded server does not start for now. `close`
    closes the client and leaves the embedded server, which ends with its last user.
    """
    if settings.mongo_uri is not None:
        client = connect(settings, service=service)
        return Opened(client, (), client.close)
    server = EmbeddedServer(settings.proppr_data_dir)
    server.start()
    client = connect(settings, server.uri, service=service)

    def close() -> None:
        client.close()
        server.stop()

    return Opened(client, (Worker("embedded-mongodb", server.watch),), close)
