"""Metrics that are read at the scrape: counters kept elsewhere, and the health of the process."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from PROPPR.SharedServices.service.components import Check
from PROPPR.SharedServices.service.health import HealthState
from PROPPR.SharedServices.service.metrics import Metrics
from PROPPR.SharedServices.service.metrics_read import HealthCollector


def test_a_counter_that_is_kept_elsewhere_is_read_at_each_scrape() -> None:
    metrics = Metrics()
    counted = [3]
    metrics.observe_counter("proppr_things_total", "Things", lambda: counted[0])
    assert b"# TYPE proppr_things_total counter\nproppr_things_total 3.0" in metrics.exposition()
    counted[0] = 5
    assert b"proppr_things_total 5.0" in metrics.exposition()


def test_a_name_is_given_once() -> None:
    metrics = Metrics()
    metrics.observe_counter("proppr_things_total", "Things", lambda: 1)
    with pytest.raises(ValueError, match="Duplicated"):
        metrics.observe_counter("proppr_things_total", "Things", lambda: 2)
    with pytest.raises(ValueError, match="proppr_"):
        metrics.observe_counter("things_total", "Things", lambda: 2)


def test_leases_show_who_works() -> None:
    metrics = Metrics()
    held = [False]
    metrics.watch_lease("grading", lambda: held[0])
    assert b'proppr_lease_held{lease="grading"} 0.0' in metrics.exposition()
    held[0] = True
    assert b'proppr_lease_held{lease="grading"} 1.0' in metrics.exposition()


def test_health_is_shown_as_health_tells_it() -> None:
    metrics, health = Metrics(), HealthState("grading-scheduler", "1")
    metrics.collect_from(HealthCollector(health))
    health.add_check("rounds", lambda: Check(True))
    shown = metrics.exposition()
    assert b'proppr_health_status{status="healthy"} 1.0' in shown
    assert b"\nproppr_last_update_timestamp_seconds" not in shown
    health.add_check("pending", lambda: Check(False, "late", None, "degraded"))
    health.set_last_update(lambda: datetime(2026, 11, 21, tzinfo=UTC))
    shown = metrics.exposition()
    assert b'proppr_health_status{status="healthy"} 0.0' in shown
    assert b'proppr_health_status{status="degraded"} 1.0' in shown
    assert b'proppr_health_check_ok{check="pending"} 0.0' in shown
    assert b'proppr_health_check_ok{check="rounds"} 1.0' in shown
    assert b"proppr_last_update_timestamp_seconds 1.795219" in shown
