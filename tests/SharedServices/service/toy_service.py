"""A service for tests that signal real processes: `toy_service.py <how> [seconds]` beside run_service()."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Sequence

from pymongo import MongoClient

from PROPPR.SharedServices.service.components import Check, Component, Worker
from PROPPR.SharedServices.service.errors import ConfigError, FatalError
from PROPPR.SharedServices.service.leases import Lease
from PROPPR.SharedServices.service.mongo_types import Document
from PROPPR.SharedServices.service.runtime import ServiceContext, run_service
from PROPPR.SharedServices.service.settings import Settings

HOW = sys.argv[1] if len(sys.argv) > 1 else "good"


def say(text: str) -> None:
    """Tell the test."""
    print(text, flush=True)


class Hanging:
    """A component that hangs when it stops (or starts)."""

    def __init__(self, name: str, hang_in: str) -> None:
        self.name = name
        self._hang_in = hang_in

    def start(self) -> None:
        """Hang if told to."""
        say(f"start {self.name}")
        if self._hang_in == "start":
            threading.Event().wait()

    def stop(self, deadline: float) -> None:
        """Hang if told to."""
        say(f"stop {self.name}")
        if self._hang_in == "stop":
            threading.Event().wait()

    def check(self) -> Check:
        """Say that all is well."""
        return Check(True)


def fails_fatally(stop: threading.Event) -> None:
    """Give up at once."""
    raise FatalError("no way on")


def fails_often(stop: threading.Event) -> None:
    """Fail with a secret in the error."""
    raise ValueError(f"bad answer from https://x/?apiKey={os.environ['ODDS_API_KEY']}")


def build(context: ServiceContext) -> Sequence[Component]:
    """Build the parts that the test asked for."""
    first, last = Hanging("first", ""), Hanging("last", "")
    if HOW == "hang-stop":
        return [first, Hanging("middle", "stop"), last]
    if HOW == "hang-start":
        return [first, Hanging("middle", "start")]
    if HOW == "fatal":
        return [first, Worker("doomed", fails_fatally)]
    if HOW == "failing":
        return [first, Worker("failing", fails_often, on_failure=context.metrics.count_worker_failure)]
    if HOW == "bad-build":
        raise ConfigError("BOOKMAKERS", "nobody knows them")
    if HOW == "lease":
        lease = Lease(
            context.database,
            "toy",
            context.instance,
            on_acquired=lambda token: say(f"acquired {token}"),
            on_lost=lambda: say("lost"),
        )
        return [lease]
    return [first, last]


def connect(settings: Settings) -> MongoClient[Document]:
    """Connect like the services do."""
    uri = settings.mongo_uri
    if uri is None:
        raise ConfigError("MONGO_URI", "not set")
    return MongoClient(
        uri.get_secret_value(), tz_aware=True, w="majority", serverSelectionTimeoutMS=500, connectTimeoutMS=500
    )


if __name__ == "__main__":
    sys.exit(run_service("toy", build, connect=connect, required=["ODDS_API_KEY"], env_file=None))
