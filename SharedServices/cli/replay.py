"""`proppr replay`: recorded frames through the updater's own code."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path

import click
from pymongo.errors import PyMongoError

from PROPPR.SharedServices.cli.console import (
    EXIT_CONFIGURATION,
    EXIT_UNHEALTHY,
    env_file_option,
    settings_or_exit,
    stop_on_signals,
)
from PROPPR.SharedServices.providers.odds_api.recording import Recording
from PROPPR.SharedServices.service.clock import Clock, SystemClock
from PROPPR.SharedServices.service.errors import ConfigError, ProPprError
from PROPPR.SharedServices.service.redact import Redactor
from PROPPR.SharedServices.service.settings import Settings
from PROPPR.SharedServices.storage.collections import ensure_collections
from PROPPR.SharedServices.storage.opening import open_mongodb
from PROPPR.WebsocketUpdater.core.websocket_updater import UnifiedWebSocketService

SAY_EVERY = 2.0


class Speed(click.ParamType[float | None]):
    """A factor above 0, or `max` for no pauses at all (None)."""

    name = "speed"

    def convert(
        self, value: str | float | None, param: click.Parameter | None, ctx: click.Context | None
    ) -> float | None:
        """Read the factor."""
        if value is None or value == "max":
            return None
        try:
            factor = float(value)
        except ValueError:
            factor = 0.0
        if not 0 < factor < float("inf"):
            self.fail(f"{value} is neither a factor above 0 nor `max`", param, ctx)
        return factor


@click.command("replay")
@click.argument("path", metavar="FILE", type=click.Path(exists=True, path_type=Path))
@env_file_option
@click.option(
    "--speed", type=Speed(), default="max", show_default=True, help="1 = as recorded, 10 = ten times as fast."
)
def command(path: Path, env_file: Path, speed: float | None) -> None:
    """Feed recorded frames (a file, or a directory of recordings) through the updater's code.

    Into the configured database. Old quotes never replace newer ones; choose an empty MONGO_DATABASE to see only the
    recording. Nothing is asked of the provider.
    """
    settings = settings_or_exit(env_file)
    stop = threading.Event()
    stop_on_signals(stop)
    clock = SystemClock()
    try:
        recording = Recording(path, clock, speed, stop)
        frames = _replay(settings, Told(recording, clock), stop, clock)
    except (ProPprError, PyMongoError, OSError, ValueError) as error:
        click.echo(f"proppr replay: {Redactor(settings.secrets()).text(str(error))}", err=True)
        sys.exit(EXIT_CONFIGURATION if isinstance(error, ConfigError | ValueError) else EXIT_UNHEALTHY)
    if recording.truncated:
        click.echo(f"{recording.truncated} file(s) ended in the middle, as a killed recorder leaves them")
    click.echo(f"{frames:,} frames replayed and stored" if not stop.is_set() else f"stopped after {frames:,} frames")


def _replay(settings: Settings, frames: Told, stop: threading.Event, clock: Clock) -> int:
    opened = open_mongodb(settings, "replay")
    try:
        database = opened.client[settings.mongo_database]
        ensure_collections(database, settings.proppr_history_days)
        service = UnifiedWebSocketService("replay", database=database, settings=settings, clock=clock)
        try:
            service.connect(frames)
        finally:
            service.close()
        for reason, count in service.replay_remedies.losses.items():
            click.echo(f"{count} x {reason}: a live stream would have recovered this")
        return frames.count
    finally:
        opened.close()


class Told:
    """Passes frames on, counts them and says every two seconds how far it is."""

    def __init__(self, frames: Iterable[bytes], clock: Clock) -> None:
        self.count = 0
        self._frames = frames
        self._clock = clock

    def __iter__(self) -> Iterator[bytes]:
        started = said = self._clock.monotonic()
        for frame in self._frames:
            yield frame
            self.count += 1
            if self.count % 100 == 0 and (now := self._clock.monotonic()) - said >= SAY_EVERY:
                click.echo(f"{self.count:,} frames, {self.count / (now - started):,.0f} a second")
                said = now
