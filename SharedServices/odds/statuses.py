"""What a fixture's status says about its odds."""

from __future__ import annotations

from typing import Final

# Statuses after which no odds move any more. Postponed is not among them: a new date may be announced.
OVER: Final = frozenset({"settled", "cancelled", "canceled", "abandoned", "finished", "ended", "removed"})
LONGEST_MATCH_MS: Final = 4 * 3_600_000


def may_move(status: str, kickoff: int, now: int) -> bool:
    """Whether the odds may still move: not over, and not begun so long ago (ms) that its status was never corrected."""
    return status not in OVER and kickoff > now - LONGEST_MATCH_MS
