"""`make soak`: a simulated provider with every fault, the updater, the poller and MongoDB killed again and again; then
the truth.

Real processes: mongod, the simulator, the updater and (unless `--no-poller`) the poller, which write the same books. At
the end the feed falls silent, and the stored books must equal the simulator's last word, the history must be whole with
every drop once, value bets and arbitrages must follow from the books, and no secret may stand in any log or document.
"""

from __future__ import annotations

import os
import random
import signal
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click
from derived_truth import Derived, check_derived
from harness import PAUSE, SimulatorControl, Stage, start_simulator, wait_for
from oracle import Verdict, check_history, compare, digest, expected_books, stored_books
from pymongo import MongoClient
from pymongo.database import Database
from soak_services import KEY, MARKETS, TOKEN, Counting, Service, environment

from PROPPR.SharedServices.service.settings import Settings
from PROPPR.SharedServices.simulator.config import ACCOUNT_EMAIL, DEFAULT_BOOKMAKERS
from PROPPR.SharedServices.storage.embedded import EmbeddedServer

STREAM_FAULTS = (
    "disconnect=0.00005,eviction=0.00001,stall=0.00001:4,silent=0.000005:15,slow=0.0001,duplicate=0.01,reorder=0.01,"
    "replay=0.001,malformed=0.0001,truncated=0.0001,oversized=0.000005,huge_claim=0.000005,wrong_types=0.0001,"
    "missing_seq=0.0001,500=0.05,rest_slow=0.02,rest_garbage=0.01,rest_disconnect=0.02"
)
ALONE = "401=0.01,403=0.01,429=0.01"
# For the poller a 401 means minutes of silence and a 403 an hour without a bookmaker, as it should; and a 429 a minute
# for all: what comes after them could not be seen in ten minutes.
TOGETHER = (
    "ws_401=0.01,ws_403=0.01,ws_429=0.01,rest_429=0.0005,rest_stale=0.1:5,rest_truncated=0.01,rest_wrong_length=0.01,"
    "rest_wrong_types=0.01,rest_error_200=0.01,rest_strangers=0.001,rest_bomb=0.0003"
)
BOOKKEEPING = (
    "service_logs", "alerts", "dead_letters", "stream_state", "service_heartbeats", "leases", "api_requests",
    "poller_state", "poller_rereads",
)  # fmt: skip

Documents = Database[dict[str, Any]]


@dataclass
class Outcome:
    """What a soak ended with."""

    verdict: Verdict
    derived: Derived
    right_after: float
    fingerprint: str
    leaks: list[str] = field(default_factory=list)
    health: dict[str, str] = field(default_factory=dict)
    codes: dict[str, int] = field(default_factory=dict)

    @property
    def failed(self) -> bool:
        """Whether any promise was not kept."""
        return bool(self.verdict.faults or self.derived.faults or self.leaks or any(self.codes.values()))


def chaos(
    stage: Stage, services: list[Service], server: EmbeddedServer, kills: dict[str, int], seed: int, seconds: float
) -> None:
    """Kill at seeded moments until the feed is over."""
    rng = random.Random(seed)
    moments = [(rng.uniform(0.05, 0.93), service) for service in services for _ in range(kills[service.name])]
    events: list[tuple[float, Service | None]] = [*moments]
    events += [(rng.uniform(0.1, 0.9), None) for _ in range(kills["mongod"])]
    for service in services:
        service.start()
    began = time.monotonic()
    for share, victim in sorted(events, key=lambda event: event[0]):
        PAUSE.wait(max(0.0, began + share * seconds - time.monotonic()))
        if victim is not None:
            victim.kill()
        else:
            os.kill(server.pid, signal.SIGKILL)
            PAUSE.wait(2)
            server.ensure_running()
        stage.log(f"killed {'mongod' if victim is None else victim.name} at {share * seconds:.0f} s")


def judge(
    simulator: SimulatorControl,
    database: Documents,
    markets: frozenset[str] | None,
    patience: float,
    history: Callable[[Documents, float, Verdict], None] = check_history,
) -> Outcome:
    """Compare until the books are right or patience ends; then look at what is derived, and at the history."""
    silence = time.monotonic()
    expected = expected_books(simulator.get("truth"), markets)
    while True:
        asked = time.monotonic()
        verdict = Verdict()
        stored = stored_books(database, markets)
        compare(expected, stored, verdict)
        if not verdict.faults or asked - silence > patience:
            break
        PAUSE.wait(1)
    right_after = asked - silence
    derived = check_derived(database, Settings())
    history(database, 0.05, verdict)
    return Outcome(verdict, derived, right_after, digest(stored))


def secrets_found(folder: Path, database: Documents, health: dict[str, str]) -> list[str]:
    """Where a secret stands that should not: logs, recordings, documents, /health."""
    secrets = (KEY, TOKEN, ACCOUNT_EMAIL)
    texts = {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if _is_text(path)}
    texts |= {name: repr(list(database[name].find())).encode() for name in BOOKKEEPING}
    texts |= {f"/health of the {name}": text.encode() for name, text in health.items()}
    return [
        f"{secret[:8]}... in {name}" for name, text in texts.items() for secret in secrets if secret.encode() in text
    ]


