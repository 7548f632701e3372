"""What the tracker tells: the answer to one request, and the state of the budget for health checks and people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from PROPPR.SharedServices.tracking import budget as rule
from PROPPR.SharedServices.tracking.budget import Reason, Rules


@dataclass(frozen=True, slots=True)
class Grant:
    """The answer to `acquire`: true when granted.

    `retry_after` is the seconds until asking again can succeed (0 when granted); `reason` says what stood in the way:
    `window` (the budget of the hour is used), `reserved` (the rest is other services' share), `provider` (its headers
    leave nothing) or `parked` (after a 429). A granted request must be sent before `use_before`, in seconds of the
    caller's monotonic clock: later it could arrive outside the window it was counted in. `sequence` numbers the grants
    of the fleet, `at_ms` is the server's time of this one.
    """

    granted: bool
    service: str
    cost: int = 1
    reason: Reason = "granted"
    retry_after: float = 0.0
    at_ms: int = 0
    sequence: int = 0
    bucket: int = 0
    use_before: float = 0.0

    def __bool__(self) -> bool:
        return self.granted


@dataclass(frozen=True, slots=True)
class ServiceUsage:
    """One service in the current window: requests used, guaranteed, and possible right now."""

    service: str
    used: int
    guaranteed: int
    free: int


@dataclass(frozen=True, slots=True)
class Usage:
    """The fleet's budget now. `lowered_by` names what makes it smaller than configured; times are epoch ms.

    `reset` is when the next part of the budget returns, or when the obstacle named by `lowered_by` ends; None when
    nothing is used.
    """

    max_requests: int
    limit: int
    used: int
    free: int
    services: tuple[ServiceUsage, ...]
    lowered_by: str | None
    reset: int | None
    parked_until: int | None

    def share_of(self, service: str) -> ServiceUsage | None:
        """The service's own part, None if it has none."""
        return next((each for each in self.services if each.service == service), None)


def usage_of(stored: Mapping[str, Any], at_ms: int, rules: Rules) -> Usage:
    """Read a stored budget as of the given server time."""
    now = rule.roll(stored, at_ms, rules)
    limit = rule.limit_of(now, rules)
    room = rule.room_by_window(now, rules)
    by_provider = rule.room_by_provider(now, at_ms, rules)
    parked = now.get("parked_until", 0)
    services = tuple(
        ServiceUsage(
            account,
            now["used"].get(account, 0),
            rules.shares.guarantee(account, limit),
            rule.free_for(now, account, at_ms, rules),
        )
        for account in rules.shares.fractions
    )
    lowered_by, reset = None, None if now["oldest"] is None else rules.window.freed_at(now["oldest"])
    if limit < rules.max_requests:
        lowered_by = f"the provider's limit of {limit}"
    if by_provider is not None and by_provider < room:
        lowered_by = f"the provider's headers, which leave {max(0, by_provider)}"
        reset = max(now["provider"]["reset"], at_ms)
        room = by_provider
    if parked > at_ms:
        lowered_by, reset, room = "a refusal (429) of the provider", parked, 0
    return Usage(
        max_requests=rules.max_requests,
        limit=limit,
        used=sum(now["used"].values()),
        free=max(0, room),
        services=services,
        lowered_by=lowered_by,
        reset=reset,
        parked_until=parked if parked > at_ms else None,
    )
