"""What was asked of the stand-in's FotMob: counts over all requests, and a bounded log of the newest."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import asdict, dataclass

KEPT = 20_000


@dataclass(slots=True)
class Asked:
    """One request. `asked` is its id or date; `conditional` that it named an ETag; `bytes` of the body as it left."""

    n: int
    at: int
    endpoint: str
    asked: str
    conditional: bool
    status: int | None = None
    bytes: int = 0
    fault: str | None = None


class FotMobLog:
    """Counts every request and every answer by endpoint and status."""

    def __init__(self) -> None:
        self._kept: deque[Asked] = deque(maxlen=KEPT)
        self.total = 0
        self.bytes = 0
        self.answers: dict[str, Counter[str]] = {}

    def arrived(self, at: int, endpoint: str, asked: str, conditional: bool) -> Asked:
        """Log a request that has just come; the caller calls `answered` once it is known what becomes of it."""
        self.total += 1
        entry = Asked(self.total, at, endpoint, asked, conditional)
        self._kept.append(entry)
        return entry

    def answered(self, entry: Asked) -> None:
        """Count what became of a request."""
        status = "none" if entry.status is None else str(entry.status)
        self.answers.setdefault(entry.endpoint, Counter())[status] += 1
        self.bytes += entry.bytes

    def after(self, number: int, limit: int) -> list[dict[str, object]]:
        """The kept requests with a higher number, oldest first."""
        found = [asdict(entry) for entry in self._kept if entry.n > number]
        return found[:limit]

    def describe(self) -> dict[str, object]:
        """The figures."""
        answers = {endpoint: dict(counts) for endpoint, counts in self.answers.items()}
        return {"total": self.total, "bytes": self.bytes, "answers": answers}
