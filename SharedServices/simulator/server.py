"""The simulator as one object: REST, WebSocket, FotMob, Telegram and control API on one port, in its own thread."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from dataclasses import replace

from PROPPR.SharedServices.service.clock import Clock, SystemClock
from PROPPR.SharedServices.simulator.account import Account
from PROPPR.SharedServices.simulator.answers import Response, error_response
from PROPPR.SharedServices.simulator.config import SimulatorConfig
from PROPPR.SharedServices.simulator.control import Control, Provider
from PROPPR.SharedServices.simulator.faults import FaultPlan, parse_plan
from PROPPR.SharedServices.simulator.feeds import build_source
from PROPPR.SharedServices.simulator.filters import HandshakeError, parse_filters
from PROPPR.SharedServices.simulator.fotmob.service import FotMob
from PROPPR.SharedServices.simulator.gateway import Gateway
from PROPPR.SharedServices.simulator.generator import Generator
from PROPPR.SharedServices.simulator.http import HttpConnection, Request
from PROPPR.SharedServices.simulator.hub import Hub
from PROPPR.SharedServices.simulator.refusals import Refused
from PROPPR.SharedServices.simulator.request_log import RequestLog
from PROPPR.SharedServices.simulator.rest import RestApi
from PROPPR.SharedServices.simulator.rest_faults import FAULT_TEXTS
from PROPPR.SharedServices.simulator.stream import FeedStream
from PROPPR.SharedServices.simulator.telegram import Telegram
from PROPPR.SharedServices.simulator.times import SimulatedTime, simulated_time

REST_PREFIX = "/v3"
WEBSOCKET_PATH = "/v3/ws"
FOTMOB_PREFIX = "/fotmob"
START_TIMEOUT = 30.0
STOP_TIMEOUT = 5.0
_log = logging.getLogger(__name__)


class SimulatorServer:
    """A running stand-in. Port 0 takes a free one; `port` tells which.

    All state lives in the server's own thread; other threads use the HTTP interface. `stop()` may be called twice.
    """

    def __init__(self, config: SimulatorConfig, clock: Clock | None = None) -> None:
        self.config = config
        self._clock = clock or SystemClock()
        self.port = config.port
        self._rules = parse_plan(config.faults)
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ready = threading.Event()
        self._stopping: asyncio.Event | None = None
        self._failure: BaseException | None = None

    @property
    def base_url(self) -> str:
        """Where it listens, without a path."""
        return f"http://{self.config.host}:{self.port}"

    @property
    def rest_url(self) -> str:
        """For ODDS_API_BASE_URL."""
        return self.base_url + REST_PREFIX

    @property
    def websocket_url(self) -> str:
        """For ODDS_API_WS_URL."""
        return f"ws://{self.config.host}:{self.port}{WEBSOCKET_PATH}"

    @property
    def fotmob_url(self) -> str:
        """For FOTMOB_BASE_URL."""
        return self.base_url + FOTMOB_PREFIX + "/api/data"

    @property
    def telegram_url(self) -> str:
        """For TELEGRAM_API_BASE_URL."""
        return self.base_url + "/telegram"

    @property
    def control_url(self) -> str:
        """The control API."""
        return self.base_url + "/_sim"

    def start(self) -> SimulatorServer:
        """Listen and return; raises what prevented it (an address in use, an unreadable recording)."""
        if self._thread is not None:
            raise RuntimeError("the simulator has been started already")
        self._thread = threading.Thread(target=self._run, name="simulator", daemon=True)
        self._thread.start()
        if not self._ready.wait(START_TIMEOUT):
            raise TimeoutError("the simulator did not start in time")
        if self._failure is not None:
            raise self._failure
        return self

    def stop(self) -> None:
        """Close every connection and end the thread."""
        loop, stopping = self._loop, self._stopping
        if loop is not None and stopping is not None and not loop.is_closed():
            loop.call_soon_threadsafe(stopping.set)
        if self._thread is not None:
            self._thread.join(STOP_TIMEOUT)

    def wait(self, seconds: float | None = None) -> bool:
        """Wait until it has ended; False if it still runs after that time."""
        if self._thread is None:
            return True
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def __enter__(self) -> SimulatorServer:
        return self.start()

    def __exit__(self, *exc_info: object) -> None:
        self.stop()

    # ---- inside the thread

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except BaseException as problem:  # told to the caller of start(); after that, to the log
            self._failure = problem
            if self._ready.is_set():
                _log.exception("simulator failed")
        finally:
            self._ready.set()

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._stopping = asyncio.Event()
        config = self.config
        times = simulated_time(config, self._clock)
        clock = times.clock
        source = build_source(config, times.start, clock)
        if config.selected is None:
            config = replace(config, selected=source.bookmakers)
        faults = FaultPlan(config.fault_seed if config.fault_seed is not None else config.seed)
        faults.replace(self._rules)
        account = Account(config, clock)
        hub = Hub(config, source, faults, account, clock)
        if config.catch_up and config.start is not None:
            hub.run_now(int((clock.now_ms() - config.start) * config.rate / 1000))
        app = _App(config, hub, account, times)
        server = await self._loop.create_server(
            lambda: HttpConnection(app.handle, app.upgrade, config.compress, clock), config.host, config.port
        )
        self.port = int(server.sockets[0].getsockname()[1])
        pump = self._loop.create_task(hub.run())
        pump.add_done_callback(self._pump_ended)
        self._ready.set()
        await self._stopping.wait()
        pump.cancel()
        server.close()
        for stream in hub.streams:
            stream.abort()

    def _pump_ended(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and task.exception() is not None:
            _log.error("simulator's feed failed", exc_info=task.exception())
            if self._stopping is not None:
                self._stopping.set()


class _App:
    """Sends every request to the part that answers it."""

    def __init__(self, config: SimulatorConfig, hub: Hub, account: Account, times: SimulatedTime) -> None:
        self._config = config
        self._hub = hub
        self._account = account
        rest = RestApi(config, hub.truth, account, times.clock)
        log = RequestLog(config.request_window)
        self._gateway = Gateway(rest, hub.truth, hub.faults, log, times.clock)
        self._telegram = Telegram(config.telegram_token, hub.faults, times.clock)
        fixtures = hub.truth.fixtures
        self._fotmob = FotMob(config, times.start, lambda: fixtures, _fotmob_time(hub, times), hub.faults)
        self._control = Control(config, hub, Provider(rest, account, log, self._telegram, self._fotmob), times)

    async def handle(self, request: Request) -> Response:
        path = request.path
        if path.startswith("/_sim/"):
            return await self._control.handle(request, path.removeprefix("/_sim/"))
        if path.startswith(FOTMOB_PREFIX + "/") or path == FOTMOB_PREFIX:
            return await self._fotmob.handle(request, path.removeprefix(FOTMOB_PREFIX))
        telegram_path = path.removeprefix("/telegram")
        if telegram_path.startswith("/bot"):
            return self._telegram.handle(request, telegram_path)
        if path == WEBSOCKET_PATH:
            return error_response(426, "Upgrade required")
        if not path.startswith(REST_PREFIX + "/"):
            return error_response(404, "Not found")
        return await self._gateway.handle(request, path.removeprefix(REST_PREFIX))

    def upgrade(self, request: Request, connection: HttpConnection) -> asyncio.Protocol | Response:
        """Turn a connection into a stream of the feed, or refuse it as the provider does."""
        if request.path != WEBSOCKET_PATH or connection.transport is None:
            return error_response(404, "Not found")
        key = request.query.get("apiKey", "")
        rule = self._hub.faults.draw("handshake")
        if rule is not None:
            status = rule.fault.removeprefix("ws_")
            return error_response(int(status), FAULT_TEXTS[status])
        try:
            self._account.check_key(key)
            filters = parse_filters(request.query, self._account.feeds())
        except (HandshakeError, Refused) as problem:
            self._hub.counts["refused_handshakes"] += 1
            return error_response(problem.status, problem.text)
        limits = (self._config.send_queue_bytes, self._config.oversized_bytes)
        stream = FeedStream(
            key, filters, connection.transport, self._hub.faults, limits, self._config.joined_share, self._hub.left
        )
        connection.transport.set_protocol(stream)
        if stream.accept(request.raw):
            self._hub.join(stream)
        return stream


def _fotmob_time(hub: Hub, times: SimulatedTime) -> Callable[[], int]:
    """The clock by which matches are played: the odds side's, where that goes by the number of its messages."""
    source = hub.source
    return source.today if times.anchor is None and isinstance(source, Generator) else times.clock.now_ms
