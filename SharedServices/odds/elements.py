"""One element of an odds answer, from its bytes: decoded in typed steps, and value by value only where that fails.

What was not asked for is stepped over without being decoded.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec
from msgspec import UNSET, Raw

from PROPPR.SharedServices.odds.loose import parse_json
from PROPPR.SharedServices.odds.reading import MarketsRead, Origin, read_loose_markets, read_typed_markets
from PROPPR.SharedServices.odds.rejects import Reject, WireError
from PROPPR.SharedServices.odds.rest import (
    AnswerFacts,
    OddsElement,
    id_of,
    read_books,
    read_event,
    read_odds,
    refused_element,
)
from PROPPR.SharedServices.odds.rows import ExchangeMarket, Market

LARGE_BYTES: Final = 1_000_000
MAX_VALUES: Final = 800_000
"""Values that a large element may hold: a thousand times as many small ones would fill the memory."""

_IRREGULAR: Final = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)


class _Element(msgspec.Struct, gc=False, rename="camel"):
    """An odds element: its head as plain values, its books undecoded."""

    bookmakers: Raw
    id: Any = None
    home: Any = None
    away: Any = None
    home_id: Any = None
    away_id: Any = None
    date: Any = None
    sport: Any = None
    league: Any = None
    status: Any = None
    scores: Any = None
    error: Any = UNSET

    def head(self) -> dict[str, Any]:
        """What `read_event` reads."""
        return {
            "id": self.id, "home": self.home, "away": self.away, "homeId": self.home_id, "awayId": self.away_id,
            "date": self.date, "sport": self.sport, "league": self.league, "status": self.status, "scores": self.scores,
        }  # fmt: skip


_ELEMENT: Final = msgspec.json.Decoder(_Element)
_BOOKS: Final = msgspec.json.Decoder(dict[str, Raw])
_MARKETS: Final = msgspec.json.Decoder(list[Market])
_EXCHANGE_MARKETS: Final = msgspec.json.Decoder(list[ExchangeMarket])


def read_element(data: bytes, index: int, facts: AnswerFacts) -> OddsElement | Reject:
    """Read the element at a position of its answer. Never raises: what can't be read at all is one reject."""
    fixture_id = None
    try:
        if len(data) > LARGE_BYTES and data.count(b",") > MAX_VALUES:
            raise WireError("too_many", "")
        regular = _regular(data)
        if regular is None:
            values = parse_json(data)
            fixture_id = id_of(values)
            return read_odds(values, facts)
        element, books = regular
        head = element.head()
        fixture_id = id_of(head)
        return read_books(read_event(head), books, facts, _read_markets)
    except WireError as error:
        return refused_element(error, index, fixture_id)
    except Exception as error:  # the last fence: a fault of ours costs one counted element, not the answer
        return refused_element(WireError("internal", type(error).__name__), index, fixture_id)


def _regular(data: bytes) -> tuple[_Element, dict[str, Raw]] | None:
    """Take the element apart; None where anything about it is unusual."""
    try:
        element = _ELEMENT.decode(data)
        return None if element.error is not UNSET else (element, _BOOKS.decode(element.bookmakers))
    except _IRREGULAR:
        return None


def _read_markets(raw: Raw, origin: Origin) -> MarketsRead:
    data = bytes(raw)
    if b'"$' not in data and b"\\u0024" not in data:  # no key that a database could take for an operator
        decoder = _EXCHANGE_MARKETS if b'"lay' in data or b'"depth' in data else _MARKETS
        try:
            return read_typed_markets(decoder.decode(data), origin)
        except (*_IRREGULAR, WireError):
            pass  # read again below, so that only what is wrong is refused
    return read_loose_markets(parse_json(data), origin, "")
