"""The REST endpoints by the names under which requests are counted and faults are aimed."""

from __future__ import annotations

ENDPOINTS = (
    "/sports", "/bookmakers", "/bookmakers/selected", "/leagues", "/events", "/events/live", "/events/search",
    "/events/{id}", "/odds", "/odds/multi", "/odds/updated",
)  # fmt: skip
FOTMOB_ENDPOINTS = (
    "home", "matches", "matchDetails", "leagues", "teams", "playerData", "allLeagues", "redirect", "page",
)  # fmt: skip
ENDPOINTS_OF: dict[str, tuple[str, ...]] = {"rest": ENDPOINTS, "fotmob": FOTMOB_ENDPOINTS}
OTHER = "other"


def endpoint_of(path: str) -> str:
    """The endpoint that a path (what follows /v3) belongs to: one of ENDPOINTS, or OTHER."""
    if path in ENDPOINTS:
        return path
    return "/events/{id}" if path.startswith("/events/") and path.count("/") == 2 else OTHER
