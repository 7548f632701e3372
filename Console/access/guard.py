"""Looks at every request before its page does: who is it, may they, and was it one of our own pages that asked.

A page has to do nothing for that. Whatever does more than read is a change: it needs somebody signed in and the token
of its form, and it is logged with who and what.
"""

from __future__ import annotations

import hmac
import logging
import math
from dataclasses import dataclass
from functools import partial
from typing import Final
from urllib.parse import urlencode, urlsplit

from flask import Flask, Response, abort, g, redirect, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound
from werkzeug.routing import RequestRedirect
from werkzeug.wrappers import Response as AnyResponse

from PROPPR.Console.access import csrf
from PROPPR.Console.access.policy import Policy
from PROPPR.Console.access.sessions import Session, Sessions
from PROPPR.Console.access.throttle import Throttle
from PROPPR.Console.context import context
from PROPPR.SharedServices.service.settings import Settings

log = logging.getLogger(__name__)

SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
LOGIN: Final = "access.login"
# What anybody may ask: the sign-in itself, its style, and the health endpoints, which say nothing secret.
PUBLIC: Final = frozenset({
    LOGIN, "access.attempt", "access.who", "static", "health.health", "health.live", "health.ready",
    "health.metrics_page",
})  # fmt: skip
TOKEN_OPERATOR: Final = "token"  # noqa: S105 - the name of whoever has it
_MOST_SHOWN: Final = 200  # characters of a field in the log


@dataclass(frozen=True)
class Guard:
    """The parts that decide."""

    policy: Policy
    sessions: Sessions
    throttle: Throttle
    settings: Settings

    @property
    def cookie(self) -> str:
        """The name of the session's cookie. Browsers take `__Host-` only over TLS and for this very host."""
        return "__Host-proppr-console" if self.policy.secure else "proppr-console"

    @property
    def visitor_cookie(self) -> str:
        """The name of the cookie that guards the form of the sign-in."""
        return "__Host-proppr-visitor" if self.policy.secure else "proppr-visitor"

    def is_token(self, given: str) -> bool:
        """Whether this is the token of the settings, compared in constant time."""
        token = self.settings.proppr_console_token
        if token is None:
            return False
        return hmac.compare_digest(given.encode("utf-8", "surrogatepass"), token.get_secret_value().encode())


def register(app: Flask, guard: Guard) -> None:
    """Let `guard` see every request of `app` first."""

    @app.before_request
    def before() -> AnyResponse | None:
        g.session = g.operator = None
        g.by_token = False
        if request.endpoint in PUBLIC and not (request.endpoint or "").startswith("access."):
            return None
        _identify(guard)
        if request.endpoint in PUBLIC:
            return None
        if request.method not in SAFE:
            return _allow_change(guard)
        if g.operator or guard.policy.may_read(request.remote_addr, request.host, request.headers):
            return None
        return to_sign_in()

    @app.after_request
    def after(response: Response) -> Response:
        if request.method not in SAFE and request.endpoint not in PUBLIC:
            _log_change(response)
        return response

    app.jinja_env.globals["csrf_token"] = lambda: form_token(guard)
    app.jinja_env.globals["notices"] = lambda: guard.sessions.heard(g.session) if g.get("session") else ()


def current_session() -> Session | None:
    """The session of this request; None for a reader, and for a program with the token."""
    found: Session | None = g.get("session")
    return found


def form_token(guard: Guard) -> str:
    """What the forms of this answer carry; empty for readers, who get no forms."""
    secret = g.get("visitor") or (request.cookies.get(guard.cookie) if current_session() else None)
    return csrf.token_of(secret) if secret else ""


def to_sign_in() -> AnyResponse:
    """Lead to the sign-in and back: a page by redirection, a part of a page by htmx's header, a program by 401."""
    if "HX-Request" in request.headers:
        here = urlsplit(request.headers.get("HX-Current-URL", ""))
        response = Response("Your session has ended: sign in again.", 401, mimetype="text/plain")
        response.headers["HX-Redirect"] = _login_path(here.path + (f"?{here.query}" if here.query else ""))
        return response
    if request.method in SAFE and request.accept_mimetypes.accept_html:
        return redirect(_login_path(request.full_path.rstrip("?")), 303)
    return Response("Sign in first.\n", 401, {"WWW-Authenticate": "Bearer"}, mimetype="text/plain")


def safe_target(app: Flask, target: str | None) -> str:
    """Return `target` if it is the path of one of our own pages, else the first page: never another host."""
    if not target or not target.startswith("/") or target.startswith("//") or len(target) > 2000:
        return "/"
    if any(ord(character) <= 32 or character == "\\" or ord(character) == 127 for character in target):
        return "/"
    parts = urlsplit(target)
    if parts.scheme or parts.netloc:
        return "/"
    try:
        endpoint, _ = app.url_map.bind("").match(parts.path, "GET")
    except (NotFound, MethodNotAllowed, RequestRedirect):
        return "/"
    return "/" if endpoint in PUBLIC else target


def _identify(guard: Guard) -> None:
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        if not guard.is_token(given.strip()):
            _refuse_token(guard)
        g.operator, g.by_token = TOKEN_OPERATOR, True
        return
    g.session = guard.sessions.find(request.cookies.get(guard.cookie))
    if g.session is not None:
        g.operator = g.session.operator
        g.say = partial(guard.sessions.say, g.session)


def _refuse_token(guard: Guard) -> None:
    address = request.remote_addr or "unknown"
    wait = guard.throttle.take(address)
    log.warning("wrong token", extra={"address": address, "throttled": wait > 0})
    if wait:
        abort(Response("Too many attempts.\n", 429, {"Retry-After": str(math.ceil(wait))}, mimetype="text/plain"))
    abort(Response("Wrong token.\n", 401, {"WWW-Authenticate": "Bearer"}, mimetype="text/plain"))


def _allow_change(guard: Guard) -> AnyResponse | None:
    if not g.operator:
        return to_sign_in()
    if g.by_token:  # no page of another site can make a browser send that header
        return None
    given = request.form.get(csrf.FIELD) or request.headers.get(csrf.HEADER)
    is_ours = csrf.comes_from_us(request.headers, request.host)
    if not is_ours or not csrf.is_right(request.cookies.get(guard.cookie), given):
        log.warning("refused a form that is not ours", extra={"path": request.path, "address": request.remote_addr})
        abort(403, "This form was not sent by a page of the console, or it is too old. Load the page again.")
    return None


def _log_change(response: Response) -> None:
    redactor = context().redactor
    try:
        form = list(request.form.items(multi=True)) if g.get("operator") else []
    except HTTPException:  # too long to be read: that is what the answer says
        form = []
    fields = {name[:_MOST_SHOWN]: redactor.text(value[:_MOST_SHOWN]) for name, value in form[:20] if name != csrf.FIELD}
    log.info("change by an operator", extra={
        "operator": g.get("operator"), "address": request.remote_addr, "action": request.endpoint,
        "path": request.path, "fields": fields, "status": response.status_code,
    })  # fmt: skip


def _login_path(target: str) -> str:
    return "/login" if target in ("", "/") else f"/login?{urlencode({'next': target})}"
