"""The plain values that the odds domain passes around.

Times are integers: milliseconds since the Unix epoch, UTC. Prices are decimal odds as floats (exact on a round trip
for the provider's at most six decimals). Nothing here knows MongoDB, sockets or clocks.
"""

from __future__ import annotations

from typing import Literal

import msgspec

Source = Literal["websocket", "api_poller"]
Side = Literal["home", "draw", "away", "over", "under", "yes", "no", "odds"]
SIDES: tuple[Side, ...] = ("home", "draw", "away", "over", "under", "yes", "no", "odds")


class Line(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One row of a market: a handicap, total, label or player with the prices of its sides.

    A side without a price is None. `lay` and `depth` hold (side, number) pairs of betting exchanges, sorted by side.
    """

    label: str | None = None
    hdp: float | None = None
    home: float | None = None
    draw: float | None = None
    away: float | None = None
    over: float | None = None
    under: float | None = None
    yes: float | None = None
    no: float | None = None
    odds: float | None = None
    max: float | None = None
    player_name: str | None = None
    team_side: Literal["home", "away"] | None = None
    stat: str | None = None
    lay: tuple[tuple[str, float], ...] | None = None
    depth: tuple[tuple[str, float], ...] | None = None
    depth_lay: tuple[tuple[str, float], ...] | None = None


class MarketUpdate(msgspec.Struct, frozen=True, gc=False):
    """The complete list of lines of one market, as one feed of one bookmaker last quoted it.

    `feed` is the bookmaker's name as received, `bookmaker` the book it belongs to (`Bet365 (no latency)` feeds
    `Bet365`). `sequence` is the provider's global position, where it is known.
    """

    fixture_id: int
    bookmaker: str
    feed: str
    market: str
    is_player: bool
    updated_at: int
    sequence: int | None
    lines: tuple[Line, ...]
    source: Source = "websocket"


class FeedCleared(msgspec.Struct, frozen=True, gc=False):
    """A feed of a bookmaker no longer prices the fixture (`deleted`, `no_markets`).

    `bookmaker` and `feed` are None where the whole fixture was deleted, by every bookmaker.
    """

    fixture_id: int
    bookmaker: str | None
    feed: str | None
    cleared_at: int
    sequence: int | None
    reason: Literal["deleted", "no_markets"]


class FeedSnapshot(msgspec.Struct, frozen=True, gc=False):
    """Everything that one feed of a bookmaker prices for a fixture, as REST answers it.

    A stored market that the snapshot lacks is withdrawn if the snapshot is provably newer than it: by `sequence` where
    both have one, else by `as_of`, the time in ms that the answer was certainly made at or after (None: the newest
    quote in it counts instead). Without any market and without `as_of` it says nothing.
    """

    fixture_id: int
    bookmaker: str
    feed: str
    sequence: int | None
    markets: tuple[MarketUpdate, ...]
    source: Source = "api_poller"
    as_of: int | None = None


BookUpdate = MarketUpdate | FeedCleared | FeedSnapshot


class LineChange(msgspec.Struct, frozen=True, gc=False):
    """One side of one line whose price changed, appeared (`previous` None) or was withdrawn (`price` None)."""

    market: str
    side: Side
    hdp: float | None
    label: str | None
    player_name: str | None
    stat: str | None
    price: float | None
    previous: float | None


class Fixture(msgspec.Struct, frozen=True):
    """What the registry knows of a fixture; the field names are those of the `fixtures` collection."""

    id: int
    home: str
    away: str
    sport: str
    league: str
    country: str
    date: str
    kickoff: int
    status: str
    home_id: int | None = None
    away_id: int | None = None
    scores: dict[str, object] | None = None
