"""Copies the history of committed books to `odds_history` and `price_drops`, in a thread behind the writers.

A book's journal holds its history until it is copied, so the copy is in nobody's way: the writers go on, and the next
write of a book carries along in its journal what is still waiting here. What a dead process did not copy is found in
the journals (`BookStore.recover`).
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pymongo.errors import PyMongoError

from PROPPR.SharedServices.service.clock import Clock
from PROPPR.SharedServices.service.errors import TransientError
from PROPPR.SharedServices.storage.books.store import BookStore

log = logging.getLogger(__name__)

Document = dict[str, Any]
BATCH = 1000
RETRY_SECONDS = 0.25


class HistoryRecorder:
    """Bounded: a writer waits in `put` while `most` documents are not copied yet."""

    def __init__(
        self,
        store: BookStore,
        clock: Clock,
        set_aside: Callable[[str, str, Mapping[str, Any]], None],
        stop: threading.Event,
        most: int = 10_000,
    ) -> None:
        self._store = store
        self._clock = clock
        self._set_aside = set_aside
        self._stop = stop
        self._most = most
        self._condition = threading.Condition()
        self._waiting: dict[str, Document] = {}
        self._by_book: dict[str, list[Document]] = {}
        self._closed = False
        self.failing: str | None = None
        self.copied = 0
        self.thread = threading.Thread(target=self._run, name="book-history", daemon=True)

    def put(self, history: Sequence[Document]) -> None:
        """Take over the history of books just committed."""
        if not history:
            return
        with self._condition:
            while len(self._waiting) >= self._most and not self._stop.is_set():
                self._condition.wait(0.1)
            for document in history:
                self._waiting[document["_id"]] = document
                self._by_book.setdefault(book_of(document), []).append(document)
            self._condition.notify_all()

    def waiting(self, book: str) -> list[Document]:
        """The history of a book (by its `_id`) that is not copied yet: to be kept in its journal."""
        with self._condition:
            return list(self._by_book.get(book, ()))

    @property
    def pending(self) -> int:
        """Documents not copied yet."""
        return len(self._waiting)

    def close(self, deadline: float) -> None:
        """Copy what waits, until `deadline` (monotonic seconds); the rest stays in the journals."""
        with self._condition:
            self._closed = True
            self._condition.notify_all()
        if self.thread.is_alive():
            self.thread.join(max(0.0, deadline - self._clock.monotonic()))

    def _run(self) -> None:
        while not self._stop.is_set():
            with self._condition:
                if not self._waiting:
                    if self._closed:
                        return
                    self._condition.wait(0.5)
                    continue
                batch = [document for document, _ in zip(self._waiting.values(), range(BATCH), strict=False)]
            try:
                for document, reason in self._store.record(batch):
                    self._set_aside("odds_history", reason, document)
            except (PyMongoError, TransientError) as error:
                if self.failing is None:
                    log.warning("history can't be stored for now", extra={"reason": str(error)})
                self.failing = f"history: {type(error).__name__}"
                self._stop.wait(RETRY_SECONDS)
            else:
                self.failing = None
                self._forget(batch)

    def _forget(self, batch: Sequence[Document]) -> None:
        with self._condition:
            for document in batch:
                del self._waiting[document["_id"]]
                book = book_of(document)
                left = [kept for kept in self._by_book[book] if kept is not document]
                if left:
                    self._by_book[book] = left
                else:
                    del self._by_book[book]
            self.copied += len(batch)
            self._condition.notify_all()


def book_of(document: Document) -> str:
    """The `_id` of the book that a history document belongs to."""
    identity: str = document["_id"]
    return identity.rsplit("|", 2)[0]
