"""Finishes what a process that died left unfinished: history that is not copied.

What follows from the books finds its own debts (`SharedServices/storage/derived/debts.py`).
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Final

from PROPPR.SharedServices.storage.books.store import BookStore

CHECK_EVERY: Final = 0.5

log = logging.getLogger(__name__)


class Aftercare:
    """Runs once after each taking of the lease: whoever held it before may have died at any moment."""

    def __init__(self, store: BookStore, token: Callable[[], int | None]) -> None:
        self._store = store
        self._token = token
        self._done_for: int | None = None

    def run(self, stop: threading.Event) -> None:
        """A worker's target. Raises what MongoDB's absence raises: the worker tries again."""
        while not stop.is_set():
            token = self._token()
            if token is not None and token != self._done_for:
                books = self._store.recover()
                self._done_for = token
                log.info("looked after what was unfinished", extra={"books": books})
            stop.wait(CHECK_EVERY)
