"""The control API under /_sim/ (loopback only, or --open-control): truth, stats, pause, step, rate, faults."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import asdict, dataclass

from PROPPR.SharedServices.simulator.account import Account
from PROPPR.SharedServices.simulator.answers import Response, error_response, json_response
from PROPPR.SharedServices.simulator.changes import ChangesLostError
from PROPPR.SharedServices.simulator.config import SimulatorConfig
from PROPPR.SharedServices.simulator.faults import FaultPlanError, parse_plan
from PROPPR.SharedServices.simulator.filters import split
from PROPPR.SharedServices.simulator.fotmob.service import FotMob
from PROPPR.SharedServices.simulator.fotmob.steering import FotMobControl
from PROPPR.SharedServices.simulator.http import Request
from PROPPR.SharedServices.simulator.hub import Hub
from PROPPR.SharedServices.simulator.messages import Book, Fixture, quoted
from PROPPR.SharedServices.simulator.request_log import RequestLog
from PROPPR.SharedServices.simulator.rest import RestApi
from PROPPR.SharedServices.simulator.telegram import Telegram
from PROPPR.SharedServices.simulator.times import SimulatedTime
from PROPPR.SharedServices.simulator.touch import Toucher
from PROPPR.SharedServices.simulator.truth import describe_book

_LOOPBACK = ("127.", "::1", "::ffff:127.")


@dataclass(frozen=True)
class Provider:
    """The parts of the stand-in that answer requests."""

    rest: RestApi
    account: Account
    log: RequestLog
    telegram: Telegram
    fotmob: FotMob


class Control:
    """What tests and operators may ask of a running simulator."""

    def __init__(self, config: SimulatorConfig, hub: Hub, provider: Provider, times: SimulatedTime) -> None:
        self._config = config
        self._hub = hub
        self._provider = provider
        self._telegram = provider.telegram
        self._times = times
        self._fotmob = FotMobControl(provider.fotmob)
        self._toucher = Toucher(hub, config.seed)
        self._slow: dict[tuple[str, str], Callable[[Request], Awaitable[Response]]] = {
            ("GET", "truth"): self._truth,
            ("POST", "touch"): self._touch,
        }
        self._routes: dict[tuple[str, str], Callable[[Request], Response]] = {
            ("GET", "stats"): lambda request: json_response(self.stats()),
            ("GET", "seed"): lambda request: json_response(self._seed()),
            ("GET", "changes"): self._changes,
            ("GET", "withheld"): lambda request: json_response(self._withheld()),
            ("GET", "digest"): lambda request: json_response(self._digest()),
            ("GET", "requests"): self._requests,
            ("GET", "telegram"): lambda request: json_response(list(self._telegram.messages)),
            ("POST", "pause"): self._pause,
            ("POST", "resume"): self._resume,
            ("POST", "step"): self._step,
            ("POST", "rate"): self._rate,
            ("POST", "faults"): self._faults,
            ("POST", "account"): self._change_account,
            ("POST", "consume"): self._consume,
        }

    async def handle(self, request: Request, name: str) -> Response:
        """Answer one call; `name` is what follows /_sim/."""
        if not (self._config.open_control or request.peer.startswith(_LOOPBACK)):
            return error_response(403, "loopback only")
        route = (request.method, name)
        try:
            if name.partition("/")[0] == "fotmob":
                return self._fotmob.handle(request, name)
            if route in self._slow:
                return await self._slow[route](request)
            if route in self._routes:
                return self._routes[route](request)
            return error_response(404, "Not found")
        except (ValueError, TypeError, KeyError) as problem:
            return error_response(400, str(problem))

    # ---- reading

    def stats(self) -> dict[str, object]:
        """Counters of everything; `sent` are messages handed to clients, gone ones included."""
        hub = self._hub
        streams = hub.streams
        counts = dict(hub.counts)
        counts["sent"] = counts.get("sent", 0) + sum(stream.sent for stream in streams)
        counts["sent_bytes"] = counts.get("sent_bytes", 0) + sum(stream.sent_bytes for stream in streams)
        return {
            "messages": hub.source.count,
            "sequence": hub.truth.sequence,
            "first_sequence": hub.first_sequence,
            "fixtures": len(hub.truth.fixtures),
            "idle": hub.idle,
            "paused": hub.paused,
            "finished": hub.finished or hub.remaining == 0,
            "rate": hub.rate,
            "stream": counts,
            "connected": len(streams),
            "buffered": sum(stream.buffered for stream in streams),
            "faults": dict(hub.faults.struck),
            "changes": hub.truth.changes.describe(),
            "rest": {
                "calls": dict(self._provider.rest.counts),
                "accounts": self._provider.account.describe(),
                **self._provider.log.describe(),
            },
            "telegram": {"received": self._telegram.received, "refused": self._telegram.refused},
        }

    def _seed(self) -> dict[str, object]:
        config = self._config
        return {
            "seed": config.seed,
            "profile": config.profile,
            "fixtures": config.fixtures,
            "bookmakers": list(config.bookmakers),
            "start": self._times.start,
            "time_factor": config.time_factor,
            "anchor": self._times.anchor,
            "now": self._times.clock.now_ms(),
            "fixed_clock": config.start is not None and not config.is_fast,
        }

    def _withheld(self) -> dict[str, object]:
        """The faults for which clients are being kept waiting now, and whether there is anything to wait for."""
        faults = [stream.withheld for stream in self._hub.streams if stream.withheld is not None]
        return {"withheld": faults, "idle": self._hub.idle}

    def _digest(self) -> dict[str, object]:
        hub = self._hub
        digest: dict[str, object] = dict(hub.truth.digest(hub.first_sequence))
        return digest | {"messages": hub.source.count, "sequence": hub.truth.sequence}

    def _changes(self, request: Request) -> Response:
        """The changes of rows after the sequence `after`, oldest first, at most `limit` (but a sequence as a whole).

        410 where some of them are not kept any more; without `after` the newest that are. `before=false` leaves the
        rows out that were replaced.
        """
        limit = int(request.query.get("limit", "1000"))
        with_before = request.query.get("before") != "false"
        log = self._hub.truth.changes
        try:
            found = (
                log.complete(int(request.query["after"]), limit) if "after" in request.query else log.newest(0, limit)
            )
        except ChangesLostError as problem:
            return error_response(410, str(problem))
        return Response(elements=[change.encode(with_before) for change in found])

    def _requests(self, request: Request) -> Response:
        """The newest REST requests, oldest first: those after the number `after`, at most `limit`."""
        after, limit = int(request.query.get("after", "0")), int(request.query.get("limit", "1000"))
        return json_response(self._provider.log.after(after, limit))

    async def _truth(self, request: Request) -> Response:
        """The last word on every book: all, or `fixtures=` CSV, `feeds=` CSV; `touched=true`: only what has moved."""
        hub = self._hub
        wanted = {int(text) for text in split(request.query.get("fixtures", ""))}
        feeds = split(request.query.get("feeds", "")) or self._hub.truth.feeds
        touched = request.query.get("touched") == "true"
        parts = [b'"sequence":%d,"messages":%d' % (hub.truth.sequence, hub.source.count)]
        fixtures: list[bytes] = []
        for fixture in list(hub.truth.fixtures.values()):
            if wanted and fixture.id not in wanted:
                continue
            books = [book for book in self._books(fixture, feeds) if not touched or book.sequence > hub.first_sequence]
            if books:
                described = b",".join(b"%b:%b" % (quoted(book.feed), describe_book(book)) for book in books)
                fixtures.append(b'"%d":{%b}' % (fixture.id, described))
            await asyncio.sleep(0)
        parts.append(b'"fixtures":{' + b",".join(fixtures) + b"}")
        return Response(200, b"{" + b",".join(parts) + b"}")

    def _books(self, fixture: Fixture, feeds: Iterable[str]) -> list[Book]:
        found = (self._hub.truth.book(fixture, feed) for feed in feeds)
        return [book for book in found if book is not None]

    # ---- steering

    def _pause(self, request: Request) -> Response:
        self._hub.set_paused(True)
        return json_response({"paused": True, **self._digest_head()})

    def _resume(self, request: Request) -> Response:
        """Go on; with `messages`, fall silent again after that many."""
        messages = _body(request).get("messages")
        if messages is not None:
            self._hub.allow(int(str(messages)))
        else:
            self._hub.set_paused(False)
            if self._hub.remaining == 0:
                self._hub.allow(None)
        return json_response({"paused": False})

    def _step(self, request: Request) -> Response:
        """Make `messages` messages at once."""
        made = self._hub.run_now(int(str(_body(request).get("messages", 1))))
        return json_response({"made": made, **self._digest_head()})

    def _digest_head(self) -> dict[str, object]:
        return {"messages": self._hub.source.count, "sequence": self._hub.truth.sequence}

    async def _touch(self, request: Request) -> Response:
        """Other prices in every market of so many books of a bookmaker, in one go."""
        body = _body(request)
        touched = await self._toucher.touch(str(body["bookmaker"]), int(str(body["fixtures"])))
        return json_response(asdict(touched))

    def _rate(self, request: Request) -> Response:
        rate = float(str(_body(request)["rate"]))
        if not rate >= 0:
            raise ValueError("rate must not be negative")
        self._hub.set_rate(rate)
        return json_response({"rate": rate})

    def _change_account(self, request: Request) -> Response:
        """Other selected bookmakers, other names out of service; what is left out stays as it is."""
        body = _body(request)
        account = self._provider.account
        account.change(_names(body, "selected"), _names(body, "inactive"))
        return json_response({"selected": list(account.selected), "inactive": sorted(account.inactive)})

    def _consume(self, request: Request) -> Response:
        """Requests of somebody else on the same account: of one key, or of every key seen so far."""
        body = _body(request)
        key = body.get("key")
        taken = self._provider.account.consume(int(str(body["requests"])), None if key is None else str(key))
        return json_response({"taken": taken})

    def _faults(self, request: Request) -> Response:
        """Put another plan in force; an empty one stops all faults and lets what was held back arrive."""
        try:
            rules = parse_plan(_body(request))
        except (FaultPlanError, OSError, ValueError) as problem:
            return error_response(400, str(problem))
        self._hub.faults.replace(rules)
        if not rules:
            for stream in self._hub.streams:
                stream.end_faults()
        return json_response({"rules": len(rules), "struck": dict(self._hub.faults.struck)})


def _body(request: Request) -> dict[str, object]:
    parsed: object = json.loads(request.body) if request.body else dict(request.query)
    if isinstance(parsed, list):
        return {"plan": parsed}
    if not isinstance(parsed, dict):
        raise ValueError("a JSON object is expected")
    return parsed


def _names(body: dict[str, object], name: str) -> list[str] | None:
    names = body.get(name)
    if names is None:
        return None
    if not isinstance(names, list) or not all(isinstance(item, str) for item in names):
        raise ValueError(f"{name} must be a list of names")
    return names
