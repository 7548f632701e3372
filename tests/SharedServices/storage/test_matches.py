"""Stored pages come back byte for byte, in revisions that only real news makes."""

from __future__ import annotations

import gzip
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pymongo.database import Database

from PROPPR.SharedServices.service.clock import ManualClock
from PROPPR.SharedServices.storage.match_codec import MatchCodec
from PROPPR.SharedServices.storage.matches import MatchFacts, MatchStore, Revision

NOW = datetime(2026, 3, 7, 20, 0, tzinfo=UTC)
KICKOFF = NOW - timedelta(hours=4)
BUDGET = 25_000


def facts(fingerprint: str = "a", players: tuple[int, ...] = (1, 2), *, complete: bool = True) -> MatchFacts:
    return MatchFacts(fingerprint, 47, "2025/2026", (10, 20), players, complete, complete, complete)


def page(number: int) -> bytes:
    """A text of a page's kind: keys that repeat, numbers that don't."""
    drawn = random.Random(number)
    rows = ",".join(f'{{"key":"total_shots","stat":{{"value":{drawn.random()},"type":"double"}}}}' for _ in range(300))
    return f'{{"general":{{"matchId":"{number}"}},"content":[{rows}]}}'.encode()


@pytest.fixture
def database(collections: Database[dict[str, Any]]) -> Database[dict[str, Any]]:
    return collections


@pytest.fixture
def store(database: Database[dict[str, Any]]) -> MatchStore:
    return MatchStore(database, ManualClock(NOW))


def test_a_page_comes_back_as_it_was(store: MatchStore, database: Database[dict[str, Any]]) -> None:
    assert store.load(1) is None
    for number in range(1, 5):
        assert store.save(number, page(number), KICKOFF, facts(), fetched_at=NOW) == Revision(1, True)
    fresh = MatchStore(database, ManualClock(NOW))
    for number in range(1, 5):
        found = fresh.load(number)
        assert found is not None
        assert (found.payload, found.kickoff, found.revision, found.complete) == (page(number), KICKOFF, 1, True)
    assert [each.match_id for each in fresh.load_many([4, 2, 9])] == [2, 4]


def test_only_news_makes_a_revision(store: MatchStore) -> None:
    store.save(1, page(1), KICKOFF, facts("a"), fetched_at=NOW)
    assert store.save(1, page(2), KICKOFF, facts("a"), fetched_at=NOW + timedelta(hours=1)) == Revision(1, False)
    assert store.load(1).payload == page(1)  # type: ignore[union-attr]
    state = store.states([1])[1]
    assert (state.fetched_at, state.checked_at) == (NOW, NOW + timedelta(hours=1))
    assert store.save(1, page(3), KICKOFF, facts("b"), fetched_at=NOW + timedelta(hours=2)) == Revision(2, True)
    assert store.load(1).payload == page(3)  # type: ignore[union-attr]
    assert store.save(1, page(4), KICKOFF, facts("c"), fetched_at=NOW) == Revision(2, False), "an older page"
    assert store.load(1).payload == page(3)  # type: ignore[union-attr]


def test_two_writers_make_two_revisions(store: MatchStore, database: Database[dict[str, Any]]) -> None:
    """The second was asked at the same time but wrote later."""
    other = MatchStore(database, ManualClock(NOW))
    store.save(1, page(1), KICKOFF, facts("a"), fetched_at=NOW)
    assert other.save(1, page(2), KICKOFF, facts("b"), fetched_at=NOW + timedelta(seconds=1)).number == 2
    assert store.save(1, page(3), KICKOFF, facts("c"), fetched_at=NOW + timedelta(seconds=2)).number == 3


def test_matches_are_found_by_team_player_and_league(store: MatchStore) -> None:
    store.save(1, page(1), KICKOFF, facts(players=(1, 2)), fetched_at=NOW)
    store.save(2, page(2), KICKOFF, facts(players=(2, 3)), fetched_at=NOW)
    assert store.of_teams([20, 99], "2025/2026").keys() == {1, 2}
    assert store.of_teams([20], "2024/2025") == {}
    assert store.of_players([3], "2025/2026").keys() == {2}
    assert store.of_league(47, "2025/2026").keys() == {1, 2}


def test_a_man_taken_out_of_a_match_is_still_one_of_its_people_until_it_is_counted(store: MatchStore) -> None:
    store.save(1, page(1), KICKOFF, facts("a", (1, 2)), fetched_at=NOW)
    store.mark_counted({1: (1, "counted a")})
    store.save(1, page(2), KICKOFF, facts("b", (2, 3)), fetched_at=NOW + timedelta(hours=1))
    assert store.people_of([1]) == ({10, 20}, {1, 2, 3})
    store.mark_counted({1: (1, "late")})
    assert store.states([1])[1].counted == "counted a", "the mark of an old revision changes nothing"
    store.mark_counted({1: (2, "counted b")})
    assert store.people_of([1]) == ({10, 20}, {2, 3})


def test_pages_from_before_the_match_make_no_dictionary(store: MatchStore, database: Database[dict[str, Any]]) -> None:
    store.save(1, page(1), KICKOFF, facts(complete=False), fetched_at=NOW)
    assert database["fotmob_dictionaries"].count_documents({}) == 0
    store.save(2, page(2), KICKOFF, facts(), fetched_at=NOW)
    assert database["fotmob_dictionaries"].count_documents({}) == 1
    assert [each.payload for each in store.load_many([1, 2])] == [page(1), page(2)]


def test_damage_is_noticed() -> None:
    codec = MatchCodec(page(1))
    with pytest.raises(ValueError, match="can't be restored"):
        codec.restore(codec.compress(page(2))[:-5])


@pytest.fixture
def real_pages(real_data: Path) -> Iterator[bytes]:
    folders = ("premier_league_2025_26", "world_cup_2026")
    files = [file for name in folders for file in sorted((real_data / "fotmob" / name).glob("*.json.gz"))[::6]]
    return (gzip.decompress(file.read_bytes()) for file in files)


def test_real_pages_fit_the_disk(real_pages: Iterator[bytes], database: Database[dict[str, Any]]) -> None:
    """2,000 matches of a day in 50 MB: 25 KB each with all of its indexes."""
    store = MatchStore(database, ManualClock(NOW))
    squad = tuple(range(1_000_000, 1_000_040))
    pages = list(real_pages)
    for number, raw in enumerate(pages):
        people = tuple(each + number * 40 for each in squad)
        store.save(5_000_000 + number, raw, KICKOFF, facts(f"{number:024}", people), fetched_at=NOW)
    for number, raw in enumerate(pages):
        found = store.load(5_000_000 + number)
        assert found is not None
        assert found.payload == raw
    bytes_each = database.command("collStats", "fotmob_matches")["avgObjSize"]
    assert bytes_each < 20_000 < BUDGET
