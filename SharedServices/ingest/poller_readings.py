"""How current the books are by REST: what the poller stored of itself, and what the WebSocket carries. Only read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from pymongo.database import Database

from PROPPR.SharedServices.odds.bookmakers import requestable
from PROPPR.SharedServices.service.clock import Clock
from PROPPR.SharedServices.service.settings import Settings
from PROPPR.SharedServices.storage.poller_state import PollerState
from PROPPR.SharedServices.storage.rereads import RereadQueue
from PROPPR.SharedServices.storage.stream_coverage import Coverage, StreamCoverage, is_covered

# A pair that is no longer configured is shown for so long; a service may have other settings than this command.
FORGOTTEN_AFTER: Final = timedelta(hours=2)
# As /health has it: behind by more cycles than this is worth a look.
LATE_CYCLES: Final = 3


@dataclass(frozen=True)
class PairReading:
    """One bookmaker and sport. `lag` in seconds, None before it was ever read; `waiting` fixtures are to be re-read."""

    bookmaker: str
    sport: str
    lag: float | None
    waiting: int = 0
    by_stream: bool = False
    has_hole: bool = False
    refusal: str | None = None


@dataclass(frozen=True)
class PollerReading:
    """All of it. `late_after` is the lag in seconds from which a pair is late; `streams` say what they carry."""

    pairs: tuple[PairReading, ...] = ()
    rereads: int = 0
    streams: tuple[Coverage, ...] = ()
    late_after: float = 180.0

    def is_late(self, pair: PairReading) -> bool:
        """Whether somebody should look at the pair."""
        return pair.refusal is None and (pair.lag is None or pair.lag > self.late_after)


def read_poller(
    database: Database[dict[str, Any]], settings: Settings, clock: Clock, *, count_waiting: bool = True
) -> PollerReading:
    """Read it; counting what waits per pair reads the whole queue. Raises pymongo's errors."""
    state = PollerState(database, clock)
    stored = state.load()
    configured = [(name, sport) for sport in settings.poll_sports for name in requestable(settings.bookmakers)]
    keys = dict.fromkeys([*configured, *sorted(state.load(FORGOTTEN_AFTER))])
    streams = StreamCoverage(database).load(clock.now())
    queue = RereadQueue(database, clock)
    waiting: Mapping[tuple[str, str], int] = queue.waiting() if count_waiting else {}
    pairs, now = [], clock.now_ms()
    for bookmaker, sport in keys if stored else ():
        found = stored.get((bookmaker, sport))
        lag = None if found is None else found.lag_ms(now)
        pairs.append(
            PairReading(
                bookmaker,
                sport,
                lag=None if lag is None else lag / 1000,
                waiting=waiting.get((bookmaker, sport), 0),
                by_stream=is_covered(streams, bookmaker, sport),
                has_hole=found is not None and found.hole_since is not None,
                refusal=None if found is None else found.refusal,
            )
        )
    return PollerReading(tuple(pairs), queue.size(), tuple(streams), LATE_CYCLES * settings.poll_interval)