def _is_text(path: Path) -> bool:
    return path.is_file() and "mongo" not in path.parts and path.suffix != ".gz"


@click.command()
@click.option("--minutes", default=10.0)
@click.option("--poller/--no-poller", default=True, help="With the poller, or the updater alone.")
@click.option("--rate", default=None, type=float, help="Messages a second; 150 with the poller, else 500.")
@click.option("--seed", default=1)
@click.option("--fixtures", default=None, type=int, help="100 with the poller, else 300.")
@click.option("--bookmakers", default=None, type=int, help="6 with the poller, else 15.")
@click.option("--kills", default=10, help="kill -9 of each service.")
@click.option("--mongo-kills", default=2)
@click.option("--faults", default=None, help="Another fault plan; empty for none.")
@click.option("--start", default=0, help="Milliseconds of the simulated start; 0 = now. Only without the poller.")
@click.option("--keep", type=click.Path(path_type=Path), help="Leave logs and output here.")
def main(
    minutes: float, poller: bool, rate: float | None, seed: int, fixtures: int | None, bookmakers: int | None,
    kills: int, mongo_kills: int, faults: str | None, start: int, keep: Path | None,
) -> None:  # fmt: skip
    """Soak the services and say whether every promise held."""
    names = DEFAULT_BOOKMAKERS[: bookmakers or (6 if poller else 15)]
    plan = ",".join((STREAM_FAULTS, TOGETHER if poller else ALONE)) if faults is None else faults
    speed = rate or (150.0 if poller else 500.0)
    # The poller's answers are dated by the machine's clock: with it the feed's day has to be the machine's.
    living: dict[str, object] = {"living": True, "new_fixtures_per_hour": 60}
    extra = living if poller else {"start": start or time.time_ns() // 1_000_000}
    with ExitStack() as stack:
        stage = Stage(keep or Path(stack.enter_context(tempfile.TemporaryDirectory())))
        stage.folder.mkdir(parents=True, exist_ok=True)
        server = EmbeddedServer(stage.folder / "mongo", cache_bytes=2**30, oplog_bytes=2**30)
        server.start()
        stack.callback(server.discard)
        stack.callback(stage.end)
        _, simulator = start_simulator(
            stage, seed=seed, rate=speed, messages=int(speed * minutes * 60), bookmakers=",".join(names),
            fixtures=fixtures or (100 if poller else 300), faults=plan, request_limit=100_000, **extra,
        )  # fmt: skip
        env = environment(stage, simulator, server.uri, names)
        services = [Service(name, stage, env) for name in ("updater", "poller")[: 1 + poller]]
        counting = Counting(services)
        counting.start()
        chaos(stage, services, server, {"updater": kills, "poller": kills, "mongod": mongo_kills}, seed, minutes * 60)
        wait_for(lambda: simulator.get("stats")["finished"], minutes * 60 + 120, "the feed to end")
        simulator.post("faults", [])
        stage.log("the feed is silent, the faults are over")
        database: Documents = MongoClient(server.uri, tz_aware=True)["soak"]
        outcome = judge(simulator, database, None if poller else frozenset(MARKETS), 240 if poller else 90)
        counting.end()
        outcome.health = {service.name: service.ask("health") for service in services}
        outcome.codes = {service.name: service.end() for service in services}
        outcome.leaks = secrets_found(stage.folder, database, outcome.health)
        report(simulator, database, services, outcome, seed)
        if outcome.failed:
            raise SystemExit(1)


def report(
    simulator: SimulatorControl,
    database: Documents,
    services: list[Service],
    outcome: Outcome,
    seed: int,
) -> None:
    """Print the figures."""
    stats, verdict, derived = simulator.get("stats"), outcome.verdict, outcome.derived
    click.echo(f"messages {stats['messages']:,}, REST answers {stats['rest']['answers']}")
    click.echo(f"faults struck {stats['faults']}; kills { ({one.name: one.kills for one in services}) }")
    click.echo(f"lines {verdict.lines:,}: missing {verdict.missing}, surplus {verdict.surplus}, wrong {verdict.wrong}")
    click.echo(f"right {outcome.right_after:.1f} s after silence; end state {outcome.fingerprint} (seed {seed})")
    click.echo(f"history: {verdict.changes:,} changes {dict(verdict.by_source)}, {verdict.broken_chains} broken chains")
    click.echo(f"drops: {verdict.drops:,}, {verdict.drop_errors} missing, twice or none")
    bets = f"value bets {derived.value_bets:,}, arbitrages {derived.arbitrages:,}"
    click.echo(f"{bets}: {len(derived.faults)} not as the books")
    for one in services:
        figures = (one.total("proppr_writer_conflicts_total"), one.total("proppr_writer_documents_total"))
        click.echo(
            f"{one.name}: {figures[0]:,} write conflicts in {figures[1]:,} documents written; {one.ask('health')}"
        )
    click.echo(f"dead letters {database['dead_letters'].count_documents({})}")
    click.echo(f"secrets found: {outcome.leaks or 'none'}; exit codes after SIGTERM: {outcome.codes}")
    for example in [*verdict.examples, *derived.faults[:10]]:
        click.echo(f"  {example}")


if __name__ == "__main__":
    main()
