"""REST v3 of the stand-in: the endpoints, limits and error bodies that the provider has been seen with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Iterable

from PROPPR.SharedServices.service.clock import Clock
from PROPPR.SharedServices.simulator.account import Account
from PROPPR.SharedServices.simulator.answers import Response, error_response, json_response, list_response
from PROPPR.SharedServices.simulator.catalogue import BOOKMAKERS, SPORTS, find_sport
from PROPPR.SharedServices.simulator.config import SimulatorConfig
from PROPPR.SharedServices.simulator.documents import simple_event
from PROPPR.SharedServices.simulator.filters import split
from PROPPR.SharedServices.simulator.http import Request
from PROPPR.SharedServices.simulator.messages import Fixture
from PROPPR.SharedServices.simulator.odds_answers import OddsAnswers
from PROPPR.SharedServices.simulator.refusals import Refused, instant, required_sport, whole
from PROPPR.SharedServices.simulator.truth import Truth

MAX_EVENTS = 5000
_OPEN_PATHS = ("/sports", "/bookmakers")


class RestApi:
    """Answers everything under /v3 but the WebSocket."""

    def __init__(self, config: SimulatorConfig, truth: Truth, account: Account, clock: Clock) -> None:
        self._truth = truth
        self._account = account
        self._clock = clock
        self._odds = OddsAnswers(config, truth, account, clock)
        self.counts: Counter[str] = Counter()
        self._routes: dict[str, Callable[[Request], Awaitable[Response]]] = {
            "/sports": self._sports,
            "/bookmakers": self._bookmakers,
            "/bookmakers/selected": self._selected,
            "/leagues": self._leagues,
            "/events": self._events,
            "/events/live": self._live,
            "/events/search": self._search,
            "/odds": self._odds.odds,
            "/odds/multi": self._odds.multi,
            "/odds/updated": self._odds.updated,
        }

    async def handle(self, request: Request, path: str) -> Response:
        """Answer one request; `path` is what follows /v3."""
        self.counts[f"{request.method} {path if path in self._routes else path.rsplit('/', 1)[0]}"] += 1
        headers: dict[str, str] = {}
        try:
            if path not in _OPEN_PATHS:
                key = request.query.get("apiKey", "")
                self._account.check_key(key)
                headers = self._account.admit(key)
            if request.method == "PUT":
                # A daemon must never change the account's selection: counted, and refused.
                self.counts["selection_changes"] += 1
                raise Refused(403, "Bookmaker selection can only be changed once every 12 hours.")
            if request.method != "GET":
                raise Refused(405, "Method not allowed")
            response = await self._route(path)(request)
        except Refused as refusal:
            if refusal.status == 429:
                self.counts["429"] += 1
            response = error_response(refusal.status, refusal.text, refusal.headers)
        response.headers.update(headers)
        return response

    def _route(self, path: str) -> Callable[[Request], Awaitable[Response]]:
        handler = self._routes.get(path)
        if handler is None and path.startswith("/events/"):
            return self._event
        if handler is None:
            raise Refused(404, "Not found")
        return handler

    # ---- catalogue

    async def _sports(self, request: Request) -> Response:
        return list_response({"name": name, "slug": slug} for slug, name in SPORTS.items())

    async def _bookmakers(self, request: Request) -> Response:
        inactive = self._account.inactive
        rows = ({"name": name, "active": active and name not in inactive} for name, active in BOOKMAKERS.items())
        return list_response(rows)

    async def _selected(self, request: Request) -> Response:
        allowed = list(self._account.selected)
        return json_response({"bookmakers": allowed, "count": len(allowed)})

    async def _leagues(self, request: Request) -> Response:
        sport = required_sport(request.query)
        counts = Counter((f.league, f.league_slug) for f in self._fixtures() if f.sport_slug == sport)
        return list_response(
            {"name": name, "slug": slug, "eventsCount": count} for (name, slug), count in counts.items()
        )

    # ---- events

    def _fixtures(self) -> Iterable[Fixture]:
        return (fixture for fixture in self._truth.fixtures.values() if not fixture.deleted)

    def _told(self, fixtures: Iterable[Fixture]) -> Response:
        now = self._clock.now_ms()
        return list_response(simple_event(fixture, now) for fixture in fixtures)

    async def _events(self, request: Request) -> Response:
        sport = required_sport(request.query)
        query = request.query
        begin, end = instant(query, "from"), instant(query, "to")
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
        skip, limit = whole(query, "skip", 0), whole(query, "limit", MAX_EVENTS)
        return self._told(rows[skip : skip + min(limit, MAX_EVENTS)])

    async def _live(self, request: Request) -> Response:
        sport = find_sport(request.query["sport"]) if "sport" in request.query else None
        rows = [f for f in self._fixtures() if f.status == "live" and sport in (None, f.sport_slug)]
        rows.sort(key=lambda fixture: (fixture.kickoff, fixture.id))
        return self._told(rows)

    async def _search(self, request: Request) -> Response:
        text = request.query.get("query", "")
        if len(text) < 3:
            raise Refused(400, "Query must be at least 3 characters")
        return self._told([f for f in self._fixtures() if text.lower() in f"{f.home} {f.away}".lower()][:10])

    async def _event(self, request: Request) -> Response:
        fixture = self._odds.find(request.path.rsplit("/", 1)[1])
        return json_response(simple_event(fixture, self._clock.now_ms()))

    def _priced(self, fixture: Fixture, bookmaker: str) -> bool:
        return bookmaker in self._account.selected and bool(self._odds.books(fixture, (bookmaker,)))
