"""The last good answer per page of a source, compressed, with what a conditional request needs."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import pymongo
import zstandard
from bson import Binary
from pymongo.database import Database
from pymongo.errors import PyMongoError

from PROPPR.SharedServices.service.clock import Clock
from PROPPR.SharedServices.service.errors import TransientError

Document = dict[str, Any]
Bodies = Callable[[str], bytes | None]
"""Finds the body of a key elsewhere, exactly as it was received; None where it is not there."""

COLLECTION: Final = "source_cache"
LEVEL: Final = 6
MOST_STORED: Final = 4 * 2**20
MOST_BYTES: Final = 64 * 2**20
KEPT_FOR: Final = timedelta(days=14)
TIMEOUT: Final = 5.0


@dataclass(frozen=True, slots=True)
class CachedResponse:
    """A good answer: its plain body, when FotMob last stood by it, and the validators that it came with."""

    body: bytes
    fetched_at: datetime
    etag: str | None = None
    last_modified: str | None = None
    source: str = "api"


class SourceCache:
    """The collection `source_cache`, one document a key. Raises TransientError while MongoDB is away. Thread-safe.

    Bounds: a body of more than 4 MB compressed is not kept, a document expires 14 days after it was last confirmed, and
    housekeeping keeps the newest 5,000. `elsewhere` maps the kind of a key (`match` of `match:4813374`) to where its
    bodies are stored anyway: of those only the validators are kept here, and a body that is no longer the one they
    belong to counts as not there.
    """

    def __init__(
        self, database: Database[Document], clock: Clock, elsewhere: Mapping[str, Bodies] | None = None
    ) -> None:
        self._cache = database[COLLECTION]
        self._clock = clock
        self._elsewhere = elsewhere or {}

    def get(self, key: str) -> CachedResponse | None:
        """Return the last good answer, None where there is none, or none that can still be read."""
        with _transient():
            stored = self._cache.find_one({"_id": key})
        if stored is None:
            return None
        body = self._body(key, stored)
        if body is None or _digest(body) != stored.get("digest"):
            return None
        return CachedResponse(
            body, stored["fetched_at"], stored.get("etag"), stored.get("last_modified"), stored.get("source", "api")
        )

    def put(self, key: str, response: CachedResponse) -> bool:
        """Keep an answer in the place of the earlier one; False if it is too large, and the earlier one is gone."""
        document: Document = {
            "digest": _digest(response.body),
            "fetched_at": response.fetched_at,
            "expires_at": self._clock.now() + KEPT_FOR,
            "source": response.source,
        }
        document |= {} if response.etag is None else {"etag": response.etag}
        document |= {} if response.last_modified is None else {"last_modified": response.last_modified}
        if _kind(key) not in self._elsewhere:
            packed = zstandard.ZstdCompressor(level=LEVEL).compress(response.body)
            if len(packed) > MOST_STORED or len(response.body) > MOST_BYTES:
                self.forget(key)
                return False
            document["body"] = Binary(packed)
        with _transient():
            self._cache.replace_one({"_id": key}, document, upsert=True)
        return True

    def confirm(self, key: str, response: CachedResponse) -> None:
        """Note that the source stands by this answer at its `fetched_at`, unless another one has come meanwhile."""
        now = {"fetched_at": response.fetched_at, "expires_at": self._clock.now() + KEPT_FOR}
        with _transient():
            self._cache.update_one({"_id": key, "digest": _digest(response.body)}, {"$set": now})

    def forget(self, key: str) -> None:
        """Keep nothing of the key."""
        with _transient():
            self._cache.delete_one({"_id": key})

    def _body(self, key: str, stored: Document) -> bytes | None:
        elsewhere = self._elsewhere.get(_kind(key))
        if elsewhere is not None:
            return elsewhere(key)
        packed = stored.get("body")
        if packed is None:
            return None
        try:
            return zstandard.ZstdDecompressor().decompress(packed, max_output_size=MOST_BYTES)
        except zstandard.ZstdError:  # not what was stored: as good as nothing, the next answer replaces it
            return None


def _kind(key: str) -> str:
    return key.partition(":")[0]


def _digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()[:32]


@contextmanager
def _transient() -> Iterator[None]:
    try:
        with pymongo.timeout(TIMEOUT):
            yield
    except PyMongoError as error:
        raise TransientError(f"the cache of the source is out of reach ({type(error).__name__})") from error
