"""Runs the operator's console: `python -m PROPPR.Console.runners.run_console`."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from PROPPR.Console.server import SERVICE, ConsoleServer
from PROPPR.SharedServices.service.runtime import run_service
from PROPPR.SharedServices.storage.migrations_prepare import prepare_database
from PROPPR.SharedServices.storage.opening import open_mongodb


def main(env: Mapping[str, str] | None = None, env_file: Path | None = Path(".env")) -> int:
    """Run until a signal; the process's exit code. Alerts (a peer is silent) are stored, and told by the services."""
    server = ConsoleServer()
    return run_service(
        SERVICE, server.build, connect=partial(open_mongodb, service=SERVICE), prepare=prepare_database,
        front=server.front, tells=False, env=env, env_file=env_file,
    )  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
