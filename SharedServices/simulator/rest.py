"""REST v3 of the stand-in: the endpoints, limits and error bodies that the provider has been seen with."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from datetime import UTC, datetime

from PROPPR.SharedServices.service.clock import Clock
from PROPPR.SharedServices.simulator.catalogue import BOOKMAKERS, FAST_FEED_OF, SPORTS, find_sport
from PROPPR.SharedServices.simulator.config import SimulatorConfig
from PROPPR.SharedServices.simulator.documents import odds_document, simple_event
from PROPPR.SharedServices.simulator.filters import split
from PROPPR.SharedServices.simulator.http import Request, Response, error_response, json_response
from PROPPR.SharedServices.simulator.limits import RequestBudget
from PROPPR.SharedServices.simulator.messages import Book, Fixture
from PROPPR.SharedServices.simulator.truth import Truth

MAX_MULTI_EVENTS = 10
MAX_ODDS_BOOKMAKERS = 30
MAX_EVENTS = 5000
# RFC 3339 with time and zone: a bare date is refused.
_INSTANT = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$")
_OPEN_PATHS = ("/sports", "/bookmakers")
_ACCESS_DENIED = (
    "Access denied. You're allowed max {count} bookmakers. Allowed: {allowed}. To reset your selections, use PUT "
    "/bookmakers/selected/clear?apiKey={key} or visit https://docs.odds-api.io/api-reference/bookmakers/"
    "clear-selected-bookmakers. Upgrade your plan at https://odds-api.io/manage"
)


class Refused(Exception):
    """A request answered with the provider's error body."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.text = text


