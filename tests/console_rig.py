"""The console in tests: an application on the test's database, and clients that are signed in or not."""

from __future__ import annotations

import re
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from pydantic import SecretStr
from pymongo.database import Database
from werkzeug.test import TestResponse

from PROPPR.Console.app import create_console
from PROPPR.SharedServices.service.clock import Clock, SystemClock
from PROPPR.SharedServices.service.settings import Settings

TOKEN = "a-token-that-only-tests-know-0123456789"


def console(database: Database[dict[str, Any]], clock: Clock | None = None, **settings: Any) -> Flask:
    """The application; PROPPR_CONSOLE_TOKEN is TOKEN."""
    values = {"proppr_console_token": SecretStr(TOKEN), **settings}
    return create_console(Settings.model_validate(values), database, clock or SystemClock())


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
