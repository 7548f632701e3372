"""Who goes first where processors are short: the live stream, which can't wait, before those who can."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import Final

STEPS: Final = 5
"""Of `nice`, each worth a fifth: whoever stepped back gets a third of what the others do, and all that is idle."""


def step_back() -> None:
    """Let the processes beside this one go first from now on.

    Between containers, and units of systemd, the weights of their control groups count (`cpu_shares`, `CPUWeight`).
    """
    with suppress(OSError):
        os.nice(STEPS)
