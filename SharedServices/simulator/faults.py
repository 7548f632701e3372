"""The seeded fault plan: named faults with a rate, at given moments, or every so many messages or requests.

A plan is text such as `disconnect=0.001,stall@2000:3,malformed/500` (rate, at the n-th, every n-th; after the colon a
duration in seconds), or a JSON file or body: `[{"fault": "stall", "at": [2000], "seconds": 3, "limit": 1}]`, where
REST faults may name their one endpoint: `{"fault": "rest_stale", "rate": 0.1, "endpoint": "/odds/updated"}`.
Faults spoil only what is sent; the truth never knows of them.
"""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from PROPPR.SharedServices.simulator.endpoints import ENDPOINTS_OF

# What happens to a connected client's stream; counted per message that is due to it.
STREAM_FAULTS = (
    "disconnect", "eviction", "stall", "silent", "slow", "duplicate", "reorder", "replay", "malformed", "truncated",
    "oversized", "huge_claim", "wrong_types", "missing_seq",
)  # fmt: skip
HANDSHAKE_FAULTS = ("ws_401", "ws_403", "ws_429", "ws_500")
REST_FAULTS = (
    "rest_401", "rest_403", "rest_429", "rest_500", "rest_slow", "rest_garbage", "rest_disconnect", "rest_stale",
    "rest_truncated", "rest_wrong_length", "rest_wrong_types", "rest_bomb", "rest_strangers", "rest_error_200",
)  # fmt: skip
FOTMOB_FAULTS = (
    "fotmob_403", "fotmob_turnstile", "fotmob_404", "fotmob_429", "fotmob_500", "fotmob_503", "fotmob_slow",
    "fotmob_html_200", "fotmob_disconnect", "fotmob_truncated", "fotmob_renamed", "fotmob_other_match",
    "fotmob_stale_build",
)  # fmt: skip
TELEGRAM_FAULTS = ("telegram_400", "telegram_401", "telegram_429", "telegram_500")
AREAS: dict[str, tuple[str, ...]] = {
    "stream": STREAM_FAULTS,
    "handshake": HANDSHAKE_FAULTS,
    "rest": REST_FAULTS,
    "fotmob": FOTMOB_FAULTS,
    "telegram": TELEGRAM_FAULTS,
}
_AREA_OF = {name: area for area, names in AREAS.items() for name in names}
# A bare status stands for both protocols.
_BOTH = {status: (f"ws_{status}", f"rest_{status}") for status in ("401", "403", "429", "500")}


class FaultPlanError(ValueError):
    """A fault plan that can't be read; the text names the part."""


@dataclass(frozen=True)
class Rule:
    """When one fault strikes. `seconds` is how long it lasts (of `rest_stale`: the least age), where that means
    something; `endpoint` the only one that it strikes.
    """

    fault: str
    rate: float = 0.0
    at: frozenset[int] = frozenset()
    every: int = 0
    seconds: float | None = None
    limit: int | None = None
    endpoint: str | None = None


def _rules_of(name: str) -> tuple[str, ...]:
    if name in _BOTH:
        return _BOTH[name]
    if name == "all":
        return STREAM_FAULTS
    if name not in _AREA_OF:
        raise FaultPlanError(f"unknown fault: {name}")
    return (name,)


def _parse_entry(entry: str) -> list[Rule]:
    head, _, duration = entry.partition(":")
    for separator in "=@/":
        name, found, value = head.partition(separator)
        if not found:
            continue
        try:
            seconds = float(duration) if duration else None
            rate = float(value) if separator == "=" else 0.0
            at = frozenset({int(value)}) if separator == "@" else frozenset[int]()
            every = int(value) if separator == "/" else 0
        except ValueError:
            raise FaultPlanError(f"unreadable fault: {entry}") from None
        return [Rule(fault, rate, at, every, seconds) for fault in _rules_of(name.strip())]
    raise FaultPlanError(f"unreadable fault: {entry}")


