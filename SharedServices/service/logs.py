"""Logging of a service: readable lines on the console, JSON lines in rotating files, errors to a sink.

Messages are constant, details go into `extra`; no secret passes and nobody who logs ever waits.
"""

from __future__ import annotations

import fcntl
import logging
import os
import queue
import sys
import threading
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType
from typing import Any, TextIO

from pythonjsonlogger.json import JsonFormatter

from PROPPR.SharedServices.service.clock import Clock, SystemClock
from PROPPR.SharedServices.service.errors import ConfigError
from PROPPR.SharedServices.service.log_collapse import Collapser, extras_of
from PROPPR.SharedServices.service.log_queue import BoundedQueueHandler, Listener
from PROPPR.SharedServices.service.log_sink import MongoLogSink
from PROPPR.SharedServices.service.redact import Redactor
from PROPPR.SharedServices.service.settings import Settings

QUEUE_BOUND = 10_000
USUAL_DIRECTORY = Path("/var/log")
FALLBACK_DIRECTORY = Path("logs")
MOST_FILES_OF_A_SERVICE = 16

# Their DEBUG says every command and every byte; it would drown the file and cost more than the work.
QUIET = {"pymongo": "WARNING", "urllib3": "INFO", "waitress": "WARNING", "websocket": "WARNING", "websockets": "INFO",
         "werkzeug": "WARNING", "asyncio": "INFO"}  # fmt: skip


class Logging:
    """A process's configured logging: what configure_logging() returns."""

    def __init__(self, handler: BoundedQueueHandler, listener: Listener, path: Path, slot: int) -> None:
        self.path = path
        self._handler = handler
        self._listener = listener
        self._slot = slot
        self._sinks: list[MongoLogSink] = []
        self._hooks = (sys.excepthook, threading.excepthook)

    @property
    def dropped(self) -> int:
        """Lines lost because the queue was full."""
        return self._handler.dropped

    @property
    def depth(self) -> int:
        """Lines that wait to be written."""
        return self._listener.depth

    def add_sink(self, sink: MongoLogSink) -> None:
        """Store errors there too, from now on; close() finishes it."""
        self._sinks.append(sink)
        self._listener.add_handler(sink)

    def finish_sinks(self, timeout: float = 1.0) -> None:
        """Store the errors logged so far, within about `timeout` seconds; later ones go to console and file only."""
        sinks, self._sinks = self._sinks, []
        if sinks:
            self._listener.drained(timeout / 2)
        for sink in sinks:
            sink.finish(timeout / 2)
            self._listener.remove_handler(sink)

    def close(self, timeout: float = 2.0) -> None:
        """Write what is queued within about `timeout` seconds and leave logging as it was. Safe to call twice."""
        root = logging.getLogger()
        if self._handler not in root.handlers:
            return
        root.removeHandler(self._handler)
        self._listener.finish(timeout)
        self.finish_sinks(timeout / 2)
        for handler in self._listener.handlers:
            handler.close()
        sys.excepthook, threading.excepthook = self._hooks
        logging.captureWarnings(False)
        os.close(self._slot)


def configure_logging(
    service: str,
    settings: Settings,
    redactor: Redactor,
    *,
    clock: Clock | None = None,
    console: TextIO | None = None,
    collapse_period: float = 30.0,
) -> Logging:
    """Set up the root logger and return its handle. Raises ConfigError naming LOG_DIR if no directory is writable.

    Console (stderr): LOG_LEVEL and above, for people. File `proppr-<service>.log`: everything from DEBUG, a JSON
    object per line, at most PROPPR_LOG_MAX_BYTES a file and PROPPR_LOG_BACKUPS old files; a second instance on the
    same machine writes `proppr-<service>-2.log`. Uncaught exceptions of any thread are logged too.
    """
    clock = clock or SystemClock()
    path, slot = _claim_file(_log_directory(settings), service)
    to_console = _Console(console or sys.stderr)
    to_console.setLevel(settings.log_level)
    to_console.setFormatter(_ForPeople())
    to_file = _File(
        path, maxBytes=settings.proppr_log_max_bytes, backupCount=settings.proppr_log_backups, encoding="utf-8"
    )
    to_file.setFormatter(_for_machines(service))
    collapser = Collapser(clock, collapse_period)
    records: queue.Queue[logging.LogRecord] = queue.Queue(QUEUE_BOUND)
    handler = BoundedQueueHandler(records, redactor, collapser)
    listener = Listener(records, handler, collapser, to_console, to_file)
    configured = Logging(handler, listener, path, slot)
    root = logging.getLogger()
    root.setLevel(logging.DEBUG)
    root.addHandler(handler)
    for name, level in QUIET.items():
        logging.getLogger(name).setLevel(level)
    logging.captureWarnings(True)
    sys.excepthook = _log_uncaught
    threading.excepthook = _log_uncaught_in_thread
    listener.start()
    return configured


