"""A FotMob client on a local server, and small answers in FotMob's shapes."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from typing import Any

from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from PROPPR.SharedServices.providers.fotmob.client import FotMobClient
from PROPPR.SharedServices.providers.fotmob.config import FotMobConfig
from PROPPR.SharedServices.service.clock import Clock, ManualClock
from PROPPR.SharedServices.storage.source_cache import CachedResponse

API = "/api/data"
CHALLENGE = "<!doctype html><html><script src='https://x/turnstile/v0/api.js'></script></html>"
NOT_FOUND_PAGE = "<!doctype html><html><h1>404</h1></html>"


class MemoryCache:
    """A ResponseCache for one test."""

    def __init__(self) -> None:
        self.kept: dict[str, CachedResponse] = {}
        self.confirmed: list[str] = []

    def get(self, key: str) -> CachedResponse | None:
        return self.kept.get(key)

    def put(self, key: str, response: CachedResponse) -> bool:
        self.kept[key] = response
        return True

    def confirm(self, key: str, response: CachedResponse) -> None:
        self.kept[key] = response
        self.confirmed.append(key)


class WaitingClock(ManualClock):
    """A clock of which every wait takes its time at once; `waits` are those that took any."""

    def __init__(self) -> None:
        super().__init__()
        self.waits: list[float] = []

    def wait(self, event: threading.Event, seconds: float) -> bool:
        if event.is_set():
            return True
        if seconds > 0:
            self.waits.append(seconds)
            self.advance(seconds)
        return False


def client_of(url: str, clock: Clock | None = None, **options: Any) -> FotMobClient:
    """A client of a server's `/api/data`; options of the configuration and of the client alike."""
    parts = {name: options.pop(name) for name in ("stop", "budget", "cache", "metrics") if name in options}
    patience = {"pause": 0.0, "attempts": 2, "first_wait": 0.01, "longest_wait": 0.02, "read_timeout": 5.0}
    config = FotMobConfig(**({"base_url": url.rstrip("/") + API} | patience | options))
    return FotMobClient(config, clock=clock or WaitingClock(), **({"stop": threading.Event()} | parts))


def match_body(match_id: int, **more: object) -> dict[str, Any]:
    """As much of a match as the client looks at."""
    return {"general": {"matchId": str(match_id)}, "header": {"teams": []}, "content": {}, **more}


def home_page(build: str) -> str:
    """A home page that names the build of the site."""
    data = json.dumps({"props": {}, "page": "/", "buildId": build, "isFallback": False})
    return f'<html><body><script id="__NEXT_DATA__" type="application/json">{data}</script></body></html>'


def paths_of(server: HTTPServer) -> list[str]:
    """The paths that were asked for, in order."""
    return [request.path for request, _ in server.log]


class Site:
    """The site's pages: one build at a time, matches by their short and by their full address."""

    def __init__(self, build: str = "build-1") -> None:
        self.build = build
        self.named: str | None = None
        self.addresses: dict[int, str] = {}
        self.served: dict[str, Mapping[str, Any]] = {}

    def add(self, match_id: int, address: str, serves: int | None = None) -> None:
        """Let the match's short address lead to `address`, where the page of `serves` is."""
        self.addresses[match_id] = address
        extra = {"translations": {"goal": "Goal"}, "fallback": {}, "ssr": True, "fetchingLeagueData": True}
        self.served[address] = match_body(serves or match_id) | extra

    def __call__(self, request: Request) -> Response:
        if request.path == "/":
            return Response(home_page(self.named or self.build), content_type="text/html; charset=utf-8")
        prefix = f"/_next/data/{self.build}"
        if not request.path.startswith(prefix):
            return Response(NOT_FOUND_PAGE, 404, content_type="text/html")
        address = request.path.removeprefix(prefix).removesuffix(".json")
        return self._json(address)

    def _json(self, address: str) -> Response:
        if address.startswith("/match/"):
            match_id = int(address.removeprefix("/match/"))
            target = self.addresses.get(match_id)
            if target is None:
                return Response(json.dumps({"notFound": True}), 404, content_type="application/json")
            redirect = {"__N_REDIRECT": f"{target}#{match_id}", "__N_REDIRECT_STATUS": 308}
            return Response(json.dumps({"pageProps": redirect, "__N_SSP": True}), content_type="application/json")
        return Response(json.dumps({"pageProps": self.served[address]}), content_type="application/json")
