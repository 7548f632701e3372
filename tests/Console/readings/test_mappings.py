"""Open fixtures with what a person needs to settle them, conflicts, and names that could be two men."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pymongo.database import Database

from PROPPR.Console.readings import mappings as reading
from PROPPR.Console.readings.mappings import MappingsPage, read_holder, read_mappings, read_one, why
from PROPPR.SharedServices.mapping.candidates import Candidate
from PROPPR.SharedServices.mapping.fixtures import FixtureMapping, Reason
from PROPPR.SharedServices.mapping.leagues import Relation
from PROPPR.SharedServices.odds.types import Fixture
from PROPPR.SharedServices.service.clock import ManualClock
from PROPPR.SharedServices.storage.fixture_mappings import FixtureMappings
from PROPPR.SharedServices.storage.fixtures import FixtureStore

Documents = Database[dict[str, Any]]
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.fixture
def mappings(database: Documents) -> FixtureMappings:
    return FixtureMappings(database, ManualClock(NOW))


def fixture(number: int, home: str = "Glimt", hours: float = 24) -> Fixture:
    kickoff = int((NOW + timedelta(hours=hours)).timestamp() * 1000)
    return Fixture(
        number, home, "Brann", "football", "Eliteserien", "Norway", "2026-11-22T12:00:00Z", kickoff, "pending"
    )


def result(number: int, match_id: int, score: float, *, hours: float = 24, home: str = "Glimt") -> FixtureMapping:
    candidate = Candidate(
        match_id, score, "Bodø/Glimt", "Brann", NOW + timedelta(hours=24, minutes=15), "NOR", "Eliteserien", 59,
        Relation.SAME, 1.0, 1.0, timedelta(0), False,
    )  # fmt: skip
    if score >= 0.8:
        return FixtureMapping(fixture(number, home, hours), "auto", Reason.MATCHED, candidate, (candidate,))
    return FixtureMapping(fixture(number, home, hours), "unresolved", Reason.BELOW_BAR, None, (candidate,))


def read(database: Documents, mappings: FixtureMappings, number: int = 0) -> MappingsPage:
    return read_mappings(database, mappings, NOW, number)


def test_nothing_is_open(database: Documents, mappings: FixtureMappings) -> None:
    assert read(database, mappings) == MappingsPage((), 0, False, (), ())


def test_an_open_fixture_with_its_candidates_and_who_has_them(database: Documents, mappings: FixtureMappings) -> None:
    mappings.store([result(1, 5001, 0.99, home="Bodo Glimt"), result(2, 5001, 0.61), result(3, 5002, 0.7)])
    second, third = read(database, mappings).open
    assert (second.mapping.fixture_id, third.mapping.fixture_id) == (2, 3)
    assert "0.80" in second.why
    (choice,) = second.choices
    assert choice.apart == 900.0 and choice.match.score == 0.61
    assert choice.holder is not None
    assert (choice.holder.fixture_id, choice.holder.teams, choice.holder.by_hand) == (1, "Bodo Glimt - Brann", False)
    assert third.choices[0].holder is None
    assert read_holder(database, 5001) == choice.holder and read_holder(database, 4711) is None
    mappings.settle(3, 5002)
    (settled,) = read(database, mappings).by_hand
    assert settled.choices[0].holder is None, "it is its own"
    assert settled.mapping.link is not None and settled.mapping.link.match_id == 5002
    holder = read_holder(database, 5002)
    assert holder is not None and holder.by_hand


def test_what_kicked_off_long_ago_is_left_out_and_pages_follow(
    database: Documents, mappings: FixtureMappings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "PAGE", 3)
    mappings.store([result(number, 5000 + number, 0.5, hours=5) for number in range(1, 8)])
    mappings.store([result(99, 6000, 0.5, hours=-25)])
    pages = [read(database, mappings, number) for number in (0, 1, 2)]
    shown = [one.mapping.fixture_id for page in pages for one in page.open]
    assert sorted(shown) == list(range(1, 8)) and len(set(shown)) == 7
    assert [page.has_more for page in pages] == [True, True, False]
    assert read(database, mappings, 10**9).number == reading.MOST_PAGES - 1
    assert read(database, mappings, -5).number == 0


def test_one_fixture_even_one_that_was_never_looked_at(database: Documents, mappings: FixtureMappings) -> None:
    assert read_one(database, mappings, 7) is None
    FixtureStore(database, ManualClock(NOW)).upsert_many([fixture(7)], "api_poller")
    one = read_one(database, mappings, 7)
    assert one is not None and one.choices == () and "Nobody has looked" in one.why
    assert (one.mapping.home, one.mapping.kickoff) == ("Glimt", NOW + timedelta(hours=24))
    mappings.reject(7)
    one = read_one(database, mappings, 7)
    assert one is not None and one.mapping.status == "manual" and one.why == "Somebody said that it has no match."


@pytest.mark.parametrize("reason", [each for each in Reason if each is not Reason.MATCHED], ids=str)
def test_each_reason_has_words(mappings: FixtureMappings, reason: Reason) -> None:
    mappings.store([FixtureMapping(fixture(1), "unresolved", reason)])
    stored = mappings.get(1)
    assert stored is None or why(stored) != stored.reason


def test_players_that_may_be_two_men(database: Documents, mappings: FixtureMappings) -> None:
    FixtureStore(database, ManualClock(NOW)).upsert_many([fixture(7)], "api_poller")
    names = [f"Danilo {number}" for number in range(reading.MOST_NAMES + 3)]
    for number, ambiguous in ((7, names), (8, []), (9, ["Luiz"])):
        database["fixture_players"].insert_one(
            {"fixture_id": number, "kickoff": NOW + timedelta(hours=number), "names": [], "positions": [],
             "ambiguous": ambiguous}
        )  # fmt: skip
    database["fixture_players"].insert_one(
        {"fixture_id": 10, "kickoff": NOW - timedelta(days=2), "names": [], "positions": [], "ambiguous": ["Old"]}
    )
    seventh, ninth = read(database, mappings).players
    assert (seventh.teams, len(seventh.names), seventh.others) == ("Glimt - Brann", reading.MOST_NAMES, 3)
    assert (ninth.teams, ninth.names) == ("fixture 9", ("Luiz",))
