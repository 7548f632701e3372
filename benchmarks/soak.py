"""`make soak`: a simulated feed with every fault, the updater and MongoDB killed again and again; then the truth.

Real processes: mongod, the simulator, the updater. At the end the feed falls silent and the stored books must equal
the simulator's last word, the history must be whole, and no secret may stand in any log or document.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click
from derived_truth import Derived, check_derived
from oracle import Verdict, check_history, compare, digest, expected_books, stored_books
from pymongo import MongoClient
from pymongo.database import Database

from PROPPR.SharedServices.service.settings import Settings
from PROPPR.SharedServices.simulator.config import ACCOUNT_EMAIL
from PROPPR.SharedServices.storage.embedded import EmbeddedServer

KEY = "soak-key-5c1e77aa90"
TOKEN = "123456:soak-telegram-token-77"  # noqa: S105 - the stand-in's
MARKETS = (
    "ML", "Spread", "Totals", "Goals Over/Under", "Both Teams To Score", "Double Chance", "Draw No Bet",
    "European Handicap", "ML HT", "Spread HT", "Totals HT", "Correct Score", "Alternative Asian Handicap",
    "Corners Totals", "Bookings Totals", "Half Time Result", "Anytime Goalscorer", "Player Shots",
    "Player Shots On Target Over/Under", "Team Goalscorer",
)  # fmt: skip
FAULTS = (
    "disconnect=0.00005,eviction=0.00001,stall=0.00001:4,silent=0.000005:15,slow=0.0001,duplicate=0.01,reorder=0.01,"
    "replay=0.001,malformed=0.0001,truncated=0.0001,oversized=0.000005,huge_claim=0.000005,wrong_types=0.0001,"
    "missing_seq=0.0001,401=0.01,403=0.01,429=0.01,500=0.05,rest_slow=0.02,rest_garbage=0.01,rest_disconnect=0.02"
)
BOOKKEEPING = (
    "service_logs", "alerts", "dead_letters", "stream_state", "service_heartbeats", "leases", "api_requests",
)  # fmt: skip
PAUSE = threading.Event()


@dataclass
class Run:
    """One soak: its processes and what happened."""

    folder: Path
    seed: int
    rate: float
    seconds: float
    fixtures: int
    faults: str
    start: int
    children: list[subprocess.Popen[bytes]] = field(default_factory=list)
    events: list[str] = field(default_factory=list)

    def log(self, text: str) -> None:
        self.events.append(text)
        click.echo(f"{time.strftime('%H:%M:%S')}  {text}")

    def spawn(self, name: str, module: str, *arguments: str, env: dict[str, str] | None = None) -> Any:  # noqa: ANN401
        with (self.folder / f"{name}.out").open("ab") as out:
            command = [sys.executable, "-m", module, *arguments]
            child = subprocess.Popen(command, stdout=out, stderr=out, env={**os.environ, **(env or {})})
        self.children.append(child)
        return child


class Simulator:
    """The stand-in's control API."""

    def __init__(self, run: Run) -> None:
        self.port = free_port()
        messages = int(run.rate * run.seconds)
        self.process = run.spawn(
            "simulator", "PROPPR.SharedServices.simulator", "--port", str(self.port), "--seed", str(run.seed),
            "--rate", str(run.rate), "--messages", str(messages), "--fixtures", str(run.fixtures),
            "--faults", run.faults, "--start", str(run.start), "--request-limit", "100000",
        )  # fmt: skip
        wait_for(lambda: self.get("stats"), 60, "the simulator")

    def get(self, name: str) -> Any:  # noqa: ANN401 - JSON
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/_sim/{name}", timeout=60) as answer:
            return json.load(answer)

    def post(self, name: str, body: object) -> None:
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}/_sim/{name}", json.dumps(body).encode())
        with urllib.request.urlopen(request, timeout=60):  # noqa: S310
            pass


