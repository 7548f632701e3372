"""A request that is sent a few times: which failures are worth another attempt, and how long to wait before it."""

from __future__ import annotations

import threading
from typing import Protocol

from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_random_exponential

from PROPPR.SharedServices.service.clock import Clock
from PROPPR.SharedServices.service.errors import SourceChanged, TransientError


class AttemptFailed(TransientError):
    """One attempt failed in a way that the next may not."""


class UnreadableAnswer(SourceChanged):
    """An answer is no JSON: cut off without a sign of it, an edge's page, or a change that more attempts won't mend."""


class Patience(Protocol):
    """How often a request is sent at most; between two the wait is random, up to `first_wait * 2 ** n` seconds, at
    most `longest_wait`."""

    @property
    def attempts(self) -> int: ...
    @property
    def first_wait(self) -> float: ...
    @property
    def longest_wait(self) -> float: ...


def retrying(patience: Patience, clock: Clock, stop: threading.Event) -> Retrying:
    """Return what calls a function until it neither raises AttemptFailed nor UnreadableAnswer.

    The last of them is raised when patience ends, TransientError when `stop` is set during a wait.
    """

    def pause(seconds: float) -> None:
        if clock.wait(stop, seconds):
            raise TransientError("stopped while waiting for another attempt")

    return Retrying(
        retry=retry_if_exception_type((AttemptFailed, UnreadableAnswer)),
        stop=stop_after_attempt(patience.attempts),
        wait=wait_random_exponential(multiplier=patience.first_wait, max=patience.longest_wait),
        sleep=pause,
        reraise=True,
    )
