"""What could not be processed, set aside with its reason so that a person can look at it later."""

from __future__ import annotations

import json
import logging
import threading
from collections import deque
from collections.abc import Callable
from typing import Any

import pymongo
from pymongo.database import Database
from pymongo.errors import BulkWriteError, PyMongoError

from PROPPR.SharedServices.service.clock import Clock

Document = dict[str, Any]
EXCERPT_CHARACTERS = 16_000
REASON_CHARACTERS = 1_000
MOST_WAITING = 200
PER_MINUTE = 300
TIMEOUT = 2.0
DUPLICATE_KEY = 11000
log = logging.getLogger(__name__)


class DeadLetters:
    """The collection `dead_letters`. Meant for error handling: `put` never raises and takes at most two seconds.

    Bounds: an excerpt of 16,000 characters, 300 letters a minute, 200 waiting while MongoDB is away; what exceeds them
    is only counted in `lost`. Letters expire after 30 days, and housekeeping keeps the newest 10,000. `redact` is
    applied to all text, so that no secret is stored.
    """

    def __init__(
        self, database: Database[Document], clock: Clock, service: str = "", redact: Callable[[str], str] = str
    ) -> None:
        self._letters = database["dead_letters"]
        self._clock = clock
        self._service = service
        self._redact = redact
        self._waiting: deque[Document] = deque()
        self._lock = threading.Lock()
        self._minute, self._in_minute = 0, 0
        self.stored = 0
        self.lost = 0

    @property
    def waiting(self) -> int:
        """Letters that MongoDB has not taken yet."""
        return len(self._waiting)

    def put(self, kind: str, reason: str, document: object) -> None:
        """Set `document` (anything) aside as an excerpt of its text."""
        with self._lock:
            if self._within_rate():
                if len(self._waiting) >= MOST_WAITING:
                    self._waiting.popleft()
                    self.lost += 1
                self._waiting.append(self._letter(kind, reason, document))
            else:
                self.lost += 1
            self._store()

    def flush(self) -> bool:
        """Try to store what waits; True if nothing waits any more."""
        with self._lock:
            self._store()
            return not self._waiting

    def _within_rate(self) -> bool:
        minute = int(self._clock.monotonic() // 60)
        if minute != self._minute:
            self._minute, self._in_minute = minute, 0
        self._in_minute += 1
        return self._in_minute <= PER_MINUTE

    def _letter(self, kind: str, reason: str, document: object) -> Document:
        text = _text(document)
        return {
            "kind": _storable(kind)[:100],
            "reason": _storable(self._redact(_storable(reason)))[:REASON_CHARACTERS],
            "service": self._service,
            "excerpt": _storable(self._redact(text))[:EXCERPT_CHARACTERS],
            "characters": len(text),
            "recorded_at": self._clock.now(),
        }

    def _store(self) -> None:
        if not self._waiting:
            return
        batch = list(self._waiting)
        refused = 0
        try:
            with pymongo.timeout(TIMEOUT):
                self._letters.insert_many(batch, ordered=False)
        except BulkWriteError as error:
            codes = [failure["code"] for failure in error.details.get("writeErrors", ())]
            refused = sum(code != DUPLICATE_KEY for code in codes)  # a duplicate was stored by an earlier attempt
        except PyMongoError as error:
            log.warning("dead letters can't be stored for now", extra={"reason": type(error).__name__})
            return
        self.lost += refused
        self.stored += len(batch) - refused
        self._waiting.clear()


def _text(document: object) -> str:
    if isinstance(document, str):
        return _storable(document)
    if isinstance(document, bytes | bytearray):
        return bytes(document[: 2 * EXCERPT_CHARACTERS]).decode("utf-8", "backslashreplace")
    try:
        return _storable(json.dumps(document, default=repr, ensure_ascii=False))
    except (TypeError, ValueError, RecursionError):
        return f"<{type(document).__name__} that has no text>"


def _storable(text: str) -> str:
    """The text without what MongoDB refuses: lone surrogates."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
