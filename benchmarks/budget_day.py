"""The budget of requests shared by the updater, the poller and a greedy client, for simulated hours, with crashes.

Real processes, killed with -9 at seeded moments and started again. The provider's hour is sliding, as strict as it can
be, or begins at the account's own minute, as it is known; in both it counts requests of somebody else on the same
account, so that fewer remain than the fleet thinks. An hour is shortened (`--factor 20`: to three minutes). It must
hold: never more requests than the limit in any window, never a 429, the budget used while somebody wants it, and the
two services are hardly ever without a free request below their shares although the third takes what it can (what was
lent comes back only as the window slides). Exit code 1 if not.
"""

from __future__ import annotations

import random
import signal
import subprocess
import tempfile
import threading
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

import click
from budget_child import WANTED
from harness import PAUSE, SimulatorControl, Stage, start_simulator
from pymongo import MongoClient
from rich.console import Console
from rich.table import Table
from scaled_tracker import ScaledTracker

from PROPPR.SharedServices.service.clock import FastClock, SystemClock
from PROPPR.SharedServices.simulator.config import DEFAULT_BOOKMAKERS
from PROPPR.SharedServices.storage.embedded import EmbeddedServer
from PROPPR.SharedServices.tracking.shares import DEFAULT_SHARES

HERE = Path(__file__).parent
SERVICES = {"updater": "websocket_updater", "poller": "unified_poller", "greedy": "others"}
HOUR = 3600.0
AT_ONCE = 10
# Of what is left of the budget.
ENOUGH = 0.9
# The part of the time in which a service may wait for what was lent.
LONGEST_WANT = 0.2


@dataclass(frozen=True)
class Plan:
    """What to run. Hours are simulated; requests are per hour."""

    hours: int = 3
    factor: float = 20.0
    limit: int = 5000
    seed: int = 1
    sliding: bool = True
    kills: int = 4
    foreign: int = 300
    bursts: int = 2
    burst: int = 150
    fixtures: int = 300
    bookmakers: int = 15
    poll_interval: float = 24.0

    @property
    def seconds(self) -> float:
        """Real seconds of the whole run."""
        return self.hours * HOUR / self.factor

    def wanted(self, service: str) -> float:
        """What a service wants of its guarantee in an hour."""
        share = DEFAULT_SHARES[SERVICES[service]] * self.limit
        return min(share, self.bookmakers * HOUR / self.poll_interval) if service == "poller" else share * WANTED


@dataclass(frozen=True)
class Sample:
    """The tracker's view at a moment (real seconds since the begin): who used what, and who could ask for nothing."""

    at: float
    used: dict[str, int]
    in_want: frozenset[str]


@dataclass
class Result:
    """What came out of a run."""

    plan: Plan
    samples: list[Sample] = field(default_factory=list)
    kills: dict[str, int] = field(default_factory=dict)
    allowed: list[int] = field(default_factory=list)
    foreign: list[int] = field(default_factory=list)
    busiest: int = 0
    refused: int = 0
    total: int = 0

    def settled(self) -> list[Sample]:
        """The samples after the first hour, when every window is a full one."""
        return [sample for sample in self.samples if sample.at > HOUR / self.plan.factor]

    def share(self, service: str) -> float:
        """The usual part that a service got of what it wants, in full windows; a slow machine is a reason, too."""
        wanted = self.plan.wanted(service)
        parts = [sample.used.get(SERVICES[service], 0) / wanted for sample in self.settled()]
        return median(parts) if parts else 0.0

    def want(self, service: str) -> float:
        """The part of the time in which a service below its guarantee could not have made a single request."""
        samples = self.settled()
        return sum(SERVICES[service] in sample.in_want for sample in samples) / max(1, len(samples))

    def use(self) -> list[float]:
        """The part of what the others on the account left of the budget that was used, by hour."""
        pairs = zip(self.allowed, self.foreign, strict=True)
        return [own / max(1, self.plan.limit - foreign) for own, foreign in pairs]

    def broken(self) -> list[str]:
        """The promises that were not kept."""
        found = []
        if self.busiest > self.plan.limit:
            found.append(f"{self.busiest} requests in a window of {self.plan.limit}")
        if self.refused:
            found.append(f"{self.refused} requests were refused with 429")
        if min(self.use(), default=0.0) < ENOUGH:
            found.append(f"only {min(self.use(), default=0.0):.1%} of the budget was used in an hour")
        for service in ("updater", "poller"):
            want = self.want(service)
            if want > LONGEST_WANT:
                found.append(f"the {service} was without a free request below its share for {want:.1%} of the time")
        return found


