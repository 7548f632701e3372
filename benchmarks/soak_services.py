"""The services of a soak as real processes, with settings under which ten minutes hold what hours would."""

from __future__ import annotations

import http.client
import re
import subprocess
import threading
import time
import urllib.error
import urllib.request
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Final

from harness import SimulatorControl, Stage, free_port

KEY: Final = "soak-key-5c1e77aa90"
TOKEN: Final = "123456:soak-telegram-token-77"  # noqa: S105 - the stand-in's
MARKETS: Final = (
    "ML", "Spread", "Totals", "Goals Over/Under", "Both Teams To Score", "Double Chance", "Draw No Bet",
    "European Handicap", "ML HT", "Spread HT", "Totals HT", "Correct Score", "Alternative Asian Handicap",
    "Corners Totals", "Bookings Totals", "Half Time Result", "Anytime Goalscorer", "Player Shots",
    "Player Shots On Target Over/Under", "Team Goalscorer",
)  # fmt: skip
MODULES: Final = {
    "updater": "PROPPR.WebsocketUpdater.runners.run_websocket_updater",
    "poller": "PROPPR.UnifiedAPIPoller.runners.run_unified_poller",
    "stats": "PROPPR.StatsUpdateFM.runners.run_stats_pipeline",
    "grader": "PROPPR.SharedServices.grading.runners.run_grading_scheduler",
}
OWN: Final = {
    "updater": {
        "WS_MARKETS": ",".join(MARKETS),
        "WS_RECONNECT_DELAY": "0.2",
        "WS_PING_INTERVAL": "2",
        "PROPPR_EVICTION_DELAY": "1",
        "PROPPR_STALL_SECONDS": "3",
        "PROPPR_REFUSED_DELAY": "2",
    },
    "poller": {
        "POLL_INTERVAL": "5",
        "LOOKBACK_SECONDS": "5",
        "PROPPR_REGISTRY_INTERVAL": "15",
        "PROPPR_PRESENCE_INTERVAL": "20",
    },
}
FIGURES: Final = ("proppr_writer_conflicts_total", "proppr_writer_documents_total")
_SAMPLE = re.compile(r"^(\w+)(?:\{[^}]*\})? ([0-9.eE+-]+)$", re.MULTILINE)


@dataclass
class Service:
    """One of the services: its living process, what its dead ones had counted, and when they died (epoch seconds)."""

    name: str
    stage: Stage
    env: dict[str, str]
    own: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    killed_at: list[float] = field(default_factory=list)
    _before: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    _now: dict[str, float] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None

    @property
    def kills(self) -> int:
        """How often it was killed."""
        return len(self.killed_at)

    def start(self) -> None:
        """Start a process."""
        env = self.env | OWN.get(self.name, {}) | self.own | {"HEALTH_PORT": str(self.port)}
        self.process = self.stage.spawn(self.name, "-m", MODULES[self.name], env=env)

    def kill(self) -> None:
        """Kill with -9 and start another one at once."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()
        self.killed_at.append(time.time_ns() / 1e9)
        for name, value in self._now.items():
            self._before[name] += value
        self._now = {}
        self.start()

    def end(self) -> int:
        """Ask to end; the exit code. Kills and says -9 where that takes too long."""
        assert self.process is not None
        self.process.terminate()
        try:
            return self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return -9

    def ask(self, path: str) -> str:
        """GET a path of its health server; an error's text where there is no answer."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/{path}", timeout=10) as answer:
                return str(answer.read().decode())
        except urllib.error.HTTPError as error:  # unhealthy, in words
            return str(error.read().decode())
        except (OSError, http.client.HTTPException) as error:  # the latter where it is killed while it answers
            return f"no answer: {error}"

    def count(self) -> None:
        """Read the figures, which a kill would lose."""
        found = {name: float(value) for name, value in _SAMPLE.findall(self.ask("metrics")) if name in FIGURES}
        self._now |= found

    def total(self, figure: str) -> int:
        """A figure of all processes of this service, as far as it was read before they died."""
        return round(self._before[figure] + self._now.get(figure, 0.0))


class Counting(threading.Thread):
    """Reads the services' figures every second until stopped."""

    def __init__(self, services: list[Service]) -> None:
        super().__init__(daemon=True)
        self._services = services
        self._ended = threading.Event()

    def run(self) -> None:
        while not self._ended.wait(1.0):
            for service in self._services:
                service.count()

    def end(self) -> None:
        """Stop, after a last reading."""
        self._ended.set()
        self.join(30)
        for service in self._services:
            service.count()


def environment(stage: Stage, simulator: SimulatorControl, uri: str, bookmakers: tuple[str, ...]) -> dict[str, str]:
    """The settings that all services share."""
    return {
        "MONGO_URI": uri,
        "MONGO_DATABASE": "soak",
        "ODDS_API_KEY": KEY,
        "ODDS_API_BASE_URL": simulator.rest_url,
        "ODDS_API_WS_URL": simulator.rest_url.replace("http", "ws", 1) + "/ws",
        "BOOKMAKERS": ",".join(bookmakers),
        "MAX_API_REQUESTS_PER_HOUR": "90000",
        "TELEGRAM_BOT_TOKEN": TOKEN,
        "TELEGRAM_ADMIN_CHAT_ID": "1",
        "TELEGRAM_API_BASE_URL": f"{simulator.base_url}/telegram",
        "LOG_DIR": str(stage.folder / "logs"),
        "PROPPR_RECORD_DIR": str(stage.folder / "recordings"),
    }
