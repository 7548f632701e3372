"""What a connection to the provider's stream asks for, within the provider's maxima. Pure."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, urlencode

from PROPPR.SharedServices.service.errors import ConfigError

MAX_MARKETS: Final = 20
MAX_SPORTS: Final = 10
MAX_LEAGUES: Final = 20
MAX_EVENT_IDS: Final = 50
MAX_FILTER_SETS: Final = 24
MAIN_MARKET: Final = "ML"
CHANNELS: Final = ("odds", "scores", "status")
STATUSES: Final = (None, "", "live", "prematch")


@dataclass(frozen=True, slots=True)
class Subscription:
    """The filters of one connection; they are fixed for its life. Empty means all (`markets` may not be empty)."""

    markets: tuple[str, ...]
    sports: tuple[str, ...] = ()
    leagues: tuple[str, ...] = ()
    event_ids: tuple[str, ...] = ()
    status: str = ""

    @property
    def key(self) -> str:
        """A short name of the filters, the same in every process that asks for the same."""
        parts = (self.markets, self.sports, self.leagues, self.event_ids, (self.status,))
        text = "\n".join(",".join(sorted(item.casefold() for item in part)) for part in parts)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def url(self, base: str, api_key: str, last_sequence: int | None) -> str:
        """The address to connect to. It holds the key: never log it."""
        query: dict[str, str] = {"apiKey": api_key, "markets": ",".join(self.markets), "channels": ",".join(CHANNELS)}
        if self.sports:
            query["sport"] = ",".join(self.sports)
        if self.leagues:
            query["leagues"] = ",".join(self.leagues)
        if self.event_ids:
            query["eventIds"] = ",".join(self.event_ids)
        if self.status:
            query["status"] = self.status
        if last_sequence is not None:
            query["lastSeq"] = str(last_sequence)
        return f"{base}?{urlencode(query, quote_via=quote, safe='')}"


def plan_subscriptions(
    markets: Sequence[str],
    sports: Sequence[str] = (),
    leagues: Sequence[str] = (),
    event_ids: Sequence[int] = (),
    status: str | None = None,
) -> tuple[Subscription, ...]:
    """Split the settings into filter sets that each keep to the provider's maxima.

    Every set has `ML`, because player props flow only beside it. Together the sets cover every combination asked for.
    Raises ConfigError naming the setting that can't be met.
    """
    if not markets:
        raise ConfigError("WS_MARKETS", "must name at least one market: the provider sends no odds without")
    if leagues and event_ids:
        raise ConfigError("WS_EVENT_IDS", "can't be used together with WS_LEAGUES")
    if status not in STATUSES:
        raise ConfigError("WS_STATUS", "must be 'live', 'prematch' or empty for both")
    product = itertools.product(
        _market_chunks(markets),
        _chunks(sports, MAX_SPORTS),
        _chunks(leagues, MAX_LEAGUES),
        _chunks([str(event_id) for event_id in event_ids], MAX_EVENT_IDS),
    )
    sets = tuple(Subscription(*parts, status or "") for parts in itertools.islice(product, MAX_FILTER_SETS + 1))
    if len(sets) > MAX_FILTER_SETS:
        raise ConfigError("WS_MARKETS", f"with the other filters needs more than {MAX_FILTER_SETS} connections in turn")
    return sets


def _market_chunks(markets: Sequence[str]) -> list[tuple[str, ...]]:
    others = [market for market in dict.fromkeys(markets) if market.casefold() != MAIN_MARKET.casefold()]
    return [(MAIN_MARKET, *chunk) for chunk in _chunks(others, MAX_MARKETS - 1)]


def _chunks(items: Sequence[str], size: int) -> list[tuple[str, ...]]:
    unique = tuple(dict.fromkeys(items))
    return [unique[start : start + size] for start in range(0, len(unique), size)] or [()]