class RestApi:
    """Answers everything under /v3 but the WebSocket."""

    def __init__(self, config: SimulatorConfig, truth: Truth, clock: Clock) -> None:
        self._config = config
        self._truth = truth
        self._clock = clock
        self._budgets: dict[str, RequestBudget] = {}
        self.counts: Counter[str] = Counter()
        self._routes: dict[str, Callable[[Request], Awaitable[Response]]] = {
            "/sports": self._sports,
            "/bookmakers": self._bookmakers,
            "/bookmakers/selected": self._selected,
            "/leagues": self._leagues,
            "/events": self._events,
            "/events/live": self._live,
            "/events/search": self._search,
            "/odds": self._odds,
            "/odds/multi": self._odds_multi,
            "/odds/updated": self._odds_updated,
        }

    async def handle(self, request: Request, path: str) -> Response:
        """Answer one request; `path` is what follows /v3."""
        self.counts[f"{request.method} {path if path in self._routes else path.rsplit('/', 1)[0]}"] += 1
        headers: dict[str, str] = {}
        try:
            if path not in _OPEN_PATHS:
                headers = self._admit(request)
            if request.method == "PUT":
                # A daemon must never change the account's selection: counted, and refused.
                self.counts["selection_changes"] += 1
                raise Refused(403, "Bookmaker selection can only be changed once every 12 hours.")
            if request.method != "GET":
                raise Refused(405, "Method not allowed")
            response = await self._route(path)(request)
        except RateExceeded as refusal:
            return error_response(refusal.status, refusal.text, refusal.headers)
        except Refused as refusal:
            response = error_response(refusal.status, refusal.text)
        response.headers.update(headers)
        return response

    def _route(self, path: str) -> Callable[[Request], Awaitable[Response]]:
        handler = self._routes.get(path)
        if handler is None and path.startswith("/events/"):
            return self._event
        if handler is None:
            raise Refused(404, "Not found")
        return handler

    def _admit(self, request: Request) -> dict[str, str]:
        """Check the key and count the request; returns the rate headers."""
        key = request.query.get("apiKey", "")
        if not key:
            raise Refused(401, "Missing API key")
        if self._config.api_keys and key not in self._config.api_keys:
            raise Refused(401, "Invalid API key")
        verdict = self.budget(key).request(self._clock.now_ms())
        if not verdict.allowed:
            self.counts["429"] += 1
            raise RateExceeded(verdict.headers)
        return verdict.headers

    def budget(self, key: str) -> RequestBudget:
        """The budget of an account."""
        if key not in self._budgets:
            config = self._config
            self._budgets[key] = RequestBudget(key, config.request_limit, config.request_window, config.sliding_window)
        return self._budgets[key]

    def describe(self) -> dict[str, object]:
        """Figures for /_sim/stats; accounts are numbered, keys are not told."""
        budgets = [budget.describe() for budget in self._budgets.values()]
        return {"calls": dict(self.counts), "accounts": budgets}

    # ---- catalogue

    async def _sports(self, request: Request) -> Response:
        return json_response([{"name": name, "slug": slug} for slug, name in SPORTS.items()])

    async def _bookmakers(self, request: Request) -> Response:
        return json_response([{"name": name, "active": active} for name, active in BOOKMAKERS.items()])

    async def _selected(self, request: Request) -> Response:
        allowed = list(self._config.allowed)
        return json_response({"bookmakers": allowed, "count": len(allowed)})

    async def _leagues(self, request: Request) -> Response:
        sport = self._sport(request)
        counts = Counter((f.league, f.league_slug) for f in self._fixtures() if f.sport_slug == sport)
        rows = [{"name": name, "slug": slug, "eventsCount": count} for (name, slug), count in counts.items()]
        return json_response(rows)

    # ---- events

    def _fixtures(self) -> Iterable[Fixture]:
        return (fixture for fixture in self._truth.fixtures.values() if not fixture.deleted)

    @staticmethod
    def _sport(request: Request) -> str:
        text = request.query.get("sport", "")
        if not text:
            raise Refused(400, "Missing sport")
        sport = find_sport(text)
        if sport is None:
            raise Refused(400, "Invalid sport")
        return sport

    async def _events(self, request: Request) -> Response:
        sport = self._sport(request)
        query = request.query
        begin, end = _instant(query, "from"), _instant(query, "to")
        statuses = split(query.get("status", ""))
        league = query.get("league", "")
        rows = [
            fixture
            for fixture in self._fixtures()
            if fixture.sport_slug == sport
            and (not statuses or fixture.status in statuses)
            and (not league or fixture.league_slug == league)
            and (begin is None or fixture.kickoff >= begin)
            and (end is None or fixture.kickoff <= end)
        ]
        bookmaker = query.get("bookmaker")
        if bookmaker is not None:
            rows = [fixture for fixture in rows if self._priced(fixture, bookmaker)]
        rows.sort(key=lambda fixture: (fixture.kickoff, fixture.id))
        skip, limit = _whole(query, "skip", 0), _whole(query, "limit", MAX_EVENTS)
        page = rows[skip : skip + min(limit, MAX_EVENTS)]
        return json_response([simple_event(fixture, self._clock.now_ms()) for fixture in page])

    async def _live(self, request: Request) -> Response:
        sport = find_sport(request.query["sport"]) if "sport" in request.query else None
        rows = [f for f in self._fixtures() if f.status == "live" and sport in (None, f.sport_slug)]
        rows.sort(key=lambda fixture: (fixture.kickoff, fixture.id))
        return json_response([simple_event(fixture, self._clock.now_ms()) for fixture in rows])

    async def _search(self, request: Request) -> Response:
        text = request.query.get("query", "")
        if len(text) < 3:
            raise Refused(400, "Query must be at least 3 characters")
        rows = [f for f in self._fixtures() if text.lower() in f"{f.home} {f.away}".lower()][:10]
        return json_response([simple_event(fixture, self._clock.now_ms()) for fixture in rows])

    async def _event(self, request: Request) -> Response:
        fixture = self._find(request.path.rsplit("/", 1)[1])
        return json_response(simple_event(fixture, self._clock.now_ms()))

    def _find(self, text: str) -> Fixture:
        if not text.isdecimal():
            raise Refused(400, "Invalid event ID")
        fixture = self._truth.fixtures.get(int(text))
        if fixture is None or fixture.deleted:
            raise Refused(404, "Event not found")
        return fixture

    # ---- odds

    def _priced(self, fixture: Fixture, bookmaker: str) -> bool:
        return bookmaker in self._config.allowed and bool(self._books(fixture, (bookmaker,)))

    def _books(self, fixture: Fixture, bookmakers: Iterable[str]) -> list[Book]:
        """The priced books of a fixture; Bet365 brings its second feed unasked."""
        feeds: list[str] = []
        for name in bookmakers:
            feeds.append(name)
            if name in FAST_FEED_OF:
                feeds.append(FAST_FEED_OF[name])
        books = (self._truth.book(fixture, feed) for feed in feeds)
        return [book for book in books if book is not None and book.state == "priced" and book.markets]

    def _allowed_bookmakers(self, request: Request) -> tuple[str, ...]:
        names = split(request.query.get("bookmakers", ""))
        if not names:
            raise Refused(400, "Missing bookmakers")
        if len(names) > MAX_ODDS_BOOKMAKERS:
            raise Refused(400, f"Too many bookmakers. Maximum {MAX_ODDS_BOOKMAKERS} allowed.")
        self._check_names(names, request)
        return names

    def _check_names(self, names: Iterable[str], request: Request) -> None:
        """One unknown or unselected name refuses the whole call."""
        for name in names:
            if name not in BOOKMAKERS:
                raise Refused(400, f"Invalid bookmaker: {name}")
        allowed = self._config.allowed
        if any(name not in allowed for name in names):
            text = _ACCESS_DENIED.format(
                count=self._config.max_bookmakers, allowed=", ".join(allowed), key=request.query.get("apiKey", "")
            )
            raise Refused(403, text)

    def _sequence_header(self, request: Request) -> dict[str, str]:
        wanted = request.query.get("includeSeq", "").lower() == "true"
        return {"X-OddsAPI-Seq": str(self._truth.sequence)} if wanted else {}

    async def _odds(self, request: Request) -> Response:
        names = self._allowed_bookmakers(request)
        if "eventId" not in request.query:
            raise Refused(400, "Missing eventId")
        fixture = self._find(request.query["eventId"])
        headers = self._sequence_header(request)
        return Response(200, odds_document(fixture, self._books(fixture, names)), headers)

    async def _odds_multi(self, request: Request) -> Response:
        names = self._allowed_bookmakers(request)
        ids = split(request.query.get("eventIds", ""))
        if not ids:
            raise Refused(400, "Missing eventIds")
        if len(ids) > MAX_MULTI_EVENTS:
            raise Refused(400, f"Too many event IDs. Maximum {MAX_MULTI_EVENTS} allowed.")
        if not all(text.isdecimal() for text in ids):
            raise Refused(400, "Invalid event ID")
        # The position is taken before the first book is read: what is said meanwhile may be in, and is replayed.
        headers = self._sequence_header(request)
        parts: list[bytes] = []
        for text in ids:
            fixture = self._truth.fixtures.get(int(text))
            books = self._books(fixture, names) if fixture is not None and not fixture.deleted else []
            if fixture is not None and books:
                parts.append(odds_document(fixture, books))
            await asyncio.sleep(0)  # the feed goes on between two fixtures
        return Response(200, b"[" + b",".join(parts) + b"]", headers)

    async def _odds_updated(self, request: Request) -> Response:
        bookmaker = request.query.get("bookmaker", "")
        if not bookmaker:
            raise Refused(400, "Missing bookmaker")
        sport = self._sport(request)
        since = _whole(request.query, "since", -1)
        if not self._clock.now_ms() // 1000 - self._config.since_limit <= since:
            raise Refused(400, f"since must be within the last {self._config.since_limit} seconds")
        self._check_names((bookmaker,), request)
        parts: list[bytes] = []
        found: dict[int, Fixture] = {}
        for feed in (bookmaker, FAST_FEED_OF.get(bookmaker, "")):
            for book in self._truth.touched(feed):
                if book.changed_at >= since * 1000 and book.fixture.sport_slug == sport:
                    found[book.fixture.id] = book.fixture
        for fixture in found.values():
            books = [] if fixture.deleted else self._books(fixture, (bookmaker,))
            if books:
                parts.append(odds_document(fixture, books))
                await asyncio.sleep(0)
        return Response(200, b"[" + b",".join(parts) + b"]")


class RateExceeded(Refused):
    """429 with the account's rate headers."""

    def __init__(self, headers: dict[str, str]) -> None:
        super().__init__(429, "Rate limit exceeded. Please try again later.")
        self.headers = headers


def _instant(query: dict[str, str], name: str) -> int | None:
    text = query.get(name)
    if text is None:
        return None
    if not _INSTANT.match(text):
        raise Refused(400, f"Invalid {name}. Use RFC3339, e.g. 2026-01-01T00:00:00Z")
    return int(datetime.fromisoformat(text).astimezone(UTC).timestamp() * 1000)


def _whole(query: dict[str, str], name: str, default: int) -> int:
    try:
        return int(query.get(name, default))
    except ValueError:
        raise Refused(400, f"Invalid {name}") from None
