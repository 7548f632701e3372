"""Finishes what a process that died left unfinished: history not copied, value bets not renewed."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Final

from PROPPR.SharedServices.storage.books.store import BookStore
from PROPPR.SharedServices.storage.value_bets import ValueBetWriter

CHECK_EVERY: Final = 0.5

log = logging.getLogger(__name__)


class Aftercare:
    """Runs once after each taking of the lease: whoever held it before may have died at any moment."""

    def __init__(self, store: BookStore, values: ValueBetWriter, token: Callable[[], int | None]) -> None:
        self._store = store
        self._values = values
        self._token = token
        self._done_for: int | None = None

    def run(self, stop: threading.Event) -> None:
        """A worker's target. Raises what MongoDB's absence raises: the worker tries again."""
        while not stop.is_set():
            token = self._token()
            if token is not None and token != self._done_for:
                books = self._store.recover()
                fixtures = self._values.reconcile(self._store.load)
                self._done_for = token
                log.info("looked after what was unfinished", extra={"books": books, "fixtures_with_value": fixtures})
            stop.wait(CHECK_EVERY)
