from __future__ import annotations

import pytest
from football_rows import player_row, player_seasons
from hypothesis import given
from hypothesis import strategies as st

from PROPPR.SharedServices.football.appearances import PlayerMatch
from PROPPR.SharedServices.football.model import Lineup, Player, Role
from PROPPR.StatsUpdateFM.core.statistics.expected_minutes import DECAY, USUAL_MINUTES, expected_minutes

BENCH, OUT = Role.SUBSTITUTE_UNUSED, Role.UNAVAILABLE


def mates(count: int) -> list[PlayerMatch]:
    """Another man who plays every match, so that the squads are known."""
    return [player_row(place, player_id=1) for place in range(1, count + 1)]


def lineup(*men: tuple[int, Role], confirmed: bool = True) -> Lineup:
    return Lineup(confirmed, None, tuple(Player(id_, f"Man {id_}", True, role) for id_, role in men))


def test_a_man_who_always_plays_is_expected_to_play_on() -> None:
    assert expected_minutes(mates(10)) == {1: pytest.approx(90)}


def test_the_bench_and_a_place_outside_the_squad_are_no_minutes() -> None:
    rows = [player_row(1), player_row(2, role=BENCH)]  # then left out of the third
    weights = [1, DECAY, DECAY**2]
    assert expected_minutes(mates(3) + rows)[7] == pytest.approx(90 * weights[2] / sum(weights))


def test_an_injury_says_nothing_about_the_next_match() -> None:
    rows = [player_row(1), player_row(2), player_row(3, role=OUT), player_row(4, role=OUT)]
    assert expected_minutes(mates(4) + rows)[7] == pytest.approx(90)


def test_matches_before_his_first_for_the_team_do_not_count_against_him() -> None:
    assert expected_minutes([*mates(9), player_row(9)])[7] == pytest.approx(90)


def test_unknown_minutes_are_no_zero_and_extra_time_is_cut_off() -> None:
    rows = [player_row(1, minutes=120), player_row(2, minutes=None)]
    assert expected_minutes(rows) == {7: pytest.approx(90)}
    assert expected_minutes([player_row(1, minutes=None)]) == {}


def test_an_unconfirmed_line_up_only_tells_who_is_unavailable() -> None:
    rows = [*mates(2), player_row(1), player_row(2)]
    known = lineup((1, Role.STARTER), (7, OUT), confirmed=False)
    assert expected_minutes(rows, known) == {1: pytest.approx(90)}


def test_a_confirmed_line_up_decides_who_plays() -> None:
    rows = [*mates(2), player_row(1), player_row(2, role=Role.SUBSTITUTE_USED, minutes=20), player_row(2, player_id=8)]
    found = expected_minutes(rows, lineup((1, BENCH), (7, Role.STARTER), (50, Role.STARTER)))
    assert set(found) == {1, 7, 50}
    assert found[50] == USUAL_MINUTES[True]
    assert found[1] == USUAL_MINUTES[False]  # none of his matches was from the bench
    assert USUAL_MINUTES[True] < found[7] < 90


@given(rows=player_seasons(), data=st.data(), confirmed=st.booleans())
def test_minutes_are_possible_and_do_not_depend_on_the_order(
    rows: list[PlayerMatch], data: st.DataObject, confirmed: bool
) -> None:
    known = data.draw(st.sampled_from([None, lineup((7, Role.STARTER), confirmed=confirmed)]))
    shuffled = data.draw(st.permutations(rows + rows[::3]))
    found = expected_minutes(shuffled, known)
    assert found == expected_minutes(rows, known)
    assert all(0 <= minutes <= 90 for minutes in found.values())


@given(player_seasons())
def test_what_lies_more_than_ten_matches_back_is_forgotten(rows: list[PlayerMatch]) -> None:
    assert expected_minutes(rows) == expected_minutes(rows[-10:])
