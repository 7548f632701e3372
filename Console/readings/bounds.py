"""What bounds the readings of odds and bets: time, how far back they look for what a filter asks, texts of a person."""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import AbstractContextManager
from typing import Any, Final

import pymongo

Document = dict[str, Any]
SECONDS = 3.0
"""For all queries of a reading together; MongoDB gives up by itself then."""
LOOKED_AT: Final = 20_000
"""So many of the newest documents are looked at for those that a filter asks for."""
MOST_WORDS: Final = 6
LONGEST_TEXT: Final = 100


def bounded(seconds: float | None = None) -> AbstractContextManager[Any]:
    """Everything that is asked of MongoDB inside ends within so many seconds (SECONDS), with an error that says so."""
    return pymongo.timeout(SECONDS if seconds is None else seconds)


def each_word(text: str, fields: Iterable[str]) -> list[Document]:
    """Conditions: each word of a text stands in one of the fields, whatever its case."""
    names = tuple(fields)
    words = text[:LONGEST_TEXT].replace("\0", " ").split()[:MOST_WORDS]  # MongoDB takes no NUL in a pattern
    return [{"$or": [{name: {"$regex": re.escape(word), "$options": "i"}} for name in names]} for word in words]


def newest_that(conditions: Document, order: str, limit: int, looked_at: int = LOOKED_AT) -> list[Document]:
    """A pipeline: the newest `limit` by `order` that meet the conditions, out of the newest `looked_at`.

    An index in that order must be there; it is left as soon as enough is found.
    """
    return [{"$sort": {order: -1}}, {"$limit": looked_at}, {"$match": conditions}, {"$limit": limit}]
