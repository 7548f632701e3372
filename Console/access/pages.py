"""Signing in and out."""

from __future__ import annotations

import logging
import math
import secrets
from collections.abc import Callable
from typing import Final

from flask import Blueprint, Response, current_app, g, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from PROPPR.Console.access import csrf, passwords
from PROPPR.Console.access.guard import Guard, current_session, safe_target
from PROPPR.Console.access.sessions import LONGEST, Session

log = logging.getLogger(__name__)

_LONGEST_NAME: Final = 40
_VISITOR_SECONDS: Final = 3600


def routes(guard: Guard, on_end: Callable[[Session], object]) -> Blueprint:
    """Return the pages; `on_end` is told of sessions that were ended."""
    blueprint = Blueprint("access", __name__)

    @blueprint.get("/login")
    def login() -> AnyResponse:
        if g.operator:
            return redirect(safe_target(current_app, request.args.get("next")), 303)
        return _form(guard, 200)

    @blueprint.post("/login")
    def attempt() -> AnyResponse:
        visitor = request.cookies.get(guard.visitor_cookie)
        is_ours = csrf.comes_from_us(request.headers, request.host)
        if not is_ours or not csrf.is_right(visitor, request.form.get(csrf.FIELD)):
            return _form(guard, 403, "This form was too old, or cookies are switched off. Please try again.")
        refused = _judge(guard, request.form.get("secret", ""))
        return refused or _welcome(guard, on_end)

    @blueprint.get("/signed-in")
    def who() -> AnyResponse:
        # For the page of the sign-in: after a click in another program the browser has withheld the cookie.
        return Response(status=204 if g.operator else 401)

    @blueprint.post("/logout")
    def logout() -> AnyResponse:
        session = current_session()
        if session is not None:
            guard.sessions.end(session)
            on_end(session)
            log.info("signed out", extra={"operator": session.operator, "address": request.remote_addr})
        response = redirect("/login", 303)
        response.delete_cookie(guard.cookie, secure=guard.policy.secure, httponly=True, samesite="Strict")
        return response

    return blueprint


def _judge(guard: Guard, given: str) -> AnyResponse | None:
    """None if the secret is right, else the answer. While an address has to wait, the right one waits, too."""
    address = request.remote_addr or "unknown"
    wait = guard.throttle.take(address)
    if wait:
        seconds = math.ceil(wait)
        log.warning("sign-in throttled", extra={"address": address, "wait": seconds})
        response = _form(guard, 429, f"Too many attempts. Try again in {seconds} s.")
        response.headers["Retry-After"] = str(seconds)
        return response
    stored = guard.settings.proppr_console_password_hash
    by_password = stored is not None and passwords.is_right(given, stored.get_secret_value())
    if by_password or guard.is_token(given.strip()):
        guard.throttle.forgive(address)
        return None
    log.warning("sign-in refused", extra={"address": address})
    return _form(guard, 401, "That is not right.")


def _welcome(guard: Guard, on_end: Callable[[Session], object]) -> AnyResponse:
    before = current_session()
    if before is not None:
        guard.sessions.end(before)
        on_end(before)
    name = "".join(character for character in request.form.get("name", "") if character.isprintable()).strip()
    operator = name[:_LONGEST_NAME] or "operator"
    token = guard.sessions.open(operator, request.remote_addr or "")
    log.info("signed in", extra={"operator": operator, "address": request.remote_addr})
    response = redirect(safe_target(current_app, request.form.get("next")), 303)
    strict = {"secure": guard.policy.secure, "httponly": True, "samesite": "Strict"}
    response.set_cookie(guard.cookie, token, max_age=LONGEST, **strict)  # type: ignore[arg-type]
    response.delete_cookie(guard.visitor_cookie, **strict)  # type: ignore[arg-type]
    return response


def _form(guard: Guard, status: int, problem: str = "") -> AnyResponse:
    """The form, with a cookie of its own: there is no session yet whose token it could carry."""
    known = request.cookies.get(guard.visitor_cookie, "")
    g.visitor = known if 20 <= len(known) <= 64 else secrets.token_urlsafe(24)  # two tabs, one cookie
    g.session = g.operator = None
    target = request.values.get("next", "")
    page = render_template(
        "login.html", problem=problem, target=safe_target(current_app, target), can_sign_in=guard.policy.can_sign_in,
        by_password=guard.settings.proppr_console_password_hash is not None,
        by_token=guard.settings.proppr_console_token is not None, name=request.form.get("name", "")[:_LONGEST_NAME],
    )  # fmt: skip
    response = make_response(page, status)
    response.set_cookie(
        guard.visitor_cookie, g.visitor, max_age=_VISITOR_SECONDS, secure=guard.policy.secure, httponly=True,
        samesite="Strict",
    )  # fmt: skip
    return response
