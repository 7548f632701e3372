"""Real processes on one database, one of them killed with -9 at a random moment."""

from __future__ import annotations

import subprocess
import sys
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from derived_child import ARBITRAGE, VALUE
from derived_rig import CLOCK, register
from pymongo.collection import Collection
from pymongo.database import Database
from support import eventually

from PROPPR.SharedServices.odds.drops import DropRule
from PROPPR.SharedServices.storage.books.store import BookStore
from PROPPR.SharedServices.storage.collections import ensure_collections
from PROPPR.SharedServices.storage.derived.arbitrage_bets import arbitrages_of
from PROPPR.SharedServices.storage.derived.value_bets import bets_of, places_of
from PROPPR.SharedServices.storage.fixtures import FixtureStore

Document = dict[str, Any]
PROGRAM = Path(__file__).parents[3] / "derived_child.py"
FIXTURES = range(20)


def start(uri: str, name: str, seed: int, count: int) -> subprocess.Popen[str]:
    command = [sys.executable, str(PROGRAM), uri, name, str(seed), str(count), str(len(FIXTURES))]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def says(child: subprocess.Popen[str], word: str) -> None:
    assert child.stdout is not None
    assert child.stdout.readline().strip() == word


def difference(database: Database[Document]) -> set[str]:
    """The documents that are missing, surplus or other than the books say."""
    named = FixtureStore(database, CLOCK).get(FIXTURES)
    stored: dict[str, Any] = {bet["_id"]: bet["expected_value"] for bet in database["all_value_bets"].find()}
    stored |= {f"a{bet['_id']}": bet["margin"] for bet in database["arbitrage_bets"].find()}
    right: dict[str, Any] = {}
    for number, books in BookStore(database, CLOCK, DropRule(Decimal("0.05"))).load(FIXTURES).items():
        places = places_of(books)
        right |= {key: bet.expected_value for key, (_, bet) in bets_of(books, places, VALUE).items()}
        markets = {(place[0], place[2]) for place in places}
        found = arbitrages_of(books, markets, named[number], ARBITRAGE, CLOCK.now_ms())
        right |= {f"a{key}": each.bet.margin for key, each in found.items()}
    assert right
    return {key for key in stored.keys() | right.keys() if stored.get(key) != right.get(key)}


def owed_since(followers: Collection[Document]) -> datetime:
    found: datetime = min(each["owed_since"] for each in followers.find({"_id": {"$ne": "rules"}}))
    return found


@pytest.mark.processes
def test_what_is_left_after_a_kill_is_as_the_books_say(database: Database[Document], mongo_uri: str) -> None:
    ensure_collections(database)
    register(database, *FIXTURES)
    children = [start(mongo_uri, database.name, seed, 3000) for seed in (1, 2)]
    try:
        victim, survivor = children
        followers = database["book_followers"]
        says(victim, "half")
        eventually(lambda: followers.count_documents({"_id": {"$ne": "rules"}}) == 2, 30, "both to have said they live")
        victim.kill()
        says(survivor, "half")
        says(survivor, "stored")
        eventually(lambda: followers.count_documents({}) == 2, 30, "the survivor to take the dead one's debt over")
        eventually(lambda: not difference(database), 30, "the survivor to do what the dead one owed")
        # Who is told to end with work taken over at hand leaves it to the next: here it is to have done all of it.
        right_at = CLOCK.now()
        eventually(lambda: owed_since(followers) > right_at, 30, "the survivor to say that it owes nothing any more")
        survivor.communicate("end\n", timeout=60)
        assert survivor.returncode == 0
        assert [document["_id"] for document in followers.find()] == ["rules"], "nobody owes anything"
    finally:
        for child in children:
            child.kill()
            child.wait()
            for stream in (child.stdin, child.stdout):
                if stream is not None:
                    stream.close()
