"""What a league's page lists comes back as it was read, and its work is remembered."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pymongo.database import Database

from PROPPR.SharedServices.football.league_page import LeaguePage
from PROPPR.SharedServices.football.listed_match import ListedMatch
from PROPPR.SharedServices.football.model import Ending, League, Score, State, Team
from PROPPR.SharedServices.storage.league_listings import LeagueListings

NOW = datetime(2026, 3, 7, 6, 0, tzinfo=UTC)
LEAGUE = League(47, "Premier League", "ENG", season="2025/2026")


def page(season: str = "2025/2026", matches: int = 3) -> LeaguePage:
    rows = tuple(
        ListedMatch(
            4_813_374 + number, League(47, "Premier League", "ENG", season=season), NOW + timedelta(days=number),
            Team(1, "Łódź FC"), Team(2, "B"), State.PLAYED, Ending.PENALTIES, Score(1, number), None,
        )
        for number in range(matches)
    )  # fmt: skip
    league = League(47, "Premier League", "ENG", season=season)
    return LeaguePage(league, season, ("2025/2026", "2024/2025"), rows, ())


@pytest.fixture
def database(collections: Database[dict[str, Any]]) -> Database[dict[str, Any]]:
    return collections


@pytest.fixture
def listings(database: Database[dict[str, Any]]) -> LeagueListings:
    return LeagueListings(database)


def test_a_listing_comes_back_as_it_was_read(listings: LeagueListings) -> None:
    stored = listings.save(page(), NOW, 47)
    assert stored == listings.load(47)
    assert stored.matches == page().matches
    assert (stored.season, stored.seasons, stored.country) == ("2025/2026", ("2025/2026", "2024/2025"), "ENG")
    assert listings.load(48) is None
    assert listings.newest([47, 48]) == {47: stored}


def test_the_same_page_only_moves_its_time_and_an_older_one_changes_nothing(listings: LeagueListings) -> None:
    first = listings.save(page(), NOW, 47)
    again = listings.save(page(), NOW + timedelta(hours=1), 47)
    assert (again.digest, again.fetched_at) == (first.digest, NOW + timedelta(hours=1))
    assert listings.save(page(matches=2), NOW, 47) == again
    assert len(listings.save(page(matches=4), NOW + timedelta(hours=2), 47).matches) == 4


def test_the_newest_season_is_the_one_that_was_read_last(listings: LeagueListings) -> None:
    listings.save(page(), NOW, 47)
    listings.save(page("2026/2027", 1), NOW + timedelta(days=90), 47)
    assert listings.load(47).season == "2026/2027"  # type: ignore[union-attr]
    assert listings.load(47, "2025/2026").season == "2025/2026"  # type: ignore[union-attr]
    assert listings.followed(NOW + timedelta(days=1)) == [47]
    assert listings.followed(NOW + timedelta(days=91)) == []


def test_a_match_leads_to_its_league(listings: LeagueListings) -> None:
    listings.save(page(), NOW, 47)
    assert listings.with_match(4_813_375).league_id == 47  # type: ignore[union-attr]
    assert listings.with_match(1) is None


def test_what_was_worked_up_stays_noted(listings: LeagueListings) -> None:
    listings.save(page(), NOW, 47)
    listings.mark_worked(47, "2025/2026", "predictions", "key")
    assert listings.save(page(matches=4), NOW + timedelta(hours=1), 47).worked == {"predictions": "key"}
