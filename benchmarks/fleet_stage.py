"""The stage of a soak of the whole fleet: its size, its settings and its processes."""

from __future__ import annotations

import json
import os
import random
import signal
import time
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial

from harness import PAUSE, Stage, start_simulator, wait_for
from pymongo import MongoClient
from soak import STREAM_FAULTS, TOGETHER, Documents
from soak_services import MARKETS, Service, environment

from PROPPR.SharedServices.simulator.config import DEFAULT_BOOKMAKERS
from PROPPR.SharedServices.simulator.faults import STREAM_FAULTS as PER_MESSAGE
from PROPPR.SharedServices.storage.embedded import EmbeddedServer

NAMES = ("updater", "poller", "stats", "grader")
# The pace of an installation, but for what a fault costs: silence for half a second is a fault at this rate, and nobody
# waits long after an eviction or a refusal, as the stand-in means no harm.
PACE: dict[str, dict[str, str]] = {
    "updater": {
        "WS_MARKETS": ",".join(MARKETS), "WS_RECONNECT_DELAY": "0.2", "WS_PING_INTERVAL": "2",
        "PROPPR_STALL_SECONDS": "0.5", "PROPPR_EVICTION_DELAY": "0.2", "PROPPR_REFUSED_DELAY": "0.3",
    },
    "poller": {
        "POLL_INTERVAL": "60", "LOOKBACK_SECONDS": "50", "PROPPR_REGISTRY_INTERVAL": "60",
        "PROPPR_PRESENCE_INTERVAL": "120",
    },
    "stats": {"PROPPR_FOTMOB_PAUSE": "0.5"},
    "grader": {"PROPPR_FOTMOB_PAUSE": "0.2", "GRADING_INTERVAL": "10"},
}  # fmt: skip
READY_WITHIN = 300.0
CAUGHT_UP = 500
"""Updates that wait in the updater in passing; after the first snapshot it has 20,000."""


@dataclass(frozen=True)
class Plan:
    """How large and how long."""

    minutes: float
    rate: float
    fixtures: int
    bookmakers: int
    seed: int
    faults: str
    kills: int
    warm_up: float
    every: float
    outage: float

    @property
    def judged_from(self) -> float:
        """Seconds after which memory and queues are judged: the warm-up, or in short runs the first half."""
        return min(self.warm_up * 60, self.minutes * 30)

    @property
    def held(self) -> float:
        """Seconds for which MongoDB stands still: a quarter of a short warm-up, which has to catch up."""
        return min(self.outage, self.judged_from / 4)


class Fleet:
    """The processes of a soak, once they are ready."""

    def __init__(self, plan: Plan, stage: Stage, stack: ExitStack) -> None:
        self.plan, self.stage = plan, stage
        self.server = EmbeddedServer(stage.folder / "mongo", cache_bytes=2**30, oplog_bytes=2**30)
        self.server.start()
        stack.callback(self.server.discard)
        stack.callback(stage.end)
        names = DEFAULT_BOOKMAKERS[: plan.bookmakers]
        self.simulator_process, self.simulator = start_simulator(
            stage, seed=plan.seed, rate=plan.rate, bookmakers=",".join(names), fixtures=plan.fixtures,
            faults=plan.faults, request_limit=100_000, living=True, horizon_hours=12,
            new_fixtures_per_hour=plan.fixtures / 12, fotmob_history=40,
        )  # fmt: skip
        env = environment(stage, self.simulator, self.server.uri, names)
        env |= {
            "FOTMOB_BASE_URL": f"{self.simulator.base_url}/fotmob/api/data",
            "PROPPR_FOTMOB_REQUESTS_PER_DAY": "50000",
        }
        del env["PROPPR_RECORD_DIR"]
        self.services = [Service(name, stage, env, own=PACE[name]) for name in NAMES]
        self.database: Documents = MongoClient(self.server.uri, tz_aware=True)["soak"]
        for service in self.services:
            service.start()
        module = "PROPPR.SharedServices.cli.demo_bets"
        self.bots = stage.spawn(
            "bots", "-m", module, "--provider", self.simulator.base_url, "--seed", str(plan.seed), env=env
        )
        for service in self.services:
            wait_for(partial(_is_ready, service), READY_WITHIN, f"{service.name} to be ready")
        wait_for(lambda: _waiting(self.services[0]) < CAUGHT_UP, READY_WITHIN, "the updater to have caught up")

    def warm_up(self) -> None:
        """Let it run until it is judged; in the middle MongoDB stands still, so that the queues have been long once.

        A process keeps the size that its longest queue needed: that is its size in weeks of service.
        """
        half, held = self.plan.judged_from / 2, self.plan.held
        PAUSE.wait(half)
        if held:
            self._hold_mongod(held)
        PAUSE.wait(half - held)

    def _hold_mongod(self, seconds: float) -> None:
        self.stage.log(f"mongod stands still for {seconds:.0f} s")
        os.kill(self.server.pid, signal.SIGSTOP)
        try:
            PAUSE.wait(seconds)
        finally:
            os.kill(self.server.pid, signal.SIGCONT)

    def go_on(self, seconds: float) -> None:
        """Let it run so long, and kill each service at so many seeded moments."""
        rng, began = random.Random(self.plan.seed), time.monotonic()
        moments = [(rng.uniform(0.1, 0.9), service) for service in self.services for _ in range(self.plan.kills)]
        for share, victim in sorted(moments, key=lambda each: each[0]):
            PAUSE.wait(max(0.0, began + share * seconds - time.monotonic()))
            victim.kill()
            self.stage.log(f"killed {victim.name}")
        PAUSE.wait(max(0.0, began + seconds - time.monotonic()))

    def fall_silent(self) -> None:
        """End the feed, the faults and the betting."""
        self.simulator.post("pause", {})
        self.simulator.post("faults", [])
        self.bots.terminate()
        self.stage.log("the feed is silent, the faults are over")


def _is_ready(service: Service) -> bool:
    try:
        return bool(json.loads(service.ask("ready")).get("ready"))
    except ValueError:
        return False


def _waiting(service: Service) -> int:
    try:
        return int(json.loads(service.ask("health"))["queue_size"])
    except (ValueError, KeyError):
        return CAUGHT_UP


def fault_plan(share: float, plan: str | None) -> str:
    """The plan of `make soak` with this share of the faults per message (those per request as they are), or another.

    A sixth gives an hour as many of each fault of the stream as `make soak` has in its ten minutes.
    """
    if plan is not None:
        return plan
    scaled = []
    for rule in ",".join((STREAM_FAULTS, TOGETHER)).split(","):
        name, _, rest = rule.partition("=")
        rate, colon, duration = rest.partition(":")
        own = share if name in PER_MESSAGE else 1.0
        scaled.append(f"{name}={float(rate) * own:.10f}{colon}{duration}")
    return ",".join(scaled)
