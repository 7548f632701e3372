"""How often a request is sent, and what ends it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from PROPPR.SharedServices.providers.http.attempts import AttemptFailed, UnreadableAnswer, retrying
from PROPPR.SharedServices.service.clock import SystemClock
from PROPPR.SharedServices.service.errors import RateLimited, SourceChanged, TransientError


@dataclass(frozen=True)
class Patience:
    attempts: int = 3
    first_wait: float = 0.001
    longest_wait: float = 0.002


def failing(*errors: Exception) -> Callable[[list[int]], str]:
    """Return what raises these, one a call, and then is well."""
    left = list(errors)

    def call(calls: list[int]) -> str:
        calls.append(1)
        if left:
            raise left.pop(0)
        return "well"

    return call


def test_what_may_pass_is_tried_again() -> None:
    calls: list[int] = []
    work = failing(AttemptFailed("reset"), UnreadableAnswer("cut off"))
    assert retrying(Patience(), SystemClock(), threading.Event())(work, calls) == "well"
    assert len(calls) == 3


def test_the_last_failure_is_told() -> None:
    calls: list[int] = []
    work = failing(AttemptFailed("first"), AttemptFailed("second"), AttemptFailed("third"), AttemptFailed("fourth"))
    with pytest.raises(AttemptFailed, match="third"):
        retrying(Patience(), SystemClock(), threading.Event())(work, calls)
    assert len(calls) == 3


@pytest.mark.parametrize(
    "error", [RateLimited("wait"), SourceChanged("other"), TransientError("away")], ids=lambda error: str(error)
)
def test_what_another_attempt_will_not_mend_is_told_at_once(error: Exception) -> None:
    calls: list[int] = []
    with pytest.raises(type(error)):
        retrying(Patience(), SystemClock(), threading.Event())(failing(error), calls)
    assert len(calls) == 1


def test_a_stop_ends_the_wait() -> None:
    calls: list[int] = []
    stop = threading.Event()
    stop.set()
    with pytest.raises(TransientError, match="stopped"):
        retrying(Patience(first_wait=60.0, longest_wait=60.0), SystemClock(), stop)(failing(AttemptFailed("x")), calls)
    assert len(calls) == 1
