"""A process that makes one daily run on a generated FotMob and, if told so, kills itself with -9 on its way.

`python stats_child.py URI DATABASE WORLD [KILL_AT]`: WORLD is JSON for FakeFotMob, KILL_AT the number of the database
command before which it dies. The last line that it prints is how many commands the run took.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from itertools import count
from typing import Any

from pymongo import MongoClient
from pymongo.monitoring import CommandFailedEvent, CommandListener, CommandStartedEvent, CommandSucceededEvent
from stats_rig import Rig

WRITES = frozenset({"insert", "update", "delete", "findAndModify", "bulkWrite"})
LEASES = "leases"


class Killer(CommandListener):
    """Counts the writes of the run, before and after each, and dies at one of these moments."""

    def __init__(self, at: int) -> None:
        self._at = at
        self._moments = count(1)
        self._ours: set[int] = set()
        self.seen = 0

    def started(self, event: CommandStartedEvent) -> None:
        name = event.command.get(event.command_name)
        if event.command_name in WRITES and name != LEASES:
            self._ours.add(event.request_id)
            self._moment()

    def succeeded(self, event: CommandSucceededEvent) -> None:
        if event.request_id in self._ours:
            self._ours.discard(event.request_id)
            self._moment()

    def failed(self, event: CommandFailedEvent) -> None:
        self._ours.discard(event.request_id)

    def _moment(self) -> None:
        self.seen = next(self._moments)
        if self.seen == self._at:
            os.kill(os.getpid(), signal.SIGKILL)


def main(uri: str, name: str, world: str, kill_at: str = "0") -> None:
    """Make the run."""
    killer = Killer(int(kill_at))
    client: MongoClient[dict[str, Any]] = MongoClient(uri, tz_aware=True, w="majority", event_listeners=[killer])
    database = client[name]
    # What a killed predecessor holds would end by itself, but only after some seconds.
    database[LEASES].delete_many({})
    rig = Rig(database, prepare=False, **json.loads(world))
    report = rig.pipeline.run_daily_update()
    rig.pipeline.close()
    assert report.ok
    print(killer.seen)


if __name__ == "__main__":
    main(*sys.argv[1:])
