"""The numbers of the stream, for `/metrics` and for people."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from PROPPR.SharedServices.service.clock import Clock
from PROPPR.SharedServices.service.latency import RecentLatency
from PROPPR.SharedServices.service.metrics import Metrics

_RECENT: Final = 4096
_MAX_REASONS: Final = 200
# Steps fine enough around the promised 5 and 25 ms.
_BUCKETS: Final = (
    0.001, 0.002, 0.003, 0.005, 0.0075, 0.01, 0.015, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0, 60.0,
)  # fmt: skip


class StreamMetrics:
    """Counters and ages of one stream. Label values come from the code, never from the feed."""

    def __init__(self, metrics: Metrics, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._recent: deque[float] = deque(maxlen=_RECENT)
        self._reasons: set[str] = set()
        self._committed_at: datetime | None = None
        self.last_frame: float | None = None
        self.last_data: float | None = None
        self.counts: dict[str, int] = {}
        self.frames = metrics.counter("proppr_stream_frames_total", "Frames received")
        self.bytes = metrics.counter("proppr_stream_bytes_total", "Bytes of frames received")
        self._messages = metrics.counter("proppr_stream_messages_total", "Messages received", ["type"])
        self._rejects = metrics.counter("proppr_stream_rejects_total", "Refused parts of messages", ["reason"])
        self._reconnects = metrics.counter("proppr_stream_reconnects_total", "Connections ended", ["reason"])
        self._recoveries = metrics.counter("proppr_stream_recoveries_total", "Losses recovered", ["kind"])
        self._latency = metrics.histogram(
            "proppr_stream_commit_seconds", "From a frame's receipt to its majority-committed books", buckets=_BUCKETS
        )
        self._skipped = metrics.counter("proppr_stream_skipped_markets_total", "Markets skipped as unreliable")
        self._children = {
            kind: self._messages.labels(kind)
            for kind in ("welcome", "created", "updated", "deleted", "no_markets", "score", "status", "resync_required")
        }
        self._unknown = self._messages.labels("unknown")
        metrics.observe_gauge("proppr_stream_data_age_seconds", "Since the last odds arrived", self.data_age)

    def frame(self, size: int) -> None:
        """Count a frame."""
        self.frames.inc()
        self.bytes.inc(size)
        self.last_frame = self._clock.monotonic()

    def message(self, kind: str) -> None:
        """Count a message; any kind that the code doesn't know counts as `unknown`."""
        self._children.get(kind, self._unknown).inc()

    def reject(self, reason: str) -> None:
        """Count a refused part."""
        with self._lock:
            if reason not in self._reasons and len(self._reasons) >= _MAX_REASONS:
                reason = "other"
            self._reasons.add(reason)
        self._rejects.labels(reason).inc()
        self._count("rejects")

    def skipped(self, markets: int) -> None:
        """Count markets that were left out on purpose."""
        self._skipped.inc(markets)

    def reconnect(self, reason: str) -> None:
        """Count an ended connection."""
        self._reconnects.labels(reason).inc()
        self._count(f"reconnects_{reason}")

    def recovery(self, kind: str) -> None:
        """Count a remedy."""
        self._recoveries.labels(kind).inc()
        self._count(f"recoveries_{kind}")

    def data(self) -> None:
        """Note that odds arrived."""
        self.last_data = self._clock.monotonic()

    def data_age(self) -> float:
        """Seconds since odds arrived; -1 before the first."""
        return -1.0 if self.last_data is None else self._clock.monotonic() - self.last_data

    def committed(self, received: Sequence[float]) -> None:
        """Note messages, received at these monotonic times, that are stored now."""
        now = self._clock.monotonic()
        observe = self._latency.observe
        with self._lock:
            for at in received:
                observe(now - at)
                self._recent.append(now - at)
            self._committed_at = self._clock.now()

    @property
    def latency(self) -> RecentLatency:
        """From receipt to stored, of the last minute; each reader has its own."""
        return RecentLatency(self._latency, self._clock)

    @property
    def last_commit(self) -> datetime | None:
        """When the last message was stored."""
        return self._committed_at

    def quantiles(self) -> dict[str, float]:
        """p50 and p99 of the last few thousand latencies, in seconds; empty before the first."""
        with self._lock:
            recent = sorted(self._recent)
        if not recent:
            return {}
        return {f"p{part}": recent[min(len(recent) - 1, len(recent) * part // 100)] for part in (50, 99)}

    def _count(self, name: str) -> None:
        with self._lock:
            self.counts[name] = self.counts.get(name, 0) + 1
