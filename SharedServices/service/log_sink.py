"""Keeps errors where the whole fleet can read them: the collection `service_logs`."""

from __future__ import annotations

import logging
import threading
from collections import deque
from datetime import UTC, datetime

import pymongo
from pymongo.errors import BulkWriteError, PyMongoError

from PROPPR.SharedServices.service.log_collapse import extras_of
from PROPPR.SharedServices.service.mongo_types import Document, MongoDatabase

COLLECTION = "service_logs"
BATCH = 100
BOUND = 1000
PAUSE = 1.0
LONGEST = 8000


class MongoLogSink(logging.Handler):
    """Stores ERROR records in batches, from a thread of its own.

    Never raises and never blocks: at most 1,000 records wait, the oldest are dropped and counted in `dropped` when
    MongoDB is away for longer. Records must be scrubbed before. Stored: timestamp, service, instance, level, logger,
    message, extra?, traceback?.
    """

    def __init__(self, database: MongoDatabase, service: str, instance: str) -> None:
        super().__init__(logging.ERROR)
        self.dropped = 0
        self._collection = database[COLLECTION]
        self._head: Document = {"service": service, "instance": instance}
        self._waiting: deque[Document] = deque(maxlen=BOUND)
        self._wake = threading.Event()
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="log-sink", daemon=True)
        self._thread.start()

    def emit(self, record: logging.LogRecord) -> None:
        """Queue the record."""
        # Errors about the sink itself would feed it for ever.
        if record.name.startswith("pymongo"):
            return
        if len(self._waiting) == BOUND:
            self.dropped += 1
        self._waiting.append(self._document(record))
        self._wake.set()

    def finish(self, timeout: float) -> None:
        """Store what waits, for `timeout` seconds at most."""
        self._ending.set()
        self._wake.set()
        self._thread.join(timeout)

    def _document(self, record: logging.LogRecord) -> Document:
        document: Document = {
            "timestamp": datetime.fromtimestamp(record.created, UTC),
            **self._head,
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage()[:LONGEST],
        }
        extras = {_key(name): _plain(value) for name, value in extras_of(record).items()}
        if extras:
            document["extra"] = extras
        if record.exc_text:
            document["traceback"] = record.exc_text[-LONGEST:]
        return document

    def _run(self) -> None:
        while not (self._ending.is_set() and not self._waiting):
            self._wake.wait()
            if not self._store() and self._ending.wait(PAUSE):
                return
            if not self._waiting and not self._ending.is_set():
                self._wake.clear()
                if self._waiting:  # came between the look and the clear
                    self._wake.set()

    def _store(self) -> bool:
        batch = [self._waiting.popleft() for _ in range(min(BATCH, len(self._waiting)))]
        if not batch:
            return True
        try:
            with pymongo.timeout(3.0):
                self._collection.insert_many(batch, ordered=False)
        except BulkWriteError as error:
            # Stored but for the refused ones; trying those again would not make them valid.
            self.dropped += len(error.details.get("writeErrors", ()))
        except PyMongoError:
            room = BOUND - len(self._waiting)
            kept = batch[-room:] if room else []
            self.dropped += len(batch) - len(kept)
            self._waiting.extendleft(reversed(kept))
            return False
        except Exception:
            # Not encodable as BSON: nothing that a log sink may die of.
            self.dropped += len(batch)
        return True


def _key(name: str) -> str:
    return name.replace(".", "_").replace("$", "_").replace("\0", "_")


def _plain(value: object) -> object:
    if isinstance(value, bool | float | datetime) or value is None:
        return value
    if isinstance(value, int):
        return value if -(2**63) <= value < 2**63 else str(value)
    return str(value)[:LONGEST]
