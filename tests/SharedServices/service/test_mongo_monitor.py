"""The monitor: degraded first, unhealthy and an alert later, resolved when MongoDB is back."""

from __future__ import annotations

from typing import Any

from pymongo import MongoClient
from support import eventually

from PROPPR.SharedServices.service.alerts import AlertOutbox
from PROPPR.SharedServices.service.clock import SystemClock
from PROPPR.SharedServices.service.metrics import Metrics
from PROPPR.SharedServices.service.mongo_monitor import MongoMonitor


def soon() -> float:
    return SystemClock().monotonic() + 5


def test_an_outage_is_degraded_then_unhealthy_then_over(mongo_uri: str, database: Any) -> None:
    alerts = AlertOutbox(database, service="toy")
    alerts.start()
    metrics = Metrics()
    with (
        MongoClient[dict[str, Any]](mongo_uri) as good,
        MongoClient[dict[str, Any]]("mongodb://127.0.0.1:1", serverSelectionTimeoutMS=100) as nowhere,
    ):
        monitor = MongoMonitor(
            good, alerts, "toy", unhealthy_after=1.5, interval=0.05, timeout=0.5, metrics=metrics
        )  # fmt: skip
        assert monitor.check().ok is False
        monitor.start()
        eventually(lambda: monitor.check().ok)
        assert b"proppr_mongo_up 1.0" in metrics.exposition()
        monitor._client = nowhere
        eventually(lambda: not monitor.check().ok)
        assert monitor.check().severity == "degraded"
        assert database.alerts.count_documents({}) == 0
        eventually(lambda: monitor.check().severity == "unhealthy" and not monitor.check().ok)
        eventually(lambda: database.alerts.find_one({"_id": "mongo_down:toy", "state": "failing"}))
        assert b"proppr_mongo_up 0.0" in metrics.exposition()
        monitor._client = good
        eventually(lambda: monitor.check().ok)
        eventually(lambda: database.alerts.find_one({"_id": "mongo_down:toy", "state": "recovered"}))
        monitor.stop(soon())
    alerts.stop(soon())
