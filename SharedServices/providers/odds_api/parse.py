"""The catalogue endpoints' answers as typed values; events and books are read by `odds.rest`."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from PROPPR.SharedServices.odds.fields import read_object, read_text
from PROPPR.SharedServices.odds.rejects import WireError
from PROPPR.SharedServices.odds.rest import expect_list
from PROPPR.SharedServices.providers.odds_api.models import Bookmaker, League, Sport

Item = TypeVar("Item")


def read_sports(payload: object) -> list[Sport]:
    """Read /sports. Raises WireError for anything but a list; an element that can't be read is left out."""
    return _readable(payload, lambda row: Sport(read_text(row.get("name"), "name"), read_text(row.get("slug"), "slug")))


def read_leagues(payload: object) -> list[League]:
    """Read /leagues, in the same way."""
    return _readable(payload, _league)


def read_bookmakers(payload: object) -> list[Bookmaker]:
    """Read /bookmakers, in the same way. One that does not say whether it is active counts as active."""
    return _readable(payload, lambda row: Bookmaker(read_text(row.get("name"), "name"), row.get("active") is not False))


def read_selected_bookmakers(payload: object) -> list[str]:
    """Read /bookmakers/selected: `{"bookmakers": [names], "count": n}`, or a bare list of names. Raises WireError."""
    names = read_object(payload, "").get("bookmakers") if isinstance(payload, dict) else payload
    if not isinstance(names, list):
        raise WireError("not_a_list", "bookmakers")
    return [read_text(name, f"bookmakers[{index}]") for index, name in enumerate(names)]


def _league(row: dict[str, object]) -> League:
    count = row.get("eventsCount")
    events = count if isinstance(count, int) and not isinstance(count, bool) and count >= 0 else None
    return League(read_text(row.get("name"), "name"), read_text(row.get("slug"), "slug"), events)


def _readable(payload: object, read: Callable[[dict[str, object]], Item]) -> list[Item]:
    items = []
    for row in expect_list(payload):
        try:
            items.append(read(dict(read_object(row, ""))))
        except WireError:  # one strange element of a catalogue is no reason to do without the rest
            continue
    return items
