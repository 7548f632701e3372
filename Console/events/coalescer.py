"""How many of a topic's events are told: the first at once, then one per interval, and the last is never lost. Pure."""

from __future__ import annotations

from collections.abc import Iterable


class Coalescer:
    """Remembers which topics changed and when each was told last, in monotonic seconds. Not thread-safe."""

    def __init__(self, interval: float) -> None:
        self._interval = interval
        self._changed: set[str] = set()
        self._told: dict[str, float] = {}

    def note(self, topics: Iterable[str]) -> bool:
        """Say that these have changed; whether that is news for any of them."""
        before = len(self._changed)
        self._changed.update(topics)
        return len(self._changed) > before

    def due(self, now: float) -> tuple[str, ...]:
        """Take those that may be told now, in the order of their names."""
        due = sorted(topic for topic in self._changed if now >= self._next(topic, now))
        self._changed.difference_update(due)
        self._told.update(dict.fromkeys(due, now))
        return tuple(due)

    def wait(self, now: float) -> float | None:
        """The seconds until something is due, None if nothing has changed."""
        if not self._changed:
            return None
        return max(0.0, min(self._next(topic, now) for topic in self._changed) - now)

    def _next(self, topic: str, now: float) -> float:
        told = self._told.get(topic)
        return now if told is None else told + self._interval
