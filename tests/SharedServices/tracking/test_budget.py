"""The decision over one request, against a brute-force sliding window, and the pipeline against the decision."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pymongo import ReturnDocument
from pymongo.database import Database

from PROPPR.SharedServices.tracking.budget import Rules, decide, free_for, roll
from PROPPR.SharedServices.tracking.pipeline import decision_pipeline
from PROPPR.SharedServices.tracking.shares import DEFAULT_SHARES, OTHERS, Shares
from PROPPR.SharedServices.tracking.window import Window

NOW = 1_779_855_680_000
HOUR_MS = 3_600_000
ACCOUNTS = tuple(DEFAULT_SHARES)

hours = st.sampled_from([1 / 3600, 2.5 / 3600, 7 / 3600, 1 / 60, 1.0, 24.0])
steps = st.one_of(st.integers(0, 3), st.integers(0, 60), st.integers(0, 400), st.integers(-30, 0))
requests = st.lists(
    st.tuples(steps, st.sampled_from(ACCOUNTS), st.integers(1, 4)),
    min_size=1,
    max_size=150,
)


def rules_of(limit: int, window_hours: float) -> Rules:
    return Rules(limit, Window.of_hours(window_hours), Shares.of(DEFAULT_SHARES, limit))


@given(hours=st.floats(1 / 3600, 48), limit=st.integers(1, 6000))
def test_a_bucket_counts_as_long_as_its_newest_grant_is_in_the_window(hours: float, limit: int) -> None:
    window = Window.of_hours(hours)
    for at in (NOW, NOW + limit):
        tick = window.tick(at)
        freed = window.freed_at(tick)
        newest = (tick + 1) * window.bucket_ms - 1
        assert freed - newest > window.window_ms + window.margin_ms - 1
        assert window.oldest_counting(window.tick(freed)) == tick + 1
        assert window.oldest_counting(window.tick(freed - 1)) <= tick


@given(hours=st.floats(1 / 3600, 48))
def test_at_least_98_percent_are_usable_under_constant_pressure(hours: float) -> None:
    window = Window.of_hours(hours)
    longest_wait = (window.span + 1) * window.bucket_ms
    assert window.window_ms / longest_wait >= 0.98
    assert window.margin_ms >= 0.009 * window.window_ms


def test_the_margin_of_an_hour_is_36_seconds() -> None:
    assert Window.of_hours(1).margin_ms == 36_000


@pytest.mark.parametrize("hours", [0, -1, 0.0001, float("nan"), float("inf")])
def test_a_window_must_have_a_sensible_length(hours: float) -> None:
    with pytest.raises(ValueError, match="at least one second"):
        Window.of_hours(hours)


@settings(max_examples=200)
@given(hours=hours, limit=st.integers(1, 60), moves=requests, pace=st.integers(1, 40))
def test_no_sliding_window_holds_more_than_the_limit(
    hours: float, limit: int, moves: list[tuple[int, str, int]], pace: int
) -> None:
    rules = rules_of(limit, hours)
    scale = rules.window.window_ms / 1000
    budget: dict[str, Any] = {}
    grants: list[tuple[int, int]] = []
    told: list[tuple[int, int]] = []
    now = latest = NOW
    for step, account, cost in moves:
        now += round(step * scale * pace / 20)  # a step back is a command that had to wait, with the time it came at
        latest = max(latest, now)
        budget = decide(budget, account, cost, now, rules)
        if budget["last"]["granted"]:
            grants.append((latest, cost))
            told.append((budget["last"]["at"], cost))
    safe = rules.window.window_ms + rules.window.margin_ms
    for times in (grants, told):
        for start, _ in times:
            assert sum(cost for at, cost in times if start <= at < start + safe) <= limit


@settings(max_examples=60)
@given(limit=st.integers(1, 300), pause=st.integers(1, 40), hours=hours)
def test_under_constant_pressure_98_percent_are_used(limit: int, pause: int, hours: float) -> None:
    rules = rules_of(limit, hours)
    window = rules.window
    budget: dict[str, Any] = {}
    now, granted = NOW, 0
    step = max(1, window.bucket_ms * pause // 40)
    while now < NOW + 10 * window.window_ms:
        budget = decide(budget, OTHERS, 1, now, rules)
        if budget["last"]["granted"]:
            granted += 1
        else:
            retry_at = budget["last"]["retry_at"]
            assert retry_at > now
            now = max(now + step, retry_at)
    assert granted >= 0.98 * 10 * limit


@given(limit=st.integers(1, 60), moves=requests)
def test_what_is_told_to_be_free_is_granted_and_not_one_more(limit: int, moves: list[tuple[int, str, int]]) -> None:
    rules = rules_of(limit, 1 / 60)
    budget: dict[str, Any] = {}
    now = NOW
    for step, account, cost in moves:
        now += step * 50
        budget = decide(budget, account, cost, now, rules)
    for account in ACCOUNTS:
        free = free_for(roll(budget, now, rules), account, now, rules)
        after = budget
        for _ in range(free):
            after = decide(after, account, 1, now, rules)
            assert after["last"]["granted"]
        assert not decide(after, account, 1, now, rules)["last"]["granted"]


def use_up(budget: dict[str, Any], account: str, now: int, rules: Rules) -> tuple[dict[str, Any], int]:
    granted = 0
    while True:
        after = decide(budget, account, 1, now, rules)
        if not after["last"]["granted"]:
            return after, granted
        budget, granted = after, granted + 1


def test_a_share_that_nobody_asks_for_is_lent_completely() -> None:
    _, granted = use_up({}, OTHERS, NOW, rules_of(5000, 1))
    assert granted == 5000


def test_a_lender_gets_its_share_back_as_the_window_slides() -> None:
    rules = rules_of(1000, 1)
    budget, now = {}, NOW
    for _ in range(10):  # the poller borrows everything, over half an hour
        for _ in range(100):
            budget = decide(budget, "unified_poller", 1, now, rules)
            assert budget["last"]["granted"]
        now += 180_000
    used: Counter[str] = Counter()
    while now < NOW + 2 * HOUR_MS:
        for account in ("unified_poller", "unified_poller", "websocket_updater"):
            budget = decide(budget, account, 1, now, rules)
            used[account] += budget["last"]["granted"]
            if used["websocket_updater"] < 300:
                assert not used["unified_poller"]
        now += 1000
    assert used["websocket_updater"] >= 300
    assert used["unified_poller"] >= 550
    assert sum(used.values()) >= 980


def test_a_borrower_leaves_a_hundredth_to_a_service_that_asks_now_and_then() -> None:
    rules = rules_of(1000, 1)
    budget = decide({}, "websocket_updater", 1, NOW, rules)
    _, granted = use_up(budget, "unified_poller", NOW + HOUR_MS // 2, rules)
    assert granted == 1000 - 1 - 3


def test_a_borrower_leaves_what_a_service_will_use_at_its_pace_until_budget_returns() -> None:
    rules = rules_of(1000, 1)
    budget: dict[str, Any] = {}
    for minute in range(30):
        budget = decide(budget, "websocket_updater", 1, NOW + minute * 60_000, rules)
    _, granted = use_up(budget, "unified_poller", NOW + 30 * 60_000, rules)
    assert 1000 - 30 - granted == pytest.approx(30, abs=6)


def test_a_borrower_leaves_what_a_service_will_use_until_the_provider_counts_anew() -> None:
    rules = rules_of(1000, 1)
    budget: dict[str, Any] = {}
    for minute in range(30):
        budget = decide(budget, "websocket_updater", 1, NOW + minute * 60_000, rules)
    now = NOW + 30 * 60_000
    budget["provider"] = {"ceiling": budget["sequence"] + 500, "reset": now + 20 * 60_000}
    _, lent = use_up(budget, OTHERS, now, rules)
    assert 500 - lent == pytest.approx(20, abs=6)


@pytest.mark.parametrize("every_seconds", [20, 60, 600])
def test_a_service_that_uses_part_of_its_share_costs_the_fleet_less_than_2_percent(every_seconds: int) -> None:
    rules = rules_of(2000, 1)
    budget: dict[str, Any] = {}
    granted = refused = 0
    for second in range(0, 10 * 3600):
        asks = ["unified_poller"] * 2 + ["websocket_updater"] * (second % every_seconds == 0)
        for account in asks:
            budget = decide(budget, account, 1, NOW + second * 1000, rules)
            granted += budget["last"]["granted"]
            refused += account == "websocket_updater" and not budget["last"]["granted"]
    assert granted >= 0.98 * 10 * 2000
    assert refused <= 0.02 * 36_000 / every_seconds


def test_a_borrower_is_refused_until_the_next_bucket_only() -> None:
    rules = rules_of(1000, 1)
    budget = decide({}, "websocket_updater", 1, NOW, rules)
    after, _ = use_up(budget, "unified_poller", NOW, rules)
    assert after["last"]["reason"] == "reserved"
    assert 0 < after["last"]["retry_at"] - NOW <= rules.window.bucket_ms


def test_services_at_full_speed_share_as_guaranteed_after_the_first_window() -> None:
    rules = rules_of(1000, 1)
    budget: dict[str, Any] = {}
    for window in range(3):
        used: Counter[str] = Counter()
        for second in range(0, 3700, 4):
            for account in ACCOUNTS:
                budget = decide(budget, account, 1, NOW + (window * 3700 + second) * 1000, rules)
                used[account] += budget["last"]["granted"]
        assert sum(used.values()) >= 980
    assert all(abs(budget["used"][account] - 1000 * share) <= 5 for account, share in DEFAULT_SHARES.items())


def test_requests_made_without_asking_are_counted_beyond_the_limit() -> None:
    rules = rules_of(3, 1)
    budget: dict[str, Any] = {}
    for _ in range(5):
        budget = decide(budget, OTHERS, 1, NOW, rules, forced=True)
    assert budget["used"] == {OTHERS: 5}
    assert not decide(budget, OTHERS, 1, NOW + HOUR_MS - 1, rules)["last"]["granted"]


@pytest.mark.parametrize(
    "shares",
    [{"a": 0.6, "b": 0.5}, {"a": -0.1}, {"a": 1001}, {"a.b": 0.1}, {"$a": 0.1}, {"A": 0.1}, {"a": float("nan")}],
)
def test_shares_that_make_no_sense_are_refused(shares: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="share"):
        Shares.of(shares, 1000)


def test_shares_may_be_numbers_and_names_may_have_hyphens() -> None:
    shares = Shares.of({"websocket_updater": 250}, 1000)
    assert shares.guarantee("websocket_updater", 1000) == 250
    assert shares.account("websocket-updater") == "websocket_updater"
    assert shares.account("backfill") == OTHERS


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    limit=st.integers(1, 40),
    moves=st.lists(
        st.tuples(steps, st.sampled_from(ACCOUNTS), st.integers(1, 4), st.booleans(), st.integers(0, 30)),
        min_size=1,
        max_size=40,
    ),
)
def test_the_pipeline_decides_as_the_pure_function(
    database: Database[dict[str, Any]], limit: int, moves: list[tuple[int, str, int, bool, int]]
) -> None:
    rules = rules_of(limit, 2 / 3600)
    collection = database["api_requests"]
    collection.delete_many({})
    extras: dict[str, Any] = {}
    expected: dict[str, Any] = {}
    now = NOW
    for step, account, cost, forced, dice in moves:
        now += step * 10
        if dice == 0:
            extras = {"parked_until": now + 50}
        elif dice == 1:
            extras = {"provider": {"limit": limit // 2 + 1}}
        elif dice == 2:
            extras = {"provider": {"ceiling": expected.get("sequence", 0) + 2, "reset": now + 50}}
        elif dice == 3:
            extras = {"provider": {"ceiling": expected.get("sequence", 0), "reset": now - 10}}
        if dice <= 3:
            collection.update_one({"_id": 1}, {"$set": extras}, upsert=True)
            expected = {**expected, **extras}
        expected = decide(expected, account, cost, now, rules, forced)
        stored = collection.find_one_and_update(
            {"_id": 1},
            decision_pipeline(rules, account, cost, forced=forced, now_ms=now),
            upsert=True,
            return_document=ReturnDocument.AFTER,
        )
        assert stored == {"_id": 1, **expected}
