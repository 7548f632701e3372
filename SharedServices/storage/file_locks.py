"""Kernel locks on files: shared or exclusive, released by the death of their holder, kill -9 included."""

from __future__ import annotations

import fcntl
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from typing import Literal

from PROPPR.SharedServices.service.errors import TransientError

Mode = Literal["shared", "exclusive"]
_FLAGS = {"shared": fcntl.LOCK_SH, "exclusive": fcntl.LOCK_EX}


def take_lock(path: Path, mode: Mode, timeout: float) -> int:
    """Take a lock and return the descriptor that holds it; TransientError after `timeout` seconds."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    deadline = monotonic() + timeout
    pause = threading.Event()
    while True:
        try:
            fcntl.flock(descriptor, _FLAGS[mode] | fcntl.LOCK_NB)
            return descriptor
        except BlockingIOError:
            if monotonic() > deadline:
                os.close(descriptor)
                raise TransientError(f"{path.name} stayed locked by another process for {timeout} s") from None
            pause.wait(0.01)


@contextmanager
def locked(path: Path, mode: Mode, timeout: float) -> Iterator[None]:
    """Hold a lock; TransientError if others kept it for `timeout` seconds."""
    descriptor = take_lock(path, mode, timeout)
    try:
        yield
    finally:
        os.close(descriptor)


def is_free(path: Path) -> bool:
    """Whether nobody holds the lock for himself alone; looking does not keep others from looking."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        return True
    except BlockingIOError:
        return False
    finally:
        os.close(descriptor)
