"""The health of a process over HTTP: `/health`, `/live`, `/ready` and `/metrics`, for operators and orchestrators."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Literal, TypeVar

from flask import Blueprint, Flask, Response

from PROPPR.SharedServices.service.clock import Clock, SystemClock
from PROPPR.SharedServices.service.components import Check
from PROPPR.SharedServices.service.latency import Latency
from PROPPR.SharedServices.service.metrics import Metrics
from PROPPR.SharedServices.service.redact import Redactor
from PROPPR.SharedServices.service.web_server import Address, WebServer

log = logging.getLogger(__name__)

Status = Literal["healthy", "degraded", "unhealthy"]
CheckFunction = Callable[[], Check]
Value = TypeVar("Value")


class HealthState:
    """Collects what a process knows of its own health. Thread-safe; everything is computed when asked, without I/O.

    `status`: unhealthy if a check of that severity is not ok, degraded if any check is not ok, else healthy. A check
    that raises counts as not ok, unhealthy.
    """

    def __init__(self, service: str, version: str, clock: Clock | None = None) -> None:
        self.service = service
        self.version = version
        self._clock = clock or SystemClock()
        self.started = self._clock.now()
        self._started_monotonic = self._clock.monotonic()
        self._lock = threading.Lock()
        self._checks: dict[str, CheckFunction] = {}
        self._ready: dict[str, CheckFunction] = {}
        self._live: CheckFunction = lambda: Check(True, "no main loop")
        self._last_update: Callable[[], datetime | None] = lambda: None
        self._queue_size: Callable[[], int] = lambda: 0
        self._latency: Callable[[], Latency | None] = lambda: None

    def add_check(self, name: str, check: CheckFunction) -> None:
        """Make `check` part of `/health`."""
        with self._lock:
            self._checks[name] = check

    def add_ready(self, name: str, check: CheckFunction) -> None:
        """Make `check` a condition of `/ready` (only there): first sync done, tasks alive."""
        with self._lock:
            self._ready[name] = check

    def set_live(self, check: CheckFunction) -> None:
        """Say how `/live` finds out whether the main loop turns."""
        self._live = check

    def set_last_update(self, read: Callable[[], datetime | None]) -> None:
        """Say how `last_update` is found: the aware time of the last data that was stored, None before it."""
        self._last_update = read

    def set_queue_size(self, read: Callable[[], int]) -> None:
        """Say how `queue_size` is found: updates received and not stored yet."""
        self._queue_size = read

    def set_latency(self, read: Callable[[], Latency | None]) -> None:
        """Say how long updates took lately from receipt to stored; told in the heartbeat, not in `/health`."""
        self._latency = read

    def checks(self) -> dict[str, Check]:
        """Ask every check of `/health`."""
        with self._lock:
            asked = dict(self._checks)
        return {name: _ask(check) for name, check in asked.items()}

    def status(self, checks: Mapping[str, Check] | None = None) -> Status:
        """Return the status that `checks` (default: asked now) add up to."""
        failed = [check for check in (self.checks() if checks is None else checks).values() if not check.ok]
        if any(check.severity == "unhealthy" for check in failed):
            return "unhealthy"
        return "degraded" if failed else "healthy"

    def last_update(self) -> datetime | None:
        """When data was stored last, None before it."""
        return _read(self._last_update, None)

    def queue_size(self) -> int:
        """How many updates were received and not stored yet."""
        return _read(self._queue_size, 0)

    def latency(self) -> Latency | None:
        """How long updates took lately from receipt to stored; None where none did."""
        return _read(self._latency, None)

    def report(self) -> dict[str, Any]:
        """Return the body of `/health`."""
        checks = self.checks()
        last_update = self.last_update()
        return {
            "service": self.service,
            "version": self.version,
            "status": self.status(checks),
            "uptime": round(self._clock.monotonic() - self._started_monotonic, 3),
            "last_update": last_update.isoformat().replace("+00:00", "Z") if last_update else None,
            "queue_size": self.queue_size(),
            "checks": {name: _shown(check) for name, check in checks.items()},
        }

    def live(self) -> Check:
        """Say whether the main loop turns."""
        return _ask(self._live)

    def ready(self) -> dict[str, Check]:
        """Ask every condition of `/ready`."""
        with self._lock:
            asked = dict(self._ready)
        return {name: _ask(check) for name, check in asked.items()}


class HealthServer(WebServer):
    """Serves a HealthState and a process's metrics, a Component. Texts are redacted on the way out.

    Loopback unless told otherwise; port 0 takes any free port (see `port` after start()). A port that is taken or a
    host that is not ours raises ConfigError in start().
    """

    def __init__(
        self,
        host: str,
        port: int,
        state: HealthState,
        metrics: Metrics,
        *,
        redactor: Redactor | None = None,
        clock: Clock | None = None,
    ) -> None:
        app = Flask("proppr-health", static_folder=None)
        app.register_blueprint(health_routes(state, metrics, redactor or Redactor()))
        super().__init__("health", Address(host, port), app, clock=clock)


def health_routes(state: HealthState, metrics: Metrics, redactor: Redactor) -> Blueprint:
    """Return the four endpoints, for an application that serves more than these."""
    routes = Blueprint("health", __name__)

    def answer(body: Mapping[str, Any], ok: bool) -> Response:
        text = json.dumps(redactor.value(body), allow_nan=False, default=str)
        response = Response(text, status=200 if ok else 503, mimetype="application/json")
        response.headers["Cache-Control"] = "no-store"
        return response

    @routes.get("/health")
    def health() -> Response:
        report = state.report()
        return answer(report, report["status"] != "unhealthy")

    @routes.get("/live")
    def live() -> Response:
        check = state.live()
        return answer({"live": check.ok, **_shown(check)}, check.ok)

    @routes.get("/ready")
    def ready() -> Response:
        checks = state.ready()
        is_ready = all(check.ok for check in checks.values())
        return answer({"ready": is_ready, "checks": {name: _shown(check) for name, check in checks.items()}}, is_ready)

    @routes.get("/metrics")
    def metrics_page() -> Response:
        return Response(metrics.exposition(), mimetype="text/plain; version=0.0.4; charset=utf-8")

    return routes


def _ask(check: CheckFunction) -> Check:
    try:
        return check()
    except Exception as error:
        log.exception("health check failed")
        return Check(False, f"the check failed: {type(error).__name__}: {error}")


def _read(function: Callable[[], Value], otherwise: Value) -> Value:
    try:
        return function()
    except Exception:
        log.exception("health value could not be read")
        return otherwise


def _shown(check: Check) -> dict[str, Any]:
    age = {} if check.age_s is None else {"age_s": round(check.age_s, 3)}
    return {"ok": check.ok, **age, "detail": check.detail}
