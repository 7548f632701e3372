"""Alertmanager's configuration, and the script that puts the operator's chat into it, by Alertmanager's own tool."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from monitoring_tools import tool

FOLDER = Path(__file__).parents[2] / "deploy" / "monitoring" / "alertmanager"
TOKEN = "1:tok_en-A"


def start(folder: Path, **environment: str) -> tuple[subprocess.CompletedProcess[str], Path]:
    """Run the script with `echo` for Alertmanager: what it says, and the configuration that it made."""
    made = folder / "made.yml"
    done = subprocess.run(
        [FOLDER / "start.sh", "--storage.path=x"],
        env={"PATH": os.environ["PATH"], "ALERTMANAGER": "echo", "ALERTMANAGER_CONFIG": str(made), **environment},
        capture_output=True, text=True, timeout=30,
    )  # fmt: skip
    return done, made


def receiver(made: Path) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(made.read_text())["receivers"][0]
    return found


def test_without_a_chat_it_starts_and_says_so(tmp_path: Path) -> None:
    done, made = start(tmp_path)
    assert done.returncode == 0 and "no Telegram" in done.stderr
    assert done.stdout.split() == [f"--config.file={made}", "--storage.path=x"]
    assert receiver(made) == {"name": "operator"}


def test_the_chat_is_put_in_and_only_we_can_read_it(tmp_path: Path) -> None:
    secret = tmp_path / "token"
    secret.write_text(f"{TOKEN}\n")
    done, made = start(tmp_path, TELEGRAM_BOT_TOKEN_FILE=str(secret), TELEGRAM_ADMIN_CHAT_ID="-100123")
    assert done.returncode == 0
    telegram = receiver(made)["telegram_configs"][0]
    assert (telegram["bot_token"], telegram["chat_id"]) == (TOKEN, -100123)
    assert made.stat().st_mode & 0o077 == 0
    assert TOKEN not in done.stdout + done.stderr


@pytest.mark.parametrize("wrong", ["@channel", "12-3", "1\n- x"])
def test_a_chat_that_is_no_number_is_refused(tmp_path: Path, wrong: str) -> None:
    done, _ = start(tmp_path, TELEGRAM_BOT_TOKEN=TOKEN, TELEGRAM_ADMIN_CHAT_ID=wrong)
    assert done.returncode == 2 and "TELEGRAM_ADMIN_CHAT_ID" in done.stderr


def test_a_token_that_would_break_the_configuration_is_refused_and_not_shown(tmp_path: Path) -> None:
    done, _ = start(tmp_path, TELEGRAM_BOT_TOKEN='1:a"b', TELEGRAM_ADMIN_CHAT_ID="1")
    assert done.returncode == 2 and '1:a"b' not in done.stderr


@pytest.mark.parametrize(
    "environment", [{}, {"TELEGRAM_BOT_TOKEN": TOKEN, "TELEGRAM_ADMIN_CHAT_ID": "1"}], ids=["alone", "chat"]
)
def test_alertmanager_takes_it(tmp_path: Path, environment: dict[str, str]) -> None:
    _, made = start(tmp_path, **environment)
    done = subprocess.run([tool("amtool"), "check-config", made], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr


def test_it_names_only_alerts_that_exist() -> None:
    rules = yaml.safe_load((FOLDER.parent / "prometheus" / "alerts.yml").read_text())
    names = {rule["alert"] for group in rules["groups"] for rule in group["rules"]}
    whole = yaml.safe_load((FOLDER / "alertmanager.yml").read_text())
    for rule in whole["inhibit_rules"]:
        for matcher in rule["source_matchers"] + rule["target_matchers"]:
            for name in matcher.split('"')[1].split("|"):
                assert name in names, matcher
