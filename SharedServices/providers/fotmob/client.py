"""FotMob's pages as decoded JSON: days, leagues, matches, teams, players. The football domain reads them."""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, Literal, cast

import msgspec
import requests

from PROPPR.SharedServices.providers.fotmob import checks
from PROPPR.SharedServices.providers.fotmob.cache import (
    ResponseCache,
    day_key,
    league_key,
    match_key,
    player_key,
    team_key,
)
from PROPPR.SharedServices.providers.fotmob.circuit import SourceState
from PROPPR.SharedServices.providers.fotmob.config import FotMobConfig
from PROPPR.SharedServices.providers.fotmob.errors import (
    NotFound,
    OtherAnswer,
    SourceChanged,
    SourceRefused,
    TransientError,
)
from PROPPR.SharedServices.providers.fotmob.page_data import PageData
from PROPPR.SharedServices.providers.fotmob.source_metrics import SourceMetrics
from PROPPR.SharedServices.providers.fotmob.transport import FotMobTransport, Request
from PROPPR.SharedServices.service.clock import Clock
from PROPPR.SharedServices.service.metrics import Metrics
from PROPPR.SharedServices.storage.source_cache import CachedResponse
from PROPPR.SharedServices.tracking.request_tracker import GlobalRequestTracker

log = logging.getLogger(__name__)

DETAILS: Final = "matchDetails"
ZONE: Final = "UTC"
READ_FROM_PAGES: Final = frozenset({403, 404})
Source = Literal["api", "page"]


@dataclass(frozen=True, slots=True)
class Fetched:
    """A good answer. `raw` is its JSON text (of a page: of the match's part of it), `payload` the same decoded.

    `fetched_at` is when FotMob last stood by it; `not_modified` says that it was known already and still holds.
    """

    payload: dict[str, Any]
    raw: bytes
    fetched_at: datetime
    not_modified: bool
    source: Source


@dataclass(frozen=True, slots=True)
class _Ask:
    key: str
    path: str
    query: Mapping[str, str]
    check: checks.Check


