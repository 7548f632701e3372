"""The checks of the services in plain words, and where the runbook says what to do about each. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

SERVICES: Final[Mapping[str, str]] = {
    "websocket-updater": "Live odds (WebSocket)",
    "unified-poller": "Odds by REST",
    "stats-pipeline": "Statistics",
    "grading-scheduler": "Grading of bets",
}
"""What should always run, in the order of the page."""

_OTHERS: Final[Mapping[str, str]] = {"console": "This console"}

_WORDS: Final[Mapping[str, str]] = {
    "startup": "It is starting",
    "mongodb": "The connection to MongoDB",
    "alert outbox": "Storing alerts",
    "telegram sender": "Sending alerts to Telegram",
    "email": "Sending alerts by e-mail",
    "pagerduty": "Sending alerts to PagerDuty",
    "heartbeat": "Its heartbeat",
    "health": "Its /health page",
    "lease": "Which process works and which stands by",
    "connection": "The connection to the provider",
    "data_age": "Odds arriving",
    "stream": "Reading the stream",
    "positions": "Noting how far the stream was read",
    "coverage": "Telling the poller what the stream carries",
    "snapshots": "Reading whole books again",
    "fixtures": "The list of fixtures",
    "recorder": "Recording what is received",
    "writer": "Writing books to MongoDB",
    "derived": "Finding value bets and arbitrages",
    "aftercare": "Clearing what is over",
    "lag": "How far the books are behind",
    "bookmakers": "Bookmakers that the provider refuses",
    "rereads": "Fixtures to be read again",
    "budget": "The budget of requests",
    "registry": "Registering fixtures",
    "book reader": "Reading whole books",
    "cycles": "Asking for changes",
    "layout": "FotMob's pages as they are known",
    "leagues": "Bringing leagues up to date",
    "daily_run": "The daily run",
    "schedule": "The schedule of runs",
    "rounds": "Rounds of grading",
    "pending": "Bets that wait too long",
    "grading": "Settling bets",
    "embedded-mongodb": "The embedded MongoDB",
}
_SOURCES: Final[Mapping[str, str]] = {"unified-poller": "The provider answering by REST"}

_ENTRIES: Final[Mapping[str, str]] = {
    "startup": "mongodbaway",  # what a start waits for
    "mongodb": "mongodbaway",
    "alert outbox": "alertsnotstored",
    "telegram sender": "alertsnotdelivered",
    "email": "alertsnotdelivered",
    "pagerduty": "alertsnotdelivered",
    "lease": "leaseunheld",
    "connection": "feeddisconnected",
    "data_age": "feedsilent",
    "stream": "workerfailing",
    "writer": "mongodbaway",
    "derived": "queuegrowing",
    "lag": "pollerlate",
    "bookmakers": "bookmakerrefused",
    "budget": "budgetnearlyused",
    "layout": "statisticslayoutchanged",
    "leagues": "statsleagues",
    "daily_run": "statisticsstale",
    "rounds": "gradingstopped",
    "pending": "gradingpendingtooold",
}
_ENTRIES_OF_SERVICES: Final[Mapping[tuple[str, str], str]] = {
    ("unified-poller", "source"): "pollersourceaway",
    ("stats-pipeline", "source"): "statisticssourcedegraded",
    ("grading-scheduler", "source"): "statisticssourcedegraded",
    ("stats-pipeline", "budget"): "fotmobbudgetused",
    ("grading-scheduler", "budget"): "fotmobbudgetused",
}
_STATES: Final[Mapping[str, str]] = {
    "unhealthy": "processunhealthy",
    "degraded": "processdegraded",
    "silent": "processdown",
    "stopped": "processdown",
    "absent": "processdown",
}


def title_of(service: str) -> str:
    """What a service does, for a heading."""
    return SERVICES.get(service) or _OTHERS.get(service, service)


def words_of(service: str, check: str) -> str:
    """What a check looks at; its own name where nobody has given it words."""
    if check == "source":
        return _SOURCES.get(service, "FotMob answering")
    return _WORDS.get(check, check.replace("_", " "))


def entry_of(service: str, check: str) -> str:
    """The anchor of the runbook's entry about a check that is not ok."""
    return _ENTRIES_OF_SERVICES.get((service, check)) or _ENTRIES.get(check, "workerfailing")


def entry_of_state(state: str) -> str:
    """The anchor of the runbook's entry about a service in this state; empty for one that is well."""
    return _STATES.get(state, "")
