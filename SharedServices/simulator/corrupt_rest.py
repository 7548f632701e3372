"""REST answers spoilt within valid JSON, so that a reader can notice it; what it could not notice is never made."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from typing import Any

from PROPPR.SharedServices.simulator.answers import Response
from PROPPR.SharedServices.simulator.messages import compact

Element = dict[str, Any]
STRANGERS = 10_000
MOST_SPOILT = 20
_SPOILT_SHARE = 0.3


def _set(name: str, value: object) -> Callable[[Element], None]:
    def change(element: Element) -> None:
        element[name] = value

    return change


_EVENT_CHANGES: tuple[Callable[[Element], None], ...] = (
    _set("id", None),
    _set("id", ["7"]),
    _set("id", "not-a-number"),
    _set("home", 7),
    _set("away", {"name": "Away"}),
    _set("date", 1_760_000_000),
    _set("date", "next Sunday"),
    _set("status", {"$ne": "pending"}),
    _set("league", "England"),
    _set("sport", 1),
)


def _market(element: Element) -> Element | None:
    for markets in element["bookmakers"].values():
        for market in markets:
            if market["odds"]:
                found: Element = market
                return found
    return None


def _in_market(name: str, value: object) -> Callable[[Element], None]:
    def change(element: Element) -> None:
        market = _market(element)
        if market is None:
            element["bookmakers"] = None
        else:
            market[name] = value

    return change


def _price(element: Element) -> None:
    market = _market(element)
    sides = [] if market is None else [name for name in market["odds"][0] if name not in ("label", "hdp")]
    if market is None or not sides:
        element["bookmakers"] = 5
    else:
        market["odds"][0][sides[0]] = {"$numberDecimal": "1.90"}


def _book(element: Element) -> None:
    name = next(iter(element["bookmakers"]), "Bet365")
    element["bookmakers"][name] = {"ML": {"home": "1.90"}}


_ODDS_CHANGES: tuple[Callable[[Element], None], ...] = (
    *_EVENT_CHANGES[:3],
    _set("bookmakers", []),
    _set("bookmakers", None),
    _book,
    _in_market("name", 7),
    _in_market("updatedAt", "yesterday"),
    _in_market("updatedAt", None),
    _in_market("odds", {"home": "1.90"}),
    _in_market("odds", ["1.90"]),
    _in_market("odds", [{"hdp": "2.5 goals", "over": "1.90"}]),
    _price,
)


def wrong_types(response: Response, rng: random.Random) -> Response | None:
    """Some elements (at least one, at most MOST_SPOILT) with a member of a type it can't have, or no objects at all.

    None for an empty list, and for answers that are no events.
    """
    single = response.elements is None
    elements = [response.body] if response.elements is None else list(response.elements)
    if not elements or not elements[0].startswith(b'{"id":'):
        return None
    chosen = [index for index in range(len(elements)) if rng.random() < _SPOILT_SHARE][:MOST_SPOILT]
    for index in chosen or [rng.randrange(len(elements))]:
        elements[index] = _spoilt(elements[index], rng)
    if single:
        return Response(200, elements[0], response.headers)
    return Response(200, headers=response.headers, elements=elements)


def _spoilt(element: bytes, rng: random.Random) -> bytes:
    if rng.random() < 0.1:
        return rng.choice((b"null", b'"70100000"', b"[]", b"70100000", b"{}"))
    parsed: Element = json.loads(element)
    rng.choice(_ODDS_CHANGES if "bookmakers" in parsed else _EVENT_CHANGES)(parsed)
    return compact(parsed)


def strangers(response: Response) -> Response | None:
    """The first element holds STRANGERS bookmakers besides that nobody has heard of; None where there are no odds."""
    single = response.elements is None
    elements = [response.body] if response.elements is None else list(response.elements)
    if not elements or not elements[0].endswith(b"}}") or b'"bookmakers":{' not in elements[0]:
        return None
    quote = b'[{"name":"ML","updatedAt":"2026-01-01T00:00:00Z","odds":[{"home":"1.90","draw":"3.40","away":"4.20"}]}]'
    unknown = b",".join(b'"Unknown Book %05d":%b' % (number, quote) for number in range(STRANGERS))
    comma = b"" if elements[0].endswith(b'"bookmakers":{}}') else b","
    elements[0] = elements[0][:-2] + comma + unknown + b"}}"
    if single:
        return Response(200, elements[0], response.headers)
    return Response(200, headers=response.headers, elements=elements)
