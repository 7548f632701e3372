"""How often rounds are made and matches looked up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from grading_rig import KICKOFF
from hypothesis import given
from hypothesis import strategies as st

from PROPPR.SharedServices.grading.scheduler.pace import Pace
from PROPPR.SharedServices.grading.scheduler.passes import Pass, Rhythm, due, pass_at, revision_due


@dataclass(frozen=True)
class Known:
    checked_at: datetime
    complete: bool = False


def after(hours: float) -> datetime:
    return KICKOFF + timedelta(hours=hours)


def test_the_interval_halves_after_three_good_rounds_and_doubles_on_refusal() -> None:
    pace = Pace.of(300)
    seen = []
    for refused in [False] * 10 + [True] * 8 + [False] * 3:
        pace = pace.after(refused=refused)
        seen.append(pace.interval)
    assert seen[:10] == [300, 300, 150, 150, 150, 75, 75, 75, 60, 60]
    assert seen[10:] == [120, 240, 480, 960, 1920, 3600, 3600, 3600, 3600, 3600, 1800]


@given(st.floats(0.1, 10_000), st.lists(st.booleans(), max_size=60))
def test_the_interval_stays_within_its_bounds(usual: float, rounds: list[bool]) -> None:
    pace = Pace.of(usual)
    for refused in rounds:
        pace = pace.after(refused=refused)
        assert min(60, usual) <= pace.interval <= max(3600, usual)


def test_passes_by_the_age_of_a_match() -> None:
    ages = {2: Pass.IMMEDIATE, 2.5: Pass.POST_MATCH, 4: Pass.DELAYED, 24: Pass.NEXT_DAY}
    assert {hours: pass_at(KICKOFF, after(hours)) for hours in ages} == ages


def test_a_match_that_was_never_looked_at_is_due_from_its_end_on() -> None:
    rhythm = Rhythm()
    assert due(KICKOFF, None, after(1.7), rhythm) is None
    assert due(KICKOFF, None, after(1.8), rhythm) is Pass.IMMEDIATE
    assert due(None, None, after(0), rhythm) is not None
    assert due(KICKOFF, None, after(0.1), Rhythm(live=True)) is Pass.IMMEDIATE


def test_a_complete_match_is_looked_at_after_full_time_and_the_next_day() -> None:
    assert revision_due(KICKOFF, Known(after(2), True), after(2.4)) is None
    assert revision_due(KICKOFF, Known(after(2), True), after(2.6)) is Pass.POST_MATCH
    assert revision_due(KICKOFF, Known(after(2.6), True), after(23)) is None
    assert revision_due(KICKOFF, Known(after(2.6), True), after(24)) is Pass.NEXT_DAY
    assert revision_due(KICKOFF, Known(after(24), True), after(30)) is None
    assert revision_due(KICKOFF, Known(after(2.6), True), after(24 * 6)) is None


def test_an_incomplete_match_with_settled_bets_is_looked_at_two_hours_after_full_time_too() -> None:
    assert revision_due(KICKOFF, Known(after(1)), after(2.4)) is None
    assert revision_due(KICKOFF, Known(after(1)), after(2.6)) is Pass.POST_MATCH
    assert revision_due(KICKOFF, Known(after(2.6)), after(3.9)) is None
    assert revision_due(KICKOFF, Known(after(2.6)), after(4)) is Pass.DELAYED
    assert revision_due(KICKOFF, Known(after(4)), after(24)) is Pass.NEXT_DAY
    assert revision_due(KICKOFF, Known(after(24)), after(100)) is None


@given(st.floats(0, 400), st.floats(0, 400))
def test_what_was_just_looked_at_is_not_due(checked: float, later: float) -> None:
    known = Known(after(checked))
    assert due(KICKOFF, known, known.checked_at, Rhythm()) is None
    if due(KICKOFF, known, after(checked + later), Rhythm()) is not None:
        assert later > 0 and checked + later >= 1.75


def test_an_incomplete_match_is_looked_at_so_often_and_no_more() -> None:
    known, asked = None, []
    for minutes in range(0, 60 * 24 * 30, 5):
        now = KICKOFF + timedelta(minutes=minutes)
        if due(KICKOFF, known, now, Rhythm(voids=(timedelta(hours=48),))) is not None:
            known = Known(now)
            asked.append(minutes / 60)
    assert [hours for hours in asked if hours >= 2.5] == [2.5, 4, 8, 16, 32, 48 + 5 / 60, 64, 128]
    assert len([hours for hours in asked if hours < 2.5]) == 9
