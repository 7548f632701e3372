"""The parent process of the embedded mongod: a script of the standard library only, so that it starts at once.

    embedded_guard.py DATA_DIR LINGER MONGOD ARGUMENT...

It holds `guard.lock` for as long as it lives: whoever can take that lock knows that no server runs. It stops mongod
when nobody has held `users.lock` for LINGER seconds. Both are kernel locks, released by the death of their holder,
kill -9 included, so that neither a stale file nor a reused process id can mislead anybody. mongod dies with it.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import os
import resource
import signal
import subprocess
import sys
import threading
from pathlib import Path

PR_SET_PDEATHSIG = 1  # Linux: the signal that a process gets when its parent dies
ALREADY_GUARDED = 75


def _prepare() -> None:
    """In the child: as many open files as are allowed (mongod needs one per collection and index); die with us."""
    allowed = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    with contextlib.suppress(ValueError, OSError):  # not every system lets "unlimited" be asked for
        resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, allowed))
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def _hold(path: Path, patience: float) -> int | None:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    pause = threading.Event()
    for _ in range(max(1, int(patience / 0.01))):
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            pause.wait(0.01)  # somebody looks whether we live
        else:
            return descriptor
    return None


def _stop_when_unused(users: Path, linger: float, server: subprocess.Popen[bytes]) -> None:
    descriptor = os.open(users, os.O_RDWR | os.O_CREAT, 0o600)
    pause = threading.Event()
    while True:
        fcntl.flock(descriptor, fcntl.LOCK_EX)  # returns when the last user has left or died
        fcntl.flock(descriptor, fcntl.LOCK_UN)
        pause.wait(linger)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            continue
        server.terminate()  # the lock is kept until the end, so that nobody joins a dying server
        return


def main(arguments: list[str]) -> int:
    """Run the server until it ends or nobody uses it any more; return its exit code."""
    data_dir, linger, command = Path(arguments[0]), float(arguments[1]), arguments[2:]
    if _hold(data_dir / "guard.lock", patience=2.0) is None:
        return ALREADY_GUARDED
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with (data_dir / "mongod.out").open("wb") as output:
        server = subprocess.Popen(command, stdout=output, stderr=output, preexec_fn=_prepare)  # noqa: S603 - our own arguments; no thread runs yet
    signal.signal(signal.SIGTERM, lambda *_: server.terminate())
    watcher = threading.Thread(target=_stop_when_unused, args=(data_dir / "users.lock", linger, server), daemon=True)
    watcher.start()
    return server.wait()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
