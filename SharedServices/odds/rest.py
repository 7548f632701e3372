"""REST answers to fixtures and books: elements of /events, /odds, /odds/multi and /odds/updated."""

from __future__ import annotations

from typing import Any

import msgspec

from PROPPR.SharedServices.odds.bookmakers import book_of
from PROPPR.SharedServices.odds.fields import read_id, read_object, read_text
from PROPPR.SharedServices.odds.reading import Origin, read_loose_markets
from PROPPR.SharedServices.odds.rejects import Reject, WireError, redacted_excerpt
from PROPPR.SharedServices.odds.scores import scores_of_status
from PROPPR.SharedServices.odds.times import format_iso_seconds, parse_iso_ms
from PROPPR.SharedServices.odds.types import FeedSnapshot, Fixture, MarketUpdate, Source

__all__ = [
    "EventList",
    "OddsElement",
    "OddsList",
    "WireError",
    "expect_list",
    "read_event",
    "read_event_list",
    "read_odds",
    "read_odds_list",
    "split_league",
]

MAX_BOOKMAKERS = 500
MAX_ELEMENTS = 10_000
COUNTRY_SEPARATOR = " - "


class OddsElement(msgspec.Struct, frozen=True):
    """The books of one fixture.

    `snapshots` holds the feeds that could be read whole. Of a feed with refused markets the others are in `partial`:
    they are current, but what they lack is not withdrawn. `rejects` says what was refused.
    """

    fixture: Fixture
    snapshots: tuple[FeedSnapshot, ...]
    partial: tuple[MarketUpdate, ...] = ()
    rejects: tuple[Reject, ...] = ()
    skipped_markets: int = 0


class EventList(msgspec.Struct, frozen=True):
    """The fixtures of a /events answer, and the elements that were refused."""

    fixtures: tuple[Fixture, ...]
    rejects: tuple[Reject, ...] = ()


class OddsList(msgspec.Struct, frozen=True):
    """The elements of a /odds/multi or /odds/updated answer, and those that were refused whole."""

    elements: tuple[OddsElement, ...]
    rejects: tuple[Reject, ...] = ()


def split_league(name: str) -> tuple[str, str]:
    """Return (`Country`, `League[, qualifier]`) of a league's full name; no country where the name has none."""
    country, separator, league = name.partition(COUNTRY_SEPARATOR)
    if not separator or not country.strip() or not league.strip():
        return "", name.strip()
    return country.strip(), league.strip()


def expect_list(payload: object) -> list[Any]:
    """Return the bare array of a list endpoint. Raises WireError for an error object, a wrapper or anything else."""
    if isinstance(payload, dict):
        raise WireError("error_body" if "error" in payload else "not_a_list", "error" if "error" in payload else "")
    if not isinstance(payload, list):
        raise WireError("not_a_list", "")
    if len(payload) > MAX_ELEMENTS:
        raise WireError("too_many", "")
    return payload


def read_event(obj: object) -> Fixture:
    """Return the fixture of a /events element, or of the head of an odds element.

    Placeholder names ("Winner of Wc") are kept: the same id gets its teams later. `scores` is None while the status
    says that 0-0 is no result. `sport` is the slug. Raises WireError naming the field.
    """
    if isinstance(obj, dict) and "error" in obj and "id" not in obj:
        raise WireError("error_body", "error")
    event = read_object(obj, "")
    kickoff = _read_kickoff(event.get("date"))
    country, league = split_league(_read_named(event.get("league"), "league", "name"))
    status = read_text(event.get("status"), "status")
    return Fixture(
        id=read_id(event.get("id"), "id"),
        home=read_text(event.get("home"), "home"),
        away=read_text(event.get("away"), "away"),
        sport=_read_named(event.get("sport"), "sport", "slug"),
        league=league,
        country=country,
        date=format_iso_seconds(kickoff),
        kickoff=kickoff,
        status=status,
        home_id=_read_optional_id(event.get("homeId"), "homeId"),
        away_id=_read_optional_id(event.get("awayId"), "awayId"),
        scores=scores_of_status(event.get("scores"), status),
    )


