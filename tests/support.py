"""Helpers that tests share: waiting for a condition, never for time."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import TypeVar

from PROPPR.SharedServices.cli.plan import free_port

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


def free_ports(count: int) -> int:
    """The first of `count` free ports in a row, for whoever takes them all: below those that the system hands to
    outgoing connections (from 32,768 on), which could be taken between this look and the start of whoever needs them.
    """
    for _ in range(100):
        first = random.SystemRandom().randrange(20_000, 32_000 - count)
        if all(free_port(port) == port for port in range(first, first + count)):
            return first
    raise AssertionError(f"no {count} free ports in a row")
