"""Two very short hours of `benchmarks/budget_day.py`: the budget holds with real processes, kills and other users."""

from __future__ import annotations

from pathlib import Path

import pytest
from budget_day import Plan, run


@pytest.mark.processes
def test_the_budget_holds_and_the_provider_never_refuses(tmp_path: Path) -> None:
    plan = Plan(
        hours=2, factor=400.0, limit=400, sliding=False, kills=1, foreign=40, bursts=0, fixtures=20, bookmakers=3,
        poll_interval=60.0,
    )  # fmt: skip
    result = run(plan, tmp_path, quiet=True)
    assert result.busiest <= plan.limit
    assert result.refused == 0
    assert result.total > plan.limit, "more than an hour's budget was used"
    assert sum(result.kills.values()) == 3