def read_odds(
    obj: object, sequence: int | None, source: Source = "api_poller", *, received_at: int | None = None
) -> OddsElement:
    """Return the books of an odds element. A settled event has none.

    One bad market or book never loses the others. Without `received_at` (ms) quotes dated in the future can't be
    refused. Raises WireError where the element's head or its `bookmakers` can't be read.
    """
    fixture = read_event(obj)
    element = read_object(obj, "")
    if "bookmakers" not in element:
        raise WireError("missing", "bookmakers")
    books = read_object(element["bookmakers"] or {}, "bookmakers")
    if len(books) > MAX_BOOKMAKERS:
        raise WireError("too_many", "bookmakers")
    snapshots: list[FeedSnapshot] = []
    partial: list[MarketUpdate] = []
    rejects: list[Reject] = []
    skipped = 0
    for feed, markets in books.items():
        try:
            read_text(feed, "")
            origin = Origin(fixture.id, feed, sequence, received_at, source)
            read = read_loose_markets(markets, origin, "")
        except WireError as error:
            rejects.append(_reject(error, "bookmakers", fixture.id, feed))
            continue
        skipped += read.skipped
        if read.rejects:
            partial.extend(read.updates)
            rejects.extend(_of_feed(item, feed) for item in read.rejects)
        else:
            snapshots.append(FeedSnapshot(fixture.id, book_of(feed), feed, sequence, read.updates, source))
    return OddsElement(fixture, tuple(snapshots), tuple(partial), tuple(rejects), skipped)


def read_event_list(payload: object) -> EventList:
    """Return the fixtures of a /events answer; an element that can't be read is refused alone. Raises WireError."""
    fixtures, rejects = [], []
    for index, item in enumerate(expect_list(payload)):
        try:
            fixtures.append(read_event(item))
        except WireError as error:
            rejects.append(_reject(error, f"[{index}]", _id_of(item), ""))
    return EventList(tuple(fixtures), tuple(rejects))


def read_odds_list(
    payload: object, sequence: int | None, source: Source = "api_poller", *, received_at: int | None = None
) -> OddsList:
    """Return the elements of a /odds/multi or /odds/updated answer, each read alone. Raises WireError."""
    elements, rejects = [], []
    for index, item in enumerate(expect_list(payload)):
        try:
            elements.append(read_odds(item, sequence, source, received_at=received_at))
        except WireError as error:
            rejects.append(_reject(error, f"[{index}]", _id_of(item), ""))
    return OddsList(tuple(elements), tuple(rejects))


def _of_feed(reject: Reject, feed: str) -> Reject:
    excerpt = redacted_excerpt(f"{feed}: {reject.excerpt}")
    return msgspec.structs.replace(reject, field=f"bookmakers.*{reject.field}", excerpt=excerpt)


def _reject(error: WireError, prefix: str, fixture_id: int | None, excerpt: str) -> Reject:
    located = error.under(prefix)
    return Reject(located.reason, located.field, True, fixture_id, redacted_excerpt(excerpt))


def _id_of(item: object) -> int | None:
    try:
        return read_id(item.get("id") if isinstance(item, dict) else None, "id")
    except WireError:
        return None


def _read_optional_id(value: object, field: str) -> int | None:
    return None if value is None or value == 0 or value == "" else read_id(value, field)


def _read_named(value: object, field: str, key: str) -> str:
    """Return a member of `{name, slug}`, or the plain string that other endpoints write instead."""
    if isinstance(value, str):
        return read_text(value, field)
    return read_text(read_object(value, field).get(key), f"{field}.{key}")


def _read_kickoff(value: object) -> int:
    text = read_text(value, "date")
    try:
        kickoff = parse_iso_ms(text)
    except ValueError:
        raise WireError("bad_time", "date") from None
    if not 0 < kickoff < 253_402_300_800_000:
        raise WireError("implausible_time", "date")
    return kickoff
