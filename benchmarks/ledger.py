"""What must be stored by now, from the simulator's log of changes alone, and how long it took until it was.

Knows nothing of how a service works: only that a (bookmaker, sport) is complete up to a moment, as it claims itself.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from oracle import updates_of

from PROPPR.SharedServices.odds.bookmakers import book_of
from PROPPR.SharedServices.odds.types import SIDES, Line

Json = Any
Rows = dict[tuple[Any, ...], tuple[float | None, ...]]
"""Prices by (player, team side, stat, label, handicap)."""


class Place(NamedTuple):
    """A market of one feed."""

    fixture_id: int
    feed: str
    market: str


@dataclass(frozen=True, slots=True)
class Quote:
    """One market of one feed as it is stored; `updated_at` (ms) is None where nothing is."""

    updated_at: int | None
    rows: Rows


@dataclass(slots=True)
class Version:
    """What a market was changed to: said at `at` (ms), with rows as the provider writes them."""

    sequence: int
    at: int
    updated_at: int
    written: str
    raw: Json
    is_quote: bool
    counted: bool = False
    _rows: Rows | None = None

    def rows(self, place: Place) -> Rows:
        """Its prices."""
        if self._rows is None:
            market = {"updatedAt": self.written, "odds": self.raw}
            updates = updates_of(place.fixture_id, {place.feed: {"markets": {place.market: market}}})
            self._rows = {key_of(line): prices_of(line) for update in updates for line in update.lines}
        return self._rows


@dataclass(frozen=True, slots=True)
class Missed:
    """A change that was not stored when it had to be: said at `at`, due at `due`, and what was `found` instead."""

    place: Place
    at: int
    due: int
    found: str


@dataclass
class Ledger:
    """`add` what the simulator logged, `judge` what is stored. Times are simulated ms.

    `changes` were logged, `proven` were found stored (or overtaken by a later one that was), `waited` were excused when
    they fell due because the fixture was waiting to be read again, and have to be proven later all the same.
    """

    changes: int = 0
    proven: int = 0
    waited: int = 0
    missed: list[Missed] = field(default_factory=list)
    repaired: list[int] = field(default_factory=list)
    delays: list[int] = field(default_factory=list)
    gone_after: list[int] = field(default_factory=list)
    sequence: int = 0
    _versions: dict[Place, list[Version]] = field(default_factory=dict)
    _pending: dict[str, dict[Place, int]] = field(default_factory=dict)
    _late: dict[Place, int] = field(default_factory=dict)
    vanished: dict[tuple[int, str], int] = field(default_factory=dict)

    def add(self, changes: Iterable[Json]) -> None:
        """Take in entries of /_sim/changes, in their order."""
        for change in changes:
            place = Place(change["fixture_id"], change["feed"], change["market"])
            self.sequence = change["sequence"]
            self.changes += 1
            self._versions.setdefault(place, []).append(_version(change))
            self._pending.setdefault(book_of(place.feed), {}).setdefault(place, change["at"])
            if change["kind"] != "quote":
                self.vanished.setdefault(place[:2], change["at"])
            elif change["after"]:
                self.vanished.pop(place[:2], None)

    def due(self, bookmaker: str, until: int) -> list[Place]:
        """The markets of a bookmaker with a change said at or before `until` that is not proven yet."""
        return [place for place, at in self._pending.get(bookmaker, {}).items() if at <= until]

    def judge(
        self, places: Iterable[Place], until: int, stored: Mapping[Place, Quote], excused: Collection[int], now: int
    ) -> None:
        """Compare what was due by `until` with what is stored; `excused` fixtures wait to be read again."""
        for place in places:
            versions = self._versions[place]
            said = [version for version in versions if version.at <= until]
            last = said[-1]
            if not last.is_quote or self._is_shown(place, last, stored.get(place)):
                self._settle(place, last, now)
            elif place.fixture_id in excused:
                self.waited += not last.counted
                last.counted = True
            elif place not in self._late:
                quote = stored.get(place)
                self._late[place] = last.at
                self.missed.append(Missed(place, last.at, until, _difference(place, last, quote)))

    def check_vanished(self, priced: Collection[tuple[int, str]], now: int) -> None:
        """Note which withdrawn books are gone: those that are not among the (fixture, feed) stored with prices."""
        for feed, at in list(self.vanished.items()):
            if feed not in priced:
                self.gone_after.append(now - at)
                del self.vanished[feed]

    @property
    def unproven(self) -> int:
        """Markets with a change that is not proven yet."""
        return sum(len(places) for places in self._pending.values())

    def _is_shown(self, place: Place, last: Version, quote: Quote | None) -> bool:
        """Whether what is stored is this version or a later one."""
        rows = {} if quote is None else quote.rows
        if quote is not None and rows and (quote.updated_at or 0) < last.updated_at:
            return False
        later = [version for version in self._versions[place] if version.sequence >= last.sequence]
        return any(rows == version.rows(place) for version in later)

    def _settle(self, place: Place, last: Version, now: int) -> None:
        versions = self._versions[place]
        done = versions.index(last) + 1
        self.proven += done
        self.delays.append(now - last.at)
        if place in self._late:
            self.repaired.append(now - self._late.pop(place))
        rest = versions[done:]
        if rest:
            self._versions[place] = rest
            self._pending[book_of(place.feed)][place] = rest[0].at
        else:
            del self._versions[place]
            del self._pending[book_of(place.feed)][place]


def key_of(line: Line) -> tuple[Any, ...]:
    """What names a line within a market."""
    return (line.player_name, line.team_side, line.stat, line.label, line.hdp)


def prices_of(line: Line) -> tuple[float | None, ...]:
    """All sides' prices of a line."""
    return tuple(getattr(line, side) for side in SIDES)


def undisturbed(begin: int, end: int, outages: Iterable[tuple[int, int]]) -> int:
    """The ms between two moments that lie outside all outages."""
    return end - begin - sum(max(0, min(end, until) - max(begin, since)) for since, until in outages)


def _version(change: Json) -> Version:
    is_quote = change["kind"] == "quote"
    moment = (change["sequence"], change["at"], change["updated_at"], change["updatedAt"])
    return Version(*moment, change["after"], is_quote)


def _difference(place: Place, version: Version, quote: Quote | None) -> str:
    wanted = version.rows(place)
    if quote is None:
        return f"nothing stored instead of {len(wanted)} rows of {version.written}"
    wrong = [key for key in wanted.keys() | quote.rows.keys() if wanted.get(key) != quote.rows.get(key)]
    example = f", {wrong[0]}: {quote.rows.get(wrong[0])} is not {wanted.get(wrong[0])}" if wrong else ""
    return f"stored as of {quote.updated_at}, said {version.updated_at}; {len(wrong)} rows differ{example}"
