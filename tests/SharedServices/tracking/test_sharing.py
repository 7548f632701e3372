"""Two services and a greedy one on one account, somebody else beside them, at a provider that counts by fixed hours."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import pytest

from PROPPR.SharedServices.tracking.budget import Rules, decide, free_for, roll
from PROPPR.SharedServices.tracking.shares import DEFAULT_SHARES, OTHERS, Shares
from PROPPR.SharedServices.tracking.window import Window

NOW = 1_779_855_680_000
HOUR = 3600
LIMIT = 1000
RULES = Rules(LIMIT, Window.of_hours(1), Shares.of(DEFAULT_SHARES, LIMIT))
OWNERS = ("websocket_updater", "unified_poller")


@dataclass
class Provider:
    """Counts by the hour from its own minute on."""

    resets_at: int
    used: int = 0
    refused: int = 0

    def pass_time(self, second: int) -> None:
        if second >= self.resets_at:
            self.used, self.resets_at = 0, self.resets_at + HOUR

    def request(self) -> None:
        self.refused += self.used >= LIMIT
        self.used += self.used < LIMIT


@dataclass
class Fleet:
    """Asks, and tells the budget what the provider's headers say, as the pipeline of observations does."""

    provider: Provider
    budget: dict[str, Any] = field(default_factory=dict)
    granted: Counter[str] = field(default_factory=Counter)

    def ask(self, account: str, second: int) -> bool:
        self.budget = decide(self.budget, account, 1, NOW + second * 1000, RULES)
        if not self.budget["last"]["granted"]:
            return False
        self.provider.request()
        self.granted[account] += 1
        left = max(0, LIMIT - self.provider.used - RULES.left_alone)
        ceiling, reset = self.budget["sequence"] + left, NOW + self.provider.resets_at * 1000
        self.budget["provider"] = {"ceiling": ceiling, "reset": reset}
        return True


@pytest.mark.parametrize("resets_at", [600, 1800, 3000])
def test_who_is_owed_budget_gets_it_also_where_the_provider_counts_for_others(resets_at: int) -> None:
    provider = Provider(resets_at)
    fleet = Fleet(provider)
    in_want = 0
    for second in range(3 * HOUR):
        provider.pass_time(second)
        if second % 60 == 0:
            for _ in range(1 + second // 60 % 2):  # somebody else: 90 an hour
                provider.used = min(LIMIT, provider.used + 1)
            for _ in range(7):
                fleet.ask("unified_poller", second)
        if second % 13 == 0:
            fleet.ask("websocket_updater", second)
        while fleet.ask(OTHERS, second):
            pass
        if second == HOUR:
            fleet.granted.clear()
        if second > HOUR and second % 10 == 0:
            now = NOW + second * 1000
            budget = roll(fleet.budget, now, RULES)
            in_want += any(
                budget["used"].get(owner, 0) < RULES.shares.guarantee(owner, LIMIT)
                and not free_for(budget, owner, now, RULES)
                for owner in OWNERS
            )
    assert not provider.refused
    assert in_want <= 0.2 * 2 * HOUR / 10
    assert fleet.granted["unified_poller"] >= 0.8 * 2 * 420
    assert fleet.granted["websocket_updater"] >= 0.8 * 2 * HOUR / 13
    assert fleet.granted.total() >= 0.95 * 2 * (LIMIT - 90 - RULES.left_alone)
