"""FotMob as it is asked: the JSON names under /api/data, the home page, page data; validators, faults and the log."""

from __future__ import annotations

import gzip
import re
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple
from zlib import crc32

import msgspec

from PROPPR.SharedServices.simulator.answers import Response
from PROPPR.SharedServices.simulator.config import SimulatorConfig
from PROPPR.SharedServices.simulator.faults import FaultPlan, Rule
from PROPPR.SharedServices.simulator.fotmob import padding
from PROPPR.SharedServices.simulator.fotmob.faults import HTML, OTHER_MATCH, needs_an_answer, renamed, strike_first
from PROPPR.SharedServices.simulator.fotmob.generated import Generated
from PROPPR.SharedServices.simulator.fotmob.recorded import Recorded
from PROPPR.SharedServices.simulator.fotmob.requests_log import Asked, FotMobLog
from PROPPR.SharedServices.simulator.http import Request
from PROPPR.SharedServices.simulator.messages import Fixture

Json = dict[str, Any]
KEPT_BODIES = 512
_MAX_AGES = {"matches": 10, "leagues": 40, "teams": 40, "matchDetails": 20, "playerData": 300, "allLeagues": 3600}
_PAGE_CACHE = "public, s-maxage=3600, stale-while-revalidate=1200"
_REDIRECT = re.compile(r"^/_next/data/([^/]+)/match/(\d+)\.json$")
_PAGE = re.compile(r"^/_next/data/([^/]+)/matches/([^/]+)/([0-9a-z]+)\.json$")
_KEYS = {"matchDetails": "matchId", "leagues": "id", "teams": "id", "playerData": "id", "matches": "date"}
_HASHES = 4096


class Body(NamedTuple):
    """An answer's body, compressed, and its validator."""

    packed: bytes
    tag: str


class NotFoundError(Exception):
    """Nothing is there: 404 as HTML, as FotMob answers."""


