"""Helpers that tests share: waiting for a condition, never for time."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

Result = TypeVar("Result")
# A machine that does other work as well may take several times as long; it costs nothing where all is well.
PATIENCE = 4


def eventually(condition: Callable[[], Result], timeout: float = 10.0, what: str = "the condition") -> Result:
    """Call `condition` until it returns something true and return that; fail with `what` after a long time.

    `timeout` are the seconds that an idle machine may take.
    """
    deadline = time.monotonic() + timeout * PATIENCE
    while True:
        result = condition()
        if result:
            return result
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {timeout * PATIENCE} s in vain for {what}; last answer: {result!r}")
        time.sleep(0.01)  # noqa: TID251 - the one poll interval of the tests
