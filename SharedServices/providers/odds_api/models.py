"""What the client answers beside fixtures: the catalogue and the books of one call."""

from __future__ import annotations

import msgspec

from PROPPR.SharedServices.odds.rejects import Reject
from PROPPR.SharedServices.odds.types import FeedSnapshot, Fixture, MarketUpdate


class Sport(msgspec.Struct, frozen=True):
    """A sport and the slug by which it is asked for."""

    name: str
    slug: str


class League(msgspec.Struct, frozen=True):
    """A league of one sport, `Country - League`. Slugs change over time; `events` counts its events."""

    name: str
    slug: str
    events: int | None = None


class Bookmaker(msgspec.Struct, frozen=True):
    """A bookmaker of the catalogue, under the exact name by which it is asked for."""

    name: str
    active: bool


class OddsAnswer(msgspec.Struct, frozen=True):
    """The books of one call. An event that was asked for and is missing has no odds now; it is not deleted.

    `snapshots` are the feeds that could be read whole, `partial` the readable markets of the others, `rejects` what was
    refused. `sequence` is the feed's position when the books were taken, where the provider said it. `asked_at` and
    `received_at` are ms of our clock: what changed after `asked_at` may be missing. `provider_time` is the answer's
    `Date` in ms, in whole seconds, None where it has none.
    """

    fixtures: tuple[Fixture, ...]
    snapshots: tuple[FeedSnapshot, ...]
    sequence: int | None
    partial: tuple[MarketUpdate, ...] = ()
    rejects: tuple[Reject, ...] = ()
    asked_at: int = 0
    received_at: int = 0
    provider_time: int | None = None
