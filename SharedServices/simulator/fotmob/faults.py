"""FotMob's answers spoilt: refused as its protections refuse, late, cut, of another match, or in an unknown layout."""

from __future__ import annotations

import asyncio
from typing import Any

from PROPPR.SharedServices.simulator.answers import Response, json_response
from PROPPR.SharedServices.simulator.faults import Rule

DEFAULT_SLOW = 3.0
OTHER_MATCH = 77
HTML = "text/html; charset=utf-8"
_BEFORE = {
    "403": (403, "<html><head><title>403 Forbidden</title></head><body>cloudflare</body></html>"),
    "404": (404, "<!DOCTYPE html><html><body><h1>404</h1>This page could not be found.</body></html>"),
    "html_200": (200, "<!DOCTYPE html><html><head><title>Just a moment...</title></head><body></body></html>"),
    "500": (500, "<html><body>Internal Server Error</body></html>"),
    "503": (503, "<html><body>Service Unavailable</body></html>"),
}
RENAMED = {
    "general": "summary",
    "header": "head",
    "playerStats": "playerNumbers",
    "Periods": "periods",
    "ShotsOnTarget": "shots_on_goal",
    "homeTeam": "home_team",
    "allMatches": "matchList",
    "leagues": "competitions",
}


async def strike_first(rule: Rule) -> Response | None:
    """What a fault says instead of an answer; None where the request is still to be answered."""
    name = rule.fault.removeprefix("fotmob_")
    if name in _BEFORE:
        status, text = _BEFORE[name]
        return Response(status, text.encode(), content_type=HTML)
    if name == "turnstile":
        return json_response({"error": "TURNSTILE_REQUIRED", "code": "TURNSTILE_REQUIRED"}, 403)
    if name == "429":
        return Response(429, b"Too Many Requests", {"Retry-After": str(int(rule.seconds or 60))}, "text/plain")
    if name == "disconnect":
        return Response(abort=True)
    if name == "slow":
        await asyncio.sleep(rule.seconds if rule.seconds is not None else DEFAULT_SLOW)
    return None


def needs_an_answer(rule: Rule) -> bool:
    """Whether the fault changes an answer instead of replacing it."""
    return rule.fault in ("fotmob_truncated", "fotmob_renamed", "fotmob_other_match")


def renamed(value: Any) -> Any:  # noqa: ANN401 - JSON
    """The same with some keys renamed, everywhere: a layout that nobody has seen."""
    if isinstance(value, dict):
        return {RENAMED.get(name, name): renamed(item) for name, item in value.items()}
    return [renamed(item) for item in value] if isinstance(value, list) else value
