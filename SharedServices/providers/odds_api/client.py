"""The REST API of odds-api.io as typed calls. Each call is one request of the fleet's budget, each further attempt
and each further page another one."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final, TypeVar

import requests

from PROPPR.SharedServices.odds.rejects import Reject, WireError
from PROPPR.SharedServices.odds.rest import Question, read_event, read_event_list
from PROPPR.SharedServices.odds.times import format_iso_ms, milliseconds_of
from PROPPR.SharedServices.odds.types import Fixture, Source
from PROPPR.SharedServices.providers.odds_api.config import RestConfig
from PROPPR.SharedServices.providers.odds_api.errors import NotFound
from PROPPR.SharedServices.providers.odds_api.feed import OddsFeed
from PROPPR.SharedServices.providers.odds_api.models import Bookmaker, League, OddsAnswer, Sport
from PROPPR.SharedServices.providers.odds_api.parse import (
    read_bookmakers,
    read_leagues,
    read_selected_bookmakers,
    read_sports,
)
from PROPPR.SharedServices.providers.odds_api.transport import OnRequest, RestTransport
from PROPPR.SharedServices.service.clock import Clock, SystemClock
from PROPPR.SharedServices.service.errors import SourceChanged
from PROPPR.SharedServices.service.settings import Settings
from PROPPR.SharedServices.tracking.request_tracker import GlobalRequestTracker

log = logging.getLogger(__name__)

MAX_IDS: Final = 10
MAX_BOOKMAKERS: Final = 30
PAGE: Final = 5000
MAX_PAGES: Final = 10
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

Payload = TypeVar("Payload")
Result = TypeVar("Result")


class OddsApiClient:
    """Reads events, books and the catalogue. Thread-safe.

    `service` is whose share of the budget is used, `source` is written into the books. `on_reject` is called for each
    part of an answer that could not be read; `stop` ends waits between attempts. Besides the errors of
    `transport.py`, every call raises SourceChanged where an answer as a whole has another shape than known.
    """

    def __init__(
        self,
        config: RestConfig,
        tracker: GlobalRequestTracker,
        *,
        service: str,
        clock: Clock | None = None,
        source: Source = "api_poller",
        session: requests.Session | None = None,
        stop: threading.Event | None = None,
        on_request: OnRequest | None = None,
        on_reject: Callable[[Reject], None] | None = None,
    ) -> None:
        self._clock = clock or SystemClock()
        self._source = source
        self._on_reject = on_reject
        self._transport = RestTransport(
            config,
            tracker,
            clock=self._clock,
            service=service,
            session=session,
            stop=stop,
            on_request=on_request,
        )

    @classmethod
    def of(
        cls,
        settings: Settings,
        tracker: GlobalRequestTracker,
        *,
        service: str,
        clock: Clock | None = None,
        source: Source = "api_poller",
        stop: threading.Event | None = None,
        on_request: OnRequest | None = None,
        on_reject: Callable[[Reject], None] | None = None,
    ) -> OddsApiClient:
        """Return the client of the settings' URL and key."""
        return cls(
            RestConfig.of(settings),
            tracker,
            service=service,
            clock=clock,
            source=source,
            stop=stop,
            on_request=on_request,
            on_reject=on_reject,
        )

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()

    def events(
        self,
        sport: str,
        statuses: Sequence[str],
        from_: datetime,
        to: datetime,
        league: str | None = None,
        bookmaker: str | None = None,
    ) -> list[Fixture]:
        """Return the events of a sport (a slug) that start in the given time, by pages of 5000.

        With a bookmaker only those that it prices.
        """
        query = {"sport": sport, "from": _instant(from_), "to": _instant(to), "limit": str(PAGE)}
        if statuses:
            query["status"] = ",".join(statuses)
        if league is not None:
            query["league"] = league
        if bookmaker is not None:
            query["bookmaker"] = bookmaker
        found: dict[int, Fixture] = {}
        for page in range(MAX_PAGES):
            reply = self._transport.get("events", query | ({"skip": str(page * PAGE)} if page else {}))
            listed = _read("events", read_event_list, reply.payload)
            for reject in listed.rejects:
                self._refuse(reject)
            found.update((fixture.id, fixture) for fixture in listed.fixtures)
            if len(listed.fixtures) + len(listed.rejects) < PAGE:
                return list(found.values())
        log.warning("the list of events was cut off", extra={"sport": sport, "events": len(found)})
        return list(found.values())

    def event(self, event_id: int) -> Fixture | None:
        """Return one event, or None if the provider does not know it. The place to read a final score."""
        try:
            reply = self._transport.get(f"events/{int(event_id)}")
        except NotFound:
            return None
        return _read("events", read_event, reply.payload)

    def odds_multi(self, ids: Sequence[int], bookmakers: Sequence[str], include_sequence: bool = True) -> OddsAnswer:
        """Return the books of up to 10 events at up to 30 bookmakers, all of the account's selection."""
        if not 1 <= len(ids) <= MAX_IDS:
            raise ValueError(f"1 to {MAX_IDS} events a call, not {len(ids)}")
        if not 1 <= len(bookmakers) <= MAX_BOOKMAKERS:
            raise ValueError(f"1 to {MAX_BOOKMAKERS} bookmakers a call, not {len(bookmakers)}")
        query = {"eventIds": ",".join(str(int(each)) for each in ids), "bookmakers": ",".join(bookmakers)}
        if include_sequence:
            query["includeSeq"] = "true"
        return self._odds("odds/multi", query, Question.of(bookmakers)).whole()

    def odds_updated(self, bookmaker: str, sport: str, since: datetime) -> OddsFeed:
        """Return the whole books of one bookmaker for the events that changed since, at most 60 s ago.

        The answer has arrived when this returns, but it may be of a thousand fixtures and 80 MB: its elements are read
        one by one, while `OddsFeed.elements()` is iterated over. Raises LookbackRefused for an earlier `since`, and
        BookmakerUnknown or BookmakerRefused for the bookmaker.
        """
        seconds = (_aware(since) - EPOCH) // timedelta(seconds=1)
        query = {"bookmaker": bookmaker, "sport": sport, "since": str(seconds)}
        return self._odds("odds/updated", query, Question.of([bookmaker], sport), large=True)

    def bookmakers(self) -> list[Bookmaker]:
        """Return the catalogue of bookmakers; needs no key."""
        return _read("bookmakers", read_bookmakers, self._transport.get("bookmakers", keyed=False).payload)

    def selected_bookmakers(self) -> list[str]:
        """Return the bookmakers that the account has selected. It may lag: `BookmakerRefused.allowed` is the truth."""
        return _read(
            "bookmakers/selected", read_selected_bookmakers, self._transport.get("bookmakers/selected").payload
        )

    def sports(self) -> list[Sport]:
        """Return all sports; needs no key."""
        return _read("sports", read_sports, self._transport.get("sports", keyed=False).payload)

    def leagues(self, sport: str) -> list[League]:
        """Return the leagues of a sport (a slug) that have events."""
        return _read("leagues", read_leagues, self._transport.get("leagues", {"sport": sport}).payload)

    def _odds(self, endpoint: str, query: dict[str, str], question: Question, *, large: bool = False) -> OddsFeed:
        reply = self._transport.get_listing(endpoint, query, large=large)
        return _read(endpoint, lambda got: OddsFeed.of(got, self._source, question, self._refuse), reply)

    def _refuse(self, reject: Reject) -> None:
        if self._on_reject is not None:
            self._on_reject(reject)


def _read(endpoint: str, reader: Callable[[Payload], Result], payload: Payload) -> Result:
    try:
        return reader(payload)
    except WireError as error:
        raise SourceChanged(f"GET /{endpoint}: {error}") from None


def _aware(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise ValueError("a time needs its zone")
    return at


def _instant(at: datetime) -> str:
    return format_iso_ms(milliseconds_of(_aware(at)))
