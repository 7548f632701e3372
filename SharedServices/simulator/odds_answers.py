"""The odds endpoints of the stand-in: /odds, /odds/multi and /odds/updated."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from PROPPR.SharedServices.service.clock import Clock
from PROPPR.SharedServices.simulator.account import Account
from PROPPR.SharedServices.simulator.answers import Response
from PROPPR.SharedServices.simulator.catalogue import FAST_FEED_OF
from PROPPR.SharedServices.simulator.config import SimulatorConfig
from PROPPR.SharedServices.simulator.documents import is_priced, odds_document
from PROPPR.SharedServices.simulator.filters import split
from PROPPR.SharedServices.simulator.http import Request
from PROPPR.SharedServices.simulator.messages import Book, Fixture
from PROPPR.SharedServices.simulator.refusals import Refused, required_sport, whole
from PROPPR.SharedServices.simulator.truth import Truth

MAX_MULTI_EVENTS = 10
MAX_ODDS_BOOKMAKERS = 30


def feeds_of(bookmakers: Iterable[str]) -> list[str]:
    """The feeds that an answer for these bookmakers holds: Bet365 brings its second feed unasked."""
    feeds: list[str] = []
    for name in bookmakers:
        feeds.append(name)
        if name in FAST_FEED_OF:
            feeds.append(FAST_FEED_OF[name])
    return feeds


class OddsAnswers:
    """Reads books out of the truth."""

    def __init__(self, config: SimulatorConfig, truth: Truth, account: Account, clock: Clock) -> None:
        self._truth = truth
        self._account = account
        self._clock = clock
        self._since_limit = config.since_limit
        self._hide_empty = config.hide_empty_markets

    def find(self, text: str) -> Fixture:
        """A fixture by its id as the request names it."""
        if not text.isdecimal():
            raise Refused(400, "Invalid event ID")
        fixture = self._truth.fixtures.get(int(text))
        if fixture is None or fixture.deleted:
            raise Refused(404, "Event not found")
        return fixture

    def books(self, fixture: Fixture, bookmakers: Iterable[str]) -> list[Book]:
        """The priced books of a fixture."""
        books = (self._truth.book(fixture, feed) for feed in feeds_of(bookmakers))
        return [book for book in books if book is not None and is_priced(book, self._hide_empty)]

    async def odds(self, request: Request) -> Response:
        """/odds: one object."""
        names = self._bookmakers(request)
        if "eventId" not in request.query:
            raise Refused(400, "Missing eventId")
        fixture = self.find(request.query["eventId"])
        headers = self._sequence_header(request)
        return Response(200, self._document(fixture, self.books(fixture, names)), headers)

    async def multi(self, request: Request) -> Response:
        """/odds/multi: events without odds are left out."""
        names = self._bookmakers(request)
        ids = split(request.query.get("eventIds", ""))
        if not ids:
            raise Refused(400, "Missing eventIds")
        if len(ids) > MAX_MULTI_EVENTS:
            raise Refused(400, f"Too many event IDs. Maximum {MAX_MULTI_EVENTS} allowed.")
        if not all(text.isdecimal() for text in ids):
            raise Refused(400, "Invalid event ID")
        # The position is taken before the first book is read: what is said meanwhile may be in, and is replayed.
        headers = self._sequence_header(request)
        elements: list[bytes] = []
        for text in ids:
            fixture = self._truth.fixtures.get(int(text))
            books = self.books(fixture, names) if fixture is not None and not fixture.deleted else []
            if fixture is not None and books:
                elements.append(self._document(fixture, books))
            await asyncio.sleep(0)  # the feed goes on between two fixtures
        return Response(200, headers=headers, elements=elements)

    async def updated(self, request: Request) -> Response:
        """/odds/updated: the full books of every event that changed since; all as they are at one instant."""
        bookmaker = request.query.get("bookmaker", "")
        if not bookmaker:
            raise Refused(400, "Missing bookmaker")
        sport = required_sport(request.query)
        since = whole(request.query, "since", -1)
        if not self._clock.now_ms() // 1000 - self._since_limit <= since:
            raise Refused(400, f"since must be within the last {self._since_limit} seconds")
        self._account.check_bookmakers((bookmaker,), request.query.get("apiKey", ""))
        found: dict[int, Fixture] = {}
        for feed in feeds_of((bookmaker,)):
            for book in self._truth.touched(feed):
                if book.changed_at >= since * 1000 and book.fixture.sport_slug == sport and not book.fixture.deleted:
                    found[book.fixture.id] = book.fixture
        elements: list[bytes] = []
        for fixture in found.values():
            books = self.books(fixture, (bookmaker,))
            if books:
                elements.append(self._document(fixture, books))
        return Response(elements=elements)

    def _document(self, fixture: Fixture, books: list[Book]) -> bytes:
        return odds_document(fixture, books, self._hide_empty)

    def _bookmakers(self, request: Request) -> tuple[str, ...]:
        names = split(request.query.get("bookmakers", ""))
        if not names:
            raise Refused(400, "Missing bookmakers")
        if len(names) > MAX_ODDS_BOOKMAKERS:
            raise Refused(400, f"Too many bookmakers. Maximum {MAX_ODDS_BOOKMAKERS} allowed.")
        self._account.check_bookmakers(names, request.query.get("apiKey", ""))
        return names

    def _sequence_header(self, request: Request) -> dict[str, str]:
        wanted = request.query.get("includeSeq", "").lower() == "true"
        return {"X-OddsAPI-Seq": str(self._truth.sequence)} if wanted else {}