def _parse_object(item: object) -> list[Rule]:
    if not isinstance(item, dict) or not isinstance(item.get("fault"), str):
        raise FaultPlanError("a fault needs a name under 'fault'")
    unknown = set(item) - {"fault", "rate", "at", "every", "seconds", "limit", "endpoint"}
    if unknown:
        raise FaultPlanError(f"unknown keys in a fault: {', '.join(sorted(unknown))}")
    endpoint = item.get("endpoint")
    known = ENDPOINTS_OF.get(item["fault"].partition("_")[0], ())
    if endpoint is not None and endpoint not in known:
        raise FaultPlanError(f"not an endpoint of this fault: {endpoint}")
    try:
        return [
            Rule(
                fault,
                float(item.get("rate", 0.0)),
                frozenset(int(moment) for moment in item.get("at", ())),
                int(item.get("every", 0)),
                None if item.get("seconds") is None else float(item["seconds"]),
                None if item.get("limit") is None else int(item["limit"]),
                endpoint,
            )
            for fault in _rules_of(item["fault"])
        ]
    except (TypeError, ValueError):
        raise FaultPlanError(f"unreadable fault: {item['fault']}") from None


def parse_plan(plan: object) -> list[Rule]:
    """Read a plan from text, from the path of a JSON file, or from parsed JSON; raises FaultPlanError."""
    if plan is None:
        return []
    if isinstance(plan, dict):
        plan = plan.get("faults") or plan.get("plan") or []
    if isinstance(plan, str):
        if plan.endswith(".json"):
            return parse_plan(json.loads(Path(plan).read_text(encoding="utf-8")))
        return [rule for entry in plan.split(",") if entry.strip() for rule in _parse_entry(entry.strip())]
    if not isinstance(plan, Iterable):
        raise FaultPlanError("a fault plan is text or a list")
    return [rule for item in plan for rule in _parse_object(item)]


class FaultPlan:
    """Draws faults. The same seed and the same order of draws give the same faults."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self.struck: Counter[str] = Counter()
        self._rules: dict[str, list[Rule]] = {}
        self._draws: Counter[str] = Counter()
        self._uses: Counter[int] = Counter()
        self.random = random.Random(f"faults-{seed}")

    def replace(self, rules: Iterable[Rule]) -> None:
        """Put another plan in force; none stops all faults. What struck so far stays counted."""
        self._rules = {}
        self._draws.clear()
        self._uses.clear()
        self.random = random.Random(f"faults-{self._seed}")
        for rule in rules:
            self._rules.setdefault(_AREA_OF[rule.fault], []).append(rule)

    def active(self, area: str) -> bool:
        """Whether any fault of the area is planned."""
        return area in self._rules

    def rules(self, fault: str) -> list[Rule]:
        """The rules of one fault."""
        return [rule for rule in self._rules.get(_AREA_OF[fault], ()) if rule.fault == fault]

    def draw(self, area: str, endpoint: str | None = None) -> Rule | None:
        """The fault that strikes the next message or request of an area, if one does.

        A rule with an endpoint knows, and counts, the requests of that endpoint alone.
        """
        rules = self._rules.get(area)
        if not rules:
            return None
        self._draws[area] += 1
        self._draws[f"{area} {endpoint}"] += 1
        for rule in rules:
            if rule.limit is not None and self._uses[id(rule)] >= rule.limit:
                continue
            if rule.endpoint is not None and rule.endpoint != endpoint:
                continue
            number = self._draws[area if rule.endpoint is None else f"{area} {endpoint}"]
            if self._strikes(rule, number):
                self._uses[id(rule)] += 1
                self.struck[rule.fault] += 1
                return rule
        return None

    def withdraw(self, rule: Rule) -> None:
        """The fault that was drawn could not strike: it does not count."""
        self._uses[id(rule)] -= 1
        self.struck[rule.fault] -= 1
        if not self.struck[rule.fault]:
            del self.struck[rule.fault]

    def _strikes(self, rule: Rule, number: int) -> bool:
        if rule.at and number in rule.at:
            return True
        if rule.every and number % rule.every == 0:
            return True
        return rule.rate > 0 and self.random.random() < rule.rate
