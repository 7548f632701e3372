"""What every page of the console works with, and who is signed in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from flask import current_app, g

from PROPPR.SharedServices.service.alerting.control import AlertControl
from PROPPR.SharedServices.service.clock import Clock
from PROPPR.SharedServices.service.mongo_types import MongoDatabase
from PROPPR.SharedServices.service.redact import Redactor
from PROPPR.SharedServices.service.settings import Settings
from PROPPR.SharedServices.storage.fixture_mappings import FixtureMappings

EXTENSION = "console"


@dataclass(frozen=True)
class Console:
    """The parts that pages share. `redactor` takes secrets out of what is shown (log lines, errors)."""

    settings: Settings
    database: MongoDatabase
    clock: Clock
    redactor: Redactor
    alerts_control: AlertControl
    mappings: FixtureMappings

    def now(self) -> datetime:
        """The time in UTC, aware."""
        return self.clock.now()


def context() -> Console:
    """The console that answers this request."""
    return cast(Console, current_app.extensions[EXTENSION])


def operator() -> str | None:
    """The name under which somebody signed in, for "by whom"; None for a reader who did not."""
    return cast("str | None", g.get("operator"))


def tell(text: str) -> None:
    """Show a sentence on the next page of whoever is signed in; a program with the token is not told."""
    say: Callable[[str], None] | None = g.get("say")
    if say is not None:
        say(text)
