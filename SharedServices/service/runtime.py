"""Runs a service: everything that all services have in common, so that a service is a short file.

def build(context: ServiceContext) -> Sequence[Component]:
    updater = UnifiedWebSocketService(...)
    context.health.set_last_update(updater.last_update)
    return [updater]

sys.exit(run_service("websocket-updater", build, connect=..., prepare=..., required=["ODDS_API_KEY"]))
"""

from __future__ import annotations

import logging
import os
import socket
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import pymongo
from pymongo import MongoClient
from pymongo.errors import InvalidURI, PyMongoError

from PROPPR.SharedServices.service.alerting import channels
from PROPPR.SharedServices.service.alerts import AlertOutbox
from PROPPR.SharedServices.service.backoff import Backoff
from PROPPR.SharedServices.service.beat_report import BeatReport
from PROPPR.SharedServices.service.clock import Clock, SystemClock
from PROPPR.SharedServices.service.components import Check, Component
from PROPPR.SharedServices.service.connection import Connected, Connection, JustAClient
from PROPPR.SharedServices.service.daemon import Daemon
from PROPPR.SharedServices.service.errors import ConfigError, TransientError
from PROPPR.SharedServices.service.front import Front, FrontContext, health_server
from PROPPR.SharedServices.service.health import HealthState
from PROPPR.SharedServices.service.heartbeat import Heartbeat
from PROPPR.SharedServices.service.log_sink import MongoLogSink
from PROPPR.SharedServices.service.logs import Logging, configure_logging
from PROPPR.SharedServices.service.metrics import Metrics
from PROPPR.SharedServices.service.metrics_read import HealthCollector
from PROPPR.SharedServices.service.mongo_monitor import MongoMonitor
from PROPPR.SharedServices.service.mongo_types import MongoConnection, MongoDatabase
from PROPPR.SharedServices.service.redact import Redactor
from PROPPR.SharedServices.service.settings import Settings, load_settings

log = logging.getLogger(__name__)

EXIT_CONFIGURATION = 2


@dataclass(frozen=True)
class ServiceContext:
    """What a service is built from. `stop` is set when the process begins to end."""

    name: str
    instance: str
    version: str
    settings: Settings
    clock: Clock
    client: MongoConnection
    database: MongoDatabase
    metrics: Metrics
    alerts: AlertOutbox
    redactor: Redactor
    health: HealthState
    stop: threading.Event
    logger: logging.Logger


Build = Callable[[ServiceContext], Sequence[Component]]
Connect = Callable[[Settings], MongoConnection | Connected]
Prepare = Callable[[MongoDatabase, Settings], object]


def run_service(
    name: str,
    build: Build,
    *,
    connect: Connect,
    prepare: Prepare | None = None,
    required: Sequence[str] = (),
    front: Front = health_server,
    tells: bool = True,
    env: Mapping[str, str] | None = None,
    env_file: Path | None = Path(".env"),
) -> int:
    """Run the service `name` until a signal and return the exit code: 0, 2 for wrong settings, 1 for other failures.

    In this order: settings (with the `required` ones), logging, the `front` that serves the health endpoints,
    `connect(settings)`, `build(context)` (no I/O in there); then, as soon as MongoDB answers, `prepare(database,
    settings)`, alerts, heartbeat and the built components. While MongoDB is away at the start it waits, degraded then
    unhealthy. One that does not `tell` stores its alerts and leaves it to the others to send them. Main thread only.
    """
    try:
        settings = load_settings(env, env_file)
        settings.require(*required)
        redactor = Redactor(settings.secrets())
        logging_ = configure_logging(name, settings, redactor)
    except ConfigError as error:
        print(f"{name}: wrong settings\n{error}", file=sys.stderr)
        return EXIT_CONFIGURATION
    service = _Service(name, settings, redactor, logging_)
    try:
        code = service.run(build, connect, prepare, front, tells)
    finally:
        logging_.close()
    if service.leftovers:
        # Threads that hang would keep the interpreter from ending.
        sys.stderr.flush()
        os._exit(code)
    return code


def version() -> str:
    """Return the version of the installed package."""
    try:
        return metadata.version("proppr")
    except metadata.PackageNotFoundError:
        return "unknown"


