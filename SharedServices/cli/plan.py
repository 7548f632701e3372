"""What `proppr up` starts, decided from the settings before anything runs. Pure but for the look at free ports."""

from __future__ import annotations

import socket
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from PROPPR.SharedServices.cli.children import ChildSpec
from PROPPR.SharedServices.service.errors import ConfigError
from PROPPR.SharedServices.service.settings import Settings

SIMULATOR = "simulator"
SIMULATED_KEY = "simulated-key"
SIMULATED_BOT_TOKEN = "1:simulated-bot-token"  # noqa: S105 - opens nothing: only the simulator takes it
SIMULATED_CHAT = "1"

# Name in health answers, logs and heartbeats -> module of its runner. A further service is one more line.
SERVICES: Mapping[str, str] = {
    "websocket-updater": "PROPPR.WebsocketUpdater.runners.run_websocket_updater",
    "unified-poller": "PROPPR.UnifiedAPIPoller.runners.run_unified_poller",
    "stats-pipeline": "PROPPR.StatsUpdateFM.runners.run_stats_pipeline",
    "grading-scheduler": "PROPPR.SharedServices.grading.runners.run_grading_scheduler",
}
CONSOLE, CONSOLE_MODULE = "console", "PROPPR.Console.runners.run_console"
"""The operators' web page: beside the services, on a port of its own setting."""
DEMO_BOTS = "demo-bots"
# Bets on what has just ended are settled before one's eyes.
SIMULATED_GRADING = {"GRADING_INTERVAL": "10"}
# The stand-in may be asked as fast as it answers, and every match of its leagues within the hour.
SIMULATED_FOTMOB = {"PROPPR_FOTMOB_PAUSE": "0", "PROPPR_FOTMOB_REQUESTS_PER_DAY": "50000"}


@dataclass(frozen=True)
class DemoSize:
    """How lively the stand-in is: fixtures, messages a second, and the seed that gives the same day again."""

    fixtures: int = 120
    rate: float = 80.0
    seed: int = 1


@dataclass(frozen=True)
class Plan:
    """The processes, in the order of their start, and where they keep things."""

    is_demo: bool
    data_dir: Path
    log_dir: Path | None
    simulator: ChildSpec | None
    simulator_url: str | None
    services: tuple[ChildSpec, ...]

    @property
    def console_url(self) -> str:
        """Where the operators' web page is."""
        return next(str(spec.health_url) for spec in self.services if spec.name == CONSOLE)


def make_plan(settings: Settings, size: DemoSize) -> Plan:
    """Decide what runs where. Without a key the provider is simulated and nothing real is touched: own data directory,
    alerts to the simulator, any free port where the usual one is taken.

    Raises ConfigError when, with a key, a health port or the console's is taken.
    """
    if settings.odds_api_key is not None:
        services = tuple(_service(name, settings, may_move=False, environment={}) for name in SERVICES)
        processes = (*services, _console(settings, may_move=False, environment={}))
        return Plan(False, settings.proppr_data_dir, settings.log_dir, None, None, processes)
    port = free_port(8900)
    rest, log_dir = f"http://127.0.0.1:{port}/v3", settings.log_dir or Path("logs")
    environment = {
        **fotmob_environment(rest, settings),
        **({} if "grading_interval" in settings.model_fields_set else SIMULATED_GRADING),
        "ODDS_API_KEY": SIMULATED_KEY,
        "ODDS_API_BASE_URL": rest,
        "ODDS_API_WS_URL": f"ws://127.0.0.1:{port}/v3/ws",
        "TELEGRAM_BOT_TOKEN": SIMULATED_BOT_TOKEN,
        "TELEGRAM_ADMIN_CHAT_ID": SIMULATED_CHAT,
        "TELEGRAM_API_BASE_URL": f"http://127.0.0.1:{port}/telegram",
        "SMTP_URL": f"smtp://127.0.0.1:{port}",
        "ALERT_EMAIL_TO": "",
        "PAGERDUTY_ROUTING_KEY": "",
        "PAGERDUTY_EVENTS_URL": f"http://127.0.0.1:{port}/pagerduty",
        "LOG_DIR": str(log_dir),
    }
    services = tuple(_service(name, settings, may_move=True, environment=environment) for name in SERVICES)
    console = _console(settings, may_move=True, environment=environment)
    processes = (*services, console, _bots(rest, size, environment))
    return Plan(True, settings.proppr_data_dir / "demo", log_dir, _simulator(port, size), rest, processes)


