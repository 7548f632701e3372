"""Writes derived documents in bulk: what MongoDB will never take is logged and left out, all else is tried again."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

from pymongo import DeleteOne, UpdateOne
from pymongo.collection import Collection
from pymongo.errors import BulkWriteError

from PROPPR.SharedServices.service.errors import TransientError
from PROPPR.SharedServices.storage.books.store import DUPLICATE_KEY, PERMANENT_CODES

log = logging.getLogger(__name__)

Operation = UpdateOne | DeleteOne


def write(collection: Collection[dict[str, Any]], operations: Sequence[Operation]) -> tuple[int, int]:
    """Returns how many documents were written and removed. Raises pymongo's errors and TransientError.

    A duplicate key is no failure: another process stored the same document at the same moment, and looks afterwards
    whether the books it did so from are still the newest.
    """
    if not operations:
        return 0, 0
    try:
        result = collection.bulk_write(list(operations), ordered=False, comment=collection.name)
    except BulkWriteError as error:
        details = error.details
        if details.get("writeConcernErrors"):
            raise TransientError(f"MongoDB did not confirm that a majority stored {collection.name}") from error
        failed = [found for found in details.get("writeErrors", ()) if found.get("code") != DUPLICATE_KEY]
        passing = {found.get("code") for found in failed} - PERMANENT_CODES
        if passing:
            raise TransientError(f"MongoDB refused to store {collection.name} (codes {passing})") from error
        for found in failed:
            reason = f"{found['code']}: {found.get('errmsg', '')}"[:500]
            log.error("a derived document can't be stored", extra={"collection": collection.name, "reason": reason})
        return details["nModified"] + details["nUpserted"], details["nRemoved"]
    return result.modified_count + len(result.upserted_ids or {}), result.deleted_count
