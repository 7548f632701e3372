"""The console in tests: an application on the test's database, and clients that are signed in or not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from flask import Blueprint, Flask
from flask.testing import FlaskClient
from pydantic import SecretStr
from pymongo.database import Database
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from PROPPR.Console.app import create_console
from PROPPR.Console.events.broker import Broker
from PROPPR.SharedServices.service.clock import Clock, SystemClock
from PROPPR.SharedServices.service.health import HealthState, health_routes
from PROPPR.SharedServices.service.metrics import Metrics
from PROPPR.SharedServices.service.redact import Redactor
from PROPPR.SharedServices.service.settings import Settings

TOKEN = "a-token-that-only-tests-know-0123456789"


def console(
    database: Database[dict[str, Any]], clock: Clock | None = None, *, broker: Broker | None = None, **settings: Any
) -> Flask:
    """The application; PROPPR_CONSOLE_TOKEN is TOKEN, and whoever asks from loopback may read."""
    values = {"proppr_console_token": SecretStr(TOKEN), **settings}
    return create_console(
        Settings.model_validate(values), database, clock or SystemClock(), broker=broker, health=_health()
    )


def reader(app: Flask) -> FlaskClient:
    """A client that is not signed in."""
    return app.test_client()


def signed_in(app: Flask, name: str = "night shift") -> FlaskClient:
    """A client with a session of its own, as a browser gets it."""
    client = app.test_client()
    form = {"csrf_token": token_of(client.get("/login")), "name": name, "secret": TOKEN}
    assert client.post("/login", data=form).status_code == 303
    return client


def token_of(page: TestResponse) -> str:
    """The CSRF token in a page's form."""
    found = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
    assert found, page.text[:500]
    return found[1]


def post(client: FlaskClient, path: str, page: str, **form: str) -> TestResponse:
    """Post a form as the browser does that has loaded `page` before."""
    return client.post(path, data={"csrf_token": token_of(client.get(page)), **form})


def addresses(app: Flask) -> Iterator[tuple[str, str, Rule]]:
    """Every (method, path) that the application knows, OPTIONS and HEAD included, with something in each variable."""
    bound = app.url_map.bind("localhost")
    for rule in sorted(app.url_map.iter_rules(), key=str):
        values = {name: 1 if "int" in str(kind).lower() else "console.js" for name, kind in rule._converters.items()}
        for method in sorted(rule.methods or ()):
            yield method, bound.build(rule.endpoint, values, method=method), rule


def _health() -> Blueprint:
    return health_routes(HealthState("console", "test"), Metrics("console", "test"), Redactor())
