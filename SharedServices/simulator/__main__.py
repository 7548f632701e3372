"""`python -m PROPPR.SharedServices.simulator`: run the stand-in until Ctrl-C."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from pathlib import Path

from PROPPR.SharedServices.simulator.config import PROFILES, SimulatorConfig, SimulatorConfigError
from PROPPR.SharedServices.simulator.faults import FaultPlanError
from PROPPR.SharedServices.simulator.server import SimulatorServer


def _parser() -> argparse.ArgumentParser:
    defaults = SimulatorConfig()
    parser = argparse.ArgumentParser(prog="proppr-simulator", description=__doc__)
    parser.add_argument("--host", default=defaults.host)
    parser.add_argument("--port", type=int, default=defaults.port, help="0 = a free one")
    parser.add_argument("--seed", type=int, default=defaults.seed)
    parser.add_argument("--profile", choices=PROFILES, default=defaults.profile)
    parser.add_argument("--fixtures", type=int, default=defaults.fixtures)
    parser.add_argument("--bookmakers", default=",".join(defaults.bookmakers), help="comma-separated")
    parser.add_argument("--rate", type=float, default=defaults.rate, help="messages a second; 0 = unlimited")
    parser.add_argument("--messages", type=int, help="fall silent after so many")
    parser.add_argument("--start", type=int, help="fix the simulated clock at this instant (ms since the epoch)")
    parser.add_argument("--paused", action="store_true", help="begin silent")
    parser.add_argument("--faults", default="", help="e.g. disconnect=0.001,stall@2000:3, or a JSON file")
    parser.add_argument("--recording", type=Path, help="feed captured frames (one JSON a line; .gz, .zst)")
    parser.add_argument("--ticks", type=Path, help="feed a table of price ticks (CSV, .gz)")
    parser.add_argument("--speed", type=float, default=0.0, help="of a recording: 1 = as it was; 0 = by --rate")
    parser.add_argument("--request-limit", type=int, default=defaults.request_limit)
    return parser


def main(arguments: list[str] | None = None) -> int:
    """Parse, serve, wait for a signal; 2 for settings that can't be used."""
    options = vars(_parser().parse_args(arguments))
    options["bookmakers"] = tuple(name.strip() for name in options["bookmakers"].split(",") if name.strip())
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
