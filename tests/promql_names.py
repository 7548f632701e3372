"""What an expression of PromQL names: metrics, labels and their values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import promql_parser

# What Prometheus adds to every series of ours.
TARGET_LABELS = frozenset({"job", "instance", "service"})
# What Prometheus and the client library show by themselves.
STANDARD: Mapping[str, frozenset[str]] = dict.fromkeys(
    (
        "up", "process_start_time_seconds", "process_open_fds", "process_max_fds", "process_resident_memory_bytes",
        "process_cpu_seconds_total",
    ),
    frozenset(),
) | {"ALERTS": frozenset({"alertname", "alertstate", "severity"})}  # fmt: skip


@dataclass(frozen=True)
class Named:
    """A metric, and what is asked of the values of its labels."""

    metric: str
    values: tuple[tuple[str, str], ...]


def selected(expression: str) -> list[Named]:
    """The metrics that an expression selects. Raises ValueError for what is no PromQL."""
    found: list[Named] = []

    def visit(node: Any) -> bool:
        if isinstance(node, promql_parser.VectorSelector):
            matchers = tuple((each.name, each.value) for each in node.matchers.matchers)
            found.append(Named(node.name, matchers))
        return True

    promql_parser.walk(promql_parser.parse(expression), visit)
    return found


def grouped(expression: str) -> set[str]:
    """The labels by which an expression groups."""
    found: set[str] = set()

    def visit(node: Any) -> bool:
        modifier = node.modifier if isinstance(node, promql_parser.AggregateExpr) else None
        if modifier is not None and modifier.type == promql_parser.AggModifierType.By:
            found.update(modifier.labels)
        return True

    promql_parser.walk(promql_parser.parse(expression), visit)
    return found


def unknown_names(expression: str, known: Mapping[str, frozenset[str]]) -> list[str]:
    """The metrics and labels of `expression` that are not among `known` (labels by metric) or standard."""
    everything = {**known, **STANDARD}
    unknown: list[str] = []
    labels: set[str] = set(TARGET_LABELS)
    named = selected(expression)
    if not named:
        unknown.append("no metric at all")
    for each in named:
        if each.metric not in everything:
            unknown.append(each.metric)
            continue
        labels |= everything[each.metric]
        own = everything[each.metric] | TARGET_LABELS
        unknown += [f"{each.metric}{{{label}}}" for label, _ in each.values if label not in own]
    return unknown + sorted(f"by ({label})" for label in grouped(expression) - labels)
