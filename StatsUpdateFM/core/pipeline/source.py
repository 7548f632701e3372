"""What the pipeline asks the source of matches, and how it says that an answer can't be read."""

from __future__ import annotations

from datetime import date
from typing import Protocol

from PROPPR.SharedServices.football.errors import LayoutChanged
from PROPPR.SharedServices.providers.fotmob.source import Answer, MatchFetcher, MonitoredFetcher
from PROPPR.SharedServices.service.errors import SourceChanged


class Source(MatchFetcher, Protocol):
    """The source (FotMobClient), with its lists."""

    def day(self, day: date) -> Answer:
        """The list of a day's matches."""

    def league(self, league_id: int, season: str | None = None) -> Answer:
        """A league's page."""


class MonitoredSource(Source, MonitoredFetcher, Protocol):
    """A source that knows how it is."""


class StrangeLayout(SourceChanged):
    """A page is laid out as none that we know: `page` is which, `path` where in it, `detail` what is there."""

    def __init__(self, page: str, error: LayoutChanged) -> None:
        self.page = page
        self.path = error.path
        self.detail = error.detail
        super().__init__(f"{page}: {error.path}: {error.detail}")