def updater(run: Run, simulator: Simulator, uri: str, health_port: int) -> Any:  # noqa: ANN401
    base = f"127.0.0.1:{simulator.port}"
    env = {
        "MONGO_URI": uri,
        "MONGO_DATABASE": "soak",
        "ODDS_API_KEY": KEY,
        "ODDS_API_BASE_URL": f"http://{base}/v3",
        "ODDS_API_WS_URL": f"ws://{base}/v3/ws",
        "WS_MARKETS": ",".join(MARKETS),
        "WS_RECONNECT_DELAY": "0.2",
        "WS_PING_INTERVAL": "2",
        "MAX_API_REQUESTS_PER_HOUR": "90000",
        "PROPPR_EVICTION_DELAY": "1",
        "PROPPR_STALL_SECONDS": "3",
        "PROPPR_REFUSED_DELAY": "2",
        "TELEGRAM_BOT_TOKEN": TOKEN,
        "TELEGRAM_ADMIN_CHAT_ID": "1",
        "TELEGRAM_API_BASE_URL": f"http://{base}/telegram",
        "HEALTH_PORT": str(health_port),
        "LOG_DIR": str(run.folder / "logs"),
        "PROPPR_RECORD_DIR": str(run.folder / "recordings"),
    }
    return run.spawn("updater", "PROPPR.WebsocketUpdater.runners.run_websocket_updater", env=env)


def chaos(run: Run, simulator: Simulator, server: EmbeddedServer, port: int, kills: int, mongo_kills: int) -> Any:  # noqa: ANN401
    """Kill at seeded moments until the feed is over; returns the updater that lives."""
    random_ = random.Random(run.seed)
    moments = [(random_.uniform(0.05, 0.93), "updater") for _ in range(kills)]
    moments += [(random_.uniform(0.1, 0.9), "mongod") for _ in range(mongo_kills)]
    child = updater(run, simulator, server.uri, port)
    began = time.monotonic()
    for share, victim in sorted(moments):
        PAUSE.wait(max(0.0, began + share * run.seconds - time.monotonic()))
        if victim == "updater":
            child.send_signal(signal.SIGKILL)
            child.wait()
            child = updater(run, simulator, server.uri, port)
        else:
            os.kill(server.pid, signal.SIGKILL)
            PAUSE.wait(2)
            server.ensure_running()
        run.log(f"killed {victim} at {share * run.seconds:.0f} s")
    wait_for(lambda: simulator.get("stats")["finished"], run.seconds + 120, "the feed to end")
    return child


def judge(run: Run, simulator: Simulator, database: Any, patience: float) -> tuple[Verdict, float, str]:  # noqa: ANN401
    """Compare until the books are right or patience ends; how long that took after silence."""
    silence = time.monotonic()
    truth = simulator.get("truth")
    expected = expected_books(truth, frozenset(MARKETS))
    while True:
        asked = time.monotonic()
        verdict = Verdict()
        stored = stored_books(database, frozenset(MARKETS))
        compare(expected, stored, verdict)
        if not verdict.faults or asked - silence > patience:
            break
        PAUSE.wait(1)
    check_history(database, 0.05, verdict)
    return verdict, asked - silence, digest(stored)


def secrets_found(run: Run, database: Any, health: str) -> list[str]:  # noqa: ANN401
    """Where a secret stands that should not: logs, recordings, documents, /health."""
    secrets = (KEY, TOKEN, ACCOUNT_EMAIL)
    texts = {str(path.relative_to(run.folder)): path.read_bytes() for path in run.folder.rglob("*") if _is_text(path)}
    for name in (
        "service_logs",
        "alerts",
        "dead_letters",
        "stream_state",
        "service_heartbeats",
        "leases",
        "api_requests",
    ):
        texts[name] = repr(list(database[name].find())).encode()
    texts["/health"] = health.encode()
    return [
        f"{secret[:8]}... in {name}" for name, text in texts.items() for secret in secrets if secret.encode() in text
    ]


def _is_text(path: Path) -> bool:
    return path.is_file() and "mongo" not in path.parts and path.suffix != ".gz"


