"""The decision of `budget.decide` as one update pipeline, so that MongoDB takes it atomically on its own clock.

The stages set fields whose names begin with an underscore and remove them at the end. A refusal that changes nothing
leaves the document as it is, and MongoDB then writes nothing; a grant logs only the few fields that changed.
"""

from __future__ import annotations

from typing import Any

from PROPPR.SharedServices.tracking.budget import ANSWER_MS, Rules
from PROPPR.SharedServices.tracking.shares import IN_HAND

Expression = Any
AIDS = ("_within", "_returns_in", "_kept", "_reason", "_retry_at")
SERVER_NOW_MS: Expression = {"$toLong": "$$NOW"}


def decision_pipeline(
    rules: Rules, account: str, cost: int, *, forced: bool = False, now_ms: Expression = SERVER_NOW_MS
) -> list[dict[str, Any]]:
    """Return the pipeline for one request of `account`. `now_ms` is the server's clock, except in tests."""
    granted = {"$eq": ["$_reason", "granted"]}
    return [
        {"$set": {"_now": now_ms, "_seen": {"$ifNull": ["$tick", -1]}}},
        {"$set": {"tick": {"$max": ["$_seen", _tick("$_now", rules)]}}},
        {"$set": _rolled_counts(rules)},
        {"$set": _rolled_sums()},
        {"$set": _room(rules)},
        {"$set": {"_within": _within(rules, account, cost), "_returns_in": _returns_in(rules)}},
        {"$set": {"_kept": _kept(rules, account)}},
        {"$set": {f"asked.{account}": "$tick", "_reason": "granted" if forced else _reason(cost)}},
        {"$set": {"_retry_at": _retry_at(rules)}},
        {
            "$set": {
                "counts": {"$cond": [granted, _counted(account, cost), "$counts"]},
                "used": {"$cond": [granted, _added("$used", account, cost), "$used"]},
                "oldest": {"$cond": [granted, {"$ifNull": ["$oldest", "$tick"]}, "$oldest"]},
                "sequence": {"$cond": [granted, {"$add": ["$sequence", cost]}, "$sequence"]},
                "waiting": _waiting(rules, account),
                "last": {
                    "granted": granted,
                    "reason": "$_reason",
                    "retry_at": "$_retry_at",
                    "at": {"$cond": [granted, _at(rules), {"$ifNull": ["$last.at", 0]}]},
                },
            }
        },
        {"$unset": ["_now", "_seen", "_limit", "_room", "_provider", *AIDS]},
    ]


def observation_pipeline(
    rules: Rules,
    limit: int | None,
    remaining: int | None,
    reset_ms: int | None,
    sequence: int | None,
    *,
    now_ms: Expression = SERVER_NOW_MS,
) -> list[dict[str, Any]]:
    """Return the pipeline that lowers the budget to what the provider's headers said of the request `sequence`.

    Within one provider window the lowest ceiling wins; a later reset begins a new one. A reset that has just elapsed
    still says what was left then; one that is older than a window says nothing.
    A little of what remains is left alone: somebody else on the account may take it before our next request arrives.
    """
    stages: list[dict[str, Any]] = []
    if limit is not None:
        stages.append({"$set": {"provider.limit": limit}})
    if remaining is None:
        return stages
    window = rules.window.window_ms
    latest = {"$add": [now_ms, window]}
    same = rules.window.bucket_ms
    known = {"$ifNull": ["$provider.reset", 0]}
    base: Expression = {"$ifNull": ["$sequence", 0]} if sequence is None else sequence
    lowest = {"$min": ["$provider.ceiling", "$_ceiling"]}
    elapsed = {"$lte": [{"$add": ["$_reset", window]}, now_ms]}
    earlier_window = {"$lt": ["$_reset", {"$subtract": [known, same]}]}
    same_window = {"$and": [{"$lte": ["$_reset", {"$add": [known, same]}]}, {"$gt": [known, now_ms]}]}
    choose = [{"case": {"$or": [elapsed, earlier_window]}, "then": "$provider"}]
    choose.append({"case": same_window, "then": {"$mergeObjects": ["$provider", {"ceiling": lowest}]}})
    replaced = {"$mergeObjects": ["$provider", {"ceiling": "$_ceiling", "reset": "$_reset"}]}
    return [
        *stages,
        {
            "$set": {
                "_reset": latest if reset_ms is None else {"$min": [reset_ms, latest]},
                "_ceiling": {"$add": [base, max(0, remaining - rules.left_alone)]},
                "provider": {"$ifNull": ["$provider", {}]},
            }
        },
        {"$set": {"provider": {"$switch": {"branches": choose, "default": replaced}}}},
        {"$unset": ["_reset", "_ceiling"]},
    ]


