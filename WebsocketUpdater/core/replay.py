"""What stands in for the live stream's helpers when frames come from a recording: nothing can be asked for again."""

from __future__ import annotations

from PROPPR.SharedServices.odds.messages import ScoreMessage, StatusMessage, Welcome
from PROPPR.SharedServices.odds.rejects import Reject


class ReplayRemedies:
    """Counts what a live stream would have mended."""

    def __init__(self) -> None:
        self.losses: dict[str, int] = {}

    def lost(self, reason: str) -> None:
        """Count a loss."""
        self.losses[reason] = self.losses.get(reason, 0) + 1

    def unreadable(self, reject: Reject) -> None:
        """Count what could not be read."""
        self.lost(reject.reason)

    def resync(self, reason: str) -> None:
        """Count a break in the recording."""
        self.lost("resync_required")

    def welcome(self, message: Welcome) -> None:
        """A connection began when this was recorded."""


class ReplayEvents:
    """Leaves the registry of fixtures alone: a recording says what was, not what is."""

    def seen(self, fixture_id: int) -> None:
        """Nothing to look up."""

    def status(self, message: StatusMessage) -> None:
        """Nothing to keep."""

    def score(self, message: ScoreMessage) -> None:
        """Nothing to keep."""
