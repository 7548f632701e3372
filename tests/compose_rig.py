"""The fleet in containers of its own, from a clean clone, with a chat and a mailbox beside it; what those were told."""

from __future__ import annotations

import json
import os
import re
import subprocess
import threading
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeVar

import aiosmtpd
import requests
from pymongo import MongoClient
from support import eventually

from PROPPR.SharedServices.cli.plan import free_port
from PROPPR.SharedServices.service.clock import SystemClock

ROOT = Path(__file__).parents[1]
SERVICES = ("websocket-updater", "unified-poller", "stats-pipeline", "grader", "console")
OURS = (*SERVICES, "simulator", "demo-bots")
PUBLISHED = {
    "websocket-updater": 8081, "unified-poller": 8082, "stats-pipeline": 8083, "grader": 8084, "console": 8090,
    "mongo": 27017, "simulator": 8900,
}  # fmt: skip
NAMES = {"grader": "grading-scheduler"}
"""What a service calls itself, where its container is named otherwise; so is its MongoDB user."""
DATABASE = "proppr"
# Besides those of the demo: alerts go to the chat and the mailbox, a mail after 10 s.
SETTINGS = """
POLL_INTERVAL=20
TELEGRAM_API_BASE_URL=http://chat:8900/telegram
SMTP_URL=smtp://mail:2525
ALERT_EMAIL_TO=operator@example.org
PROPPR_ALERT_EMAIL_FROM=fleet@example.org
PROPPR_ALERT_EMAIL_AFTER=10
PROPPR_ALERT_SUMMARY_AT=never
"""
PATIENCE = float(os.environ.get("COMPOSE_PATIENCE", "1"))
"""On a machine that has other work: how many times as long the tests wait. Above 1, who is found silent more often than
the tests have made it is no failure: it may be so."""
Result = TypeVar("Result")
TOLD = re.compile(r"^(FAILED|RECOVERED|WORSE|STILL FAILING|NOTICE)(?: \(critical\))?(?:: | \d\d:\d\d )(.*)$")


