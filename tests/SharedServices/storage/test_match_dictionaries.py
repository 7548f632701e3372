"""What pages are compressed against: bounded per league, never changed, and what was stored before stays readable."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import zstandard
from bson import Binary
from pymongo.database import Database

from PROPPR.SharedServices.service.clock import ManualClock
from PROPPR.SharedServices.storage.match_codec import LEVEL, dictionary_name
from PROPPR.SharedServices.storage.match_dictionaries import PAGES, MatchDictionaries
from PROPPR.SharedServices.storage.matches import MatchFacts, MatchStore

NOW = datetime(2026, 3, 7, 20, 0, tzinfo=UTC)
LEAGUE, OTHER = 47, 77


def page(number: int, league: int = LEAGUE) -> bytes:
    """A text of a page's kind: a league's pages share their players, each has numbers of its own."""
    squad, drawn = random.Random(league), random.Random(number)
    rows = ",".join(
        f'{{"player":"{squad.getrandbits(200):x}","stat":{{"value":{drawn.random():.3}}}}}' for _ in range(300)
    )
    return f'{{"general":{{"matchId":"{number}"}},"content":[{rows}]}}'.encode()


def facts(fingerprint: str = "a", *, league: int = LEAGUE, complete: bool = True) -> MatchFacts:
    return MatchFacts(fingerprint, league, "2025/2026", (10, 20), (1, 2), complete, complete, complete)


@pytest.fixture
def database(collections: Database[dict[str, Any]]) -> Database[dict[str, Any]]:
    return collections


@pytest.fixture
def store(database: Database[dict[str, Any]]) -> MatchStore:
    return MatchStore(database, ManualClock(NOW))


def payloads(database: Database[dict[str, Any]], numbers: list[int]) -> list[bytes]:
    """As another process reads them."""
    return [each.payload for each in MatchStore(database, ManualClock(NOW)).load_many(numbers)]


def test_each_league_gets_a_few_pages_of_its_own(store: MatchStore, database: Database[dict[str, Any]]) -> None:
    pages = {number: page(number, LEAGUE if number < 20 else OTHER) for number in range(40)}
    for number, raw in pages.items():
        store.save(number, raw, NOW, facts(league=LEAGUE if number < 20 else OTHER), fetched_at=NOW)
    made = list(database["fotmob_dictionaries"].find())
    assert sorted((each["league_id"] or 0, each["pages"]) for each in made) == sorted(
        [(0, 0), *((league, number) for league in (LEAGUE, OTHER) for number in range(1, PAGES + 1))]
    )
    assert payloads(database, list(pages)) == list(pages.values())
    sizes = {each["match_id"]: len(each["payload"]) for each in database["fotmob_matches"].find()}
    assert sizes[0] < 100, "the page of a dictionary is not stored twice"
    alone = len(zstandard.ZstdCompressor(level=LEVEL).compress(pages[39]))
    assert sizes[39] < alone / 3


def test_leagues_by_turns_and_a_rest_change_nothing(store: MatchStore, database: Database[dict[str, Any]]) -> None:
    """Only one dictionary at a time has an index to write with; without it a page comes out as small."""
    pages = {number: page(number, (LEAGUE, OTHER)[number % 2]) for number in range(20)}
    for number, raw in pages.items():
        store.save(number, raw, NOW, facts(league=(LEAGUE, OTHER)[number % 2]), fetched_at=NOW)
        if number % 3 == 0:
            store.rest()
    assert payloads(database, list(pages)) == list(pages.values())
    sizes = {each["match_id"]: len(each["payload"]) for each in database["fotmob_matches"].find()}
    assert max(sizes.values()) < len(zstandard.ZstdCompressor(level=LEVEL).compress(pages[19])) / 3


def test_at_rest_nothing_is_held(database: Database[dict[str, Any]], store: MatchStore) -> None:
    """A service that grades a few matches an hour would else hold the dictionaries of more leagues each hour."""
    for number in range(PAGES + 2):
        store.save(number, page(number), NOW, facts(), fetched_at=NOW)
    dictionaries = MatchDictionaries(database, ManualClock(NOW))
    names = [each["dictionary"] for each in database["fotmob_matches"].find().sort("match_id")]
    read = {name: dictionaries.named(name).dictionary for name in names}
    assert dictionaries.held > 0
    dictionaries.rest()
    assert dictionaries.held == 0
    assert {name: dictionaries.named(name).dictionary for name in names} == read


def test_a_process_that_starts_goes_on_with_the_league_s_dictionary(
    store: MatchStore, database: Database[dict[str, Any]]
) -> None:
    for number in range(PAGES + 1):
        store.save(number, page(number), NOW, facts(), fetched_at=NOW)
    before = database["fotmob_dictionaries"].count_documents({})
    for number in range(20, 24):
        MatchStore(database, ManualClock(NOW)).save(number, page(number), NOW, facts(), fetched_at=NOW)
    assert database["fotmob_dictionaries"].count_documents({}) == before == PAGES + 1


def test_only_a_match_s_first_full_page_is_taken(store: MatchStore, database: Database[dict[str, Any]]) -> None:
    store.save(1, page(1), NOW, facts("early", complete=False), fetched_at=NOW)
    for hours in range(1, 5):
        store.save(1, page(hours), NOW, facts(f"{hours}"), fetched_at=NOW + timedelta(hours=hours))
    assert database["fotmob_dictionaries"].count_documents({}) == 1
    assert payloads(database, [1]) == [page(4)]


def test_two_processes_that_begin_at_once_read_each_other(
    store: MatchStore, database: Database[dict[str, Any]]
) -> None:
    others = MatchStore(database, ManualClock(NOW))
    for number in range(PAGES + 2):
        store.save(number, page(number), NOW, facts(), fetched_at=NOW)
        others.save(100 + number, page(100 + number), NOW, facts(), fetched_at=NOW)
    wanted = [*range(PAGES + 2), *range(100, 102 + PAGES)]
    assert payloads(database, wanted) == [page(number) for number in wanted]


def test_what_was_stored_before_leagues_had_dictionaries_is_read_and_continued(
    store: MatchStore, database: Database[dict[str, Any]]
) -> None:
    first, name = page(1), dictionary_name(page(1))
    plain = zstandard.ZstdCompressor(level=LEVEL).compress(first)
    database["fotmob_dictionaries"].insert_one({"_id": name, "content": Binary(plain), "made_at": NOW})
    known = zstandard.ZstdCompressionDict(first, dict_type=zstandard.DICT_TYPE_RAWCONTENT)
    store.save(2, b"{}", NOW, facts(complete=False), fetched_at=NOW)
    packed = Binary(zstandard.ZstdCompressor(level=LEVEL, dict_data=known).compress(page(2)))
    database["fotmob_matches"].update_one({"match_id": 2}, {"$set": {"payload": packed, "dictionary": name}})
    store.save(3, page(3), NOW, facts(), fetched_at=NOW)
    assert payloads(database, [2, 3]) == [page(2), page(3)]
    added = database["fotmob_dictionaries"].find_one({"league_id": LEAGUE})
    assert added is not None
    assert (added["parent"], added["pages"]) == (name, 1)


def test_a_dictionary_that_is_gone_is_said(store: MatchStore, database: Database[dict[str, Any]]) -> None:
    store.save(1, page(1), NOW, facts(), fetched_at=NOW)
    database["fotmob_dictionaries"].delete_many({})
    with pytest.raises(ValueError, match="is gone"):
        MatchDictionaries(database, ManualClock(NOW)).named(dictionary_name(page(1)))
