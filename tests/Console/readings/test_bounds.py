"""What people type into a search."""

from __future__ import annotations

from typing import Any

from pymongo.database import Database

from PROPPR.Console.readings.bounds import each_word


def test_a_nul_parts_words_as_mongodb_takes_none_in_a_pattern(database: Database[dict[str, Any]]) -> None:
    database["names"].insert_many([{"home": "Red Star"}, {"home": "Redstar"}])
    conditions = each_word("red\0 .star?\0", ["home"])
    assert list(database["names"].find({"$and": conditions})) == []
    found = database["names"].find({"$and": each_word("\0RED\0star", ["home"])})
    assert [one["home"] for one in found] == ["Red Star", "Redstar"]
