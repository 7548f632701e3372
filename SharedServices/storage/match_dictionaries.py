"""What the stored pages of matches are compressed against: pages that the database saw before, never changed.

The first full page of a database is the dictionary of all leagues' first pages. Each of a league's first full pages is
put behind what the league had so far, up to `PAGES`. A document of `fotmob_dictionaries` holds one page, compressed
against the dictionary that it continues (`parent`); the match that the page is of then takes next to nothing.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

from bson import Binary
from pymongo.database import Database

from PROPPR.SharedServices.service.clock import Clock
from PROPPR.SharedServices.storage.match_codec import MatchCodec, dictionary_name

Document = dict[str, Any]
COLLECTION: Final = "fotmob_dictionaries"
# Of a league. Twice as many save 3 % more, and readers need twice the memory.
PAGES: Final = 4
# A dictionary is up to 1.3 MB, and about as much again once it was read with.
HELD: Final = 12


class MatchDictionaries:
    """The collection `fotmob_dictionaries`. Two processes at once may each begin one; every page names its own.

    Documents from before leagues had dictionaries of their own have neither a league nor a parent: they hold a first
    page, as the ones without a league do today.
    """

    def __init__(self, database: Database[Document], clock: Clock) -> None:
        self._dictionaries = database[COLLECTION]
        self._clock = clock
        self._newest: dict[int | None, tuple[str | None, int]] = {}
        self._writer = MatchCodec()
        self._read = lru_cache(HELD)(self._read_anew)

    def named(self, name: str | None) -> MatchCodec:
        """The codec of a stored page; ValueError if its dictionary is gone."""
        return self._read(name)

    def for_league(self, league_id: int, page: bytes | None) -> MatchCodec:
        """The codec for a new page of a league. `page`, if it is full enough, continues a dictionary that is short."""
        name, pages = self._found(league_id)
        if page is not None and pages < PAGES:
            name = self._add(None if name is None else league_id, page, name, 0 if name is None else pages + 1)
        return self._writing(name)

    def rest(self) -> None:
        """Give back what writing (20 MB) and reading (up to 30 MB) keep at hand, until the next page of a match."""
        self._writer = MatchCodec()
        self._read.cache_clear()

    @property
    def held(self) -> int:
        """The dictionaries at hand."""
        return self._read.cache_info().currsize

    def _writing(self, name: str | None) -> MatchCodec:
        """The codec to compress with: only one has an index, which is large; leagues come one after the other."""
        codec = self.named(name)
        if codec is not self._writer:
            self._writer.rest()
            self._writer = codec
        return codec

    def _found(self, league_id: int | None) -> tuple[str | None, int]:
        """The name of the league's dictionary and how many pages are the league's own in it."""
        if league_id not in self._newest:
            order = [("pages", -1), ("made_at", 1)]
            found = self._dictionaries.find_one({"league_id": league_id}, {"pages": 1}, sort=order)
            if found is not None:
                self._newest[league_id] = (found["_id"], found.get("pages", 0))
            else:
                return (None, 0) if league_id is None else self._found(None)
        return self._newest[league_id]

    def _add(self, league_id: int | None, page: bytes, parent: str | None, pages: int) -> str | None:
        codec = self._writing(parent)
        name = dictionary_name(codec.dictionary + page)
        made = {
            "content": Binary(codec.compress(page)), "parent": parent, "league_id": league_id, "pages": pages,
            "made_at": self._clock.now(),
        }  # fmt: skip
        self._dictionaries.update_one({"_id": name}, {"$setOnInsert": made}, upsert=True)
        self._newest[league_id] = (name, pages)
        return name

    def _read_anew(self, name: str | None) -> MatchCodec:
        if name is None:
            return MatchCodec()
        document = self._dictionaries.find_one({"_id": name})
        if document is None:
            raise ValueError(f"the dictionary {name} of stored matches is gone")
        parent = self.named(document.get("parent"))
        return MatchCodec(parent.dictionary + parent.restore(document["content"]))
