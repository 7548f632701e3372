"""The commands of README and docs, run as written on a clean clone: `make commands-test`. Each is accounted for."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from documented_commands import ROOT, Documented, documented
from pymongo import MongoClient
from support import eventually

from PROPPR.SharedServices.cli.plan import free_port
from PROPPR.SharedServices.cli.running import Running, read_note
from PROPPR.SharedServices.service.clock import SystemClock

COMMANDS = documented()
CLOCK = SystemClock()
KEPT = ("PATH", "HOME", "LANG", "TMPDIR", "USER", "SSL_CERT_FILE", "PIP_CERT", "http_proxy", "https_proxy", "no_proxy")

runs = pytest.mark.skipif(os.environ.get("COMMANDS_TEST") != "1", reason="takes minutes: `make commands-test`")
slow = pytest.mark.timeout(1200)


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: f"{command.page}: {command.text[:60]}")
def test_every_command_is_accounted_for(command: Documented) -> None:
    rule = command.rule()
    assert rule is not None, f"{command.page}: `{command.text}`: say in tests/documented_commands.py how it is tried"
    assert rule.note or rule.way not in ("elsewhere", "person")


class Clone:
    """A clean clone and what runs in it."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "proppr"
        self.database = "proppr"
        self._outputs = (folder / f"output-{number}.txt" for number in range(1, 1000))
        self.environment = {name: os.environ[name] for name in KEPT if name in os.environ}
        self.environment |= {"COLUMNS": "200", "HEALTH_PORT": str(free_port(0)), "CONSOLE_PORT": str(free_port(0))}
        self.began = CLOCK.monotonic()
        subprocess.run(["git", "clone", "-q", str(ROOT), str(self.path)], check=True)

    def run(self, command: str, timeout: float = 300, **environment: str) -> tuple[int, str]:
        done = subprocess.run(
            ["bash", "-c", command], cwd=self.path, env={**self.environment, **environment}, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=timeout,
        )  # fmt: skip
        return done.returncode, done.stdout

    @contextlib.contextmanager
    def running(self, command: str, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
        """Start it, and end it as Ctrl-C does: in order, with exit code 0."""
        output = next(self._outputs)
        with output.open("wb") as written:
            process = subprocess.Popen(
                ["bash", "-c", f"exec {command}"], cwd=self.path, env={**self.environment, **environment},
                stdin=subprocess.DEVNULL, stdout=written, stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip
        try:
            yield process
            assert process.poll() is None, f"{command} ended by itself: {output.read_text()[-3000:]}"
            os.killpg(process.pid, signal.SIGINT)
            assert process.wait(30) == 0, f"{command}: {output.read_text()[-3000:]}"
            eventually(lambda: not _group_lives(process.pid), 15, f"nothing of {command} to be left running")
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait(10)

    def note(self) -> Running | None:
        return read_note(self.path / ".data")


def _group_lives(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def of_way(way: str) -> list[Documented]:
    found = {command.text: command for command in COMMANDS if (rule := command.rule()) is not None and rule.way == way}
    return list(found.values())


def expect(clone: Clone, commands: list[Documented], **values: str) -> None:
    """Run them; a word in capitals stands for a value."""
    wrong = []
    for command in commands:
        rule = command.rule()
        assert rule is not None
        text = re.sub(r"\b(FILE|BET_ID)\b", lambda match: values.get(match[1], match[1]), command.text)
        began = CLOCK.monotonic()
        name = "replayed" if " replay " in text else clone.database
        code, output = clone.run(text, **({"MONGO_DATABASE": name} if rule.way == "after" else {}))
        print(f"{command.page}: {text}: {code} after {CLOCK.monotonic() - began:.1f} s")
        if code not in rule.codes or "Traceback" in output:
            wrong.append(f"{command.page}: {text}: exit code {code}\n{output[-1500:]}")
    assert not wrong, "\n".join(wrong)


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Clone:
    return Clone(tmp_path_factory.mktemp("clone"))


def healthy(running: Running | None) -> bool:
    if running is None:
        return False
    with contextlib.suppress(requests.RequestException):
        return all(
            requests.get(f"{url}/health", timeout=3).json()["status"] == "healthy" for url in running.services.values()
        )
    return False


def database_of(running: Running) -> Any:
    client: MongoClient[dict[str, Any]] = MongoClient(running.mongo_uri, tz_aware=True)
    names = [name for name in client.list_database_names() if name.startswith("proppr")]
    return client[names[0]]


@runs
@slow
def test_from_the_clone_to_a_running_fleet_and_the_commands_beside_it(clone: Clone) -> None:
    cloned = CLOCK.monotonic()
    with clone.running("make run", PROPPR_RECORD_DIR="recordings"):
        eventually(lambda: (clone.path / ".venv" / ".installed").exists(), 600, "the environment to be built")
        built = CLOCK.monotonic()
        eventually(lambda: healthy(clone.note()), 240, "all services to be healthy")
        up = CLOCK.monotonic()
        running = clone.note()
        assert running is not None
        database = database_of(running)
        clone.database = database.name
        eventually(lambda: database["price_drops"].find_one(), 60, "a price drop")
        moved = CLOCK.monotonic()
        print(
            f"\nclone {cloned - clone.began:.1f} s, environment {built - cloned:.1f} s, all healthy after another "
            f"{up - built:.1f} s, first price drop {moved - up:.1f} s later: {moved - clone.began:.1f} s in all"
        )
        eventually(lambda: database["team_tracked_bets"].find_one({"status": "won"}), 120, "a settled bet")
        (clone.path / "ids.txt").write_text("\n".join(str(each["id"]) for each in database["fixtures"].find().limit(5)))
        bet = database["team_tracked_bets"].find_one({"status": "won"})
        expect(clone, of_way("beside"), BET_ID=bet["bet_id"])
        expect_the_example_of_the_readme(clone, running, database.name)
        database.client.close()


def expect_the_example_of_the_readme(clone: Clone, running: Running, name: str) -> None:
    """The Python of README, with the address that stands below the table, until the first drop comes."""
    block = re.search(r"```python\n(.*?)```", (clone.path / "README.md").read_text(), re.DOTALL)
    assert block is not None
    code = block[1].replace("mongodb://127.0.0.1:27017/?directConnection=true", running.mongo_uri or "")
    code = code.replace('["proppr"]', f'["{name}"]')
    assert name in code
    with subprocess.Popen(
        [".venv/bin/python", "-u", "-c", code], cwd=clone.path, env=clone.environment, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        lines = iter(process.stdout.readline, "")
        drop = next(line for line in lines if re.fullmatch(r"\d+ .* [\d.]+ [\d.]+\n", line))
        print(f"README's Python: {drop.strip()}")
        process.kill()


@runs
@slow
def test_the_commands_that_need_nothing(clone: Clone) -> None:
    expect(clone, of_way("first"))
    assert clone.run("git status --porcelain --untracked-files=no")[1] == "", "they change nothing of the checkout"


@runs
@slow
def test_the_commands_after_the_fleet(clone: Clone) -> None:
    recorded = next(iter(sorted((clone.path / "recordings").rglob("*.*"))))
    expect(clone, of_way("after"), FILE=str(recorded))


@runs
@slow
@pytest.mark.parametrize("command", of_way("stays"), ids=lambda command: command.text[-40:])
def test_what_runs_until_it_is_stopped(clone: Clone, command: Documented) -> None:
    port = free_port(0)
    environment = {"HEALTH_PORT": str(port)}
    url = f"http://127.0.0.1:{port}/ready"
    if "simulate" in command.text:
        if free_port(8900) != 8900:
            pytest.skip("port 8900 is somebody else's")
        url = "http://127.0.0.1:8900/_sim/stats"
    elif "console" in command.text:
        environment, url = {"CONSOLE_PORT": str(port)}, f"http://127.0.0.1:{port}/ready"
    elif "runners" in command.text:
        provider = free_port(0)
        base = f"http://127.0.0.1:{provider}"
        environment |= {
            "ODDS_API_KEY": "demo", "ODDS_API_BASE_URL": f"{base}/v3", "ODDS_API_WS_URL": f"ws://127.0.0.1:{provider}/v3/ws",
            "FOTMOB_BASE_URL": f"{base}/fotmob/api/data",
        }  # fmt: skip
        with clone.running(f".venv/bin/proppr simulate --port {provider} --fixtures 20 --rate 20"):
            _comes_and_goes(clone, command.text, url, environment)
        return
    if command.text in ("make run", ".venv/bin/proppr up"):
        with clone.running(command.text, **environment):
            eventually(lambda: healthy(clone.note()), 240, "all services to be healthy")
        return
    _comes_and_goes(clone, command.text, url, environment)


def _comes_and_goes(clone: Clone, text: str, url: str, environment: dict[str, str]) -> None:
    with clone.running(text, **environment):
        eventually(lambda: _answers(url), 120, f"{text} to be ready")


def _answers(url: str) -> bool:
    try:
        return requests.get(url, timeout=3).ok
    except requests.RequestException:
        return False


@runs
@slow
def test_make_clean_leaves_the_clone_as_it_came(clone: Clone) -> None:
    """The last test of this file."""
    assert clone.run("make clean")[0] == 0
    left = set(clone.run("git status --porcelain --ignored")[1].splitlines())
    assert left <= {"!! backups/", "!! secrets/", "?? ids.txt", "?? form.png"}
