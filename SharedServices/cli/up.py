"""`proppr up`: one command from nothing to a running system that can be watched."""

from __future__ import annotations

import logging
import signal
import sys
import threading
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

import click
from pymongo.errors import PyMongoError
from rich.console import Console
from rich.live import Live

from PROPPR.SharedServices.cli.children import Child, ChildSpec, stop_in_order
from PROPPR.SharedServices.cli.console import (
    EXIT_CONFIGURATION,
    EXIT_OK,
    EXIT_UNHEALTHY,
    env_file_option,
    refuse,
    settings_or_exit,
)
from PROPPR.SharedServices.cli.dashboard import Picture, ServiceRow, Speed, render, summary_line
from PROPPR.SharedServices.cli.plan import SIMULATOR, DemoSize, Plan, make_plan
from PROPPR.SharedServices.cli.poller_picture import printable
from PROPPR.SharedServices.cli.provenance import claim
from PROPPR.SharedServices.cli.running import Running, fotmob_of, only_one, write_note
from PROPPR.SharedServices.cli.simulate import LISTENS
from PROPPR.SharedServices.cli.watcher import Readings, Watcher
from PROPPR.SharedServices.service.clock import Clock, SystemClock
from PROPPR.SharedServices.service.errors import ConfigError, ProPprError
from PROPPR.SharedServices.service.redact import Redactor
from PROPPR.SharedServices.service.settings import Settings
from PROPPR.SharedServices.storage.client import connect
from PROPPR.SharedServices.storage.embedded import EmbeddedServer

STOP_SECONDS = 10.0  # the services promise 8
REFRESH, PLAIN_EVERY = 0.5, 5.0


class Stop:
    """SIGINT, SIGTERM and SIGHUP as events: the first asks for the end, the second for its hurry."""

    def __init__(self) -> None:
        self.asked, self.urgent = threading.Event(), threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._on_signal)

    def _on_signal(self, number: int, frame: object) -> None:
        (self.urgent if self.asked.is_set() else self.asked).set()


@click.command("up")
@env_file_option
@click.option("--fixtures", default=DemoSize.fixtures, show_default=True, help="Fixtures of the simulated day.")
@click.option("--rate", default=DemoSize.rate, show_default=True, help="Simulated messages a second.")
@click.option("--seed", default=DemoSize.seed, show_default=True, help="Seed of the simulated day.")
@click.option("--keep", is_flag=True, help="Keep the simulated data of the last run (else it starts empty).")
@click.option("--plain", is_flag=True, help="A line every 5 s instead of the live table.")
@click.option("--duration", type=float, help="Stop after this many seconds.")
def command(
    env_file: Path, fixtures: int, rate: float, seed: int, keep: bool, plain: bool, duration: float | None
) -> None:
    """Start MongoDB, a stand-in of the provider when no key is set, the services, and watch them live."""
    settings = settings_or_exit(env_file)
    stop = Stop()
    try:
        plan = make_plan(settings, DemoSize(fixtures, rate, seed))
        with only_one(settings.proppr_data_dir):
            code = Up(settings, plan, stop, SystemClock(), keep=keep).run(plain=plain, duration=duration)
    except ConfigError as error:
        refuse(error)
    except ProPprError as error:
        click.echo(f"proppr up: {error}", err=True)
        sys.exit(EXIT_UNHEALTHY)
    sys.exit(code)


class Warnings(logging.Handler):
    """Keeps the last warnings of this process for the picture, which printed lines would tear apart."""

    def __init__(self, redactor: Redactor) -> None:
        super().__init__(logging.WARNING)
        self.kept: deque[str] = deque(maxlen=3)
        self._redactor = redactor

    def emit(self, record: logging.LogRecord) -> None:
        """Keep one."""
        self.kept.append(printable(self._redactor.text(record.getMessage())))