def port_of(name: str, settings: Settings) -> int:
    """The usual port of a service here: several services on one machine take HEALTH_PORT and the ports after it."""
    if not settings.health_port:
        return settings.port_of(name)
    return settings.health_port + list(SERVICES).index(name)


def free_port(wanted: int, host: str = "127.0.0.1") -> int:
    """`wanted` if nothing listens there, else any free port."""
    for port in (wanted, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except (OSError, OverflowError):  # taken, or beyond the last port
                continue
            return int(probe.getsockname()[1])
    raise ConfigError("HEALTH_HOST", f"no port can be opened on {host}")


def fotmob_environment(rest: str, settings: Settings) -> dict[str, str]:
    """What leads to the FotMob of the stand-in with this REST API; its pace is the settings', where they name one."""
    paced = {name: value for name, value in SIMULATED_FOTMOB.items() if name.lower() not in settings.model_fields_set}
    return {**paced, "FOTMOB_BASE_URL": f"{rest.removesuffix('/v3')}/fotmob/api/data"}


def _service(name: str, settings: Settings, *, may_move: bool, environment: Mapping[str, str]) -> ChildSpec:
    usual = port_of(name, settings)
    port = free_port(usual, settings.health_host)
    if port != usual and usual != 0 and not may_move:
        raise ConfigError("HEALTH_PORT", f"{usual} is taken: does {name} run already? `proppr status` tells")
    return ChildSpec(
        name=name,
        command=(sys.executable, "-m", SERVICES[name]),
        environment={**environment, "HEALTH_PORT": str(port)},
        health_url=_url(settings.health_host, port),
    )


def _console(settings: Settings, *, may_move: bool, environment: Mapping[str, str]) -> ChildSpec:
    usual = settings.console_port
    port = free_port(usual, settings.console_host)
    if port != usual and usual != 0 and not may_move:
        raise ConfigError(
            "CONSOLE_PORT", f"{usual} is taken: does a console run already? Here it is started with the rest"
        )
    return ChildSpec(
        name=CONSOLE,
        command=(sys.executable, "-m", CONSOLE_MODULE),
        environment={**environment, "CONSOLE_PORT": str(port)},
        health_url=_url(settings.console_host, port),
    )


def _url(host: str, port: int) -> str:
    shown = "127.0.0.1" if host in ("0.0.0.0", "::") else f"[{host}]" if ":" in host else host
    return f"http://{shown}:{port}"


def _simulator(port: int, size: DemoSize) -> ChildSpec:
    options = {"port": port, "fixtures": size.fixtures, "rate": size.rate, "seed": size.seed, "api-keys": SIMULATED_KEY}
    arguments = [part for name, value in options.items() for part in (f"--{name}", str(value))]
    return ChildSpec(SIMULATOR, (sys.executable, "-m", "PROPPR.SharedServices.cli.main", "simulate", *arguments))


def _bots(rest: str, size: DemoSize, environment: Mapping[str, str]) -> ChildSpec:
    """The stand-in of the bots: who places bets is no service of ours."""
    arguments = ("--provider", rest.removesuffix("/v3"), "--seed", str(size.seed))
    return ChildSpec(DEMO_BOTS, (sys.executable, "-m", "PROPPR.SharedServices.cli.demo_bets", *arguments), environment)