def parking_pipeline(rules: Rules, until_ms: int, *, now_ms: Expression = SERVER_NOW_MS) -> list[dict[str, Any]]:
    """Return the pipeline that parks the fleet until the given time, for at most one window."""
    latest = {"$add": [now_ms, rules.window.window_ms]}
    return [{"$set": {"parked_until": {"$max": ["$parked_until", {"$min": [until_ms, latest]}]}}}]


def _at(rules: Rules) -> Expression:
    """The time of a grant: not before its bucket, though the server's `now` of a command that had to wait may be."""
    return {"$max": ["$_now", {"$multiply": ["$tick", rules.window.bucket_ms]}]}


def _tick(at_ms: Expression, rules: Rules) -> Expression:
    width = rules.window.bucket_ms
    return {"$toLong": {"$divide": [{"$subtract": [at_ms, {"$mod": [at_ms, width]}]}, width]}}


def _advanced(rolled: Expression, field: str, otherwise: Expression) -> Expression:
    return {"$cond": [{"$gt": ["$tick", "$_seen"]}, rolled, {"$ifNull": [field, otherwise]}]}


def _per_account(value: Expression) -> Expression:
    entries = {"$objectToArray": {"$ifNull": ["$counts", {}]}}
    return {"$map": {"input": entries, "as": "account", "in": {"k": "$$account.k", "v": value}}}


def _rolled_counts(rules: Rules) -> dict[str, Expression]:
    first = {"$subtract": ["$tick", rules.window.span]}
    counting = {
        "$filter": {
            "input": {"$objectToArray": "$$account.v"},
            "as": "bucket",
            "cond": {"$gte": [{"$toLong": "$$bucket.k"}, first]},
        }
    }
    rolled = {"$arrayToObject": _per_account({"$arrayToObject": counting})}
    return {"counts": _advanced(rolled, "$counts", {})}


def _rolled_sums() -> dict[str, Expression]:
    buckets = {"$objectToArray": "$$account.v"}
    keys = {"$map": {"input": buckets, "as": "bucket", "in": {"$toLong": "$$bucket.k"}}}
    oldest = {"$min": {"$map": {"input": _per_account({"$min": keys}), "as": "each", "in": "$$each.v"}}}
    sums = {"$sum": {"$map": {"input": buckets, "as": "bucket", "in": "$$bucket.v"}}}
    return {
        "used": _advanced({"$arrayToObject": _per_account(sums)}, "$used", {}),
        "oldest": _advanced(oldest, "$oldest", None),
        "sequence": {"$ifNull": ["$sequence", 0]},
        "asked": {"$ifNull": ["$asked", {}]},
        "waiting": {"$ifNull": ["$waiting", {}]},
    }


def _room(rules: Rules) -> dict[str, Expression]:
    limit = {"$min": [rules.max_requests, "$provider.limit"]}
    total = {"$sum": {"$map": {"input": {"$objectToArray": "$used"}, "as": "each", "in": "$$each.v"}}}
    reset = {"$ifNull": ["$provider.reset", 0]}
    known = {"$gt": [{"$add": [reset, rules.window.window_ms]}, "$_now"]}
    left = {"$subtract": ["$provider.ceiling", "$sequence"]}
    in_force = {"$or": [{"$gt": [left, 0]}, {"$gt": [reset, "$_now"]}]}
    latest = {"$ifNull": ["$last.at", 0]}
    asked = {"$and": [{"$gte": [latest, reset]}, {"$gte": [_tick(latest, rules), "$tick"]}]}
    by_provider = {"$cond": [in_force, left, {"$cond": [asked, 0, 1]}]}
    return {
        "_limit": limit,
        "_room": {"$subtract": [limit, total]},
        "_provider": {"$cond": [{"$and": [known, {"$gt": ["$provider.ceiling", None]}]}, by_provider, None]},
    }


def _used(account: str) -> Expression:
    return {"$ifNull": [f"$used.{account}", 0]}


def _guarantee(rules: Rules, account: str) -> Expression:
    share = {"$multiply": [rules.shares.fractions[account], "$_limit"]}
    return {"$toLong": {"$floor": {"$add": [share, 1e-9]}}}


def _within(rules: Rules, account: str, cost: int) -> Expression:
    return {"$lte": [{"$add": [_used(account), cost]}, _guarantee(rules, account)]}


def _kept(rules: Rules, account: str) -> Expression:
    kept: list[Expression] = []
    for other in rules.shares.fractions:
        if other == account:
            continue
        guarantee = _guarantee(rules, other)
        unused = {"$max": [0, {"$subtract": [guarantee, _used(other)]}]}
        in_hand = {"$max": [{"$toLong": {"$trunc": {"$multiply": [guarantee, IN_HAND]}}}, _expected(rules, other)]}
        waits = {"$gte": [{"$ifNull": [f"$waiting.{other}", -1]}, "$tick"]}
        asked_lately = {
            "$gte": [{"$ifNull": [f"$asked.{other}", -1]}, {"$subtract": ["$tick", rules.window.span]}],
        }
        kept.append({"$cond": [waits, unused, {"$cond": [asked_lately, {"$min": [unused, in_hand]}, 0]}]})
    return {"$cond": ["$_within", 0, {"$add": kept}]} if kept else 0  # only a borrower's decision needs it


