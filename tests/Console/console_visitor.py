"""A browser without a screen: signs in to a console, follows links, sends the forms of its pages."""

from __future__ import annotations

import re
from html import unescape
from typing import Any, Final

from flask import Flask
from flask.testing import FlaskClient
from pymongo.database import Database
from werkzeug.test import TestResponse

from PROPPR.Console.app import create_console
from PROPPR.SharedServices.service.clock import Clock, SystemClock
from PROPPR.SharedServices.service.settings import Settings

TOKEN: Final = "a-token-of-the-tests-that-is-long-enough-0123456789"
LOOPBACK: Final = "http://127.0.0.1:8090"


def console(database: Database[dict[str, Any]], clock: Clock | None = None) -> Flask:
    """A console over the database: whoever is on this machine may read, who has the token may change."""
    app = create_console(Settings(proppr_console_token=TOKEN), database, clock or SystemClock())
    app.testing = False
    return app


class Visitor:
    """A reader on this machine; after `sign_in` somebody who may change."""

    def __init__(self, app: Flask) -> None:
        self.client: FlaskClient = app.test_client()

    def sign_in(self, name: str = "night shift") -> Visitor:
        """Send the form of the sign-in."""
        form = {"secret": TOKEN, "name": name, "csrf_token": _token(self.get("/login").text)}
        answer = self.client.post("/login", data=form, base_url=LOOPBACK)
        assert answer.status_code == 303, answer.text
        return self

    def get(self, path: str, **values: Any) -> TestResponse:
        """Load a page or a part."""
        return self.client.get(path, base_url=LOOPBACK, **values)

    def text(self, path: str) -> str:
        """The text of a page as a person sees it."""
        answer = self.get(path)
        assert answer.status_code == 200, answer.text
        return shown(answer.text)

    def send(self, page: str, path: str, **fields: str) -> TestResponse:
        """Send a form to `path` with the token that `page` has in its forms."""
        return self.client.post(path, data={**fields, "csrf_token": _token(self.get(page).text)}, base_url=LOOPBACK)


def shown(html: str) -> str:
    """The text of a page without its tags, as it is on a wide screen."""
    inside = re.search(r"<main.*</main>", html, re.DOTALL)
    wide = re.sub(r'<(small|span) class="narrow">.*?</\1>', "", inside[0] if inside else html, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", wide)).split())


def _token(html: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', html)
    return found[1] if found else ""
