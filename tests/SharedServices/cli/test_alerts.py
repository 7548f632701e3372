"""`proppr alerts`: what fails is listed, acknowledged, muted; the channels are tried."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from alert_rig import TOKEN, Chat, Mailbox, Pager, Rig
from click.testing import CliRunner, Result
from pytest_httpserver import HTTPServer

from PROPPR.SharedServices.cli.alerts_view import seconds_of
from PROPPR.SharedServices.cli.main import main


@pytest.fixture
def rig(database: Any) -> Rig:
    found = Rig(database)
    found.fail("poller.lag", "The poller is behind", detail="by 4 min")
    found.fail("silent:updater:1", "updater is silent", "critical")
    found.fail("gone", "It was")
    found.recover("gone")
    return found


@pytest.fixture
def environment(mongo_uri: str, database: Any, tmp_path: Path) -> dict[str, str]:
    return {"MONGO_URI": mongo_uri, "MONGO_DATABASE": database.name, "PROPPR_DATA_DIR": str(tmp_path),
            "COLUMNS": "200"}  # fmt: skip


def run(environment: dict[str, str], *arguments: str) -> Result:
    return CliRunner().invoke(main, ["alerts", "--env-file", "no-such-file", *arguments], env=environment)


def test_the_list(rig: Rig, environment: dict[str, str]) -> None:
    shown = run(environment)
    assert shown.exit_code == 0, shown.output
    lines = shown.output.splitlines()
    assert "silent:updater:1" in lines[1] and "critical" in lines[1]
    assert "The poller is behind: by 4 min" in lines[2]
    assert "It was" not in shown.output
    assert "It was" in run(environment, "list", "--all").output
    listed = json.loads(run(environment, "list", "--json").output)
    assert [alert["key"] for alert in listed] == ["silent:updater:1", "poller.lag"]


def test_nothing_fails(environment: dict[str, str]) -> None:
    assert run(environment).output == "Nothing fails.\n"
    assert run(environment, "list", "--all").output == "No alert was ever stored.\n"


def test_acknowledging(rig: Rig, environment: dict[str, str]) -> None:
    said = run(environment, "acknowledge", "poller.*", "--by", "Ada")
    assert (said.exit_code, said.output) == (0, "acknowledged: poller.lag\n")
    assert "acknowledged by Ada" in run(environment).output
    again = run(environment, "acknowledge", "poller.lag")
    assert again.exit_code == 1 and "nothing fails under poller.lag" in again.output


def test_muting(rig: Rig, environment: dict[str, str]) -> None:
    said = run(environment, "mute", "silent:*", "--for", "2h", "--reason", "move")
    assert said.exit_code == 0 and "silent:* is muted until" in said.output
    assert "silent:*" in run(environment).output.splitlines()[-1]
    assert run(environment, "unmute", "silent:*").exit_code == 0
    assert run(environment, "unmute", "silent:*").exit_code == 1
    assert run(environment, "mute", "x", "--for", "soon").exit_code == 2


def test_the_channels_are_tried(environment: dict[str, str], httpserver: HTTPServer) -> None:
    assert run(environment, "test").exit_code == 1, "no channel is set up"
    chat, box, pager = Chat(), Mailbox(), Pager(httpserver)
    channels = {
        "TELEGRAM_BOT_TOKEN": TOKEN, "TELEGRAM_ADMIN_CHAT_ID": "7", "TELEGRAM_API_BASE_URL": chat.url,
        "SMTP_URL": f"smtp://127.0.0.1:{box.port}", "ALERT_EMAIL_TO": "a@proppr.test, b@proppr.test",
        "PAGERDUTY_ROUTING_KEY": "0123456789abcdef", "PAGERDUTY_EVENTS_URL": pager.url,
        "MONGO_URI": "mongodb://127.0.0.1:1",
    }  # fmt: skip
    try:
        said = run(environment | channels, "test")
        assert said.exit_code == 0, said.output
        assert said.output.splitlines() == ["telegram: sent", "email: sent", "pagerduty: sent", "pagerduty: sent"]
        assert chat.heads[0].startswith("TEST: ")
        assert box.mails[0]["To"] == "a@proppr.test, b@proppr.test"
        assert [action for action, _ in pager.actions] == ["trigger", "resolve"]
        wrong = run(environment | channels | {"TELEGRAM_BOT_TOKEN": "1:wrong"}, "test")
        assert wrong.exit_code == 1 and "telegram: failed (HTTP 401" in wrong.output and "1:wrong" not in wrong.output
    finally:
        chat.server.stop()
        box.close()


@pytest.mark.parametrize(("text", "seconds"), [("90", 90), ("30m", 1800), ("2h", 7200), ("1.5 d", 129_600)])
def test_times(text: str, seconds: float) -> None:
    assert seconds_of(text) == seconds
