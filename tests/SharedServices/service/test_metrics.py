"""Metrics: one registry a process, names that agree, no double registration."""

from __future__ import annotations

import pytest

from PROPPR.SharedServices.service.metrics import Metrics


def test_asking_again_returns_the_same_metric() -> None:
    metrics = Metrics()
    first = metrics.counter("proppr_things_total", "Things", ["kind"])
    assert metrics.counter("proppr_things_total", "Things", ["kind"]) is first
    first.labels("a").inc(2)
    assert b'proppr_things_total{kind="a"} 2.0' in metrics.exposition()


def test_two_processes_worth_of_metrics_live_side_by_side() -> None:
    Metrics("a", "1")
    Metrics("a", "1")


@pytest.mark.parametrize("name", ["things_total", "proppr_Things", "proppr_", "proppr_a b"])
def test_names_that_do_not_fit_are_refused(name: str) -> None:
    with pytest.raises(ValueError, match="proppr_"):
        Metrics().gauge(name, "x")


def test_a_name_has_one_kind() -> None:
    metrics = Metrics()
    metrics.gauge("proppr_x", "x")
    with pytest.raises(ValueError, match="exists"):
        metrics.histogram("proppr_x", "x")


def test_depths_are_read_at_scrape_time() -> None:
    metrics = Metrics()
    waiting: list[int] = []
    metrics.watch_queue("intake", lambda: len(waiting))
    metrics.observe_gauge("proppr_age_seconds", "Age", lambda: 4.5)
    waiting += [1, 2, 3]
    metrics.count_worker_failure("w")
    shown = metrics.exposition()
    assert b'proppr_queue_depth{queue="intake"} 3.0' in shown
    assert b"proppr_age_seconds 4.5" in shown
    assert b'proppr_worker_failures_total{worker="w"} 1.0' in shown
    assert b"process_resident_memory_bytes" in shown