class _ForPeople(logging.Formatter):
    """`2026-05-27 04:11:00.532 INFO  websocket_updater: connected  bookmakers=15`."""

    def format(self, record: logging.LogRecord) -> str:
        moment = datetime.fromtimestamp(record.created, UTC).isoformat(" ", "milliseconds")[:23]
        extras = "".join(f" {name}={value}" for name, value in extras_of(record).items())
        text = f"{moment}Z {record.levelname:<7} {record.name.rpartition('.')[2]}: {record.getMessage()}{extras}"
        # Whoever controls a message must not be able to fake a line of ours.
        text = text.replace("\r", "\\r").replace("\n", "\\n").replace("\x1b", "\\x1b")
        return f"{text}\n{record.exc_text}" if record.exc_text else text


def _for_machines(service: str) -> logging.Formatter:
    return _Json(
        "%(levelname)s %(name)s %(threadName)s %(message)s",
        rename_fields={"levelname": "level", "name": "logger", "threadName": "thread"},
        static_fields={"service": service},
    )


class _Json(JsonFormatter):
    def add_fields(self, log_data: dict[str, Any], record: logging.LogRecord, message_dict: dict[str, Any]) -> None:
        moment = datetime.fromtimestamp(record.created, UTC)
        log_data["timestamp"] = moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        super().add_fields(log_data, record, message_dict)


class _Silent(logging.Handler):
    """A handler whose own troubles (a full disk, a closed pipe) are counted: logging would print the raw record."""

    failures = 0

    def handleError(self, record: logging.LogRecord) -> None:
        self.failures += 1


class _File(_Silent, RotatingFileHandler):
    pass


class _Console(_Silent, logging.StreamHandler[TextIO]):
    pass


def _log_directory(settings: Settings) -> Path:
    wanted = [settings.log_dir] if settings.log_dir else [USUAL_DIRECTORY, FALLBACK_DIRECTORY]
    for directory in wanted:
        try:
            directory.mkdir(parents=True, exist_ok=True)
        except OSError:
            continue
        if os.access(directory, os.W_OK | os.X_OK):
            return directory
    raise ConfigError("LOG_DIR", f"can't write to {' or '.join(str(directory) for directory in wanted)}")


def _claim_file(directory: Path, service: str) -> tuple[Path, int]:
    """Return a file that no other process writes (rotation takes one writer), and the lock that keeps it ours."""
    for number in range(1, MOST_FILES_OF_A_SERVICE + 1):
        name = f"proppr-{service}" if number == 1 else f"proppr-{service}-{number}"
        try:
            lock = os.open(directory / f".{name}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise ConfigError("LOG_DIR", f"can't write to {directory}: {error.strerror}") from None
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return directory / f"{name}.log", lock
        except OSError:
            os.close(lock)
    raise ConfigError("LOG_DIR", f"{MOST_FILES_OF_A_SERVICE} instances of {service} write to {directory} already")


def _log_uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    logging.getLogger("uncaught").critical("uncaught exception", exc_info=(kind, error, trace))


def _log_uncaught_in_thread(arguments: threading.ExceptHookArgs) -> None:
    if arguments.exc_value is None or issubclass(arguments.exc_type, SystemExit):
        return
    details = (arguments.exc_type, arguments.exc_value, arguments.exc_traceback)
    thread = arguments.thread.name if arguments.thread else "?"
    logging.getLogger("uncaught").critical("uncaught exception in a thread", exc_info=details, extra={"in": thread})
