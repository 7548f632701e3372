"""What a player's list says, in every shape and under every name, and what it says by leaving out."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from PROPPR.SharedServices.football.errors import LayoutChanged
from PROPPR.SharedServices.football.player_numbers import Man, fill_zeros, read_numbers
from PROPPR.SharedServices.football.statistics import Statistic as S
from PROPPR.SharedServices.football.team_numbers import attempted


def listed(key: str, value: object = None, **stat: object) -> dict[str, Any]:
    shown = {"type": "integer", **stat} if value is None else {"value": value, "type": "integer", **stat}
    return {"stats": {"Label": {"key": key, "stat": shown}}}


@pytest.mark.parametrize(
    ("groups", "numbers"),
    [
        ([listed("ShotsOnTarget", 2, total=5)], {S.SHOTS_ON_TARGET: 2}),
        ([listed("ShotsOnTarget", 2), listed("shot_accuracy")], {S.SHOTS_ON_TARGET: 2}),
        ([listed("shot_accuracy", 1, total=3)], {S.SHOTS_ON_TARGET: 1}),
        ([listed("matchstats.headers.tackles", 3)], {S.TACKLES: 3}),
        ([listed("tackles_succeeded", 1, total=3)], {S.TACKLES: 3}),
        ([listed("tackles_succeeded", 0)], {S.TACKLES: 0}),
        ([listed("tackles_succeeded", 2)], {}),
        ([listed("was_fouled")], {S.FOULED: 0}),
        ([listed("fouls")], {}),
        ([listed("accurate_passes", 9, total=10)], {S.PASSES_COMPLETED: 9, S.PASSES: 10}),
        ([listed("saves", "3/4 (75%)")], {S.SAVES: 3}),
        ([listed("expected_goals", "0.14")], {S.EXPECTED_GOALS: 0.14}),
        ([listed("something_new", {"of": "another kind"})], {}),
        ([{"stats": {"Tackles won": "2/3 (67%)", "Total shots": 0, "New label": "?"}}], {S.TACKLES: 3, S.SHOTS: 0}),
        ([{"stats": {"Shotmap": {"key": None, "stat": {"value": None}}}}], {}),
    ],
    ids=[
        "on target of all", "on target 2026", "accuracy", "tackles", "tackles won", "no tackles", "won of unknown",
        "fouled null", "fouls null", "passes", "saves of", "a decimal text", "an unknown key", "labels", "shot map",
    ],
)  # fmt: skip
def test_names_and_shapes(groups: list[object], numbers: dict[S, object]) -> None:
    assert read_numbers(groups) == numbers


@pytest.mark.parametrize(
    ("groups", "path"),
    [
        ([listed("goals", True)], "[0].stats.Label.stat.value"),
        ([listed("goals", "two")], "[0].stats.Label.stat.value"),
        ([listed("tackles_succeeded", 1, total="3")], "[0].stats.Label.stat.total"),
        ([{"stats": {"Goals": {"name": "goals", "stat": {"value": 1}}}}], "[0].stats.Goals.key"),
        ([{"stats": {"Goals": {"key": "goals", "stat": 1}}}], "[0].stats.Goals.stat"),
        ([{"stats": {"Goals": {"key": "goals", "val": 1}}}], "[0].stats.Goals.value"),
        ([{"stats": []}], "[0].stats"),
        ([[]], "[0]"),
    ],
    ids=["true", "a word", "total a text", "no key", "stat a number", "no value", "a list", "no group"],
)
def test_other_kinds_are_refused(groups: list[object], path: str) -> None:
    with pytest.raises(LayoutChanged) as changed:
        read_numbers(groups)
    assert changed.value.path == path


def side(*numbers: dict[S, int | float], whole: bool = True) -> list[Man]:
    return [Man(dict(own), whole, goalkeeper=index == 0) for index, own in enumerate(numbers)]


def test_absent_is_zero_where_the_men_make_up_the_team() -> None:
    men = side({}, {S.CORNERS: 3, S.FOULS: 1}, {})
    fill_zeros(men, {S.CORNERS: 3, S.FOULS: 1})
    assert [man.numbers[S.CORNERS] for man in men] == [0, 3, 0]
    assert [man.numbers[S.FOULS] for man in men] == [0, 1, 0]


def test_absent_is_unknown_where_a_number_is_missing() -> None:
    men = side({}, {S.CORNERS: 3}, {})
    fill_zeros(men, {S.CORNERS: 4})
    assert [man.numbers.get(S.CORNERS) for man in men] == [None, 3, None]


def test_the_goalkeeper_hides_what_is_missing_of_fouls() -> None:
    men = side({}, {S.FOULS: 2}, {})
    fill_zeros(men, {S.FOULS: 3})
    assert [man.numbers.get(S.FOULS) for man in men] == [None, 2, 0]
    doubtful = [*side({}, {S.FOULS: 2}, {}), Man({}, whole=False, goalkeeper=False)]
    fill_zeros(doubtful, {S.FOULS: 3})
    assert [man.numbers.get(S.FOULS) for man in doubtful] == [None, 2, None, None]


def test_a_list_without_minutes_has_no_zeros() -> None:
    men = side({S.SHOTS: 1}, {}, whole=False)
    fill_zeros(men, {S.SHOTS: 1})
    assert [dict(man.numbers) for man in men] == [{S.SHOTS: 1}, {}]


def test_without_a_team_number_the_known_habits_of_the_source_count() -> None:
    men = side({}, {S.SHOTS: 2, S.EXPECTED_GOALS: 0.3}, {S.SHOTS: 1})
    fill_zeros(men, {})
    assert men[0].numbers[S.SHOTS] == 0
    assert men[0].numbers[S.EXPECTED_GOALS] == 0
    assert S.EXPECTED_GOALS not in men[2].numbers
    assert S.FOULS not in men[0].numbers


def test_what_is_neither_on_target_nor_blocked_is_off_target() -> None:
    men = side({S.SHOTS: 5, S.SHOTS_ON_TARGET: 2, S.BLOCKED_SHOTS: 1})
    fill_zeros(men, {})
    assert men[0].numbers[S.SHOTS_OFF_TARGET] == 2


@given(st.lists(st.integers(0, 5) | st.none(), min_size=1, max_size=14), st.integers(0, 30))
def test_zeros_never_contradict_the_team(shown: list[int | None], total: int) -> None:
    men = side(*({} if number is None else {S.SHOTS: number} for number in shown))
    fill_zeros(men, {S.SHOTS: total})
    known = [man.numbers.get(S.SHOTS) for man in men]
    assert [new for old, new in zip(shown, known, strict=True) if old is not None] == [
        old for old in shown if old is not None
    ]
    if None not in known and None in shown:
        assert sum(number or 0 for number in known) >= total


@given(st.integers(1, 40), st.integers(0, 40))
def test_attempts_are_right_or_unknown(won: int, lost: int) -> None:
    total = won + lost
    found = attempted(won, round(100 * won / total))
    assert found in (None, total)
    if total <= 25 and won / total > 0.3:
        assert found == total


def test_of_none_won_the_attempts_are_unknown() -> None:
    assert attempted(0, 0) is None
    assert attempted(0, None) == 0
    assert attempted(None, None) is None
