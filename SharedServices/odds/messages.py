"""The WebSocket's messages as typed values, one class per kind; every one has `sequence`."""

from __future__ import annotations

from typing import Literal

import msgspec

from PROPPR.SharedServices.odds.rejects import Reject
from PROPPR.SharedServices.odds.scores import Scores
from PROPPR.SharedServices.odds.types import FeedCleared, MarketUpdate


class Welcome(msgspec.Struct, frozen=True, kw_only=True):
    """The first message of a connection: the bookmakers and filters it really has.

    The account's e-mail (`user_id`) is not kept. `sport_filter` holds names, not slugs; market names are upper-cased.
    """

    bookmakers: tuple[str, ...] = ()
    sport_filter: tuple[str, ...] = ()
    leagues_filter: tuple[str, ...] = ()
    event_id_filter: tuple[str, ...] = ()
    market_filter: tuple[str, ...] = ()
    status_filter: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    warning: str | None = None
    connected_at: int | None = None
    sequence: int | None = None


class OddsMessage(msgspec.Struct, frozen=True, gc=False):
    """`created` or `updated`: the complete rows of each market it names. Markets it doesn't name are not withdrawn.

    `timestamp` is to the second. `updates` holds only what could be read; the rest is among the rejects.
    """

    kind: Literal["created", "updated"]
    sequence: int | None
    timestamp: int | None
    fixture_id: int
    feed: str
    url: str | None
    updates: tuple[MarketUpdate, ...]


class Cleared(msgspec.Struct, frozen=True, gc=False):
    """`deleted` or `no_markets`. `cleared_at` is to the second, or the time of receipt where the provider said none."""

    update: FeedCleared
    sequence: int | None


class ScoreMessage(msgspec.Struct, frozen=True):
    """A score of the channel `scores`. Not replayed after a reconnect."""

    fixture_id: int
    scores: Scores | None
    clock: Scores | None
    status_detail: str | None
    timestamp: int | None
    sequence: int | None


class StatusMessage(msgspec.Struct, frozen=True):
    """A change of an event's status; `scores` is None where the status says that there is no result."""

    fixture_id: int
    status: str
    scores: Scores | None
    clock: Scores | None
    status_detail: str | None
    timestamp: int | None
    sequence: int | None


class ResyncRequired(msgspec.Struct, frozen=True):
    """The provider can't replay from the position asked for: take a snapshot again."""

    reason: str
    sequence: int | None = None


class Unknown(msgspec.Struct, frozen=True):
    """A message type that this code doesn't know: to be logged once per type and ignored."""

    type: str
    sequence: int | None = None


WireMessage = Welcome | OddsMessage | Cleared | ScoreMessage | StatusMessage | ResyncRequired | Unknown


class DecodedFrame(msgspec.Struct, frozen=True):
    """What a frame held: its messages in order, what was refused, and how many markets were skipped as unreliable."""

    messages: tuple[WireMessage, ...]
    rejects: tuple[Reject, ...]
    skipped_markets: int = 0
