"""When odds may still move."""

from __future__ import annotations

import pytest

from PROPPR.SharedServices.odds.statuses import LONGEST_MATCH_MS, OVER, may_move

NOW = 1_795_000_000_000


@pytest.mark.parametrize(
    ("status", "ago", "expected"),
    [
        ("pending", -1, True),
        ("live", LONGEST_MATCH_MS - 1, True),
        ("live", LONGEST_MATCH_MS, False),
        ("postponed", -1, True),
        ("never seen", 0, True),
        *((status, -1, False) for status in sorted(OVER)),
    ],
)
def test_status_and_age_decide(status: str, ago: int, expected: bool) -> None:
    assert may_move(status, NOW - ago, NOW) is expected
