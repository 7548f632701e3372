from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from football_payloads import card as card_event
from football_payloads import goal, match_payload
from football_rows import PLAYER_NUMBERS, player_row, player_seasons, team_row, team_seasons
from hypothesis import given
from hypothesis import strategies as st

from PROPPR.SharedServices.football.appearances import (
    PlayerMatch,
    TeamMatch,
    by_team_and_season,
    distinct_appearances,
    distinct_matches,
    player_matches,
    season_of,
    team_matches,
)
from PROPPR.SharedServices.football.model import (
    Card,
    CardKind,
    Ending,
    League,
    Lineup,
    Match,
    Minute,
    Player,
    Position,
    Role,
    State,
    Team,
)
from PROPPR.SharedServices.football.ninety_minutes import PERIODS, REDS, YELLOWS, numbers_of
from PROPPR.SharedServices.football.reading import read_match
from PROPPR.SharedServices.football.statistics import PREDICTED, Period, Statistic

MINUTES = st.builds(
    Minute, st.sampled_from((1, 20, 44, 45, 46, 70, 89, 90, 91, 104, 105, 106, 120)), st.integers(0, 12)
)


def card(minute: int, home: bool, kind: CardKind = CardKind.YELLOW, *, player_id: int = 1, **more: Any) -> Card:
    return Card(Minute(minute), home, kind, player_id, "Somebody", **more)


def match(**parts: Any) -> Match:
    given: dict[str, Any] = {
        "match_id": 5,
        "layout": "C",
        "league": League(894790, "World Cup Grp. A", parent_id=77, season="2026"),
        "kickoff": datetime(2026, 6, 29, 19, tzinfo=UTC),
        "home": Team(10, "Homeham"),
        "away": Team(20, "Awayton"),
        "state": State.PLAYED,
        "ending": Ending.FULL_TIME,
        "full_time_seen": True,
    }
    return Match(**(given | parts))


def side(found: Match, home: bool = True) -> TeamMatch:
    rows = team_matches(found)
    assert rows
    return rows[0 if home else 1]


@pytest.mark.parametrize("state", [state for state in State if state is not State.PLAYED], ids=str)
def test_only_a_match_played_to_the_end_has_rows(state: State) -> None:
    lineup = Lineup(True, None, (Player(1, "A", True, Role.STARTER, minutes=90),))
    assert team_matches(match(state=state)) == ()
    assert player_matches(match(state=state, home_lineup=lineup)) == ()


def test_a_row_says_whose_match_it_was() -> None:
    home, away = team_matches(match())
    assert (home.team, home.opponent, home.home) == (Team(10, "Homeham"), Team(20, "Awayton"), True)
    assert (away.team, away.opponent, away.home) == (Team(20, "Awayton"), Team(10, "Homeham"), False)
    assert (home.league_id, home.season) == (77, "2026")
    assert (home.own, home.against) == (away.against, away.own)


def test_the_season_is_the_one_asked_for_else_the_matchs_else_by_the_date() -> None:
    unnamed = match(league=League(47, "Premier League"))
    assert [row.season for row in team_matches(match(), "2025")] == ["2025", "2025"]
    assert side(unnamed).season == "2025/2026"
    assert season_of(datetime(2026, 7, 1, tzinfo=UTC)) == "2026/2027"


def test_extra_time_never_counts_in_the_match() -> None:
    numbers = {
        Period.FIRST_HALF: {Statistic.CORNERS: (2, 1)},
        Period.MATCH: {Statistic.CORNERS: (5, 2), Statistic.SHOTS: (None, 7)},
        Period.EXTRA_TIME: {Statistic.CORNERS: (4, 4)},
        Period.ALL: {Statistic.CORNERS: (9, 6), Statistic.FOULS: (20, 21)},
    }
    row = side(match(ending=Ending.EXTRA_TIME, team_numbers=numbers))
    assert [row.number(Statistic.CORNERS, period) for period in PERIODS] == [5, 2, None]
    assert row.number(Statistic.FOULS) is None  # only known with extra time
    assert (row.number(Statistic.SHOTS), row.number(Statistic.SHOTS, against=True)) == (None, 7)


def test_a_read_match_of_extra_time_counts_ninety_minutes() -> None:
    payload = match_payload(
        reason="AET",
        goals=[goal(45, True, 1002, stoppage=2), goal(90, False, 2002, stoppage=5), goal(104, True, 1003)],
        cards=[card_event(30, True, 1004), card_event(110, True, 1005)],
        team={"corners": [(2, 1), (3, 1), (4, 4)]},
    )
    row = side(read_match(payload))
    assert [row.number(Statistic.GOALS, period) for period in PERIODS] == [1, 1, 0]
    assert [row.number(Statistic.GOALS, period, against=True) for period in PERIODS] == [1, 0, 1]
    assert [row.number(Statistic.CORNERS, period) for period in PERIODS] == [5, 2, 3]
    assert [row.number(Statistic.YELLOW_CARDS, period) for period in PERIODS] == [1, 1, 0]


def test_yellow_cards_count_the_first_yellow_of_a_man_sent_off_by_a_second() -> None:
    cards = (
        card(30, True),
        card(44, True, player_id=2),
        card(80, True, CardKind.SECOND_YELLOW),
        card(85, True, CardKind.RED, player_id=3),
        card(99, True, player_id=4),
    )
    official = {Period.ALL: {Statistic.YELLOW_CARDS: (2, 0), Statistic.RED_CARDS: (2, 0)}}
    row = side(match(cards=cards, team_numbers=official, ending=Ending.EXTRA_TIME))
    assert [row.number(Statistic.YELLOW_CARDS, period) for period in PERIODS] == [2, 2, 0]
    assert [row.number(Statistic.RED_CARDS, period) for period in PERIODS] == [2, 0, 2]
    assert row.number(Statistic.YELLOW_CARDS, against=True) == 0


