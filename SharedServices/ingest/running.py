"""Runs a service on the MongoDB of the settings: what the runners of all services do."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PROPPR.SharedServices.service.runtime import Build, run_service
from PROPPR.SharedServices.storage.migrations_prepare import prepare_database
from PROPPR.SharedServices.storage.opening import open_mongodb


def run_on_mongodb(name: str, build: Build, *, required: Sequence[str] = ()) -> int:
    """Run until a signal, and return the process's exit code: see `run_service`. The database is prepared first."""
    opening = partial(open_mongodb, service=name)
    return run_service(name, build, connect=opening, prepare=prepare_database, required=required)
