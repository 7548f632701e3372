"""`python -m PROPPR.SharedServices.simulator`: run the stand-in until Ctrl-C. `proppr simulate --help` explains all."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from dataclasses import fields
from pathlib import Path
from typing import Any

from PROPPR.SharedServices.simulator.config import SimulatorConfig, SimulatorConfigError
from PROPPR.SharedServices.simulator.faults import FaultPlanError
from PROPPR.SharedServices.simulator.server import SimulatorServer

# How the text of an option becomes the value of a field, by the field's declared type.
_READERS: dict[str, Any] = {"int": int, "float": float, "str": str, "Path": Path}


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())


def _parser() -> argparse.ArgumentParser:
    """Every field of SimulatorConfig is an option."""
    parser = argparse.ArgumentParser(prog="proppr-simulator", description=__doc__)
    for item in fields(SimulatorConfig):
        name = f"--{item.name.replace('_', '-')}"
        declared = str(item.type).removesuffix(" | None")
        if declared == "bool":
            parser.add_argument(name, action=argparse.BooleanOptionalAction, default=item.default)
        else:
            parser.add_argument(name, type=_READERS.get(declared, _names), default=item.default)
    return parser


def main(arguments: list[str] | None = None) -> int:
    """Parse, serve, wait for a signal; 2 for settings that can't be used."""
    options = vars(_parser().parse_args(arguments))
    try:
        server = SimulatorServer(SimulatorConfig(**options)).start()
    except (SimulatorConfigError, FaultPlanError, OSError) as problem:
        print(f"simulator: {problem}", file=sys.stderr)
        return 2
    stopped = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: stopped.set())
    print(f"REST {server.rest_url}  WebSocket {server.websocket_url}  Telegram {server.telegram_url}", flush=True)
    print(f"control {server.control_url}/stats", flush=True)
    while not stopped.wait(0.5):
        if server.wait(0):
            return 1
    server.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
