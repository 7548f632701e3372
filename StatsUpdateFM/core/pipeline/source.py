"""What the pipeline asks the source of matches, and how it says that an answer can't be read."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Protocol

from PROPPR.SharedServices.football.errors import LayoutChanged
from PROPPR.SharedServices.service.errors import SourceChanged


class Answer(Protocol):
    """A good answer (`Fetched` of the FotMob client)."""

    @property
    def payload(self) -> Mapping[str, Any]:
        """The answer decoded."""

    @property
    def raw(self) -> bytes:
        """The same as JSON text."""

    @property
    def fetched_at(self) -> datetime:
        """When the source last stood by it."""


class Source(Protocol):
    """The source (FotMobClient): RateLimited, SourceRefused, TransientError and SourceChanged say what went wrong."""

    def day(self, day: date) -> Answer:
        """The list of a day's matches."""

    def league(self, league_id: int, season: str | None = None) -> Answer:
        """A league's page."""

    def match(self, match_id: int) -> Answer:
        """A match's page."""


class SourceHealth(Protocol):
    """How the source is (SourceState of the FotMob client)."""

    @property
    def healthy(self) -> bool:
        """Whether it answers."""

    @property
    def detail(self) -> str:
        """One line for people."""


class MonitoredSource(Source, Protocol):
    """A source that knows how it is."""

    def state(self) -> SourceHealth:
        """How it is now."""


class StrangeLayout(SourceChanged):
    """A page is laid out as none that we know: `page` is which, `path` where in it, `detail` what is there."""

    def __init__(self, page: str, error: LayoutChanged) -> None:
        self.page = page
        self.path = error.path
        self.detail = error.detail
        super().__init__(f"{page}: {error.path}: {error.detail}")
