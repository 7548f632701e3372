"""`proppr backfill` as a process: it reads, waits, goes on after kill -9, and two of them never work on one job."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from bson import Int64
from click.testing import CliRunner, Result
from pymongo import MongoClient
from pymongo.database import Database
from support import eventually

from PROPPR.SharedServices.cli.main import main
from PROPPR.SharedServices.odds.rest import read_event
from PROPPR.SharedServices.service.clock import SystemClock
from PROPPR.SharedServices.service.leases import TTL
from PROPPR.SharedServices.simulator.config import SimulatorConfig
from PROPPR.SharedServices.simulator.server import SimulatorServer
from PROPPR.SharedServices.storage.embedded import EmbeddedServer
from PROPPR.SharedServices.storage.fixtures import FixtureStore
from PROPPR.SharedServices.tracking.request_tracker import GlobalRequestTracker

KEY = "backfills-secret-key"
COMMAND = [sys.executable, "-m", "PROPPR.SharedServices.cli.main", "backfill"]
PREMIER = "England - Premier League"
Documents = Database[dict[str, Any]]


@pytest.fixture(scope="module")
def provider() -> Iterator[SimulatorServer]:
    config = SimulatorConfig(port=0, fixtures=60, paused=True, rate=0.0, api_keys=(KEY,))
    with SimulatorServer(config) as server:
        yield server


@pytest.fixture
def environment(
    provider: SimulatorServer, mongo_uri: str, database: Documents, tmp_path: Path
) -> Iterator[dict[str, str]]:
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG", "PYTHONPATH")}
    yield {
        **kept,
        "MONGO_URI": mongo_uri,
        "MONGO_DATABASE": database.name,
        "ODDS_API_KEY": KEY,
        "ODDS_API_BASE_URL": provider.rest_url,
        "PROPPR_DATA_DIR": str(tmp_path),
        "COLUMNS": "150",
    }
    faults(provider, [])


@pytest.fixture
def listed(provider: SimulatorServer, database: Documents) -> list[int]:
    """The ids of the registered fixtures."""
    answer = requests.get(f"{provider.rest_url}/events", {"sport": "football", "apiKey": KEY}, timeout=10).json()
    fixtures = [read_event(each) for each in answer]
    FixtureStore(database, SystemClock()).upsert_many(fixtures, "api_poller")
    return [fixture.id for fixture in fixtures]


def faults(provider: SimulatorServer, plan: list[dict[str, object]]) -> None:
    requests.post(f"{provider.base_url}/_sim/faults", json={"plan": plan}, timeout=10).raise_for_status()


def slowly(provider: SimulatorServer, seconds: float) -> None:
    faults(provider, [{"fault": "rest_slow", "every": 1, "seconds": seconds, "endpoint": "/odds/multi"}])


def here(environment: dict[str, str], *arguments: str) -> Result:
    """In this process: for what ends before it reads anything."""
    return CliRunner().invoke(main, ["backfill", "--env-file", "no-such-file", *arguments], env=environment)


class Process:
    """A backfill of its own."""

    def __init__(self, environment: dict[str, str], *arguments: str) -> None:
        self.process = subprocess.Popen(
            [*COMMAND, *arguments],
            env=environment,
            cwd=environment["PROPPR_DATA_DIR"],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def end(self, timeout: float = 40.0) -> tuple[int, str]:
        output, _ = self.process.communicate(timeout=timeout)
        assert KEY not in output and "Traceback" not in output, output
        return self.process.returncode, output

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()
        assert self.process.stdout is not None
        self.process.stdout.close()

    def send(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def line_with(self, text: str) -> str:
        assert self.process.stdout is not None
        return next(line for line in self.process.stdout if text in line)


@pytest.fixture
def run(environment: dict[str, str]) -> Iterator[Any]:
    started: list[Process] = []

    def start(*arguments: str, **changes: str) -> Process:
        started.append(Process({**environment, **changes}, *arguments))
        return started[-1]

    yield start
    for one in started:
        one.kill()


def job(database: Documents) -> dict[str, Any]:
    (found,) = database["backfills"].find()
    return found


def done(database: Documents) -> int:
    return sum(len(found["done"]) for found in database["backfills"].find())


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ([], "--id, --league"),
        (["--id", "abc"], "--id: 'abc'"),
        (["--from", "yesterday"], "--from: 'yesterday'"),
        (["--league", "England - Premier Leage"], f"did you mean {PREMIER}?"),
        (["--from", "2026-11-22", "--to", "2026-11-21"], "--to: is before"),
        (["--resume", "--id", "5"], "--resume"),
        (["--resume", "--restart"], "--resume"),
        (["--id", "5", "--requests", "0"], "--requests"),
        (["--id-file", os.devnull], "no id was given"),
        (["--no-such-option"], "--no-such-option"),
    ],
)
def test_wrong_arguments_end_with_2_and_are_named(
    environment: dict[str, str], listed: list[int], database: Documents, arguments: list[str], named: str
) -> None:
    result = here(environment, *arguments)
    assert result.exit_code == 2, result.output
    assert named in result.output
    assert database["api_requests"].find_one() is None and database["backfills"].find_one() is None


def test_a_dry_run_costs_nothing_and_changes_nothing(
    environment: dict[str, str], listed: list[int], database: Documents
) -> None:
    database["fixtures"].update_one({"id": Int64(listed[0])}, {"$set": {"status": "settled"}})
    dry = here({**environment, "ODDS_API_KEY": ""}, "--from", "2020-01-01", "--dry-run", "--sport", "football")
    assert dry.exit_code == 0, dry.output
    assert f"{len(listed) - 1} fixtures to read" in dry.output and "1 more are over" in dry.output
    assert "6 requests at least; 5,000 are free now" in dry.output
    unknown = here(environment, "--dry-run", "--id", f"{listed[1]},4,6")
    assert "3 fixtures to read" in unknown.output and "2 of them are not registered yet" in unknown.output
    assert "3 requests at least" in unknown.output
    assert database["backfills"].find_one() is None and database["leases"].find_one() is None
    assert GlobalRequestTracker(database=database).usage().used == 0


def test_a_key_is_needed_to_read(environment: dict[str, str], listed: list[int]) -> None:
    result = here({**environment, "ODDS_API_KEY": ""}, "--id", "5")
    assert result.exit_code == 2 and "ODDS_API_KEY" in result.output


def test_without_an_unfinished_job_there_is_nothing_to_resume(environment: dict[str, str]) -> None:
    result = here(environment, "--resume")
    assert result.exit_code == 0 and "no unfinished backfill" in result.output


@pytest.mark.processes
def test_a_league_is_read_and_a_second_time_anew(run: Any, listed: list[int], database: Documents) -> None:
    expected = set(database["fixtures"].distinct("id", {"country": "England", "league": "Premier League"}))
    for _ in range(2):
        code, output = run("--league", PREMIER.lower(), "--bookmakers", "M88,BC.Game").end()
        assert code == 0, output
        assert f"{len(expected)} fixtures read" in output and "goes on: " not in output
    assert set(job(database)["done"]) == expected
    assert set(database["odds_books"].distinct("bookmaker")) <= {"M88", "BC.Game"}
    assert set(database["odds_books"].distinct("fixture_id")) <= expected


@pytest.mark.processes
def test_ids_from_a_file_and_failures_end_with_1(
    run: Any, listed: list[int], database: Documents, tmp_path: Path
) -> None:
    file = tmp_path / "ids.txt"
    file.write_text("\n".join(map(str, [*listed[:3], 4])))
    code, output = run("--id-file", str(file), "--id", str(listed[5])).end()
    assert code == 1, output
    assert "4 fixtures read" in output and "failed: 4: the provider does not know it" in output
    assert job(database)["failed"] == {"4": "the provider does not know it"}


@pytest.mark.processes
def test_killed_again_and_again_it_goes_on_where_it_was(
    run: Any, provider: SimulatorServer, listed: list[int], database: Documents
) -> None:
    slowly(provider, 0.1)
    for wanted in (5, 20):
        process = run("--from", "2020-01-01", BATCH_SIZE="2")
        eventually(lambda at_least=wanted: done(database) >= at_least, 40.0, "some batches")
        process.kill()
    before = job(database)
    assert before["finished_at"] is None and 20 <= len(before["done"]) < len(listed)
    calls = requests.get(f"{provider.base_url}/_sim/stats", timeout=10).json()["rest"]["calls"]["GET /odds/multi"]
    slowly(provider, 0.0)
    code, output = run("--resume", BATCH_SIZE="2").end()
    assert code == 0, output
    assert f"goes on: {len(before['done'])} fixtures read" in output and "(--restart begins anew)" in output
    after = job(database)
    assert after["done"][: len(before["done"])] == before["done"]
    assert sorted(after["done"]) == sorted(listed), "each once"
    assert after["finished_at"] is not None
    now = requests.get(f"{provider.base_url}/_sim/stats", timeout=10).json()["rest"]["calls"]["GET /odds/multi"]
    left = -(-(len(listed) - len(before["done"])) // 2)
    assert now - calls <= 2 * left, "what was read is not read again"
    journals = [entry["_id"] for book in database["odds_books"].find() for entry in book.get("journal", ())]
    copied = database["odds_history"].count_documents({"_id": {"$in": journals}})
    assert copied == len(set(journals)) > 0, "no kill costs history"
    assert after["requests"] <= GlobalRequestTracker(database=database).usage().used <= after["requests"] + 2


@pytest.mark.processes
def test_two_of_the_same_never_work_at_once(
    run: Any, provider: SimulatorServer, listed: list[int], database: Documents
) -> None:
    slowly(provider, 0.15)
    first = run("--from", "2020-01-01", BATCH_SIZE="1")
    eventually(lambda: done(database), 30.0, "the first batch")
    code, output = run("--from", "2020-01-01", BATCH_SIZE="1").end()
    assert code == 1 and "works on the same backfill now" in output
    slowly(provider, 0.0)
    code, output = run("--id", str(listed[0])).end()
    assert code == 0, "another backfill may run beside it"
    assert first.end()[0] == 0
    assert database["backfills"].count_documents({"finished_at": {"$ne": None}}) == 2


@pytest.mark.processes
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interruption_saves_the_state(
    run: Any, provider: SimulatorServer, listed: list[int], database: Documents, number: signal.Signals
) -> None:
    slowly(provider, 0.1)
    process = run("--from", "2020-01-01", BATCH_SIZE="2")
    eventually(lambda: done(database), 30.0, "the first batch")
    process.send(number)
    code, output = process.end(15.0)
    assert code == 130, output
    assert "the same command goes on from here" in output
    kept = job(database)
    assert kept["finished_at"] is None and 0 < len(kept["done"]) < len(listed)
    lease = database["leases"].find_one({"_id": f"backfill:{kept['_id']}"})
    assert lease is not None and lease["holder"] is None, "the lease is free at once"


@pytest.mark.processes
def test_without_budget_it_says_why_it_waits_until_interrupted(
    run: Any, listed: list[int], database: Documents
) -> None:
    tracker = GlobalRequestTracker(20, database=database)
    while tracker.acquire("unified_poller"):
        pass
    process = run("--from", "2020-01-01", MAX_API_REQUESTS_PER_HOUR="20")
    line = process.line_with("waits: ")
    assert "the budget of requests is used up" in line and "again in" in line
    process.send(signal.SIGINT)
    assert process.end(15.0)[0] == 130
    assert job(database)["requests"] == 0 and tracker.usage().used == 20


@pytest.mark.processes
def test_its_own_bound_holds_for_the_whole_job(run: Any, listed: list[int], database: Documents) -> None:
    for _ in range(2):
        code, output = run("--from", "2020-01-01", "--requests", "3").end()
        assert code == 1, output
        assert "all 3 requests that were allowed are used" in output and "higher --requests" in output
    assert job(database)["requests"] == GlobalRequestTracker(database=database).usage().used == 3
    code, output = run("--from", "2020-01-01", "--requests", "3", "--restart").end()
    assert code == 1 and "goes on: " not in output
    assert GlobalRequestTracker(database=database).usage().used == 6


@pytest.mark.processes
def test_an_unselected_bookmaker_is_named(run: Any, listed: list[int], database: Documents) -> None:
    code, output = run("--id", str(listed[0]), "--bookmakers", "M88,Kalshi").end()
    assert code == 1 and "not read, because the provider refuses them: Kalshi" in output
    assert job(database)["done"] == [listed[0]]


@pytest.mark.processes
def test_a_wrong_key_ends_with_2(run: Any, listed: list[int]) -> None:
    code, output = run("--id", str(listed[0]), ODDS_API_KEY="not-the-key").end()
    assert code == 2 and "ODDS_API_KEY" in output and "not-the-key" not in output


@pytest.mark.processes
def test_a_database_that_is_away_ends_with_1(run: Any) -> None:
    code, output = run("--id", "5", MONGO_URI="mongodb://u:hidden@127.0.0.1:9/?serverSelectionTimeoutMS=200").end()
    assert code == 1 and "MongoDB does not answer" in output and "hidden" not in output


@pytest.mark.processes
def test_a_database_that_goes_away_is_waited_for(
    run: Any, provider: SimulatorServer, database: Documents, listed: list[int], tmp_path: Path
) -> None:
    with (
        EmbeddedServer(tmp_path / "own", cache_bytes=256 << 20, oplog_bytes=256 << 20, linger=1.0) as server,
        MongoClient[dict[str, Any]](server.uri, serverSelectionTimeoutMS=20_000, tz_aware=True) as client,
    ):
        own = client["proppr"]
        own["fixtures"].insert_many(list(database["fixtures"].find()))
        slowly(provider, 0.1)
        process = run("--from", "2020-01-01", MONGO_URI=server.uri, MONGO_DATABASE="proppr", BATCH_SIZE="2")
        eventually(lambda: done(own), 40.0, "the first batch")
        os.kill(server.pid, signal.SIGKILL)
        assert "waits: " in process.line_with("waits: MongoDB")
        SystemClock().wait(threading.Event(), TTL)  # longer than the lease holds without being renewed
        eventually(server.ensure_running, 20.0, "the server's return")
        code, output = process.end()
        assert code == 0, output
        assert sorted(job(own)["done"]) == sorted(listed)
