"""What was asked of the stand-in's REST API: figures over all requests, and a bounded log of the newest."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import asdict, dataclass

from PROPPR.SharedServices.simulator.endpoints import endpoint_of
from PROPPR.SharedServices.simulator.filters import split
from PROPPR.SharedServices.simulator.http import Request

KEPT = 20_000


@dataclass(slots=True)
class LoggedRequest:
    """One request. `at` (simulated ms) and `sequence` are those of its arrival: what the feed had said by then.

    `status` is None where the connection was broken instead of an answer; `bytes` is the body before compression;
    `fault` is what struck it.
    """

    n: int
    at: int
    sequence: int
    endpoint: str
    bookmaker: str | None
    sport: str | None
    since: int | None
    event_ids: int
    status: int | None = None
    bytes: int = 0
    fault: str | None = None


class RequestLog:
    """Counts every request that names a key, whatever became of it, and every answer by endpoint and status."""

    def __init__(self, window: float) -> None:
        self._window = int(window * 1000)
        self._times: deque[int] = deque()
        self._kept: deque[LoggedRequest] = deque(maxlen=KEPT)
        self.answers: dict[str, Counter[str]] = {}
        self.total = 0
        self.busiest = 0

    def arrived(self, request: Request, path: str, at: int, sequence: int) -> LoggedRequest:
        """Log a request that has just come; the caller fills in what becomes of it and calls `answered`."""
        query = request.query
        since = query.get("since", "")
        self.total += 1
        if query.get("apiKey"):
            while self._times and self._times[0] <= at - self._window:
                self._times.popleft()
            self._times.append(at)
            self.busiest = max(self.busiest, len(self._times))
        entry = LoggedRequest(
            self.total,
            at,
            sequence,
            endpoint_of(path),
            query.get("bookmaker") or query.get("bookmakers"),
            query.get("sport"),
            int(since) if since.isdecimal() else None,
            len(split(query.get("eventIds", query.get("eventId", "")))),
        )
        self._kept.append(entry)
        return entry

    def answered(self, entry: LoggedRequest) -> None:
        """Count what became of a request."""
        status = "none" if entry.status is None else str(entry.status)
        self.answers.setdefault(entry.endpoint, Counter())[status] += 1

    def after(self, number: int, limit: int) -> list[dict[str, object]]:
        """The kept requests with a higher number, oldest first; those still being answered included."""
        found: list[dict[str, object]] = []
        for entry in reversed(self._kept):
            if entry.n <= number:
                break
            found.append(asdict(entry))
        return found[::-1][:limit]

    def describe(self) -> dict[str, object]:
        """Figures for /_sim/stats; `busiest` is the most requests with a key in any sliding window."""
        answers = {endpoint: dict(counts) for endpoint, counts in self.answers.items()}
        return {"total": self.total, "busiest": self.busiest, "answers": answers}