class FotMob:
    """Answers everything under /fotmob. `now` tells the simulated time in ms, to which `shift` is added."""

    def __init__(
        self,
        config: SimulatorConfig,
        start: int,
        fixtures: Callable[[], Mapping[int, Fixture]],
        now: Callable[[], int],
        plan: FaultPlan,
    ) -> None:
        self._generated = Generated(config, start, fixtures)
        folder = config.fotmob_recordings
        self._source: Generated | Recorded = (
            self._generated if folder is None else Recorded(folder, config.fotmob_recordings_live)
        )
        self._now = now
        self.shift = 0
        self._plan = plan
        self.log = FotMobLog()
        self._builds = 0
        self._bodies: OrderedDict[tuple[object, ...], Body] = OrderedDict()
        self._compresses = config.compress
        self._pages: OrderedDict[str, int] = OrderedDict()
        self._names: dict[str, Callable[[str, Request], Json | None]] = {
            "matches": self._day,
            "leagues": lambda asked, request: self._source.league(int(asked), request.query.get("season"), self.now()),
            "teams": lambda asked, request: self._source.team(int(asked), self.now()),
            "playerData": lambda asked, request: self._source.player(int(asked), self.now()),
            "allLeagues": lambda asked, request: self._source.all_leagues(),
        }

    @property
    def generated(self) -> Generated:
        """The generated world, whatever is served."""
        return self._generated

    @property
    def build(self) -> str:
        """The build id that page data need now."""
        return f"simulated-build-{self._builds}"

    def new_build(self) -> None:
        """Let FotMob publish a new version of its site: page data of the old build are gone."""
        self._builds += 1

    def now(self) -> int:
        """FotMob's time in ms."""
        return self._now() + self.shift

    async def handle(self, request: Request, path: str) -> Response:
        """Answer one request; `path` is what follows /fotmob."""
        endpoint, asked = _endpoint(path, request)
        entry = self.log.arrived(self.now(), endpoint, asked, "if-none-match" in request.headers)
        try:
            response = await self._answer(request, path, entry)
            if not response.abort:
                entry.status, entry.bytes = response.status, response.size
            return response
        finally:
            self.log.answered(entry)

    async def _answer(self, request: Request, path: str, entry: Asked) -> Response:
        rule = self._plan.draw("fotmob", entry.endpoint)
        if rule is not None:
            entry.fault = rule.fault
            if rule.fault == "fotmob_stale_build":
                self.new_build()
            instead = await strike_first(rule)
            if instead is not None:
                return instead
        try:
            return self._sound(request, path, entry, rule if rule is not None and needs_an_answer(rule) else None)
        except NotFoundError:
            return Response(404, b"<!DOCTYPE html><html><body><h1>404</h1></body></html>", content_type=HTML)
        except ValueError as problem:
            return Response(400, str(problem).encode(), content_type="text/plain")

    def _sound(self, request: Request, path: str, entry: Asked, rule: Rule | None) -> Response:
        name = entry.endpoint
        if name == "home":
            return self._home()
        if name == "redirect":
            return self._redirect(path)
        if name == "page":
            return _checked(request, self._page(path, rule), _PAGE_CACHE, rule)
        if name == "matchDetails":
            return self._details(request, int(entry.asked), rule)
        if name in self._names:
            found = self._names[name](entry.asked, request)
            if found is None:
                raise NotFoundError
            body = msgspec.json.encode(renamed(found) if _renames(rule) else found)
            return _checked(request, body, f"public, max-age={_MAX_AGES[name]}", rule)
        raise NotFoundError

    # ---- JSON names

    def _day(self, asked: str, request: Request) -> Json:
        return self._source.day(asked, request.query.get("timezone", "UTC"), self.now())

    def _details(self, request: Request, match_id: int, rule: Rule | None) -> Response:
        """matchDetails, as it is kept if that can be: packed already."""
        cache = f"public, max-age={_MAX_AGES['matchDetails']}"
        packs = self._compresses and "gzip" in request.headers.get("accept-encoding", "")
        if rule is not None or not packs:
            return _checked(request, self._match(match_id, rule), cache, rule)
        body = self._kept(match_id)
        headers = {"Cache-Control": cache, "ETag": body.tag, "Vary": "Accept-Encoding"}
        if request.headers.get("if-none-match") == body.tag:
            return Response(304, b"", headers)
        return Response(200, body.packed, headers, encoding="gzip")

    def _match(self, match_id: int, rule: Rule | None) -> bytes:
        """A match's payload."""
        body = gzip.decompress(self._kept(match_id).packed)
        if rule is not None and rule.fault in ("fotmob_renamed", "fotmob_other_match"):
            body = _spoilt(body, rule)
        return body

    def _kept(self, match_id: int) -> Body:
        """A match's payload; the newest ones are kept."""
        now = self.now()
        version = self._source.match_version(match_id, now)
        if version is None:
            raise NotFoundError
        key = (match_id, *version)
        kept = self._bodies.get(key)
        if kept is None:
            found = self._source.match(match_id, now)
            body = found if isinstance(found, bytes) else msgspec.json.encode(found)
            kept = self._bodies[key] = Body(gzip.compress(body, 1, mtime=0), _tag(body))
            if len(self._bodies) > KEPT_BODIES:
                self._bodies.popitem(last=False)
        self._bodies.move_to_end(key)
        return kept

    # ---- page data

    def _home(self) -> Response:
        data = msgspec.json.encode({"props": {}, "page": "/", "query": {}, "buildId": self.build, "gssp": True})
        script = b'<script id="__NEXT_DATA__" type="application/json">' + data + b"</script>"
        return Response(200, b"<!DOCTYPE html><html><body>" + script + b"</body></html>", content_type=HTML)

    def _redirect(self, path: str) -> Response:
        found = _REDIRECT.match(path)
        page = self._source.page_path(int(found[2])) if found is not None and found[1] == self.build else None
        if found is None or page is None:
            raise NotFoundError
        self._pages[page.rpartition("/")[2]] = int(found[2])
        if len(self._pages) > _HASHES:
            self._pages.popitem(last=False)
        target = {"__N_REDIRECT": f"/matches/{page}#{found[2]}", "__N_REDIRECT_STATUS": 308}
        body = msgspec.json.encode({"pageProps": target, "url": f"/match/{found[2]}", "toggles": [], "__N_SSP": True})
        return Response(200, body, {"Cache-Control": _PAGE_CACHE})

    def _page(self, path: str, rule: Rule | None) -> bytes:
        """Page data name a pair of teams; they show its meeting nearest in time, whichever was asked for."""
        found = _PAGE.match(path)
        if found is None or found[1] != self.build or found[3] not in self._pages:
            raise NotFoundError
        match_id = self._source.same_page(self._pages[found[3]], self.now())
        props = msgspec.json.decode(self._match(match_id, rule), type=dict[str, msgspec.Raw])
        extra = {"fetchingLeagueData": False, "ssr": True, "translations": padding.translations()}
        return msgspec.json.encode({"pageProps": props | extra, "__N_SSP": True})


def _endpoint(path: str, request: Request) -> tuple[str, str]:
    """The name under which a request is counted, and the id or date that it asks for."""
    if path in ("", "/"):
        return "home", ""
    redirect, page = _REDIRECT.match(path), _PAGE.match(path)
    if redirect is not None or page is not None:
        return ("redirect", redirect[2]) if redirect is not None else ("page", page[3] if page else "")
    name = path.removeprefix("/api/data/")
    if not path.startswith("/api/data/") or name not in _MAX_AGES:
        return "other", path[:100]
    return name, request.query.get(_KEYS.get(name, ""), "")[:32]


def _renames(rule: Rule | None) -> bool:
    return rule is not None and rule.fault == "fotmob_renamed"


def _spoilt(body: bytes, rule: Rule) -> bytes:
    payload = msgspec.json.decode(body)
    if _renames(rule):
        return msgspec.json.encode(renamed(payload))
    general = payload.get("general")
    if isinstance(general, dict):
        general["matchId"] = str(int(general.get("matchId", 0)) + OTHER_MATCH)
    return msgspec.json.encode(payload)


def _tag(body: bytes) -> str:
    return f'W/"{len(body):x}-{crc32(body):08x}"'


def _checked(request: Request, body: bytes, cache: str, rule: Rule | None) -> Response:
    """The answer with its validator; 304 where the client has it already."""
    tag = _tag(body)
    headers = {"Cache-Control": cache, "ETag": tag, "Vary": "Accept-Encoding"}
    if request.headers.get("if-none-match") == tag and rule is None:
        return Response(304, b"", headers)
    cut = 0.6 if rule is not None and rule.fault == "fotmob_truncated" else None
    return Response(200, body, headers, cut=cut)