def run(plan: Plan, folder: Path, quiet: bool = False) -> Result:
    """Run all processes for the planned hours."""
    folder.mkdir(parents=True, exist_ok=True)
    stage = Stage(folder)
    with ExitStack() as stack:
        server = EmbeddedServer(folder / "mongo", cache_bytes=2**29, oplog_bytes=2**29)
        server.start()
        stack.callback(server.discard)
        stack.callback(stage.end)
        bookmakers = DEFAULT_BOOKMAKERS[: plan.bookmakers]
        _, simulator = start_simulator(
            stage, seed=plan.seed, fixtures=plan.fixtures, rate=0.2, bookmakers=",".join(bookmakers),
            time_factor=plan.factor, request_limit=plan.limit, sliding_window=plan.sliding,
            foreign_per_hour=plan.foreign, replay_window=1, faults="disconnect=0.05",
        )  # fmt: skip
        seed = simulator.get("seed")
        clock = FastClock(SystemClock(), plan.factor, seed["start"], seed["anchor"])
        client = stack.enter_context(MongoClient[dict[str, Any]](server.uri, tz_aware=True))
        tracker = ScaledTracker(plan.limit, clock, caller=clock, database=client["budget"], service="watcher")
        command = [
            str(HERE / "budget_child.py"), f"--simulator={simulator.base_url}", f"--mongo={server.uri}",
            f"--factor={plan.factor}", f"--start={seed['start']}", f"--anchor={seed['anchor']}",
            f"--limit={plan.limit}", f"--bookmakers={','.join(bookmakers)}", f"--poll-interval={plan.poll_interval}",
        ]  # fmt: skip
        result = Result(plan)
        _follow(stage, command, simulator, tracker, result, quiet)
        _ask_to_end(stage)
        rest = simulator.get("stats")["rest"]
        account = rest["accounts"][0]
        result.busiest, result.refused, result.total = account["busiest"], account["refused"], account["allowed"]
        return result


def _follow(
    stage: Stage, command: list[str], simulator: SimulatorControl, tracker: ScaledTracker, result: Result, quiet: bool
) -> None:
    """Kill, let others use the account, and look, until the hours are over."""
    plan = result.plan
    running = {role: stage.spawn(role, *command, role) for role in SERVICES}
    began = time.monotonic()
    todo = sorted(_moments(plan))
    stop = threading.Event()
    sampler = threading.Thread(target=_sample, args=(tracker, simulator, result, began, stop), daemon=True)
    sampler.start()
    for share, action in todo:
        PAUSE.wait(max(0.0, began + share * plan.seconds - time.monotonic()))
        if action == "burst":
            _burst(simulator, plan)
        else:
            running[action].send_signal(signal.SIGKILL)
            running[action].wait()
            running[action] = stage.spawn(action, *command, action)
            result.kills[action] = result.kills.get(action, 0) + 1
        if not quiet:
            stage.log(f"{'somebody else sends requests' if action == 'burst' else f'killed the {action}'}")
    PAUSE.wait(max(0.0, began + plan.seconds - time.monotonic()))
    stop.set()
    sampler.join(10)


