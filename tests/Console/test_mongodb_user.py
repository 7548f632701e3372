"""The console as its own MongoDB user: every page, every change and the live updates work, and nothing is refused."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from bson import Int64
from guarded_mongod import GuardedMongod, guarded_mongod
from pymongo.database import Database
from service_processes import ServiceProcess
from support import eventually

from PROPPR.Console.access import csrf
from PROPPR.Console.app import create_console
from PROPPR.SharedServices.cli.plan import free_port
from PROPPR.SharedServices.service.alert_documents import AlertEvent
from PROPPR.SharedServices.service.alerts import AlertOutbox
from PROPPR.SharedServices.service.clock import SystemClock
from PROPPR.SharedServices.service.settings import load_settings
from PROPPR.SharedServices.storage.migrations_prepare import prepare_database
from PROPPR.SharedServices.storage.users import USERS, apply_users

NAME = "proppr"
TOKEN = "a-token-that-nobody-would-guess-0123456789"
COOKIE = "proppr-console"

pytestmark = [pytest.mark.processes]


@pytest.fixture
def mongod(tmp_path: Path) -> Iterator[GuardedMongod]:
    with guarded_mongod(tmp_path / "mongod") as server:
        with server.client(server.uri()) as root:
            apply_users(root[NAME], {user.name: f"password-of-{user.name}" for user in USERS})
        with server.client(server.uri("proppr-setup", "password-of-proppr-setup", NAME)) as setup:
            prepare_database(setup[NAME], load_settings({}, None))
        yield server


@pytest.fixture
def database(mongod: GuardedMongod) -> Iterator[Database[dict[str, Any]]]:
    with mongod.client(mongod.uri()) as root:
        now = SystemClock().now()
        event = AlertEvent("poller.lag", "failed", "warning", "The poller is behind", "by 70 s")
        AlertOutbox(root[NAME], service="unified-poller").record(event, "once")
        for number in (1, 2):
            root[NAME]["fixtures"].insert_one({
                "id": Int64(number), "home": f"Home {number}", "away": f"Away {number}", "league": "England - Cup",
                "country": "England", "sport": "football", "date": now.isoformat(), "status": "pending",
                "kickoff": now + timedelta(hours=2), "last_seen": now, "registered": True,
            })  # fmt: skip
            root[NAME]["fixture_mappings"].insert_one({
                "fixture_id": Int64(number), "status": "unresolved", "updated_at": now, "home": f"Home {number}",
                "away": f"Away {number}", "kickoff": now + timedelta(hours=2), "score": None,
            })  # fmt: skip
        yield root[NAME]


@pytest.fixture
def console(mongod: GuardedMongod, database: Database[dict[str, Any]], tmp_path: Path) -> Iterator[ServiceProcess]:
    environment = {
        "MONGO_URI": mongod.uri("console", "password-of-console", NAME), "MONGO_DATABASE": NAME,
        "CONSOLE_PORT": str(free_port(0)), "PROPPR_CONSOLE_TOKEN": TOKEN,
    }  # fmt: skip
    process = ServiceProcess("PROPPR.Console.runners.run_console", tmp_path, "console", environment)
    process.base = f"http://127.0.0.1:{environment['CONSOLE_PORT']}"  # type: ignore[attr-defined]
    yield process
    process.kill()


def is_ready(base: str) -> bool:
    try:
        return requests.get(f"{base}/ready", timeout=2).ok
    except requests.RequestException:
        return False


def signed_in(base: str) -> requests.Session:
    visitor = requests.Session()
    assert visitor.get(f"{base}/login", timeout=10).ok
    fields = {csrf.FIELD: csrf.token_of(visitor.cookies["proppr-visitor"]), "name": "night", "secret": "wrong"}
    assert visitor.post(f"{base}/login", data=fields, timeout=10).status_code == 401
    answer = visitor.post(f"{base}/login", data=fields | {"secret": TOKEN}, timeout=10, allow_redirects=False)
    assert answer.status_code == 303 and COOKIE in visitor.cookies
    return visitor


def change(visitor: requests.Session, url: str, **fields: str) -> None:
    fields[csrf.FIELD] = csrf.token_of(visitor.cookies[COOKIE])
    answer = visitor.post(url, data=fields, timeout=10, allow_redirects=False)
    assert answer.status_code == 303, f"{url}: {answer.status_code} {answer.text[:500]}"


def pages(database: Database[dict[str, Any]]) -> list[str]:
    """Every address that can be read and names nothing, and the pages of one fixture."""
    app = create_console(load_settings({"PROPPR_CONSOLE_TOKEN": TOKEN}, None), database, SystemClock())
    rules = [rule.rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ()) and not rule.arguments]
    return [*(rule for rule in rules if rule != "/events"), "/fixtures/1", "/mappings/1"]


def test_the_console_works_as_its_own_user(
    mongod: GuardedMongod, database: Database[dict[str, Any]], console: Any, tmp_path: Path
) -> None:
    base: str = console.base
    eventually(lambda: is_ready(base), 40, f"the console: {console.output.read_text()[-2000:]}")
    visitor = signed_in(base)
    with visitor.get(f"{base}/events", stream=True, timeout=10) as stream:
        assert next(line for line in stream.iter_lines() if line.startswith(b"event:"))
        change(visitor, f"{base}/alerts/acknowledge", key="poller.lag")
        change(visitor, f"{base}/alerts/mute", pattern="silent:*", seconds="1800", reason="a test")
        change(visitor, f"{base}/alerts/unmute", pattern="silent:*")
        change(visitor, f"{base}/mappings/1/settle", typed="4711")
        change(visitor, f"{base}/mappings/2/reject")
    failed = {}
    for page in pages(database):
        answer = visitor.get(base + page, timeout=20, allow_redirects=True)
        if answer.status_code >= 400 and page != "/bets/bet":  # which needs to be told of which bet
            failed[page] = (answer.status_code, answer.text[:300])
    change(visitor, f"{base}/logout")
    assert failed == {}
    acknowledged = database["alerts"].find_one({"_id": "poller.lag"}) or {}
    assert acknowledged["acknowledged_by"] == "night"
    assert [each["status"] for each in database["fixture_mappings"].find().sort("fixture_id", 1)] != ["unresolved"] * 2
    eventually(lambda: database["service_heartbeats"].find_one({"service": "console"}), 20, "its heartbeat")
    assert mongod.refusals() == []
