"""Every command that README and docs name, and what is known of each: where it is run as written, or why it is not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

ROOT = Path(__file__).parents[1]
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").glob("*.md")])
COMPOSE = "make compose-test"
MEASURED = "measurements: docs/measurements.md"
PROPPR = r"\.venv/bin/proppr"

Way = Literal["first", "beside", "after", "stays", "elsewhere", "person"]
"""first: before anything runs. beside: while `make run` does. after: when that was stopped. stays: runs until Ctrl-C.
elsewhere: by another command, which `note` names. person: not by a program; `note` says why."""


@dataclass(frozen=True)
class Rule:
    """How the commands that match `pattern` as a whole are tried; `codes`: the exit codes that the pages speak of."""

    pattern: str
    way: Way
    note: str = ""
    codes: tuple[int, ...] = (0,)


RULES = (
    Rule(r"make setup", "first"),
    Rule(r"deploy/secrets\.sh( secrets/demo)?", "first"),
    Rule(r'printf %s "YOUR-KEY" >secrets/odds_api_key\.new && .*', "first"),
    Rule(r"sed .* secrets/bots\.uri", "first"),
    Rule(r"mkdir -p secrets/kubernetes|for file in secrets/\*\.uri; do sed .*; done", "first"),
    Rule(rf"{PROPPR} check-config", "first"),
    Rule(rf"{PROPPR} users", "first"),
    Rule(r"make references|make format", "first"),
    Rule(rf"{PROPPR} simulate .*", "stays"),
    Rule(r"make run|\.venv/bin/proppr up", "stays"),
    Rule(r"\.venv/bin/python -m PROPPR\.\w+\.(\w+\.)?runners\.\w+", "stays"),
    Rule(r"(\.venv/bin/)?proppr console", "stays"),
    # 1: something is unhealthy, or was to be found and is not there: names in the pages are examples.
    Rule(rf"{PROPPR} (status|doctor)", "beside", codes=(0, 1)),
    Rule(rf"{PROPPR} backfill", "person", "is to be told of which fixtures"),
    Rule(rf"{PROPPR} backfill .*", "beside", codes=(0, 1)),
    Rule(rf"{PROPPR} alerts( .*)?", "beside", codes=(0, 1)),
    Rule(rf"{PROPPR} stats (fixture|team|player) .*", "beside", codes=(0, 1)),
    Rule(rf"{PROPPR} stats run", "beside", "the service holds the lease", codes=(1,)),
    Rule(rf"{PROPPR} grade", "beside", "or the service holds the lease", codes=(0, 1)),
    Rule(rf"{PROPPR} (grade --pending|ledger|mappings)", "beside"),
    Rule(rf"{PROPPR} grade explain BET_ID", "beside"),
    Rule(rf"{PROPPR} backup( .*)?", "beside"),
    Rule(rf"{PROPPR} restore latest (--trial|--database proppr_look)", "beside"),
    Rule(rf"{PROPPR} restore latest --overwrite", "after"),
    Rule(rf"{PROPPR} replay FILE --speed 10", "after"),
    Rule(rf"{PROPPR} grade --import-results FILE", "elsewhere", "make test: tests/SharedServices/cli/test_grade.py"),
    Rule(rf"{PROPPR} users --apply .*", "elsewhere", "make test: tests/SharedServices/cli/test_backup.py"),
    Rule(r"(\.venv/bin/)?proppr console password", "elsewhere", "make test: it asks on a terminal"),
    Rule(r"docker compose --env-file deploy/simulator\.env (up --build --wait|down --volumes)", "elsewhere", COMPOSE),
    Rule(r"docker compose (build|up (--build )?--wait|ps.*|logs.*|stop .*)", "elsewhere", COMPOSE),
    Rule(r"docker compose run --rm (proppr|prepare) .*", "elsewhere", COMPOSE),
    Rule(r"docker compose (up --force-recreate --wait|up -d (SERVICE|console)|config)", "elsewhere", COMPOSE),
    Rule(r"docker compose exec mongo mongosh .*remove_user\.js", "elsewhere", COMPOSE),
    Rule(r"docker compose --profile monitoring up --build --wait", "person", "needs images that no run here had"),
    Rule(r"prometheus --config\.file=.*|deploy/monitoring/alertmanager/start\.sh", "elsewhere", "make monitoring-test"),
    Rule(r"pm2 .*|cp \.env\.example \.env", "elsewhere", "make pm2-test"),
    Rule(r"kubectl .*", "person", "needs a cluster"),
    Rule(r"sudo .*|systemctl .*|journalctl .*", "person", "changes the machine; needs systemd as its first process"),
    Rule(r"rm secrets/mongo_password secrets/mongo_uri", "person", "for installations from before"),
    Rule(r"make (lint|types|test)", "elsewhere", ".ci/run"),
    Rule(r"make pictures", "person", "takes the pictures of README, in a browser"),
    Rule(r"make clean", "elsewhere", "make commands-test: at its end"),
    Rule(r"make ((console-)?bench|(fleet-)?soak|day|budget|predictions).*", "person", MEASURED),
    Rule(r"\.venv/bin/python benchmarks/.*", "person", MEASURED),
    Rule(r"make [a-z0-9]+-test.*", "person", "is itself such a run"),
    Rule(r"make (lock|scan).*", "person", "asks registries: docs/dependencies.md, docs/security.md"),
)  # fmt: skip


@dataclass(frozen=True, order=True)
class Documented:
    """A command as a page has it, without the remark behind it."""

    page: str
    text: str

    def rule(self) -> Rule | None:
        """The rule that it falls under, the first that matches."""
        return next((rule for rule in RULES if re.fullmatch(rule.pattern, self.text)), None)


def documented() -> list[Documented]:
    """The commands of all pages: those of shell blocks, and those in the text that can be run as they stand."""
    found: dict[Documented, None] = {}
    for page in PAGES:
        for text in _commands(page.read_text()):
            found.setdefault(Documented(page.name, text))
    return list(found)


def _commands(text: str) -> Iterator[str]:
    for block in re.findall(r"^```sh\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
        for line in block.replace("\\\n", " ").splitlines():
            if command := re.sub(r"\s+# .*$", "", line).strip():
                yield command
    outside = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    starts = r"\.venv/bin/|make [a-z]|docker compose |deploy/[\w/]+\.sh|prometheus --|pm2 [a-z]"
    for span in re.findall(rf"`((?:{starts})[^`\n]*)`", outside):
        if "..." not in span and not re.search(r"\b(KEY|PATTERN)\b", span):
            yield span
