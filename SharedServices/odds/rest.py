"""REST answers as plain values to fixtures and books: elements of /events and of the odds endpoints."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

import msgspec

from PROPPR.SharedServices.odds.bookmakers import book_of
from PROPPR.SharedServices.odds.fields import read_id, read_object, read_text
from PROPPR.SharedServices.odds.reading import MarketsRead, Origin, read_loose_markets
from PROPPR.SharedServices.odds.rejects import Reject, WireError, redacted_excerpt
from PROPPR.SharedServices.odds.scores import scores_of_status
from PROPPR.SharedServices.odds.times import format_iso_seconds, parse_iso_ms
from PROPPR.SharedServices.odds.types import FeedSnapshot, Fixture, MarketUpdate, Source

MAX_BOOKMAKERS = 500
MAX_ELEMENTS = 10_000
COUNTRY_SEPARATOR = " - "

Markets = TypeVar("Markets")


class Question(msgspec.Struct, frozen=True):
    """What was asked for: names of bookmakers, and a sport if only one. The rest of an answer is not taken."""

    bookmakers: frozenset[str]
    sport: str | None = None

    @classmethod
    def of(cls, bookmakers: Iterable[str], sport: str | None = None) -> Question:
        """Return the question for these bookmakers, each of whose fast feed comes along."""
        return cls(frozenset(name.casefold() for name in bookmakers), None if sport is None else _sport_key(sport))

    def covers(self, feed: str) -> bool:
        """Whether a feed is one of a bookmaker that was asked for, whatever the case of its letters."""
        return book_of(feed).casefold() in self.bookmakers

    def check(self, fixture: Fixture) -> None:
        """Raises WireError for a fixture of another sport."""
        if self.sport is not None and _sport_key(fixture.sport) != self.sport:
            raise WireError("unasked_sport", "sport")


class AnswerFacts(msgspec.Struct, frozen=True):
    """What all elements of an odds answer share.

    `received_at` and `as_of` (see FeedSnapshot) are ms; without `received_at` quotes dated in the future can't be
    refused. Without a `question` every bookmaker's books are taken.
    """

    sequence: int | None = None
    source: Source = "api_poller"
    received_at: int | None = None
    as_of: int | None = None
    question: Question | None = None


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


def read_odds(obj: object, facts: AnswerFacts) -> OddsElement:
    """Return the books of an odds element. A settled event has none.

    One bad market or book never loses the others. Raises WireError where the element's head or its `bookmakers` can't
    be read, or where it is of another sport than asked for.
    """
    fixture = read_event(obj)
    element = read_object(obj, "")
    if "bookmakers" not in element:
        raise WireError("missing", "bookmakers")
    books = element["bookmakers"]
    books = {} if books is None or books == [] else books
    if not isinstance(books, dict):
        raise WireError("wrong_type", "bookmakers")
    return read_books(fixture, books, facts, lambda markets, origin: read_loose_markets(markets, origin, ""))


def read_books(
    fixture: Fixture, books: Mapping[str, Markets], facts: AnswerFacts, read: Callable[[Markets, Origin], MarketsRead]
) -> OddsElement:
    """Read the books that were asked for; the others cost nothing but one reject that counts them."""
    rejects: list[Reject] = []
    if facts.question is None:
        read_object(books, "bookmakers")
    else:
        facts.question.check(fixture)
        asked = {feed: markets for feed, markets in books.items() if facts.question.covers(feed)}
        if len(asked) < len(books):
            rejects.append(_unasked(len(books) - len(asked), fixture.id))
        books = asked
    if len(books) > MAX_BOOKMAKERS:
        raise WireError("too_many", "bookmakers")
    snapshots: list[FeedSnapshot] = []
    partial: list[MarketUpdate] = []
    skipped = 0
    for feed, markets in books.items():
        try:
            read_text(feed, "")
            found = read(markets, Origin(fixture.id, feed, facts.sequence, facts.received_at, facts.source))
        except WireError as error:
            rejects.append(_reject(error, "bookmakers", fixture.id, feed))
            continue
        skipped += found.skipped
        if found.rejects:
            partial.extend(found.updates)
            rejects.extend(_of_feed(item, feed) for item in found.rejects)
        else:
            snapshots.append(_snapshot(fixture.id, feed, found.updates, facts))
    return OddsElement(fixture, tuple(snapshots), tuple(partial), tuple(rejects), skipped)


def read_event_list(payload: object) -> EventList:
    """Return the fixtures of a /events answer; an element that can't be read is refused alone. Raises WireError."""
    fixtures, rejects = [], []
    for index, item in enumerate(expect_list(payload)):
        try:
            fixtures.append(read_event(item))
        except WireError as error:
            rejects.append(refused_element(error, index, id_of(item)))
    return EventList(tuple(fixtures), tuple(rejects))


def refused_element(error: WireError, index: int, fixture_id: int | None) -> Reject:
    """The reject for an element of a list that can't be read, or was not asked for."""
    located = error.under(f"[{index}]")
    return Reject(located.reason, located.field, error.reason != "unasked_sport", fixture_id)


def id_of(value: object) -> int | None:
    """Return the id in an element, None where there is no good one."""
    try:
        return read_id(value.get("id") if isinstance(value, dict) else None, "id")
    except WireError:
        return None


def _snapshot(fixture_id: int, feed: str, updates: tuple[MarketUpdate, ...], facts: AnswerFacts) -> FeedSnapshot:
    latest = facts.received_at
    times = [one.updated_at for one in updates if latest is None or one.updated_at <= latest]
    if facts.as_of is not None:
        times.append(facts.as_of)
    as_of = max(times, default=None)
    return FeedSnapshot(fixture_id, book_of(feed), feed, facts.sequence, updates, facts.source, as_of)


def _unasked(count: int, fixture_id: int) -> Reject:
    return Reject("unasked_bookmaker", "bookmakers", False, fixture_id, f"{count} not asked for")


def _sport_key(name: str) -> str:
    """A sport's slug of its name or slug: both are accepted and answered."""
    return name.strip().casefold().replace(" ", "-")


def _of_feed(reject: Reject, feed: str) -> Reject:
    excerpt = redacted_excerpt(f"{feed}: {reject.excerpt}")
    return msgspec.structs.replace(reject, field=f"bookmakers.*{reject.field}", excerpt=excerpt)


def _reject(error: WireError, prefix: str, fixture_id: int | None, excerpt: str) -> Reject:
    located = error.under(prefix)
    return Reject(located.reason, located.field, True, fixture_id, redacted_excerpt(excerpt))


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
