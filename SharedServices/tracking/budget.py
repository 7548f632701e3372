"""The stored budget and the decision over one request, as a pure function.

`pipeline.py` says the same in MongoDB's expression language, where it runs atomically; a test holds the two together.
A budget is the mapping that is stored:

    tick      the newest bucket seen; time never runs backwards, whatever a clock says
    counts    {account: {bucket: grants}}, with the buckets that still count
    used      {account: sum of its counts}
    oldest    the oldest bucket in counts, or None
    sequence  grants since the document exists
    asked     {account: bucket of its last request, granted or not}
    waiting   {account: bucket until which it counts as waiting for its guarantee}
    provider  {limit, ceiling, reset}: what the provider's headers said; `ceiling` is a bound for `sequence`, in force
              until the reset; for one window after it, what is left of it and then one request per bucket, until an
              answer says more
    parked_until
    last      the latest decision: {granted, reason, retry_at ms, at ms of the latest grant}
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from PROPPR.SharedServices.tracking.shares import IN_HAND, Shares
from PROPPR.SharedServices.tracking.window import Window

Reason = Literal["granted", "parked", "window", "provider", "reserved"]
Budget = Mapping[str, Any]
ANSWER_MS = 1000
"""In how many milliseconds the answer to a request that asks what is free is expected."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What one process was configured with: the limit, the window and the shares."""

    max_requests: int
    window: Window
    shares: Shares

    @property
    def patience(self) -> int:
        """For how many buckets after the time it was told to return a refused service counts as waiting: until its
        pace is known again."""
        return max(2, self.recent)

    @property
    def left_alone(self) -> int:
        """How many of the requests that the provider says remain are not used: half a percent of the limit."""
        return self.max_requests // 200

    @property
    def recent(self) -> int:
        """From how many buckets, with the current one, a service's pace is taken."""
        return max(1, self.window.span // 10)

    @property
    def horizons(self) -> tuple[int, ...]:
        """How many buckets ahead a service's needs are compared with what returns to it."""
        span = self.window.span
        return (self.recent, span // 4, span // 2, span)


def roll(budget: Budget, at_ms: int, rules: Rules) -> dict[str, Any]:
    """Return the budget as it is at the given time: expired buckets gone, sums and `oldest` renewed."""
    seen = budget.get("tick", -1)
    tick = max(seen, rules.window.tick(at_ms))
    rolled = {"counts": {}, "used": {}, "oldest": None, "sequence": 0, "asked": {}, "waiting": {}, **budget}
    rolled["tick"] = tick
    if tick > seen:
        first = rules.window.oldest_counting(tick)
        counts = {
            account: {bucket: count for bucket, count in buckets.items() if int(bucket) >= first}
            for account, buckets in rolled["counts"].items()
        }
        rolled["counts"] = counts
        rolled["used"] = {account: sum(buckets.values()) for account, buckets in counts.items()}
        rolled["oldest"] = min((int(bucket) for buckets in counts.values() for bucket in buckets), default=None)
    return rolled


def limit_of(budget: Budget, rules: Rules) -> int:
    """Return the limit in force: the configured one, or the provider's where that is lower."""
    return int(min(rules.max_requests, budget.get("provider", {}).get("limit", rules.max_requests)))


def room_by_window(budget: Budget, rules: Rules) -> int:
    """Return what is left of the limit in a rolled budget. Negative where requests were made without asking."""
    return limit_of(budget, rules) - int(sum(budget["used"].values()))


def room_by_provider(budget: Budget, at_ms: int, rules: Rules) -> int | None:
    """Return what the provider's headers leave in a rolled budget, or None where they say nothing.

    After the reset of a used ceiling it is not known what is free: where others use the account and the provider's
    window slides, it may be nothing. One request asks.
    """
    provider = budget.get("provider", {})
    if "ceiling" not in provider or provider["reset"] + rules.window.window_ms <= at_ms:
        return None
    left = int(provider["ceiling"] - budget["sequence"])
    if left > 0 or at_ms < provider["reset"]:
        return left
    latest = budget.get("last", {}).get("at", 0)
    asked = latest >= provider["reset"] and rules.window.tick(latest) >= budget["tick"]
    return 0 if asked else 1


def kept_for_others(budget: Budget, account: str, at_ms: int, rules: Rules) -> int:
    """Return how many requests a borrower has to leave to the other services in a rolled budget."""
    returns_in = _returns_in(budget, at_ms, rules)
    limit = limit_of(budget, rules)
    tick = budget["tick"]
    kept: int = 0
    for other in rules.shares.fractions:
        if other == account:
            continue
        guarantee = rules.shares.guarantee(other, limit)
        used = budget["used"].get(other, 0)
        unused = max(0, guarantee - used)
        if budget["waiting"].get(other, -1) >= tick:
            kept += unused
        elif budget["asked"].get(other, -1) >= tick - rules.window.span:
            kept += min(unused, max(int(guarantee * IN_HAND), _expected(budget, other, returns_in, rules)))
    return kept


def _returns_in(budget: Budget, at_ms: int, rules: Rules) -> int:
    """Return in how many buckets any budget returns: the oldest expires, or the provider counts anew if that limits."""
    returns_in = 0 if budget["oldest"] is None else int(budget["oldest"] + 1 + rules.window.span - budget["tick"])
    by_provider = room_by_provider(budget, at_ms, rules)
    if by_provider is None or by_provider >= room_by_window(budget, rules):
        return returns_in
    return max(returns_in, rules.window.tick(budget["provider"]["reset"]) + 1 - int(budget["tick"]))


def _expected(budget: Budget, account: str, returns_in: int, rules: Rules) -> int:
    """Return what the account will need at its recent pace beyond what its own requests return as they expire.

    What it will need until any budget returns counts in full.
    """
    counts = [(int(bucket), count) for bucket, count in budget["counts"].get(account, {}).items()]
    tick = budget["tick"]
    lately: int = sum(count for bucket, count in counts if bucket > tick - rules.recent)
    needs = [math.ceil(lately * returns_in / rules.recent)]
    for ahead in rules.horizons:
        returns = sum(count for bucket, count in counts if bucket < tick - rules.window.span + ahead)
        needs.append(math.ceil(lately * ahead / rules.recent) - returns)
    return max(needs)


def free_for(budget: Budget, account: str, at_ms: int, rules: Rules) -> int:
    """Return how many single requests the account could make now, in a rolled budget."""
    if budget.get("parked_until", 0) > at_ms:
        return 0
    room = room_by_window(budget, rules)
    by_provider = room_by_provider(budget, at_ms, rules)
    if by_provider is not None:
        room = min(room, by_provider)
    own = rules.shares.guarantee(account, limit_of(budget, rules)) - budget["used"].get(account, 0)
    return int(max(0, min(room, max(own, room - kept_for_others(budget, account, at_ms, rules)))))


def decide(budget: Budget, account: str, cost: int, at_ms: int, rules: Rules, forced: bool = False) -> dict[str, Any]:
    """Return the budget after one request for `cost`; its `last` holds the answer. A forced one is always counted."""
    after = roll(budget, at_ms, rules)
    tick = after["tick"]
    after["asked"] = {**after["asked"], account: tick}
    reason = "granted" if forced else _reason(after, account, cost, at_ms, rules)
    if reason == "granted":
        key = str(tick)
        own = after["counts"].get(account, {})
        after["counts"] = {**after["counts"], account: {**own, key: own.get(key, 0) + cost}}
        after["used"] = {**after["used"], account: after["used"].get(account, 0) + cost}
        after["oldest"] = tick if after["oldest"] is None else after["oldest"]
        after["sequence"] += cost
        at = max(at_ms, after["tick"] * rules.window.bucket_ms)  # the grant is counted in that bucket
        after["last"] = {"granted": True, "reason": reason, "retry_at": 0, "at": at}
        return after
    retry_at = _retry_at(after, reason, at_ms, rules)
    if reason in ("window", "provider") and _within_guarantee(after, account, cost, rules):
        after["waiting"] = {**after["waiting"], account: rules.window.tick(retry_at) + rules.patience}
    at = after.get("last", {}).get("at", 0)
    after["last"] = {"granted": False, "reason": reason, "retry_at": retry_at, "at": at}
    return after


def _within_guarantee(budget: Budget, account: str, cost: int, rules: Rules) -> bool:
    guarantee = rules.shares.guarantee(account, limit_of(budget, rules))
    return bool(budget["used"].get(account, 0) + cost <= guarantee)


def _reason(budget: Budget, account: str, cost: int, at_ms: int, rules: Rules) -> Reason:
    if budget.get("parked_until", 0) > at_ms:
        return "parked"
    by_window = room_by_window(budget, rules)
    by_provider = room_by_provider(budget, at_ms, rules)
    if by_provider is not None and by_provider < cost:
        return "provider"
    if by_window < cost:
        return "window"
    room = by_window if by_provider is None else min(by_window, by_provider)
    if (
        not _within_guarantee(budget, account, cost, rules)
        and room - kept_for_others(budget, account, at_ms, rules) < cost
    ):
        return "reserved"
    return "granted"


def _retry_at(budget: Budget, reason: Reason, at_ms: int, rules: Rules) -> int:
    next_bucket = int((budget["tick"] + 1) * rules.window.bucket_ms)
    if reason == "parked":
        return int(budget["parked_until"])
    if reason == "provider":
        return max(int(budget["provider"]["reset"]), min(at_ms + ANSWER_MS, next_bucket))
    if reason == "window" and budget["oldest"] is not None:
        return rules.window.freed_at(budget["oldest"])
    return next_bucket
