"""`proppr simulate`: the stand-in of odds-api.io, FotMob and Telegram as a process of its own."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any

import click

from PROPPR.SharedServices.cli.console import EXIT_CONFIGURATION, EXIT_UNHEALTHY
from PROPPR.SharedServices.simulator.config import SimulatorConfig, SimulatorConfigError
from PROPPR.SharedServices.simulator.faults import FaultPlanError
from PROPPR.SharedServices.simulator.server import SimulatorServer

LISTENS = "The simulator listens"
"""The first words of it once it can be asked."""
# Every field of SimulatorConfig is an option; a test holds the two together.
HELP = {
    "host": "Address to listen on.",
    "port": "Port of REST, WebSocket, FotMob, Telegram and control (0 = any free one).",
    "seed": "The same seed gives the same day.",
    "profile": "day: books of different sizes; benchmark: equal ones of 7 KB; heavy: every Bet365 book of 80 KB.",
    "fixtures": "How many fixtures the day has.",
    "horizon_hours": "How many hours ahead the fixtures reach.",
    "new_fixtures_per_hour": "Fixtures that appear during the run.",
    "living": "Cancel and postpone some fixtures, and give placeholders their teams.",
    "bookmakers": "Comma-separated bookmakers that quote prices.",
    "rate": "Generated messages a second (0 = as fast as possible).",
    "messages": "Stop the feed after this many messages.",
    "start": "Fix the simulated clock at this millisecond since the epoch; it then advances by 1/rate a message.",
    "time_factor": "How many times faster than real time the simulated clock runs; --rate is per simulated second.",
    "clock_anchor": "Real millisecond since the epoch at which the simulated clock shows its start (none = at start).",
    "catch_up": "With --start: begin with all that would have been said since then (to go on after a kill).",
    "paused": "Start with the feed paused (POST /_sim/resume starts it).",
    "full_share": "Share of messages with all markets of a book instead of the changed ones.",
    "joined_share": "Share of frames that hold several messages, joined by newlines.",
    "recording": "Play this recording instead of generating.",
    "ticks": "Play this table of price changes instead of generating.",
    "speed": "Speed of a recording or a table (1 = as it was, 0 = as fast as possible).",
    "api_keys": "Comma-separated keys that are accepted (none = every key).",
    "selected": "Comma-separated bookmakers that the account has selected (none = all that quote).",
    "max_bookmakers": "Bookmakers the account may select.",
    "request_limit": "REST requests a window.",
    "request_window": "Length of the window in seconds.",
    "sliding_window": "Let the window slide instead of turning over at once.",
    "foreign_per_hour": "Requests an hour of somebody else on the same account.",
    "compress": "Compress REST answers where the client accepts it.",
    "faults": "The fault plan.",
    "fault_seed": "Seed of the faults (none = the seed).",
    "replay_window": "Age in seconds up to which a lastSeq can be replayed.",
    "since_limit": "Greatest age in seconds of `since` at /odds/updated.",
    "hide_empty_markets": "Leave markets without rows out of REST answers instead of listing them empty.",
    "send_queue_bytes": "Bytes a slow client may leave unread before it is cut off.",
    "oversized_bytes": "Size of the frames of the fault `oversized`.",
    "change_log_size": "Changes of rows kept for GET /_sim/changes.",
    "open_control": "Let other machines than this one look at and steer the simulator (containers of one network).",
    "telegram_token": "Bot token that the Telegram stand-in accepts (none = every token).",
    "fotmob_history": "Matches that FotMob's leagues have played this season, for each group of clubs.",
    "fotmob_leagues": "How many leagues FotMob knows (0 = all of the day's fixtures).",
    "fotmob_recordings": "Serve the recorded FotMob matches (*.json.gz) of this folder instead of playing them.",
    "fotmob_recordings_live": "Let recorded matches be played by the simulated clock instead of being over.",
}
_LISTS = ("bookmakers", "api_keys", "selected")
_PATHS = ("recording", "ticks", "fotmob_recordings")
_WHOLE_OR_NONE = ("messages", "start", "clock_anchor", "fault_seed")


def _options(function: Callable[..., None]) -> Callable[..., None]:
    for item in reversed(fields(SimulatorConfig)):
        default = None if item.default is MISSING else item.default
        settings: dict[str, Any] = {"help": HELP.get(item.name), "default": default, "show_default": True}
        name = f"--{item.name.replace('_', '-')}"
        if isinstance(default, bool):
            name = f"{name}/--no-{item.name.replace('_', '-')}"
        elif item.name in _LISTS:
            settings |= {"default": None if default is None else ",".join(default), "metavar": "A,B"}
        elif item.name in _PATHS:
            settings["type"] = click.Path(exists=True, path_type=Path)
        elif item.name in _WHOLE_OR_NONE:
            settings["type"] = int
        function = click.option(name, item.name, **settings)(function)
    return function


@click.command("simulate")
@_options
def command(**values: Any) -> None:  # noqa: ANN401 - the fields of SimulatorConfig, checked there
    """Serve a stand-in of odds-api.io (REST and WebSocket), FotMob and Telegram until a signal comes."""
    for name in _LISTS:
        if isinstance(values[name], str):
            values[name] = tuple(part.strip() for part in values[name].split(",") if part.strip())
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    try:
        server = SimulatorServer(SimulatorConfig(**values)).start()
    except (SimulatorConfigError, FaultPlanError, OSError) as error:
        click.echo(f"proppr simulate: {error}", err=True)
        sys.exit(EXIT_CONFIGURATION)
    click.echo(_how_to_use(server))
    while not stop.wait(0.5):
        if server.wait(0):
            click.echo("proppr simulate: the simulator has ended by itself", err=True)
            sys.exit(EXIT_UNHEALTHY)
    server.stop()


def _how_to_use(server: SimulatorServer) -> str:
    return (
        f"{LISTENS}. Point a service at it with\n"
        f"  ODDS_API_KEY=demo ODDS_API_BASE_URL={server.rest_url} ODDS_API_WS_URL={server.websocket_url}\n"
        f"  FOTMOB_BASE_URL={server.fotmob_url} TELEGRAM_API_BASE_URL={server.telegram_url}\n"
        f"look at it with GET {server.control_url}/stats\n"
        "and stop it with Ctrl-C."
    )
