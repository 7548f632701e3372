"""The stand-in's request budget: fixed and sliding windows."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from PROPPR.SharedServices.simulator.limits import RequestBudget

HOUR = 3_600_000


def _busiest(times: list[int]) -> int:
    return max((sum(1 for other in times if time - HOUR < other <= time) for time in times), default=0)


@given(st.lists(st.integers(0, HOUR), max_size=60), st.integers(1, 10), st.booleans())
def test_no_window_exceeds_the_limit(steps: list[int], limit: int, sliding: bool) -> None:
    budget = RequestBudget("key", limit, 3600, sliding)
    now, allowed = 1_700_000_000_000, []
    for step in steps:
        now += step // 7
        if budget.request(now).allowed:
            allowed.append(now)
    if sliding:
        assert _busiest(allowed) <= limit
    assert budget.busiest == _busiest(allowed)
    assert budget.allowed + budget.refused == len(steps)


def test_a_fixed_window_reopens_at_the_accounts_own_minute() -> None:
    budget = RequestBudget("key", 1, 3600, sliding=False)
    assert budget.request(1_700_000_000_000).allowed
    verdict = budget.request(1_700_000_000_001)
    assert not verdict.allowed
    assert verdict.headers["x-ratelimit-remaining"] == "0"
    assert verdict.headers["x-ratelimit-reset"].endswith("Z")
    assert budget.request(1_700_000_000_000 + HOUR).allowed
