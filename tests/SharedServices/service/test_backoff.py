"""Back-off: bounded, growing, jittered, endless."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from PROPPR.SharedServices.service.backoff import Backoff

FIRST = st.floats(0.001, 100)
FACTOR = st.floats(1, 1000)


@given(first=FIRST, factor=FACTOR, floor=st.floats(0, 1), seed=st.integers(), attempts=st.integers(1, 200))
def test_waits_stay_in_their_bounds(first: float, factor: float, floor: float, seed: int, attempts: int) -> None:
    cap, least = first * factor, first * floor
    backoff = Backoff(first, cap, floor=least, rng=random.Random(seed))
    for attempt in range(attempts):
        ceiling = backoff.ceiling()
        assert ceiling == min(cap, first * 2.0 ** min(attempt, 64))
        assert least <= backoff.next() <= ceiling


@given(first=FIRST, factor=FACTOR)
def test_ceilings_never_shrink_and_reset_begins_anew(first: float, factor: float) -> None:
    backoff = Backoff(first, first * factor)
    ceilings = []
    for _ in range(50):
        ceilings.append(backoff.ceiling())
        backoff.next()
    assert ceilings == sorted(ceilings)
    backoff.reset()
    assert backoff.ceiling() == ceilings[0]


def test_an_outage_of_years_does_not_overflow() -> None:
    backoff = Backoff(1, 60)
    backoff.attempts = 10**9
    assert backoff.next() <= 60


def test_the_same_seed_gives_the_same_waits_and_others_differ() -> None:
    waits = [[Backoff(1, 60, rng=random.Random(seed)).next() for _ in range(5)] for seed in (1, 1, 2)]
    assert waits[0] == waits[1] != waits[2]


@pytest.mark.parametrize(("first", "cap", "floor"), [(0, 1, 0), (2, 1, 0), (1, 2, 1.5), (1, 2, -1)])
def test_nonsense_is_refused(first: float, cap: float, floor: float) -> None:
    with pytest.raises(ValueError, match="first"):
        Backoff(first, cap, floor=floor)
