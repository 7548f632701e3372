"""Every figure of the writer and of its follower has a meaning and is shown."""

from __future__ import annotations

from typing import Any

from pymongo.database import Database

from PROPPR.SharedServices.ingest.pipeline import BookPipeline
from PROPPR.SharedServices.ingest.pipeline_metrics import DERIVED, SIZES, WRITER
from PROPPR.SharedServices.service.clock import SystemClock
from PROPPR.SharedServices.service.metrics import Metrics
from PROPPR.SharedServices.service.redact import Redactor
from PROPPR.SharedServices.service.settings import Settings


class _Nobody:
    def committed(self, received: object) -> None: ...
    def reject(self, reason: str) -> None: ...


def test_no_figure_is_without_a_meaning(database: Database[dict[str, Any]]) -> None:
    metrics = Metrics()
    pipeline = BookPipeline(
        database, Settings(), SystemClock(), metrics, Redactor(()), _Nobody(), service="x", source="websocket"
    )
    assert pipeline.writer.statistics().keys() == WRITER.keys()
    assert pipeline.follower.statistics().keys() == DERIVED.keys()
    assert WRITER.keys() >= SIZES
    shown = metrics.exposition()
    assert b"# TYPE proppr_writer_documents_total counter" in shown
    assert b"# TYPE proppr_writer_cached_bytes gauge" in shown
