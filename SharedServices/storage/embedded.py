"""A MongoDB of our own for one machine: started by the first process that needs it, shared by the others.

Who owns it: everybody who uses it. Each user holds a shared kernel lock; the last one to leave stops the server, and
if all of them are killed, the server's guard (`embedded_guard.py`) stops it `linger` seconds later. A crashed server
comes back on the same port (`ensure_running`, `watch`), so that clients reconnect by themselves.
"""

from __future__ import annotations

import json
import logging
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from types import TracebackType

from pymongo.errors import PyMongoError

from PROPPR.SharedServices.service.errors import TransientError
from PROPPR.SharedServices.storage.file_locks import is_free, locked, take_lock
from PROPPR.SharedServices.storage.mongod import (
    accepts_connections,
    become_primary,
    find_mongod,
    free_port,
    mongod_arguments,
    rotate_log,
)

__all__ = ["EmbeddedServer", "find_mongod"]

log = logging.getLogger(__name__)
START_TIMEOUT = 30.0
STOP_TIMEOUT = 8.0
GUARD_BLINK = 0.2  # the guard takes the users' lock for a moment when the last one leaves


class EmbeddedServer:
    """One mongod per data directory, as a one-node replica set on the loopback interface.

    `start` returns when it accepts writes. Objects are cheap; several of them, in one process or many, share a
    server. Not for several machines: the directory must be on a local disk.
    """

    def __init__(
        self,
        data_dir: Path,
        port: int | None = None,
        *,
        cache_bytes: int = 1 << 30,
        oplog_bytes: int = 1 << 30,
        linger: float = 10.0,
        history_seconds: int = 10,
        checkpoint_seconds: int = 60,
    ) -> None:
        self._data_dir = Path(data_dir).absolute()
        self._wanted_port = port
        self._cache_bytes = cache_bytes
        self._oplog_bytes = oplog_bytes
        self._linger = linger
        self._history_seconds = history_seconds
        self._checkpoint_seconds = checkpoint_seconds
        self._users: int | None = None
        self._guard: subprocess.Popen[bytes] | None = None
        self._port: int | None = None

    @property
    def uri(self) -> str:
        """The connection string, valid from `start` until `stop`, over restarts of the server too."""
        if self._port is None:
            raise RuntimeError("the embedded MongoDB has not been started")
        return f"mongodb://127.0.0.1:{self._port}/?directConnection=true"

    @property
    def pid(self) -> int:
        """The process id of mongod as it last started."""
        return self._running_pid() or _number(self._read_state().get("mongod"))

    @property
    def log_file(self) -> Path:
        """Where mongod writes its log."""
        return self._data_dir / "mongod.log"

    def start(self) -> None:
        """Start the server, or join the running one; TransientError (with the end of its log) if it doesn't come."""
        find_mongod()
        (self._data_dir / "db").mkdir(parents=True, exist_ok=True)
        with self._starting():
            self._enter()
            try:
                self._start_or_join()
            except BaseException:
                self._leave()
                raise

    def ensure_running(self) -> bool:
        """Restart a crashed server on its port; True if that was needed. A server stopped on purpose stays down."""
        if self._users is None or self._is_guarded():
            return False
        with self._starting():
            if self._users is None or self._is_guarded() or self._read_state().get("stopped"):
                return False
            self._start_or_join()
            return True

    def watch(self, stop: threading.Event, interval: float = 0.5) -> None:
        """Keep the server running and its log file small until `stop` is set; meant for a thread, which never dies."""
        failures = 0
        while not stop.wait(min(30.0, interval * 2**failures)):
            try:
                if self.ensure_running():
                    log.warning("the embedded MongoDB had died and was started again", extra={"port": self._port})
                rotate_log(self.log_file, self.uri)
                failures = 0
            except (TransientError, PyMongoError, OSError) as error:
                failures = min(failures + 1, 10)
                log.error("the embedded MongoDB can't be kept running", extra={"reason": str(error)[:500]})

    def stop(self, *, force: bool = False, timeout: float = STOP_TIMEOUT) -> bool:
        """Leave; stop the server if nobody else uses it, or in any case with `force`. True if it was stopped.

        The server gets `timeout` seconds for an orderly end before it is killed. Safe to call twice.
        """
        if self._users is None:
            return False
        with self._starting():
            alone = self._leave()
            if not (alone or force):
                return False
            self._write_state(stopped=True)
            self._end_server(signal.SIGTERM, timeout)
            return True

    def discard(self) -> None:
        """Leave and end the server at once, data unsaved: for throw-away directories."""
        if self._users is not None:
            with self._starting():
                self._leave()
                self._write_state(stopped=True)
                self._end_server(signal.SIGKILL, STOP_TIMEOUT)

    def __enter__(self) -> EmbeddedServer:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @contextmanager
    def _starting(self) -> Iterator[None]:
        with locked(self._data_dir / "server.lock", "exclusive", START_TIMEOUT + STOP_TIMEOUT):
            yield

    def _enter(self) -> None:
        if self._users is None:
            self._users = take_lock(self._data_dir / "users.lock", "shared", START_TIMEOUT)

    def _leave(self) -> bool:
        """Give up our share of the server and tell whether nobody else holds one."""
        if self._users is not None:
            os.close(self._users)
            self._users = None
        try:
            with locked(self._data_dir / "users.lock", "exclusive", GUARD_BLINK):
                return True
        except TransientError:
            return False

    def _is_guarded(self) -> bool:
        return not is_free(self._data_dir / "guard.lock")

    def _start_or_join(self) -> None:
        state = self._read_state()
        deadline = monotonic() + START_TIMEOUT
        if self._is_guarded() and not state.get("stopped"):
            self._port = _number(state.get("port"))
            try:
                self._await(self._port, deadline)
                return
            except TransientError:
                if self._is_guarded():
                    raise  # it runs, but does not answer
        preferred = self._wanted_port or _number(state.get("port")) or None
        while True:
            try:
                self._launch(free_port(preferred), deadline)
                return
            except TransientError:
                self._end_guard()
                if monotonic() > deadline or (preferred is not None and preferred == self._wanted_port):
                    raise
                preferred = None  # perhaps somebody else took the port

    def _launch(self, port: int, deadline: float) -> None:
        rotate_log(self.log_file, None)
        arguments = mongod_arguments(
            self._data_dir, port, self._cache_bytes, self._oplog_bytes, self._history_seconds, self._checkpoint_seconds
        )
        command = [str(find_mongod()), *arguments]
        guard = Path(__file__).with_name("embedded_guard.py")
        self._guard = subprocess.Popen(  # noqa: S603 - our own script and arguments
            [sys.executable, "-I", "-S", str(guard), str(self._data_dir), str(self._linger), *command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C is for us: the server must outlive our orderly end
        )
        self._port = port
        self._write_state(port=port, guard=self._guard.pid, stopped=False)
        self._await(port, deadline)

    def _await(self, port: int, deadline: float) -> None:
        pause = threading.Event()
        while not (self._running_pid() and accepts_connections(port)):
            if not (self._is_guarded() if self._guard is None else self._guard.poll() is None):
                raise TransientError(f"the embedded MongoDB did not start: {self._last_words()}")
            if monotonic() > deadline:
                raise TransientError(f"the embedded MongoDB did not answer on port {port}: {self._last_words()}")
            pause.wait(0.005)
        become_primary(port, self.pid, deadline)
        self._write_state(mongod=self.pid)

    def _running_pid(self) -> int:
        """What mongod writes into its lock file while it has the data open; 0 if nothing."""
        try:
            return int((self._data_dir / "db" / "mongod.lock").read_text() or 0)
        except FileNotFoundError:
            return 0

    def _last_words(self) -> str:
        lines: list[str] = []
        for file in (self._data_dir / "mongod.out", self.log_file):
            if file.exists():
                lines += file.read_text(errors="replace").splitlines()[-3:]
        return " | ".join(line[:300] for line in lines) or "no output"

    def _end_server(self, how: signal.Signals, timeout: float) -> None:
        if self._is_guarded():
            _signal(self.pid, how)
            if not self._gone(timeout):
                _signal(self.pid, signal.SIGKILL)
                self._gone(STOP_TIMEOUT)
        if self._guard is not None:
            self._guard.wait(STOP_TIMEOUT)
            self._guard = None

    def _end_guard(self) -> None:
        if self._guard is not None:
            self._guard.terminate()
            self._guard.wait(STOP_TIMEOUT)
            self._guard = None

    def _gone(self, timeout: float) -> bool:
        deadline = monotonic() + timeout
        pause = threading.Event()
        while self._is_guarded():
            if monotonic() > deadline:
                return False
            pause.wait(0.01)
        return True

    def _read_state(self) -> dict[str, object]:
        try:
            state = json.loads((self._data_dir / "server.json").read_text())
        except (FileNotFoundError, ValueError):
            return {}
        return state if isinstance(state, dict) else {}

    def _write_state(self, **changes: object) -> None:
        target = self._data_dir / "server.json"
        temporary = target.with_suffix(".new")
        temporary.write_text(json.dumps({**self._read_state(), **changes}))
        temporary.replace(target)


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0


def _signal(pid: int, how: signal.Signals) -> None:
    try:
        os.kill(pid, how)
    except ProcessLookupError:
        return
