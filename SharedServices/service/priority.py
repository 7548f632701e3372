"""Who goes first where processors are short: the live stream, which can't wait, before those who can."""

from __future__ import annotations

import os
import threading
from contextlib import suppress
from pathlib import Path
from typing import Final

STEPS: Final = 10
"""Of `nice`, each worth a fifth: whoever stepped back gets a tenth of what the others do, and all that is idle."""
AUTOGROUP: Final = Path("/proc/self/autogroup")
ATTEMPTS, PAUSE = 50, 0.05
"""Linux lets all users but root change one session in a tenth of a second: several services start at once."""


def step_back() -> None:
    """Let the processes beside this one go first from now on.

    Where Linux shares processors among sessions before it looks at the processes in them (autogroup), `nice` alone
    would do nothing for one that leads a session of its own, as under pm2 and `proppr up`: then the session steps back,
    too. Between containers, and units of systemd, the weights of control groups count (`cpu_shares`, `CPUWeight`).
    """
    with suppress(OSError):
        os.nice(STEPS)
    if os.getsid(0) == os.getpid():
        _session_steps_back()


def _session_steps_back() -> None:
    pause = threading.Event()
    for _ in range(ATTEMPTS):
        try:
            AUTOGROUP.write_bytes(b"%d" % STEPS)
        except BlockingIOError:
            pause.wait(PAUSE)
        except OSError:  # no such thing here, or not allowed: then all are as they were
            return
        else:
            return
