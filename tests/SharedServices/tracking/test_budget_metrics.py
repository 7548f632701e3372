"""A budget at `/metrics`: as last read, and nothing before."""

from __future__ import annotations

from PROPPR.SharedServices.service.metrics import Metrics
from PROPPR.SharedServices.tracking.budget_metrics import BudgetCollector
from PROPPR.SharedServices.tracking.usage import ServiceUsage, Usage


def test_what_was_read_is_shown() -> None:
    found: list[Usage | None] = [None]
    metrics = Metrics()
    metrics.collect_from(BudgetCollector("odds_api", lambda: found[0]))
    assert b"\nproppr_budget_limit_requests" not in metrics.exposition()
    shares = (ServiceUsage("unified_poller", 40, 60, 20), ServiceUsage("others", 1, 10, 9))
    found[0] = Usage(100, 90, 41, 49, shares, "the provider's limit of 90", None, 1_700_000_000_000)
    shown = metrics.exposition().decode()
    assert 'proppr_budget_limit_requests{budget="odds_api"} 90.0' in shown
    assert 'proppr_budget_free_requests{budget="odds_api"} 49.0' in shown
    assert 'proppr_budget_used_requests{budget="odds_api",share="unified_poller"} 40.0' in shown
    assert 'proppr_budget_guaranteed_requests{budget="odds_api",share="others"} 10.0' in shown
    assert 'proppr_budget_parked_until_timestamp_seconds{budget="odds_api"} 1.7e+09' in shown
