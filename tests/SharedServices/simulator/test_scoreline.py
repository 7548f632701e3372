"""The course of a match: goals within its minutes, extra time where it is due, a shootout that somebody wins."""

from __future__ import annotations

import random
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from PROPPR.SharedServices.simulator.scoreline import LENGTHS, Course, draw_course, fixture_course, shown

MINUTE = 60_000
courses = st.builds(
    lambda seed, home, away, knockout: draw_course(random.Random(seed), home, away, knockout),
    st.integers(0, 10**9),
    st.floats(0.1, 4),
    st.floats(0.1, 4),
    st.booleans(),
)


@given(courses)
def test_goals_lie_within_the_match_and_in_the_order_of_the_clock(course: Course) -> None:
    moments = [goal.at for goal in course.goals]
    assert moments == sorted(moments)
    for period, minute in moments:
        assert period <= course.last_period and 1 <= minute <= LENGTHS[period] + course.stoppage[period]


@given(courses)
def test_extra_time_and_shootout_come_where_nobody_leads(course: Course) -> None:
    if course.extra_time:
        home, away = course.score((2, 99))
        assert home == away
    if course.shootout:
        home, away = course.score((4, 99))
        kicks = [sum(hit for side, hit in course.shootout if side is is_home) for is_home in (True, False)]
        assert home == away and kicks[0] != kicks[1]
        sides = [side for side, _ in course.shootout]
        assert sides[0] and all(one is not other for one, other in pairwise(sides))


@given(courses, st.integers(0, 200 * MINUTE), st.integers(0, 30 * MINUTE))
def test_time_and_score_only_grow(course: Course, elapsed: int, later: int) -> None:
    before, after = course.seen_at(elapsed), course.seen_at(elapsed + later)
    assert before <= after
    assert all(earlier <= now for earlier, now in zip(course.score(before), course.score(after), strict=True))
    assert course.ninety(elapsed) == course.ninety(elapsed + later) or elapsed < course.ends(2)
    assert course.ninety(115 * MINUTE) == course.score((2, 99)), "the odds side settles after 115 minutes"


def test_a_fixture_always_goes_the_same_way_and_not_all_go_alike() -> None:
    assert fixture_course(1, 70_100_000, "A - B") == fixture_course(1, 70_100_000, "A - B")
    assert len({fixture_course(1, number, "A - B").goals for number in range(50)}) > 40


def test_stoppage_time_keeps_the_minute() -> None:
    assert [shown(at) for at in ((1, 45), (1, 47), (2, 1), (2, 48), (3, 16), (4, 15))] == [
        (45, 0),
        (45, 2),
        (46, 0),
        (90, 3),
        (105, 1),
        (120, 0),
    ]
