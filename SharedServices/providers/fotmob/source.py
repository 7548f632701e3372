"""FotMob as those see it who ask for matches: FotMobClient, or a stand-in of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol


class Answer(Protocol):
    """A good answer (`Fetched` of the client)."""

    @property
    def payload(self) -> Mapping[str, Any]:
        """The answer decoded."""

    @property
    def raw(self) -> bytes:
        """The same as JSON text."""

    @property
    def fetched_at(self) -> datetime:
        """When the source last stood by it."""


class SourceHealth(Protocol):
    """How the source is (`SourceState` of the client)."""

    @property
    def healthy(self) -> bool:
        """Whether it answers."""

    @property
    def detail(self) -> str:
        """One line for people."""


class MatchFetcher(Protocol):
    """Who is asked for a match: RateLimited, SourceRefused, TransientError and SourceChanged say what went wrong."""

    def match(self, match_id: int) -> Answer:
        """A match's page."""


class MonitoredFetcher(MatchFetcher, Protocol):
    """A source of matches that knows how it is."""

    def state(self) -> SourceHealth:
        """How it is now."""
