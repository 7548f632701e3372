"""What the settled bets have brought: the sums of `proppr ledger`, computed once for all who ask at the same time."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from pymongo.database import Database

from PROPPR.Console.readings.bounds import bounded
from PROPPR.SharedServices.grading.ledger import Ledger
from PROPPR.SharedServices.storage.ledger import StoredLedger

Document = dict[str, Any]
Period = tuple[datetime | None, datetime | None]
Value = TypeVar("Value")
SECONDS = 7.0
"""For a ledger: its sums are over all bets there are."""


class LedgerReader:
    """Reads ledgers. Thread-safe."""

    def __init__(self, database: Database[Document]) -> None:
        self._stored = StoredLedger(database)
        self._shared: Shared[Period, Ledger] = Shared(self._read)

    def read(self, since: datetime | None, until: datetime | None) -> Ledger:
        """The sums over what was settled from `since` to before `until`, as it is now. Raises pymongo's errors."""
        return self._shared.get((since, until))

    def _read(self, period: Period) -> Ledger:
        with bounded(SECONDS):
            return self._stored.read(*period)


Key = TypeVar("Key")


@dataclass
class _Turn(Generic[Value]):
    """One computation, and what came of it."""

    done: threading.Event
    value: Value | None = None
    error: BaseException | None = None


class Shared(Generic[Key, Value]):
    """Computes one value at a time; whoever asks meanwhile for the same shares the next one.

    Nobody gets a value whose computation began before he asked: what he was told of is in it.
    """

    def __init__(self, compute: Callable[[Key], Value]) -> None:
        self._compute = compute
        self._working = threading.Lock()
        self._lock = threading.Lock()
        self._next: dict[Key, _Turn[Value]] = {}

    def get(self, key: Key) -> Value:
        """The value. Raises what its computation raises."""
        with self._lock:
            turn = self._next.get(key)
            mine = turn is None
            if turn is None:
                turn = self._next[key] = _Turn(threading.Event())
        if mine:
            self._run(key, turn)
        else:
            turn.done.wait()
        if turn.error is not None:
            raise turn.error
        return turn.value  # type: ignore[return-value] # it is there once it is done without an error

    def _run(self, key: Key, turn: _Turn[Value]) -> None:
        with self._working:
            with self._lock:  # from here on others begin a new one
                del self._next[key]
            try:
                turn.value = self._compute(key)
            except BaseException as error:  # told to all who share it, and raised to each of them
                turn.error = error
            finally:
                turn.done.set()
