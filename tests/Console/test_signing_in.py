"""The way in and out: right and wrong, where it leads, and what a thief or another site can do with it."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from console_rig import TOKEN, console, post, reader, signed_in, token_of
from flask import Flask
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from pydantic import SecretStr
from pymongo.database import Database
from werkzeug.test import TestResponse

from PROPPR.Console.access.guard import safe_target
from PROPPR.Console.access.passwords import make_hash
from PROPPR.SharedServices.service.clock import ManualClock

Mongo = Database[dict[str, Any]]
COOKIE = "proppr-console"
PASSWORD = "correct horse battery"
HASH = SecretStr(make_hash(PASSWORD, cost=2**14, parallel=1))


def attempt(client: Any, secret: str, **form: str) -> TestResponse:
    found: TestResponse = post(client, "/login", "/login", secret=secret, name="Ada", **form)
    return found


@pytest.mark.parametrize("secret", [PASSWORD, TOKEN, f" {TOKEN} "])
def test_password_and_token_open_a_session(database: Mongo, secret: str) -> None:
    app = console(database, proppr_console_password_hash=HASH)
    client = reader(app)
    answer = attempt(client, secret)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    assert "Ada" in client.get("/login", follow_redirects=True).text
    cookie = next(line for line in answer.headers.getlist("Set-Cookie") if line.startswith(COOKIE))
    for part in ("HttpOnly", "SameSite=Strict", "Path=/"):
        assert part in cookie
    assert "Secure" not in cookie and "Domain" not in cookie


def test_behind_tls_the_cookies_are_for_tls_and_this_host_only(database: Mongo) -> None:
    app = console(database, proppr_console_proxy="127.0.0.1")
    client = app.test_client()
    page = client.get("/login", base_url="https://console.test")
    form = {"csrf_token": token_of(page), "secret": TOKEN}
    answer = client.post("/login", data=form, base_url="https://console.test")
    assert answer.status_code == 303
    for line in (*page.headers.getlist("Set-Cookie"), *answer.headers.getlist("Set-Cookie")):
        assert line.startswith("__Host-") and "; Secure" in line and "; Path=/" in line and "Domain" not in line
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=")


@pytest.mark.parametrize(
    "secret",
    ["", "wrong", PASSWORD + "x", TOKEN[:-1], str(HASH.get_secret_value())],
    ids=["none", "wrong", "longer", "shorter", "hash"],
)
def test_a_wrong_secret_opens_nothing(database: Mongo, secret: str) -> None:
    client = reader(console(database, proppr_console_password_hash=HASH))
    answer = attempt(client, secret)
    assert answer.status_code == 401
    assert client.get_cookie(COOKIE) is None
    assert database["console_sessions"].count_documents({}) == 0
    assert len(secret) < 6 or secret not in answer.text


def test_wrong_secrets_are_throttled_in_words_and_time_helps(database: Mongo) -> None:
    clock = ManualClock()
    app = console(database, clock, proppr_console_password_hash=HASH)
    client = reader(app)
    assert [attempt(client, "wrong").status_code for _ in range(6)] == [401] * 5 + [429]
    answer = attempt(client, PASSWORD)
    assert answer.status_code == 429 and answer.headers["Retry-After"] == "5"
    assert "Try again in 5 s" in answer.text and 'role="alert"' in answer.text
    again = console(database, clock, proppr_console_password_hash=HASH)  # a restart
    assert attempt(reader(again), PASSWORD).status_code == 429
    clock.advance(5.1)
    assert attempt(client, PASSWORD).status_code == 303


def test_who_is_signed_in_notices_nothing_of_an_attack(database: Mongo) -> None:
    app = console(database)
    operator = signed_in(app)
    for number in range(60):
        attempt(app.test_client(), f"wrong {number}")
    assert operator.get("/").status_code == 200
    assert reader(app).get("/", headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 200


def test_wrong_tokens_of_programs_are_throttled(database: Mongo) -> None:
    client = reader(console(database, ManualClock()))
    codes = [client.get("/", headers={"Authorization": "Bearer wrong"}).status_code for _ in range(7)]
    assert codes == [401] * 5 + [429] * 2


def test_a_program_may_change_with_the_token_alone(database: Mongo) -> None:
    client = reader(console(database))
    headers = {"Authorization": f"Bearer {TOKEN}"}
    answer = client.post("/alerts/mute", data={"pattern": "x*"}, headers=headers)
    assert answer.status_code not in (401, 403)


def test_signing_in_always_makes_a_new_session(database: Mongo) -> None:
    """Whatever cookie somebody has put there before, they don't know the one that counts afterwards."""
    app = console(database)
    client = reader(app)
    client.set_cookie(COOKIE, "planted-by-somebody-else")
    attempt(client, TOKEN)
    first = client.get_cookie(COOKIE)
    assert first is not None and first.value != "planted-by-somebody-else"
    assert reader(app).get("/signed-in", headers={"Cookie": f"{COOKIE}=planted-by-somebody-else"}).status_code == 401