class Up:
    """Owns the processes of one `proppr up` from start to end."""

    def __init__(self, settings: Settings, plan: Plan, stop: Stop, clock: Clock, *, keep: bool) -> None:
        self._settings = settings
        self._plan = plan
        self._stop = stop
        self._clock = clock
        self._keep = keep
        self._children: list[Child] = []
        self._redactor = Redactor(settings.secrets())
        self._warnings = Warnings(self._redactor)

    def run(self, *, plain: bool, duration: float | None) -> int:
        """Start everything, show it until a signal (or `duration` seconds), stop everything; the exit code."""
        console = Console(markup=False, highlight=False)
        with ExitStack() as stack:
            uri = self._open_database(stack)
            stack.callback(self._stop_children, console)
            self._start_children(uri)
            watcher = self._watch(uri, stack)
            if plain or not console.is_terminal:
                return self._show_lines(watcher, duration)
            return self._show_table(watcher, console, duration)

    def _open_database(self, stack: ExitStack) -> str:
        uri = self._settings.mongo_uri.get_secret_value() if self._settings.mongo_uri else self._start_mongodb(stack)
        with connect(self._settings, uri, service="up") as client:
            if self._plan.is_demo and not self._keep and self._settings.mongo_uri is None:
                client.drop_database(self._settings.mongo_database)
            try:
                claim(client[self._settings.mongo_database], is_demo=self._plan.is_demo)
            except PyMongoError as error:
                raise ProPprError(f"MongoDB does not answer ({type(error).__name__}): `proppr doctor` tells") from None
        return uri

    def _start_mongodb(self, stack: ExitStack) -> str:
        server = stack.enter_context(EmbeddedServer(self._plan.data_dir, linger=2.0))
        keeper = threading.Thread(target=server.watch, args=(self._stop.asked,), name="embedded-mongodb", daemon=True)
        keeper.start()
        stack.callback(keeper.join, 5.0)
        stack.callback(self._stop.asked.set)
        return server.uri

    def _start_children(self, uri: str) -> None:
        if self._plan.simulator is not None:
            self._launch(self._plan.simulator, {})
            self._await_simulator()
        for spec in self._plan.services:
            self._launch(spec, {"MONGO_URI": uri})
        services = {spec.name: spec.health_url for spec in self._plan.services if spec.health_url is not None}
        note_uri = uri if self._settings.mongo_uri is None else None
        running = Running(note_uri, services, self._plan.is_demo, self._plan.simulator_url)
        write_note(self._settings.proppr_data_dir, running)

    def _launch(self, spec: ChildSpec, extra: Mapping[str, str]) -> None:
        complete = ChildSpec(spec.name, spec.command, {**spec.environment, **extra}, spec.health_url)
        child = Child(complete, self._plan.data_dir / "output", self._clock)
        child.start()
        self._children.append(child)

    def _await_simulator(self) -> None:
        """Wait until it says that it listens: an answer on its port could be another's who took the port meanwhile."""
        simulator = self._children[0]
        deadline = self._clock.monotonic() + 60.0
        while not simulator.has_said(LISTENS) and not self._stop.asked.wait(0.1):
            simulator.watch()
            if simulator.state().state == "failed" or self._clock.monotonic() > deadline:
                why = simulator.state().last_error or "it has said nothing for a minute"
                raise ProPprError(f"the simulator did not start: {why}")

    def _watch(self, uri: str, stack: ExitStack) -> Watcher:
        client = stack.enter_context(connect(self._settings, uri, service="up"))
        urls = {spec.name: spec.health_url for spec in self._plan.services if spec.health_url is not None}
        shown = self._settings
        if self._plan.simulator_url is not None:
            shown = shown.model_copy(update=fotmob_of(self._plan.simulator_url, shown))
        watcher = Watcher(urls, client[shown.mongo_database], shown, self._clock)
        watcher.start()
        stack.callback(watcher.stop)
        return watcher

    def _show_lines(self, watcher: Watcher, duration: float | None) -> int:
        click.echo("\n".join(self._notes()))
        due = self._clock.monotonic()
        for _ in self._ticks(duration):
            if self._clock.monotonic() >= due:
                click.echo(self._redactor.text(summary_line(self._picture(watcher.readings))))
                due = self._clock.monotonic() + PLAIN_EVERY
        return self._verdict()

    def _show_table(self, watcher: Watcher, console: Console, duration: float | None) -> int:
        logging.getLogger().addHandler(self._warnings)
        with Live(console=console, auto_refresh=False, transient=False) as live:
            for _ in self._ticks(duration):
                live.update(render(self._picture(watcher.readings), console.height), refresh=True)
        return self._verdict()

    def _ticks(self, duration: float | None) -> Iterator[None]:
        """Yield every half second, minding the children, until it is time to stop."""
        started = self._clock.monotonic()
        while not self._stop.asked.wait(REFRESH):
            for child in self._children:
                child.watch()
            yield
            if duration is not None and self._clock.monotonic() - started >= duration:
                return
            if all(child.state().state == "failed" for child in self._children if child.spec.name != SIMULATOR):
                return

    def _picture(self, readings: Readings) -> Picture:
        rows = []
        for child in self._children:
            name, state = child.spec.name, child.state()
            rows.append(ServiceRow(name, state, readings.health.get(name), readings.speed.get(name, Speed())))
        where = "simulated provider" if self._plan.is_demo else "odds-api.io"
        notes = [*([readings.database_error] if readings.database_error else []), *self._warnings.kept, *self._notes()]
        return Picture(
            f"PROPPR on {where}",
            rows,
            readings.board,
            readings.budget,
            notes,
            readings.poller,
            stats=readings.stats,
            bets=readings.bets,
        )

    def _notes(self) -> list[str]:
        uri = next(iter(self._children[-1:])).spec.environment["MONGO_URI"]
        return [
            f"Console {self._plan.console_url} in a browser; changes there need a sign-in (proppr console password)",
            f"MongoDB {self._redactor.text(str(uri))} database {self._settings.mongo_database}; "
            f"output of the processes in {self._plan.data_dir / 'output'}; Ctrl-C stops everything",
        ]

    def _verdict(self) -> int:
        failed = [state for state in (child.state() for child in self._children) if state.state == "failed"]
        for state in failed:
            click.echo(self._redactor.text(f"proppr up: {state.name}: {state.last_error}"), err=True)
        return EXIT_CONFIGURATION if failed else EXIT_OK

    def _stop_children(self, console: Console) -> None:
        self._stop.asked.set()
        killed = stop_in_order(self._children, STOP_SECONDS, self._stop.urgent)
        message = f"had to kill {', '.join(killed)}" if killed else "everything is stopped"
        console.print(f"proppr up: {message}")
