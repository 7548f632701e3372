"""Which fixtures there are and when: what the stall watchdog and the order of a snapshot are judged by."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from PROPPR.SharedServices.odds.types import Fixture

MAX_FIXTURES: Final = 20_000
MAX_PRICED: Final = 50_000
MATCH_MS: Final = 150 * 60_000
LONGEST_MATCH_MS: Final = 240 * 60_000
SOON_MS: Final = 60 * 60_000
_OVER: Final = frozenset({"settled", "cancelled", "canceled", "postponed", "abandoned", "finished", "ended"})


class Entry(NamedTuple):
    """Kick-off (ms since the epoch) and status of a fixture."""

    kickoff: int
    status: str


class FixtureCalendar:
    """The fixtures known to this process. Thread-safe, bounded: the nearest `MAX_FIXTURES` are kept."""

    def __init__(self, status_filter: str = "") -> None:
        self._status_filter = status_filter
        self._lock = threading.Lock()
        self._entries: dict[int, Entry] = {}
        self._priced: set[int] = set()

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, fixture_id: object) -> bool:
        return fixture_id in self._entries

    def replace(self, fixtures: Iterable[Fixture], now_ms: int) -> None:
        """Take a complete list; of the former fixtures only those that may still be played stay."""
        entries = {fixture.id: Entry(fixture.kickoff, fixture.status) for fixture in fixtures}
        with self._lock:
            for fixture_id, entry in self._entries.items():
                if entry.kickoff > now_ms - LONGEST_MATCH_MS:
                    entries.setdefault(fixture_id, entry)
            self._entries = self._bounded(entries, now_ms)
            if len(self._priced) > MAX_PRICED:
                self._priced &= self._entries.keys()

    def add(self, fixture: Fixture, now_ms: int) -> None:
        """Take one fixture."""
        with self._lock:
            self._entries[fixture.id] = Entry(fixture.kickoff, fixture.status)
            if len(self._entries) > MAX_FIXTURES + MAX_FIXTURES // 10:
                self._entries = self._bounded(self._entries, now_ms)

    def set_status(self, fixture_id: int, status: str) -> None:
        """Note a changed status of a fixture that is known."""
        with self._lock:
            entry = self._entries.get(fixture_id)
            if entry is not None:
                self._entries[fixture_id] = entry._replace(status=status)

    def status_of(self, fixture_id: int) -> str | None:
        """The last known status; None for a fixture that is not known."""
        entry = self._entries.get(fixture_id)
        return None if entry is None else entry.status

    def set_priced(self, fixture_id: int, priced: bool = True) -> None:
        """Note that a book prices the fixture: only then can silence about it mean anything."""
        if not priced:
            self._priced.discard(fixture_id)
        elif len(self._priced) < MAX_PRICED:
            self._priced.add(fixture_id)

    def nearest_first(self, now_ms: int) -> list[int]:
        """The fixtures worth reading: live ones first, then by kick-off; without those that are over."""
        with self._lock:
            entries = list(self._entries.items())
        open_ones = [(fixture_id, entry) for fixture_id, entry in entries if entry.status not in _OVER]
        open_ones.sort(key=lambda item: (item[1].status != "live", abs(item[1].kickoff - now_ms)))
        return [fixture_id for fixture_id, _ in open_ones]

    def near(self, now_ms: int) -> list[int]:
        """The fixtures that are live or start soon, as far as the status filter lets them through."""
        with self._lock:
            entries = list(self._entries.items())
        return [fixture_id for fixture_id, entry in entries if self._is_near(entry, now_ms)]

    def expects_data(self, now_ms: int) -> bool:
        """Whether a priced fixture is live or starts soon, so that odds should be moving."""
        priced = self._priced
        return any(fixture_id in priced for fixture_id in self.near(now_ms))

    def _is_near(self, entry: Entry, now_ms: int) -> bool:
        if entry.status in _OVER:
            return False
        age = now_ms - entry.kickoff
        is_live = 0 <= age < (LONGEST_MATCH_MS if entry.status == "live" else MATCH_MS)
        is_soon = -SOON_MS <= age < 0
        if self._status_filter == "live":
            return is_live
        return is_soon if self._status_filter == "prematch" else is_live or is_soon

    @staticmethod
    def _bounded(entries: Mapping[int, Entry], now_ms: int) -> dict[int, Entry]:
        if len(entries) <= MAX_FIXTURES:
            return dict(entries)
        nearest = sorted(entries.items(), key=lambda item: abs(item[1].kickoff - now_ms))
        return dict(nearest[:MAX_FIXTURES])
