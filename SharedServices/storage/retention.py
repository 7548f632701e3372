"""How long is kept what is declared without an expiry of its own, by the settings.

Collections whose expiry belongs to their nature (history, caches, logs) declare it where they are declared. What is
here is for the operator to decide: the index named `retention` exists while a number of days is set, and MongoDB
deletes by it. 0 days means for ever: then there is no such index.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from pymongo.database import Database

from PROPPR.SharedServices.service.settings import Settings
from PROPPR.SharedServices.storage.schema import DAY

Document = dict[str, Any]
INDEX: Final = "retention"


@dataclass(frozen=True, slots=True)
class Kept:
    """Documents of `collection` go `setting` days after `field`; only those with a date in `only_with`, if given."""

    collection: str
    field: str
    setting: str
    only_with: str | None = None

    def days(self, settings: Settings) -> int:
        """How many days; 0 is for ever."""
        return int(getattr(settings, self.setting.lower()))

    def index(self, days: int) -> Document:
        """The index that expires them."""
        wanted: Document = {"key": {self.field: 1}, "name": INDEX, "expireAfterSeconds": days * DAY}
        if self.only_with is not None:
            wanted["partialFilterExpression"] = {self.only_with: {"$type": "date"}}
        return wanted


STATISTICS, BETS = "PROPPR_STATISTICS_DAYS", "PROPPR_BETS_DAYS"
RETENTION: Final = (
    *(Kept(name, "updated_at", STATISTICS) for name in ("team_stats", "player_stats", "fixture_mappings")),
    Kept("horse_results", "updated_at", STATISTICS),
    # Another key than that of the declared index over settled_at.
    *(
        Kept(name, "grading.graded_at", BETS, "settled_at")
        for name in ("team_tracked_bets", "player_tracked_bets", "horse_tracked_bets", "overtime_placed_bets")
    ),
)


def differences(database: Database[Document], settings: Settings) -> Iterator[tuple[Kept, int, Document | None]]:
    """What is not as the settings want it: the declaration, its days, and the index that is there now."""
    for kept in RETENTION:
        present = {index["name"]: dict(index) for index in database[kept.collection].list_indexes()}.get(INDEX)
        days = kept.days(settings)
        if not _agrees(present, kept.index(days) if days else None):
            yield kept, days, present


def ensure_retention(database: Database[Document], settings: Settings) -> list[str]:
    """Bring the expiry into the shape that the settings want; return what was changed. Several may do it at once."""
    changed = []
    for kept, days, present in list(differences(database, settings)):
        if not days:
            database[kept.collection].drop_index(INDEX)
            changed.append(f"{kept.collection}: kept for ever")
            continue
        wanted = kept.index(days)
        if present is not None and _agrees({**present, "expireAfterSeconds": days * DAY}, wanted):
            change = {"name": INDEX, "expireAfterSeconds": days * DAY}
            database.command({"collMod": kept.collection, "index": change})
        else:
            if present is not None:
                database[kept.collection].drop_index(INDEX)
            database.command({"createIndexes": kept.collection, "indexes": [wanted]})
        changed.append(f"{kept.collection}: kept for {days} days after {kept.field}")
    return changed


def _agrees(present: Document | None, wanted: Document | None) -> bool:
    if present is None or wanted is None:
        return present is wanted
    fields = ("expireAfterSeconds", "partialFilterExpression")
    return dict(present["key"]) == wanted["key"] and all(present.get(each) == wanted.get(each) for each in fields)
