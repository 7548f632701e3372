"""Killed with -9 anywhere, a run that goes on ends where an undisturbed one does."""

from __future__ import annotations

import pytest
from stats_kills import kill_a_run


@pytest.mark.processes
def test_a_killed_run_ends_like_an_undisturbed_one(mongo_uri: str) -> None:
    result = kill_a_run(mongo_uri, "stats_kills", kills=5, seed=11, world={"fixtures": 4, "history": 1})
    assert len(result.killed_at) >= 4
    assert result.moments > 50
    assert result.differences == []
