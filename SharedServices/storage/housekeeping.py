"""Keeping the collections that could be flooded at a bounded number of documents."""

from __future__ import annotations

import logging
import threading
from typing import Any

from pymongo import DESCENDING
from pymongo.database import Database
from pymongo.errors import PyMongoError

from PROPPR.SharedServices.storage.bookkeeping_collections import MOST_KEPT

Document = dict[str, Any]
INTERVAL = 600.0
log = logging.getLogger(__name__)


def keep_newest(database: Database[Document], name: str, field: str, most: int) -> int:
    """Delete what is older (by `field`) than the newest `most` documents of a collection; return how many.

    Documents of the same instant as the oldest kept one stay.
    """
    collection = database[name]
    if collection.estimated_document_count() <= most:
        return 0
    edge = list(collection.find({}, {"_id": 0, field: 1}).sort(field, DESCENDING).skip(most - 1).limit(1))
    if not edge:
        return 0
    return collection.delete_many({field: {"$lt": edge[0][field]}}).deleted_count


def keep_house(database: Database[Document]) -> int:
    """Bound every collection of `MOST_KEPT`; return the number of deleted documents."""
    return sum(keep_newest(database, name, field, most) for name, (field, most) in MOST_KEPT.items())


def keep_house_until(database: Database[Document], stop: threading.Event, interval: float = INTERVAL) -> None:
    """Keep house every `interval` seconds until `stop` is set; meant for a thread. Several processes may do it."""
    while not stop.wait(interval):
        try:
            keep_house(database)
        except PyMongoError as error:
            log.warning("housekeeping was put off", extra={"reason": type(error).__name__})
