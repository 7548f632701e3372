from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
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
    Goal,
    League,
    Lineup,
    Match,
    Minute,
    Player,
    Position,
    Role,
    Score,
    State,
    Team,
)
from PROPPR.SharedServices.football.ninety_minutes import HALVES, PERIODS, numbers_of
from PROPPR.SharedServices.football.statistics import PREDICTED, Period, Statistic

MINUTES = st.builds(
    Minute, st.sampled_from((1, 20, 44, 45, 46, 70, 89, 90, 91, 104, 105, 106, 120)), st.integers(0, 12)
)


def goal(minute: int, home: bool, stoppage: int = 0) -> Goal:
    return Goal(Minute(minute, stoppage), home, None, "Somebody")


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


def test_extra_time_and_the_shootout_never_count_in_the_match() -> None:
    numbers = {
        Period.FIRST_HALF: {Statistic.CORNERS: (2, 1)},
        Period.SECOND_HALF: {Statistic.CORNERS: (3, 1)},
        Period.EXTRA_TIME: {Statistic.CORNERS: (4, 4)},
        Period.ALL: {Statistic.CORNERS: (9, 6), Statistic.FOULS: (20, 21)},
    }
    goals = (goal(45, True, 2), goal(90, False, 5), goal(104, True))
    row = side(match(ending=Ending.EXTRA_TIME, score=Score(2, 1), goals=goals, team_numbers=numbers))
    assert row.number(Statistic.CORNERS) == 5
    assert row.number(Statistic.FOULS) is None  # only known with extra time
    assert row.number(Statistic.GOALS) == 1
    assert row.number(Statistic.GOALS, against=True) == 1
    assert [row.number(Statistic.GOALS, half) for half in HALVES] == [1, 0]


def test_the_whole_match_stands_for_ninety_minutes_where_there_was_no_extra_time() -> None:
    numbers = {Period.ALL: {Statistic.FOULS: (20, 21), Statistic.SHOTS: (None, 7)}}
    row = side(match(team_numbers=numbers))
    assert (row.number(Statistic.FOULS), row.number(Statistic.FOULS, Period.FIRST_HALF)) == (20, None)
    assert (row.number(Statistic.SHOTS), row.number(Statistic.SHOTS, against=True)) == (None, 7)


def test_shares_and_throw_ins_are_not_summed_from_halves() -> None:
    half = {Statistic.POSSESSION: (60, 40), Statistic.THROW_INS: (9, 8), Statistic.PASSES: (200, 100)}
    row = side(match(team_numbers={Period.FIRST_HALF: half, Period.SECOND_HALF: half}))
    assert row.number(Statistic.PASSES) == 400
    assert row.number(Statistic.POSSESSION) is None
    assert row.number(Statistic.THROW_INS) is None


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ({"score": Score(3, 1)}, (3, None, None)),
        ({"score": Score(3, 1), "score_half": Score(1, 1)}, (3, 1, 2)),
        ({"score": Score(3, 1), "score_90": Score(1, 1), "ending": Ending.PENALTIES}, (1, None, None)),
        ({"score": Score(1, 1), "ending": Ending.PENALTIES}, (None, None, None)),
        ({"score": Score(1, 0), "score_half": Score(2, 0)}, (1, None, None)),
        ({"score": Score(2, 0), "goals": (goal(45, True, 4), goal(46, True))}, (2, 1, 1)),
        ({"score": Score(2, 0), "goals": (goal(46, True),)}, (2, None, None)),
        ({}, (None, None, None)),
    ],
    ids=["score", "half", "ninety", "only after extra time", "contradiction", "events", "events missing", "nothing"],
)
def test_goals_come_from_scores_else_from_events_that_make_up_the_result(
    parts: dict[str, Any], expected: tuple[int | None, ...]
) -> None:
    row = side(match(**parts))
    assert tuple(row.number(Statistic.GOALS, period) for period in PERIODS) == expected


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
    squad = Lineup(True, None, (Player(1, "A", True, Role.STARTER), Player(2, "B", True, Role.SUBSTITUTE_UNUSED)))
    cards = (
        card(20, True, on_pitch=True),
        card(30, True, player_id=2, on_pitch=False),
        card(40, True, player_id=99),  # nobody of the squad: a coach of a time when cards did not say so
    )
    assert side(match(cards=cards, home_lineup=squad)).number(Statistic.YELLOW_CARDS) == 1
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


@given(
    goals=st.lists(st.builds(Goal, MINUTES, st.booleans(), st.none(), st.just("X"))),
    cards=st.lists(st.builds(Card, MINUTES, st.booleans(), st.sampled_from(CardKind), st.none(), st.just("X"))),
)
def test_what_is_counted_from_events_adds_up_over_the_halves(goals: list[Goal], cards: list[Card]) -> None:
    sides = [found.home for found in goals]
    score = Score(sides.count(True), sides.count(False))
    played = match(ending=Ending.EXTRA_TIME, score=score, goals=tuple(goals), cards=tuple(cards))
    for home in (True, False):
        numbers = numbers_of(played, home)
        for statistic in (Statistic.GOALS, Statistic.YELLOW_CARDS, Statistic.RED_CARDS):
            whole, first, second = (numbers[period][statistic] for period in PERIODS)
            assert whole == (first or 0) + (second or 0)
        within = [found for found in goals if found.home is home and found.at.minute <= 90]
        assert numbers[Period.MATCH][Statistic.GOALS] == len(within)


@given(
    halves=st.dictionaries(
        st.sampled_from(HALVES),
        st.dictionaries(st.sampled_from(PREDICTED), st.tuples(st.none() | st.integers(0, 9), st.integers(0, 9))),
    )
)
def test_a_half_that_is_unknown_makes_the_match_unknown_never_smaller(
    halves: dict[Period, dict[Statistic, tuple[int | None, int]]],
) -> None:
    numbers = numbers_of(match(team_numbers=halves, full_time_seen=False), True)
    assert set(numbers) == set(PERIODS)
    for statistic in set(PREDICTED) - {Statistic.GOALS}:
        parts = [halves.get(half, {}).get(statistic, (None, 0))[0] for half in HALVES]
        expected = None if None in parts else sum(part for part in parts if part is not None)
        assert numbers[Period.MATCH][statistic] == expected


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