def _burst(simulator: SimulatorControl, plan: Plan) -> None:
    """Somebody else sends a few requests at a time: as many at once as one person's script would in 12 seconds."""
    for _ in range(plan.burst // AT_ONCE):
        simulator.post("consume", {"requests": AT_ONCE})
        PAUSE.wait(12 / plan.factor)


def _moments(plan: Plan) -> list[tuple[float, str]]:
    """When (as a part of the run) who is killed, and when somebody else uses the account."""
    rng = random.Random(plan.seed)
    moments = [(rng.uniform(0.05, 0.95), role) for role in SERVICES for _ in range(plan.kills)]
    return moments + [(rng.uniform(0.1, 0.95), "burst") for _ in range(plan.bursts * plan.hours)]


def _sample(
    tracker: ScaledTracker, simulator: SimulatorControl, result: Result, began: float, stop: threading.Event
) -> None:
    hour, own, foreign = 1, 0, 0
    while True:
        ended = stop.wait(0.5)
        usage = tracker.usage()
        used = {each.service: each.used for each in usage.services}
        in_want = {each.service for each in usage.services if each.used < each.guaranteed and not each.free}
        result.samples.append(Sample(time.monotonic() - began, used, frozenset(in_want)))
        if ended or time.monotonic() - began >= hour * HOUR / result.plan.factor:
            hour += 1
            account = simulator.get("stats")["rest"]["accounts"][0]
            result.allowed.append(account["allowed"] - own)
            result.foreign.append(account["foreign"] - foreign)
            own, foreign = account["allowed"], account["foreign"]
        if ended:
            return


def _ask_to_end(stage: Stage) -> None:
    for child in stage.children[1:]:
        child.terminate()
    for child in stage.children[1:]:
        try:
            child.wait(10)
        except subprocess.TimeoutExpired:
            child.kill()


def show(results: list[Result]) -> None:
    """Print one table."""
    table = Table(title="the budget under contention")
    heads = ("window", "own / foreign by hour", "busiest window", "429", "used", "updater", "poller", "kills")
    for head in heads:
        table.add_column(head)
    for result in results:
        hours = ", ".join(f"{own}/{foreign}" for own, foreign in zip(result.allowed, result.foreign, strict=True))
        shares = [
            f"{result.share(service):.0%} of what it wants, in want {result.want(service):.1%}"
            for service in ("updater", "poller")
        ]
        table.add_row(
            "sliding" if result.plan.sliding else "fixed", hours, f"{result.busiest} of {result.plan.limit}",
            str(result.refused), ", ".join(f"{part:.1%}" for part in result.use()), *shares,
            str(sum(result.kills.values())),
        )  # fmt: skip
    Console(width=150).print(table)
    for result in results:
        for problem in result.broken():
            click.echo(f"BROKEN ({'sliding' if result.plan.sliding else 'fixed'} window): {problem}")


@click.command()
@click.option("--hours", default=3)
@click.option("--factor", default=20.0, help="Simulated seconds a real second.")
@click.option("--limit", default=5000, help="Requests an hour.")
@click.option("--seed", default=1)
@click.option("--kills", default=4, help="kill -9 of each process.")
@click.option("--foreign", default=300, help="Requests of somebody else an hour, steadily.")
@click.option("--bursts", default=2, help="Bursts of 150 requests of somebody else an hour.")
@click.option("--window", type=click.Choice(["sliding", "fixed", "both"]), default="both", help="The provider's.")
@click.option("--keep", type=click.Path(path_type=Path), help="Leave the processes' output here.")
def main(
    hours: int,
    factor: float,
    limit: int,
    seed: int,
    kills: int,
    foreign: int,
    bursts: int,
    window: str,
    keep: Path | None,
) -> None:
    """Run, print the figures, and say whether every promise held."""
    results = []
    for sliding in (True, False):
        if window in ("both", "sliding" if sliding else "fixed"):
            plan = Plan(hours, factor, limit, seed, sliding, kills, foreign, bursts)
            with tempfile.TemporaryDirectory() as folder:
                results.append(run(plan, (keep or Path(folder)) / ("sliding" if sliding else "fixed")))
    show(results)
    if any(result.broken() for result in results):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