class _Service:
    def __init__(self, name: str, settings: Settings, redactor: Redactor, logging_: Logging) -> None:
        self._name = name
        self._settings = settings
        self._redactor = redactor
        self._logging = logging_
        self._clock = SystemClock()
        self._began = self._clock.monotonic()
        self._version = version()
        self._instance = settings.proppr_instance or f"{socket.gethostname()}-{os.getpid()}"
        self._stop = threading.Event()
        self._metrics = Metrics(name, self._version)
        self._health = HealthState(name, self._version, self._clock)
        self.leftovers: list[str] = []

    def run(self, build: Build, connect: Connect, prepare: Prepare | None, front: Front, tells: bool) -> int:
        components = self._components(build, connect, prepare, front, tells)
        daemon = Daemon(self._name, components, self._clock, stop_event=self._stop, flush=self._last_words)
        self._metrics.watch_queue("log", lambda: self._logging.depth)
        self._metrics.collect_from(HealthCollector(self._health))
        self._health.set_live(daemon.turned)
        self._health.add_check("startup", lambda: self._started(daemon))
        self._health.add_ready("startup", lambda: self._started(daemon))
        self._health.add_ready("tasks", lambda: _tasks(daemon))
        log.info("starting", extra={"version": self._version, "instance": self._instance})
        log.debug("settings", extra={"settings": self._settings.redacted()})
        code = daemon.run()
        self.leftovers = daemon.leftovers
        return code

    def _started(self, daemon: Daemon) -> Check:
        if daemon.all_started:
            return Check(True, "all components started")
        age = self._clock.monotonic() - self._began
        late = age >= self._settings.proppr_mongo_unhealthy_after
        return Check(False, f"{len(daemon.components)} components so far", age, "unhealthy" if late else "degraded")

    def _last_words(self) -> None:
        self._logging.close(0.4)

    def _components(
        self, build: Build, connect: Connect, prepare: Prepare | None, front: Front, tells: bool
    ) -> Iterator[Component]:
        """Yield the components in the order of their start. Runs in the daemon's starting thread."""
        settings = self._settings
        # First: a port that is taken must end the process before anything else begins.
        yield front(self._front_context())
        connected = self._connect(connect)
        if connected is None:
            return
        yield Connection(connected, self._logging)
        context = self._context(connected)
        built = build(context)
        monitor = MongoMonitor(
            context.client, context.alerts, self._name, unhealthy_after=settings.proppr_mongo_unhealthy_after,
            clock=self._clock, metrics=self._metrics,
        )  # fmt: skip
        self._health.add_ready("mongodb", monitor.check)
        for component in (*connected.components, monitor, context.alerts):
            yield component
            self._add_check(component)
        if not self._prepared(context.database, prepare):
            return
        self._logging.add_sink(MongoLogSink(context.database, self._name, self._instance))
        senders = self._senders(context) if tells else ()
        for component in (*senders, self._heartbeat(context), *built):
            yield component
            self._add_check(component)

    def _front_context(self) -> FrontContext:
        return FrontContext(
            self._name, self._version, self._settings, self._clock, self._metrics, self._redactor, self._health
        )

    def _connect(self, connect: Connect) -> Connected | None:
        """Connect, for as long as it takes; None if the service was told to stop before it succeeded."""
        backoff = Backoff(first=1.0, cap=15.0, floor=0.2)
        while not self._stop.is_set():
            try:
                found = connect(self._settings)
                return JustAClient(found) if isinstance(found, MongoClient) else found
            except InvalidURI:
                raise ConfigError("MONGO_URI", "not a valid MongoDB connection string") from None
            except (TransientError, PyMongoError) as error:
                log.warning("no MongoDB yet", extra={"error": f"{type(error).__name__}: {error}"[:500]})
            self._stop.wait(backoff.next())
        return None

    def _prepared(self, database: MongoDatabase, prepare: Prepare | None) -> bool:
        """Prepare the collections, for as long as it takes; False if the service was told to stop before."""
        state = {"done": False}
        self._health.add_ready("collections", lambda: Check(state["done"], "collections prepared"))
        backoff = Backoff(first=0.5, cap=5.0, floor=0.2)
        while not self._stop.is_set():
            try:
                with pymongo.timeout(30.0):
                    database.client.admin.command("ping")
                report = prepare(database, self._settings) if prepare else None
                for problem in getattr(report, "problems", ()):
                    log.error("collections need a person", extra={"problem": problem})
                state["done"] = True
                return True
            except (TransientError, PyMongoError) as error:
                log.warning("MongoDB not ready yet", extra={"error": f"{type(error).__name__}: {error}"[:500]})
            self._stop.wait(backoff.next())
        return False

    def _context(self, connected: Connected) -> ServiceContext:
        settings = self._settings
        database: MongoDatabase = connected.client[settings.mongo_database]
        alerts = AlertOutbox(
            database, self._clock, service=self._name, deliver=settings.telegram_bot_token is not None,
            redactor=self._redactor, metrics=self._metrics,
        )  # fmt: skip
        return ServiceContext(
            self._name, self._instance, self._version, settings, self._clock, connected.client, database,
            self._metrics, alerts, self._redactor, self._health, self._stop, logging.getLogger(f"proppr.{self._name}"),
        )  # fmt: skip

    def _senders(self, context: ServiceContext) -> Sequence[Component]:
        found = channels.senders(context.settings, context.database, self._instance, self._clock, self._metrics)
        senders = tuple(found)
        if not senders:
            log.info("no channel is set up: alerts are stored and logged only")
        return senders

    def _heartbeat(self, context: ServiceContext) -> Heartbeat:
        return Heartbeat(
            context.database, self._name, self._instance, context.alerts, version=self._version,
            report=BeatReport(self._health, self._redactor, self._clock), clock=self._clock,
            status=lambda: None if self._stop.is_set() else self._health.status(),  # parts that end are no news
        )  # fmt: skip

    def _add_check(self, component: Component) -> None:
        # Once it has started: before, it has nothing to say, and "startup" says so.
        self._health.add_check(component.name, component.check)


def _tasks(daemon: Daemon) -> Check:
    dead = [component.name for component in daemon.components if not getattr(component, "alive", True)]
    return Check(not dead, f"down: {', '.join(dead)}" if dead else "all tasks alive")