class FotMobClient:
    """Thread-safe; make one per process, because the pause between requests is the client's.

    Every call is one request or more of `budget` (None: uncounted). It raises RateLimited when the budget is used up,
    SourceRefused while FotMob does not want to be asked, TransientError when it fails, NotFound for what it does not
    know, OtherAnswer for an answer to another question, and SourceChanged for one that is not understood. `last_good`
    has the last good copy then. `stop` ends all waits, with TransientError.
    """

    def __init__(
        self,
        config: FotMobConfig,
        *,
        clock: Clock,
        stop: threading.Event,
        budget: GlobalRequestTracker | None = None,
        cache: ResponseCache | None = None,
        metrics: Metrics | None = None,
        session: requests.Session | None = None,
    ) -> None:
        self._base_url = config.base_url.rstrip("/")
        self._clock = clock
        self._cache = cache
        measured = None if metrics is None else SourceMetrics(metrics)
        self._transport = FotMobTransport(
            config,
            clock=clock,
            stop=stop,
            budget=budget,
            on_request=None if measured is None else measured.count_request,
            session=session,
        )
        self._pages = None if config.site_url is None else PageData(config.site_url, self._transport)
        if measured is not None:
            measured.watch(self._transport.state)

    def day(self, day: date) -> Fetched:
        """Fetch the matches of a day of UTC. Those near midnight may be listed on the day before or after."""
        query = {"date": f"{day:%Y%m%d}", "timezone": ZONE}
        return self._fetch(_Ask(day_key(day), "matches", query, checks.for_day(day)))

    def league(self, league_id: int, season: str | None = None) -> Fetched:
        """Fetch a league's page, in a season as the page itself calls it ("2025/2026"), by default the present one."""
        query = {"id": str(int(league_id))} | ({} if season is None else {"season": season})
        check = checks.for_league(league_id, season)
        return self._fetch(_Ask(league_key(league_id, season), "leagues", query, check))

    def match(self, match_id: int) -> Fetched:
        """Fetch a match. While the api path refuses matches (403, or a page with 404) it is read from its public page.

        A page may be an hour old, and it may serve another meeting of the same teams: OtherAnswer.
        """
        query = {"matchId": str(int(match_id))}
        ask = _Ask(match_key(match_id), DETAILS, query, checks.for_match(match_id))
        try:
            return self._fetch(ask)
        except SourceRefused as refused:
            if self._pages is None or refused.status not in READ_FROM_PAGES:
                raise
        except NotFound as missing:
            if self._pages is None or not missing.is_page:
                raise
        return self._from_page(self._pages, match_id, ask)

    def team(self, team_id: int) -> Fetched:
        """Fetch a team's page."""
        return self._fetch(_Ask(team_key(team_id), "teams", {"id": str(int(team_id))}, checks.for_team(team_id)))

    def player(self, player_id: int) -> Fetched:
        """Fetch a player's page."""
        ask = _Ask(player_key(player_id), "playerData", {"id": str(int(player_id))}, checks.for_player(player_id))
        return self._fetch(ask)

    def last_good(self, key: str) -> Fetched | None:
        """Return the last good copy under a key of `cache.py`, however old; None without one. Asks nobody.

        Raises TransientError while the cache is out of reach.
        """
        kept = None if self._cache is None else self._cache.get(key)
        payload = None if kept is None else _decoded(kept.body)
        if kept is None or payload is None:
            return None
        return Fetched(payload, kept.body, kept.fetched_at, False, "page" if kept.source == "page" else "api")

    def state(self) -> SourceState:
        """Return whether FotMob answers, and what of it is left alone until when."""
        return self._transport.state()

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()

    def _fetch(self, ask: _Ask) -> Fetched:
        kept = self._kept(ask)
        request = Request(ask.path, f"{self._base_url}/{ask.path}", ask.query, _validators(kept))
        reply = self._transport.get(request)
        at = self._clock.now()
        if reply.not_modified:
            if kept is None or (payload := _decoded(kept.body)) is None:
                raise SourceChanged(f"{ask.path}: 304 for an unconditional request")
            self._confirm(ask.key, CachedResponse(kept.body, at, kept.etag, kept.last_modified))
            return Fetched(payload, kept.body, at, True, "api")
        ask.check(reply.payload)
        self._keep(ask.key, CachedResponse(reply.body, at, reply.etag, reply.last_modified))
        return Fetched(cast("dict[str, Any]", reply.payload), reply.body, at, False, "api")

    def _from_page(self, pages: PageData, match_id: int, ask: _Ask) -> Fetched:
        payload = pages.match(match_id)
        try:
            ask.check(payload)
        except OtherAnswer:
            pages.forget(match_id)
            raise
        raw, at = msgspec.json.encode(payload), self._clock.now()
        self._keep(ask.key, CachedResponse(raw, at, source="page"))
        return Fetched(payload, raw, at, False, "page")

    def _kept(self, ask: _Ask) -> CachedResponse | None:
        """Return what a conditional request can be made of: a readable copy from the api path for the same question."""
        try:
            kept = None if self._cache is None else self._cache.get(ask.key)
        except TransientError as error:
            log.warning("asking without a condition", extra={"path": ask.path, "reason": str(error)})
            return None
        if kept is None or kept.source != "api" or not _validators(kept):
            return None
        payload = _decoded(kept.body)
        try:
            ask.check(payload or {})
        except SourceChanged:
            return None
        return kept

    def _keep(self, key: str, response: CachedResponse) -> None:
        try:
            if self._cache is not None and not self._cache.put(key, response):
                log.warning("an answer is too large to be kept", extra={"key": key, "bytes": len(response.body)})
        except TransientError as error:
            log.warning("an answer was not kept", extra={"key": key, "reason": str(error)})

    def _confirm(self, key: str, response: CachedResponse) -> None:
        try:
            if self._cache is not None:
                self._cache.confirm(key, response)
        except TransientError as error:
            log.warning("a kept answer was not confirmed", extra={"key": key, "reason": str(error)})


def _validators(kept: CachedResponse | None) -> dict[str, str]:
    if kept is None:
        return {}
    sent = {"If-None-Match": kept.etag, "If-Modified-Since": kept.last_modified}
    return {name: value for name, value in sent.items() if value is not None}


def _decoded(body: bytes) -> dict[str, Any] | None:
    try:
        payload = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return payload if isinstance(payload, dict) else None
