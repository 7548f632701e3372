"""The WebSocket's query parameters: the provider's filters, their maxima and the texts of its refusals."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from PROPPR.SharedServices.simulator.catalogue import SPORTS, find_sport
from PROPPR.SharedServices.simulator.messages import Fixture, Message

MAX_SPORTS, MAX_LEAGUES, MAX_EVENTS, MAX_MARKETS = 10, 20, 50, 20
CHANNELS = ("odds", "scores", "status")
_CHANNEL_OF = {"score": "scores", "status": "status"}


class HandshakeError(Exception):
    """A refused handshake: HTTP status and the provider's text."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.text = text


@dataclass(frozen=True)
class Filters:
    """What one connection asked for. Markets are upper-case; None and empty mean no restriction."""

    markets: frozenset[str]
    market_list: tuple[str, ...]
    sports: tuple[str, ...]
    leagues: tuple[str, ...]
    event_ids: tuple[str, ...]
    status: str | None
    channels: tuple[str, ...]
    last_sequence: int | None
    feeds: frozenset[str]

    def wants_fixture(self, fixture: Fixture) -> bool:
        """Whether the fixture passes the filters of sport, league, id and status."""
        if self.sports and fixture.sport_slug not in self.sports:
            return False
        if self.leagues and fixture.league_slug not in self.leagues:
            return False
        if self.event_ids and str(fixture.id) not in self.event_ids:
            return False
        if self.status is not None:
            return (self.status == "prematch") == (fixture.status == "pending")
        return True

    def wants(self, message: Message) -> bool:
        """Whether the message is for this connection, its markets aside."""
        if _CHANNEL_OF.get(message.kind, "odds") not in self.channels:
            return False
        if message.book is not None and message.book.feed not in self.feeds:
            return False
        return self.wants_fixture(message.fixture)


def split(text: str) -> tuple[str, ...]:
    """A CSV parameter's parts, without empty ones and repetitions."""
    return tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))


def _limited(values: tuple[str, ...], maximum: int, what: str) -> tuple[str, ...]:
    if len(values) > maximum:
        raise HandshakeError(400, f"Too many {what}. Maximum {maximum} allowed.")
    return values


def _sequence(text: str | None) -> int | None:
    if text is None:
        return None
    try:
        return int(text)
    except ValueError:
        raise HandshakeError(400, "Invalid lastSeq") from None


def parse_filters(query: dict[str, str], feeds: Iterable[str]) -> Filters:
    """Read a connection's filters; raises HandshakeError with the documented text."""
    sports = _limited(split(query.get("sport", "")), MAX_SPORTS, "sports")
    leagues = _limited(split(query.get("leagues", "")), MAX_LEAGUES, "leagues")
    event_ids = _limited(split(query.get("eventIds", "")), MAX_EVENTS, "event IDs")
    markets = _limited(split(query.get("markets", "")), MAX_MARKETS, "markets")
    if leagues and event_ids:
        raise HandshakeError(400, "Cannot use both 'leagues' and 'eventIds' filters together.")
    status = query.get("status") or None
    if status not in (None, "live", "prematch"):
        raise HandshakeError(400, "Invalid status filter. Use 'prematch' or 'live'")
    channels = split(query.get("channels", "odds")) or ("odds",)
    if any(channel not in CHANNELS for channel in channels):
        raise HandshakeError(400, "Invalid channels. Use 'odds', 'scores' or 'status'")
    if "odds" in channels and not markets:
        raise HandshakeError(400, "Missing markets")
    return Filters(
        markets=frozenset(name.upper() for name in markets),
        market_list=tuple(name.upper() for name in markets),
        sports=tuple(find_sport(sport) or sport for sport in sports),
        leagues=leagues,
        event_ids=event_ids,
        status=status,
        channels=channels,
        last_sequence=_sequence(query.get("lastSeq")),
        feeds=frozenset(feeds),
    )


def sport_names(filters: Filters) -> list[str]:
    """The sports as the welcome shows them: names, not slugs."""
    return [SPORTS.get(sport, sport) for sport in filters.sports]
