"""Of every address of the console, those of all pages included: who may ask it, and what each answer carries."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from console_rig import TOKEN, addresses, console, reader, signed_in, token_of
from pymongo.database import Database

from PROPPR.Console.access.guard import PUBLIC
from PROPPR.Console.access.headers import HEADERS
from PROPPR.SharedServices.storage.collections import ensure_collections

Mongo = Database[dict[str, Any]]
ELSEWHERE = {"REMOTE_ADDR": "192.0.2.77"}
CHANGES = {"POST", "PUT", "PATCH", "DELETE"}
OF_ITS_OWN = {"/login", "/logout"}


def contents(database: Mongo) -> dict[str, list[Any]]:
    """All that is stored, but for who tried to sign in."""
    names = set(database.list_collection_names()) - {"console_sessions", "console_logins", "system.views"}
    return {name: list(database[name].find().sort("_id", 1)) for name in sorted(names)}


@pytest.fixture(scope="module")
def shaped(mongo_client: Any) -> Any:
    """One database in its shape for all of this."""
    database = mongo_client["console_every_address"]
    ensure_collections(database)
    yield database
    mongo_client.drop_database(database.name)


@pytest.fixture(autouse=True)
def _nobody_has_failed(shaped: Mongo) -> None:
    shaped["console_logins"].delete_many({})


def test_every_answer_carries_the_headers(shaped: Mongo) -> None:
    app = console(shaped)
    for client in (reader(app), signed_in(app)):
        for method, path, rule in addresses(app):
            answer = client.open(path, method=method)
            assert answer.status_code < 500, (method, path, answer.text[-500:])
            for name, value in HEADERS.items():
                assert answer.headers.get(name) == value, (method, path, name)
            assert "unsafe" not in answer.headers["Content-Security-Policy"]
            if rule.endpoint != "static":
                assert answer.headers["Cache-Control"] == "no-store", (method, path)
            answer.close()


def test_no_page_holds_anything_that_the_policy_would_refuse(shaped: Mongo) -> None:
    app = console(shaped)
    client = signed_in(app)
    for method, path, rule in addresses(app):
        if method != "GET" or rule.endpoint in ("static", "events.events", "health.metrics_page"):
            continue
        text = client.get(path).text.lower()
        assert " style=" not in text and "<style" not in text, path
        assert " onclick=" not in text and "hx-on" not in text and "javascript:" not in text, path
        assert "http://" not in text.replace("http://www.w3.org/", "") and "https://" not in text, path
        assert text.count("<script") == text.count("<script src="), path


def test_a_stranger_gets_nowhere(shaped: Mongo) -> None:
    """From another machine, or under another name, or through a proxy: nothing but the sign-in and the health."""
    app = console(shaped)
    client = reader(app)
    strangers: list[dict[str, Any]] = [
        {"environ_overrides": ELSEWHERE},
        {"headers": {"Host": "evil.test"}},
        {"headers": {"X-Forwarded-For": "127.0.0.1"}},
        {"headers": {"Authorization": "Basic YTpi"}},
    ]
    before = contents(shaped)
    for method, path, rule in addresses(app):
        if rule.endpoint in PUBLIC:
            continue
        for stranger in strangers[: 3 if method not in CHANGES else 4]:
            answer = client.open(path, method=method, **stranger)
            assert answer.status_code in (303, 401), (method, path, stranger, answer.status_code)
            assert answer.status_code == 401 or answer.headers["Location"].startswith("/login"), (method, path)
            assert len(answer.text) < 300
    assert contents(shaped) == before


def test_nothing_changes_without_a_session_and_its_token(shaped: Mongo) -> None:
    app = console(shaped)
    stranger, operator, other = reader(app), signed_in(app), signed_in(app)
    own, foreign = token_of(operator.get("/alerts")), token_of(other.get("/alerts"))
    assert own != foreign
    before = contents(shaped)
    tried = 0
    for method, path, rule in addresses(app):
        if method not in CHANGES or path in OF_ITS_OWN:
            continue
        assert rule.endpoint not in PUBLIC and method == "POST"
        tried += 1
        assert stranger.post(path, data={"csrf_token": own}).status_code == 401, path
        for token in ("", "wrong", foreign, own.upper() + "x"):
            assert operator.post(path, data={"csrf_token": token}).status_code == 403, (path, token)
        for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "http://evil.test"}, {"Origin": "null"}):
            assert operator.post(path, data={"csrf_token": own}, headers=headers).status_code == 403, (path, headers)
        assert operator.get(f"{path}?csrf_token={own}").status_code in (200, 404, 405), path
        with_token = {"Authorization": f"Bearer {TOKEN}x"}
        assert stranger.post(path, headers=with_token, data={"csrf_token": own}).status_code in (401, 429), path
    assert tried >= 3
    assert contents(shaped) == before


def test_every_change_is_logged_with_who_and_what(shaped: Mongo, caplog: pytest.LogCaptureFixture) -> None:
    app = console(shaped)
    operator = signed_in(app, "Ada")
    token = token_of(operator.get("/alerts"))
    for method, path, rule in addresses(app):
        if method not in CHANGES or path in OF_ITS_OWN:
            continue
        caplog.clear()
        with caplog.at_level(logging.INFO, "PROPPR.Console.access.guard"):
            answer = operator.post(path, data={"csrf_token": token, "pattern": "a*", "password": "hunter2hunter2"})
        (record,) = [one for one in caplog.records if one.message == "change by an operator"]
        said = record.__dict__
        assert (said["operator"], said["action"], said["path"]) == ("Ada", rule.endpoint, path)
        assert said["status"] == answer.status_code
        assert said["fields"]["pattern"] == "a*" and "csrf_token" not in said["fields"]


def test_the_health_endpoints_ask_nobody_and_tell_nothing_secret(shaped: Mongo) -> None:
    app = console(shaped)
    for path in ("/health", "/live", "/ready", "/metrics"):
        answer = reader(app).get(path, environ_overrides=ELSEWHERE)
        assert answer.status_code == 200
        assert TOKEN not in answer.text


def test_a_form_that_is_too_long_is_refused_in_plain_words(shaped: Mongo) -> None:
    operator = signed_in(console(shaped))
    for form in ({"reason": "x" * 70_000}, {f"field {number}": "x" for number in range(1500)}):
        answer = operator.post("/alerts/mute", data=form, headers={"Accept": "text/html"})
        assert answer.status_code in (403, 413), answer.status_code
        assert "<h1>" in answer.text