def test_cards_off_the_pitch_do_not_count() -> None:
    cards = (card(20, True, on_pitch=True), card(30, True, player_id=2, on_pitch=False), card(40, True, player_id=3))
    assert side(match(cards=cards)).number(Statistic.YELLOW_CARDS) == 2


def test_fewer_cards_listed_than_counted_by_the_source_is_unknown() -> None:
    official = {Period.MATCH: {Statistic.YELLOW_CARDS: (3, 1)}}
    row = side(match(cards=(card(20, True), card(30, False)), team_numbers=official))
    assert row.number(Statistic.YELLOW_CARDS) is None
    assert row.number(Statistic.YELLOW_CARDS, against=True) == 1


def test_without_any_events_the_sources_own_card_numbers_stay() -> None:
    official = {Period.MATCH: {Statistic.YELLOW_CARDS: (3, 1)}}
    row = side(match(full_time_seen=False, team_numbers=official))
    assert (row.number(Statistic.YELLOW_CARDS), row.number(Statistic.RED_CARDS)) == (3, None)


@given(st.lists(st.builds(Card, MINUTES, st.booleans(), st.sampled_from(CardKind), st.none(), st.just("X"))))
def test_cards_add_up_over_the_halves(cards: list[Card]) -> None:
    played = match(ending=Ending.EXTRA_TIME, cards=tuple(cards))
    for home in (True, False):
        numbers = numbers_of(played, home)
        for statistic, kinds in ((Statistic.YELLOW_CARDS, YELLOWS), (Statistic.RED_CARDS, REDS)):
            whole, first, second = (numbers[period][statistic] for period in PERIODS)
            assert whole == (first or 0) + (second or 0)
            assert whole == sum(1 for c in cards if c.home is home and c.kind in kinds and c.at.minute <= 90)


@given(
    st.dictionaries(
        st.sampled_from(PERIODS),
        st.dictionaries(st.sampled_from(PREDICTED), st.tuples(st.none() | st.integers(0, 9), st.integers(0, 9))),
    )
)
def test_unknown_stays_unknown(given_numbers: dict[Period, dict[Statistic, tuple[int | None, int]]]) -> None:
    numbers = numbers_of(match(team_numbers=given_numbers, full_time_seen=False), True)
    assert numbers == {
        period: {name: given_numbers.get(period, {}).get(name, (None, 0))[0] for name in PREDICTED}
        for period in PERIODS
    }


def test_players_of_confirmed_squads_only() -> None:
    home = Lineup(
        True,
        "4-4-2",
        (
            Player(1, "A", True, Role.STARTER, Position.FORWARD, minutes=90, numbers={Statistic.SHOTS: 3}),
            Player(2, "B", True, Role.SUBSTITUTE_UNUSED, numbers={Statistic.SHOTS: 0}),
            Player(3, "C", True, Role.UNAVAILABLE),
            Player(4, "D", True, Role.SUBSTITUTE_USED),
        ),
    )
    away = Lineup(False, None, (Player(9, "Z", False, Role.STARTER, minutes=90),))
    rows = player_matches(match(home_lineup=home, away_lineup=away, cards=(card(20, True),)))
    assert [(row.player_id, row.minutes, row.played) for row in rows] == [
        (1, 90, True),
        (2, 0, False),
        (3, 0, False),
        (4, None, True),
    ]
    first = rows[0]
    assert first.numbers == {Statistic.SHOTS: 3, Statistic.YELLOW_CARDS: 1, Statistic.RED_CARDS: 0}
    assert (first.team_id, first.opponent_id, first.team_name, first.opponent_name) == (10, 20, "Homeham", "Awayton")
    assert rows[1].numbers == {}


@given(rows=team_seasons(), data=st.data())
def test_each_match_comes_once_newest_first_whatever_the_order(rows: list[TeamMatch], data: st.DataObject) -> None:
    shuffled = data.draw(st.permutations(rows + rows[::2]))
    assert distinct_matches(shuffled) == tuple(reversed(rows))


@given(rows=player_seasons(), data=st.data())
def test_each_appearance_comes_once_newest_first_whatever_the_order(
    rows: list[PlayerMatch], data: st.DataObject
) -> None:
    shuffled = data.draw(st.permutations(rows + rows[::2]))
    assert distinct_appearances(shuffled) == tuple(reversed(rows))


def test_of_two_rows_of_a_match_the_fuller_one_stays() -> None:
    poor = team_row(1, own={Statistic.GOALS: 1})
    full = team_row(1, own={Statistic.GOALS: 1, Statistic.SHOTS: 0})
    corrected = team_row(1, own={Statistic.GOALS: 1, Statistic.SHOTS: 4})
    assert distinct_matches([poor, full]) == distinct_matches([full, poor]) == (full,)
    assert distinct_matches([full, corrected]) == distinct_matches([corrected, full])
    thin = player_row(1, values={PLAYER_NUMBERS[0]: 1})
    told = replace(thin, numbers={name: 0 for name in PLAYER_NUMBERS})
    assert distinct_appearances([thin, told]) == distinct_appearances([told, thin]) == (told,)


@given(rows=team_seasons())
def test_seasons_split_the_rows(rows: list[TeamMatch]) -> None:
    split = by_team_and_season(reversed(rows))
    parts: Sequence[TeamMatch] = [row for part in split.values() for row in part]
    assert sorted(row.match_id for row in parts) == [row.match_id for row in rows]
    assert all(row.season == season and row.team.id == team for (team, season), part in split.items() for row in part)
