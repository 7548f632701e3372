"""What `proppr backup` and `proppr restore` share: a patient client, progress, and the trial on a throw-away server."""

from __future__ import annotations

import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

import click
from pymongo import MongoClient

from PROPPR.SharedServices.cli.running import database_uri, read_note
from PROPPR.SharedServices.service.clock import SystemClock
from PROPPR.SharedServices.service.settings import Settings
from PROPPR.SharedServices.storage.backup_restore import restore_backup
from PROPPR.SharedServices.storage.client import connect
from PROPPR.SharedServices.storage.embedded import EmbeddedServer

Document = dict[str, Any]
PATIENT: Final = {"socketTimeoutMS": "600000", "wTimeoutMS": "0"}
"""Building an index or writing a large batch takes longer than a service would wait."""
SECONDS_BETWEEN_LINES: Final = 5.0


class Shown:
    """Progress: one line that is rewritten on a terminal, else a line every five seconds."""

    def __init__(self) -> None:
        self._clock = SystemClock()
        self._is_terminal = sys.stderr.isatty()
        self._next = self._clock.monotonic() + (0.0 if self._is_terminal else SECONDS_BETWEEN_LINES)

    def __call__(self, name: str, documents: int, size: int) -> None:
        now = self._clock.monotonic()
        if now < self._next:
            return
        self._next = now + (0.1 if self._is_terminal else SECONDS_BETWEEN_LINES)
        text = f"{name}: {documents:,} documents, {size / 1e6:,.1f} MB"
        click.echo(f"\r\033[K{text}" if self._is_terminal else text, err=True, nl=not self._is_terminal)

    def end(self) -> None:
        """Clear the line."""
        if self._is_terminal:
            click.echo("\r\033[K", err=True, nl=False)


@contextmanager
def working_client(settings: Settings, service: str) -> Iterator[MongoClient[Document]]:
    """A client of the running database that waits as long as heavy work takes."""
    running = read_note(settings.proppr_data_dir)
    with database_uri(settings, running) as uri, connect(settings, patient(uri), service=service) as client:
        yield client


def patient(uri: str) -> str:
    """The same address with long time-outs, but for those that it names itself."""
    parts = urlsplit(uri)
    given = {name.lower() for name, _ in parse_qsl(parts.query, keep_blank_values=True)}
    added = [f"{name}={value}" for name, value in PATIENT.items() if name.lower() not in given]
    return parts._replace(path=parts.path or "/", query="&".join([*filter(None, [parts.query]), *added])).geturl()


def trial_restore(backup: Path, shown: Shown, stop: threading.Event) -> None:
    """Restore a backup into a MongoDB of its own that is thrown away; raises what restore_backup() does."""
    with tempfile.TemporaryDirectory(prefix="proppr-trial-") as folder:
        server = EmbeddedServer(Path(folder), cache_bytes=256 << 20, oplog_bytes=64 << 20, linger=1.0)
        server.start()
        try:
            with MongoClient[Document](patient(server.uri), w=1, tz_aware=True) as client:
                restore_backup(backup, client["trial"], progress=shown, stop=stop)
        finally:
            server.discard()
            shown.end()