def free_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(condition: Any, timeout: float, what: str) -> Any:  # noqa: ANN401
    deadline = time.monotonic() + timeout
    while True:
        try:
            found = condition()
        except OSError:
            found = None
        if found:
            return found
        if time.monotonic() > deadline:
            raise SystemExit(f"waited {timeout:.0f} s in vain for {what}")
        PAUSE.wait(0.2)


@click.command()
@click.option("--minutes", default=10.0)
@click.option("--rate", default=500.0, help="Messages a second.")
@click.option("--seed", default=1)
@click.option("--fixtures", default=300)
@click.option("--kills", default=10, help="kill -9 of the updater.")
@click.option("--mongo-kills", default=2)
@click.option("--faults", default=FAULTS)
@click.option("--start", default=0, help="Milliseconds of the simulated start; 0 = now.")
@click.option("--keep", type=click.Path(path_type=Path), help="Leave logs and output here.")
def main(
    minutes: float, rate: float, seed: int, fixtures: int, kills: int, mongo_kills: int, faults: str, start: int,
    keep: Path | None,
) -> None:  # fmt: skip
    """Soak the updater and say whether every promise held."""
    with ExitStack() as stack:
        folder = keep or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        folder.mkdir(parents=True, exist_ok=True)
        run = Run(folder, seed, rate, minutes * 60, fixtures, faults, start or int(time.time_ns() // 1_000_000))
        server = EmbeddedServer(folder / "mongo", cache_bytes=2**30, oplog_bytes=2**30)
        server.start()
        stack.callback(server.discard)
        stack.callback(lambda: [child.kill() for child in run.children if child.poll() is None])
        simulator = Simulator(run)
        port = free_port()
        child = chaos(run, simulator, server, port, kills, mongo_kills)
        simulator.post("faults", [])
        run.log("the feed is silent, the faults are over")
        database: Any = MongoClient(server.uri, tz_aware=True)["soak"]
        verdict, took, fingerprint = judge(run, simulator, database, patience=90)
        derived = check_derived(database, Settings())
        health = _health(port)
        child.send_signal(signal.SIGTERM)
        code = child.wait(10)
        run.log(f"/health: {health}")
        leaks = secrets_found(run, database, health)
        report(run, simulator, database, verdict, derived, took, fingerprint, leaks, code)
        if verdict.faults or derived.faults or code:
            raise SystemExit(1)


def _health(port: int) -> str:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=10) as answer:
            return str(answer.read().decode())
    except urllib.error.HTTPError as error:  # unhealthy, in words
        return str(error.read().decode())
    except OSError as error:
        return f"no answer: {error}"


def report(
    run: Run,
    simulator: Simulator,
    database: Database[dict[str, Any]],
    verdict: Verdict,
    derived: Derived,
    took: float,
    fingerprint: str,
    leaks: list[str],
    code: int,
) -> None:
    """Print the figures."""
    stats = simulator.get("stats")
    click.echo(f"messages {stats['messages']:,}, faults struck {stats['faults']}")
    click.echo(f"lines {verdict.lines:,}: missing {verdict.missing}, surplus {verdict.surplus}, wrong {verdict.wrong}")
    click.echo(f"right {took:.1f} s after silence; end state {fingerprint} (seed {run.seed}, start {run.start})")
    click.echo(f"history: {verdict.changes:,} changes, {verdict.broken_chains} broken chains")
    click.echo(f"drops: {verdict.drops:,}, {verdict.drop_errors} books with drops missing or twice")
    click.echo(
        f"value bets {derived.value_bets:,}, arbitrages {derived.arbitrages:,}: {len(derived.faults)} not as the books"
    )
    click.echo(f"dead letters {database['dead_letters'].count_documents({})}")
    click.echo(f"secrets found: {leaks or 'none'}; exit code of the updater after SIGTERM: {code}")
    for example in [*verdict.examples, *derived.faults[:10]]:
        click.echo(f"  {example}")


if __name__ == "__main__":
    main()