def test_signing_in_twice_ends_the_first_session(database: Mongo) -> None:
    app = console(database)
    client = signed_in(app)
    first = client.get_cookie(COOKIE)
    assert first is not None
    visitor = app.test_client()
    form = {"csrf_token": token_of(visitor.get("/login")), "secret": TOKEN}
    cookie = visitor.get_cookie("proppr-visitor")
    assert cookie is not None
    client.set_cookie("proppr-visitor", cookie.value)
    assert client.post("/login", data=form).status_code == 303
    assert database["console_sessions"].count_documents({}) == 1
    assert reader(app).get("/signed-in", headers={"Cookie": f"{COOKIE}={first.value}"}).status_code == 401


def test_signing_out_ends_it_for_whoever_has_a_copy_of_the_cookie(database: Mongo) -> None:
    app = console(database)
    client = signed_in(app)
    cookie = client.get_cookie(COOKIE)
    assert cookie is not None
    answer = post(client, "/logout", "/alerts")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/login")
    assert client.get_cookie(COOKIE) is None
    assert reader(app).get("/signed-in", headers={"Cookie": f"{COOKIE}={cookie.value}"}).status_code == 401


def test_another_site_can_neither_sign_in_nor_out_for_somebody(database: Mongo) -> None:
    app = console(database)
    client = signed_in(app)
    assert client.post("/logout").status_code == 403
    assert client.get("/signed-in").status_code == 204
    assert reader(app).post("/login", data={"secret": TOKEN}).status_code == 403
    other = app.test_client()
    token = token_of(other.get("/login"))
    headers = {"Origin": "http://evil.test"}
    assert other.post("/login", data={"secret": TOKEN, "csrf_token": token}, headers=headers).status_code == 403
    assert reader(app).post("/login", data={"secret": TOKEN, "csrf_token": token}).status_code == 403


def test_without_any_secret_nobody_can_sign_in_and_the_page_says_how(database: Mongo) -> None:
    app = console(database, proppr_console_token=None)
    page = reader(app).get("/login")
    assert "proppr console password" in page.text and "<form" not in page.text
    assert reader(app).get("/").status_code == 200
    assert reader(app).post("/alerts/mute", data={"pattern": "*"}).status_code == 401


def test_a_name_is_kept_as_it_was_given_but_for_control_signs(database: Mongo) -> None:
    app = console(database)
    client = reader(app)
    post(client, "/login", "/login", secret=TOKEN, name="  <b>\x00Ada\n</b>" + "x" * 100)
    stored = database["console_sessions"].find_one({})
    assert stored is not None and stored["operator"] == ("<b>Ada</b>" + "x" * 100)[:40]
    assert "<b>Ada" not in client.get("/drops").text


def test_the_sign_in_leads_back_to_where_one_wanted(database: Mongo) -> None:
    app = console(database, proppr_console_read_only_open=False)
    client = reader(app)
    answer = client.get("/logs?level=error", headers={"Accept": "text/html"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/login?next=%2Flogs%3Flevel%3Derror")
    target = "/logs?level=error"
    assert f'name="next" value="{target}"' in client.get(answer.headers["Location"]).text
    assert attempt(client, TOKEN, next=target).headers["Location"] == target


def test_a_part_of_a_page_leads_to_the_sign_in_as_well(database: Mongo) -> None:
    client = reader(console(database, proppr_console_read_only_open=False))
    headers = {"HX-Request": "true", "HX-Current-URL": "http://localhost/drops?league=1"}
    answer = client.get("/drops", headers=headers)
    assert answer.status_code == 401
    assert answer.headers["HX-Redirect"] == "/login?next=%2Fdrops%3Fleague%3D1"
    assert client.get("/drops", headers={"Accept": "text/plain"}).status_code == 401


HOSTILE = [
    "//evil.test", "///evil.test", "/\\evil.test", "\\\\evil.test", "/\t/evil.test", "/\n//evil.test", "https://evil.test",
    "http:evil.test", "javascript:alert(1)", "//evil.test/drops", "/drops//evil.test", "/%0d%0aLocation:x", "evil.test",
    "/login", "/logout", "/static/console.js", "/nowhere", " /drops", "/drops\x00", "", "/@evil.test", "/.evil.test",
]  # fmt: skip


@pytest.mark.parametrize("target", HOSTILE, ids=range(len(HOSTILE)))
def test_the_sign_in_never_leads_to_another_host(database: Mongo, target: str) -> None:
    client = reader(console(database))
    assert attempt(client, TOKEN, next=target).headers["Location"] == "/"
    assert client.get(f"/login?next={quote(target)}").headers["Location"] == "/", "who is signed in already"


@pytest.fixture
def app(database: Mongo) -> Flask:
    return console(database)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.one_of(st.text(max_size=30), st.text("/\\.:@?#%drops \t", max_size=20).map(lambda text: "/" + text)))
@example("/drops?next=//evil.test")
def test_a_target_is_a_path_of_ours(app: Flask, target: str) -> None:
    found = safe_target(app, target)
    parts = urlsplit(found)
    assert not parts.scheme and not parts.netloc and found.startswith("/") and not found.startswith(("//", "/\\"))
    assert all(32 < ord(character) != 127 for character in found)
