"""Run a command that must not outlive the process that started it: `python guard.py PARENT_PID COMMAND...`.

On Linux the kernel is asked to send SIGTERM when the parent dies, however it dies (kill -9 included); the request
survives exec, so the command then takes this process's place. Elsewhere the command is only executed: there a parent
that is killed with -9 leaves its children running (docs/known_limits.md). PARENT_PID 0 is whoever started this process.

Run by path with `-I -S`: it imports nothing of the project, so it costs a few milliseconds.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1  # linux/prctl.h


def guarded(command: list[str]) -> list[str]:
    """The command line that runs `command` bound to the life of the calling process.

    Start it from the main thread: the kernel watches the thread that forked, not the process.
    """
    return [sys.executable, "-I", "-S", __file__, str(os.getpid()), *command]


def _die_with(parent: int) -> None:
    if not sys.platform.startswith("linux"):
        return
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG) was refused")
    if os.getppid() != parent:  # it died before the request was in place
        sys.exit(0)


def _main(arguments: list[str]) -> None:
    _die_with(int(arguments[0]) or os.getppid())
    os.execvp(arguments[1], arguments[1:])  # noqa: S606 - the command comes from our own process, no shell is involved


if __name__ == "__main__":
    _main(sys.argv[1:])
