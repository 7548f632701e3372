"""The world behind the pages: the odds side's teams and times, whole seasons, and names that need a mapping."""

from __future__ import annotations

from collections import Counter

from fotmob_side import MINUTE, START, Side
from hypothesis import given
from hypothesis import strategies as st

from PROPPR.SharedServices.football.pages import read_day, read_league, read_player, read_team
from PROPPR.SharedServices.simulator.fotmob.calendar import rounds
from PROPPR.SharedServices.simulator.fotmob.names import club_name, filler_name, player_name
from PROPPR.SharedServices.simulator.fotmob.world import FIRST_FILLER

DAY = 86_400_000


def test_every_fixture_is_a_match_of_its_own_with_the_same_kickoff(side: Side) -> None:
    pairs = side.fotmob.known_pairs()
    assert len({pair["match_id"] for pair in pairs}) == len(pairs) == 400
    for pair in pairs:
        fixture = side.odds.truth.fixtures[pair["fixture_id"]]
        assert pair["kickoff"] == fixture.kickoff
        assert side.fotmob.world.meeting(pair["match_id"]).kickoff == fixture.kickoff
    assert any(pair["match_id"] > 10**12 for pair in pairs)
    differing = sum(pair["home"] != pair["odds_home"] for pair in pairs)
    assert 40 < differing < 300, "a mapping has work to do, but names are recognisable"
    assert {pair["home_id"] for pair in pairs}.isdisjoint(
        fixture.home_id for fixture in side.odds.truth.fixtures.values()
    )


def test_the_men_are_those_of_the_odds_sides_player_markets(side: Side) -> None:
    pair = side.fotmob.known_pairs()[0]
    fixture = side.odds.truth.fixtures[pair["fixture_id"]]
    match = side.read(pair["match_id"], fixture.kickoff + 300 * MINUTE)
    names = {player.name for player in match.home_lineup.players}
    known = [" ".join(player_name(name)) for name, team in fixture.players if team == 1]
    assert len(names & set(known)) >= 10, "but for spelling, and but for who is missing"


def test_each_league_has_a_season_of_at_least_120_matches(side: Side) -> None:
    for league in side.fotmob.world.competitions[:12]:
        page = read_league(side.fotmob.league(league.id, None, START))
        played = [match for match in page.matches if match.kickoff.timestamp() * 1000 < START - DAY / 2]
        assert len(played) >= 120
        assert len(page.seasons) == 2 and page.season == page.seasons[0]
        before = read_league(side.fotmob.league(league.id, page.seasons[1], START))
        assert {match.match_id for match in before.matches}.isdisjoint(match.match_id for match in page.matches)
    assert side.fotmob.league(1, None, START) is None
    assert side.fotmob.league(side.fotmob.world.competitions[0].id, "1999/2000", START) is None


def test_the_pages_agree_with_each_other(side: Side) -> None:
    league = side.fotmob.world.competitions[0]
    page = read_league(side.fotmob.league(league.id, None, START))
    wanted = page.matches[-3]
    days = [
        row
        for shift in (-1, 0, 1)
        for row in read_day(side.fotmob.day(_date(wanted.kickoff.timestamp() * 1000 + shift * DAY), "UTC", START))
    ]
    found = next(row for row in days if row.match_id == wanted.match_id)
    assert (found.kickoff, found.home.id, found.state) == (wanted.kickoff, wanted.home.id, wanted.state)
    team = read_team(side.fotmob.team(wanted.home.id, START))
    assert wanted.match_id in {match.match_id for match in team.matches}
    assert len(team.squad) >= 24
    player = read_player(side.fotmob.player(wanted.home.id * 100, START))
    assert player is not None
    assert side.fotmob.player(5, START) is None and side.fotmob.team(5, START) is None


def _date(milliseconds: float) -> str:
    from datetime import UTC, datetime

    return datetime.fromtimestamp(milliseconds / 1000, UTC).strftime("%Y%m%d")


def test_the_day_page_follows_the_time_zone(side: Side) -> None:
    here = {match.match_id for match in read_day(side.fotmob.day(_date(START), "UTC", START))}
    there = {match.match_id for match in read_day(side.fotmob.day(_date(START), "Pacific/Auckland", START))}
    assert here and there and here != there


def test_every_match_that_is_listed_can_be_asked_for(side: Side) -> None:
    for league in side.fotmob.world.competitions[:5]:
        for meeting in side.fotmob.world.meetings(league):
            assert side.fotmob.world.meeting(meeting.id).id == meeting.id


def test_arriving_fixtures_leave_the_seasons_alone() -> None:
    side = Side(fixtures=12)
    league = side.fotmob.world.competitions[0]
    before = [meeting.id for meeting in side.fotmob.world.past(league, 0, 0)]
    clubs = {club.id for club in side.fotmob.world.clubs(league, 0)}
    assert any(club >= FIRST_FILLER for club in clubs), "places that the odds side does not fill"
    assert [meeting.id for meeting in side.fotmob.world.past(league, 0, 0)] == before
    assert len(clubs) == league.size


def test_only_so_many_leagues_and_matches_as_asked_for() -> None:
    side = Side(fotmob_leagues=50, fotmob_history=40)
    leagues = side.fotmob.world.competitions
    assert len(leagues) == 50
    past = [len(side.fotmob.world.past(league, 0, 0)) for league in leagues]
    assert 2000 <= sum(past) <= 2400


@given(st.integers(2, 30).map(lambda half: 2 * half), st.integers(1, 400))
def test_in_a_round_everybody_plays_once(clubs: int, matches: int) -> None:
    plan = rounds(clubs, matches, START, 1)
    assert matches <= len(plan) < matches + clubs // 2
    by_round: dict[int, list[int]] = {}
    for row in plan:
        by_round.setdefault(row.round, []).extend((row.home, row.away))
        assert row.kickoff < START // DAY * DAY
    assert all(sorted(places) == list(range(clubs)) for places in by_round.values())
    pairs = Counter((row.home, row.away) for row in plan if row.round <= 2 * (clubs - 1))
    assert max(pairs.values()) == 1, "nobody is twice at home to the same club within two legs"


@given(st.integers(0, 10**6))
def test_names_of_other_clubs_are_their_own(number: int) -> None:
    assert filler_name(number) != filler_name(number + 1)


def test_a_club_is_spelt_alike_always() -> None:
    assert club_name("Alderbrook FC") == club_name("Alderbrook FC")
    assert club_name("Oakham & District").long.startswith("Oakham and Distric")