def _expected(rules: Rules, account: str) -> Expression:
    entries = {"$objectToArray": {"$ifNull": [f"$counts.{account}", {}]}}

    def counted(condition: Expression) -> Expression:
        found = {"$filter": {"input": entries, "as": "bucket", "cond": condition}}
        return {"$sum": {"$map": {"input": found, "as": "bucket", "in": "$$bucket.v"}}}

    bucket = {"$toLong": "$$bucket.k"}
    lately = counted({"$gt": [bucket, {"$subtract": ["$tick", rules.recent]}]})

    def at_pace(buckets: Expression) -> Expression:
        return {"$toLong": {"$ceil": {"$divide": [{"$multiply": ["$$lately", buckets]}, rules.recent]}}}

    needs = [at_pace("$_returns_in")]
    for ahead in rules.horizons:
        returns = counted({"$lt": [bucket, {"$subtract": ["$tick", rules.window.span - ahead]}]})
        needs.append({"$subtract": [at_pace(ahead), returns]})
    return {"$let": {"vars": {"lately": lately}, "in": {"$max": needs}}}


def _returns_in(rules: Rules) -> Expression:
    until = {"$ifNull": [{"$subtract": [{"$add": ["$oldest", 1 + rules.window.span]}, "$tick"]}, 0]}
    reset = {"$subtract": [{"$add": [_tick("$provider.reset", rules), 1]}, "$tick"]}
    binding = {"$lt": [{"$ifNull": ["$_provider", "$_room"]}, "$_room"]}
    return {"$cond": [binding, {"$max": [until, reset]}, until]}


def _reason(cost: int) -> Expression:
    room = {"$min": ["$_room", "$_provider"]}
    branches = [
        {"case": {"$gt": [{"$ifNull": ["$parked_until", 0]}, "$_now"]}, "then": "parked"},
        {"case": {"$lt": [{"$ifNull": ["$_provider", cost]}, cost]}, "then": "provider"},
        {"case": {"$lt": ["$_room", cost]}, "then": "window"},
        {
            "case": {"$and": [{"$not": ["$_within"]}, {"$lt": [{"$subtract": [room, "$_kept"]}, cost]}]},
            "then": "reserved",
        },
    ]
    return {"$switch": {"branches": branches, "default": "granted"}}


def _retry_at(rules: Rules) -> Expression:
    width = rules.window.bucket_ms
    freed = {"$multiply": [{"$add": ["$oldest", 1 + rules.window.span]}, width]}
    next_bucket = {"$multiply": [{"$add": ["$tick", 1]}, width]}
    answered = {"$min": [{"$add": ["$_now", ANSWER_MS]}, next_bucket]}
    full = {"$and": [{"$eq": ["$_reason", "window"]}, {"$gt": ["$oldest", None]}]}
    branches = [
        {"case": {"$eq": ["$_reason", "granted"]}, "then": 0},
        {"case": {"$eq": ["$_reason", "parked"]}, "then": "$parked_until"},
        {"case": {"$eq": ["$_reason", "provider"]}, "then": {"$max": ["$provider.reset", answered]}},
        {"case": full, "then": freed},
    ]
    return {"$switch": {"branches": branches, "default": next_bucket}}


def _added(field: str, account: str, cost: int) -> Expression:
    return {"$mergeObjects": [field, {account: {"$add": [{"$ifNull": [f"{field}.{account}", 0]}, cost]}}]}


def _counted(account: str, cost: int) -> Expression:
    buckets = {"$ifNull": [f"$counts.{account}", {}]}
    key = {"$toString": "$tick"}
    mine = {"$filter": {"input": {"$objectToArray": buckets}, "as": "bucket", "cond": {"$eq": ["$$bucket.k", key]}}}
    count = {"$sum": {"$map": {"input": mine, "as": "bucket", "in": "$$bucket.v"}}}
    counted = {"$arrayToObject": [[{"k": key, "v": {"$add": [count, cost]}}]]}
    return {"$mergeObjects": ["$counts", {account: {"$mergeObjects": [buckets, counted]}}]}


def _waiting(rules: Rules, account: str) -> Expression:
    refused = {"$and": [{"$in": ["$_reason", ["window", "provider"]]}, "$_within"]}
    until = {"$add": [_tick("$_retry_at", rules), rules.patience]}
    return {"$cond": [refused, {"$mergeObjects": ["$waiting", {account: until}]}, "$waiting"]}