class Stack:
    """One compose project of its own: a clone, secrets, volumes, free ports."""

    def __init__(self, folder: Path) -> None:
        self.clone = folder / "clone"
        # Only what is committed: a file that somebody forgot to add must fail here.
        subprocess.run(["git", "clone", "-q", str(ROOT), str(self.clone)], check=True, capture_output=True)
        self.secrets = folder / "secrets"
        settings = folder / "fleet.env"
        demo = (self.clone / "deploy" / "simulator.env").read_text()
        settings.write_text(re.sub(r"^TELEGRAM_API_BASE_URL=.*\n", "", demo, flags=re.MULTILINE) + SETTINGS)
        # Chosen here: a port that the engine chooses is another one after each restart.
        free = {f"{name.upper().replace('-', '_')}_PORT": str(free_port(0)) for name in (*PUBLISHED, "chat")}
        own = {
            "SECRETS_DIR": str(self.secrets), "SERVICE_ENV_FILE": str(settings),
            "COMPOSE_PROJECT_NAME": f"proppr-test-{os.getpid()}",
            "PACKAGES": str(Path(aiosmtpd.__file__).parents[1]), "SIMULATOR_START": str(SystemClock().now_ms()),
            "SIMULATOR_FIXTURES": "50", "SIMULATOR_RATE": "20",
        }  # fmt: skip
        self._project = own["COMPOSE_PROJECT_NAME"]
        self._environment = {**os.environ, **free, **own}
        self._chat = f"http://127.0.0.1:{free['CHAT_PORT']}/_sim/telegram"
        self._mongo = f"127.0.0.1:{free['MONGO_PORT']}"
        self._simulator = f"http://127.0.0.1:{free['SIMULATOR_PORT']}/_sim"
        files = ["-f", "docker-compose.yml", "-f", "tests/deploy/compose_watched.yml"]
        self._compose = ["docker", "compose", "--env-file", str(settings), *files]

    # ---- commands

    def run(self, *arguments: str, timeout: float = 300) -> str:
        """`docker compose` in the clone; its standard output."""
        return self._done([*self._compose, *arguments], timeout)

    def docker(self, *arguments: str, timeout: float = 60) -> str:
        """`docker`; its standard output."""
        return self._done(["docker", *arguments], timeout)

    def script(self, *command: str) -> None:
        """A script of the clone."""
        self._done([str(self.clone / command[0]), *command[1:]], 60)

    def _done(self, command: list[str], timeout: float) -> str:
        done = subprocess.run(
            command, cwd=self.clone, env=self._environment, capture_output=True, text=True, timeout=timeout * PATIENCE
        )
        assert done.returncode == 0, f"{command}\n{done.stdout[-4000:]}\n{done.stderr[-6000:]}"
        return done.stdout

    # ---- containers

    def _listed(self, shown: str) -> dict[str, str]:
        """Of each service's container what `docker ps` shows."""
        template = f'{{{{.Label "com.docker.compose.service"}}}} {shown}'
        of_ours = f"label=com.docker.compose.project={self._project}"
        lines = self.docker("ps", "--all", "--no-trunc", "--filter", of_ours, "--format", template).splitlines()
        return dict(line.split(" ", 1) for line in lines)

    def id_of(self, name: str) -> str:
        return self._listed("{{.ID}}")[name]

    def inspect(self, name: str) -> dict[str, Any]:
        """What the engine knows of the container of a service."""
        found: dict[str, Any] = json.loads(self.docker("inspect", self.id_of(name)))[0]
        return found

    def are(self, health: str, names: Iterable[str] = (*OURS, "mongo")) -> bool:
        """Whether the engine calls all of them `healthy` (or `unhealthy`)."""
        listed = self._listed("{{.Status}}")
        return all(f"({health})" in listed[name] for name in names)

    def all_healthy(self) -> bool:
        return self.are("healthy")

    def kill(self, name: str) -> None:
        """Kill -9 all processes of a container from the inside: the engine must not think that a person wanted it."""
        user = ["-u", "mongodb"] if name == "mongo" else []
        before = self.inspect(name)["RestartCount"]
        subprocess.run(
            [*self._compose, "exec", "-T", *user, name, "sh", "-c", "kill -9 -1"],
            cwd=self.clone, env=self._environment, capture_output=True, timeout=60 * PATIENCE, check=False,
        )  # fmt: skip
        patiently(lambda: self.inspect(name)["RestartCount"] > before, 60, f"{name} to be started again")

    def cut(self, name: str) -> tuple[str, str]:
        """Take a container off the network; what mend() needs."""
        found = self.inspect(name)
        network = next(iter(found["NetworkSettings"]["Networks"]))
        self.docker("network", "disconnect", network, found["Id"])
        return network, found["Id"]

    def mend(self, name: str, cut: tuple[str, str]) -> None:
        self.docker("network", "connect", "--alias", name, *cut)

    # ---- MongoDB and the simulator

    def uri(self, user: str = "") -> str:
        """From this machine, as a user of secrets/<user>.uri."""
        options = "directConnection=true&serverSelectionTimeoutMS=5000"
        if not user:
            return f"mongodb://{self._mongo}/?{options}"
        written = (self.secrets / f"{user}.uri").read_text()
        return re.sub(r"@mongo:27017/\?replicaSet=rs0", f"@{self._mongo}/?{options}", written)

    def client(self, user: str = "") -> MongoClient[dict[str, Any]]:
        return MongoClient(self.uri(user), tz_aware=True)

    def passwords(self) -> set[str]:
        texts = [path.read_text() for path in self.secrets.glob("*.uri")]
        return {match[1] for text in texts if (match := re.search(r":([^:@/]+)@", text))}

    def simulator(self, method: str, path: str) -> Any:
        """Ask the control of the stand-in."""
        body = {} if method == "POST" else None
        return requests.request(method, f"{self._simulator}/{path}", json=body, timeout=60).json()

    # ---- what people were told

    def chat_texts(self) -> list[str]:
        """The messages that the stand-in of Telegram took."""
        return [str(message["text"]) for message in requests.get(self._chat, timeout=20).json()]

    def mails(self) -> list[dict[str, str]]:
        """The mails that the mail server took."""
        printed = self.docker("logs", self.id_of("mail"))
        return [json.loads(line) for line in printed.splitlines() if line.startswith("{")]


def patiently(condition: Callable[[], Result], timeout: float, what: str) -> Result:
    """As eventually(), but a second apart: each question starts a program."""

    def ask() -> Result:
        answer = condition()
        if not answer:
            threading.Event().wait(1.0)
        return answer

    return eventually(ask, timeout * PATIENCE, what)


def told(texts: Iterable[str], titles: Iterable[str]) -> Counter[tuple[str, str]]:
    """How often a chat was told which alert by title: ("FAILED", "grading-scheduler is silent") -> 1.

    One that has none of these titles counts by its line.
    """
    longest_first = sorted(titles, key=len, reverse=True)
    found = [match for text in texts for line in text.splitlines() if (match := TOLD.match(line))]
    return Counter(
        (match[1], next((title for title in longest_first if match[2].startswith(title)), match[2])) for match in found
    )


def mailed(mails: Iterable[dict[str, str]]) -> Counter[tuple[str, str]]:
    """How often mails told which alert by key: ("FAILED", "silent:console:...") -> 1."""
    blocks = [block for mail in mails for block in mail["body"].replace("\r\n", "\n").split("\n\n")]
    parts = [(re.match(r"(FAILED|RECOVERED): ", block), re.search(r"\bkey (\S+)$", block.strip())) for block in blocks]
    return Counter((mark[1], key[1]) for mark, key in parts if mark and key)
