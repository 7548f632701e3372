"""The day's requests are spent on the most urgent look-ups, and never more of them than there are."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from PROPPR.StatsUpdateFM.core.schedule.look_ups import LookUp, Reason
from PROPPR.StatsUpdateFM.core.schedule.planner import plan, reserve_for

NOW = datetime(2026, 3, 7, 6, 0, tzinfo=UTC)
REASONS = st.sampled_from(list(Reason))


def look_up(match_id: int, reason: Reason, hours: float = -5) -> LookUp:
    return LookUp(match_id, 47, "2025/2026", NOW + timedelta(hours=hours), reason)


WANTED = st.lists(st.tuples(REASONS, st.integers(min_value=-3000, max_value=48)), max_size=60).map(
    lambda drawn: [look_up(number, reason, hours) for number, (reason, hours) in enumerate(drawn)]
)


def test_urgent_before_patient_and_near_before_far() -> None:
    wanted = [
        look_up(1, Reason.BACKFILL, -1000),
        look_up(2, Reason.REVISION, -25),
        look_up(3, Reason.POST_MATCH, -20),
        look_up(4, Reason.POST_MATCH, -3),
        look_up(5, Reason.PRE_MATCH, 1),
        look_up(6, Reason.BACKFILL, -200),
    ]
    assert [each.match_id for each in plan(wanted, 100, NOW).chosen] == [5, 4, 3, 2, 6, 1]


@given(WANTED, st.integers(min_value=-5, max_value=80), st.integers(min_value=0, max_value=80), st.integers())
def test_the_plan_keeps_to_the_budget(wanted: list[LookUp], free: int, reserve: int, seed: int) -> None:
    made = plan(wanted, free, NOW, reserve)
    urgent = [each for each in wanted if each.reason is not Reason.BACKFILL]
    chosen_urgent = [each for each in made.chosen if each.reason is not Reason.BACKFILL]
    patient = len(made.chosen) - len(chosen_urgent)
    assert len(made.chosen) <= max(0, free)
    assert len(chosen_urgent) == min(len(urgent), max(0, free))
    assert patient == 0 or len(made.chosen) + reserve <= free
    assert len(made.chosen) + sum(made.postponed.values()) == len(wanted)
    assert made.is_short == (len(chosen_urgent) < len(urgent))
    mixed = list(wanted)
    random.Random(seed).shuffle(mixed)
    assert plan(mixed, free, NOW, reserve) == made


def test_the_reserve_is_what_the_next_day_needs() -> None:
    hour = timedelta(hours=1)
    kickoffs = [NOW + hour, NOW + 23 * hour, NOW + 25 * hour, NOW - hour, NOW - 30 * hour]
    assert reserve_for(kickoffs, NOW, leagues=50) == 50 + 2 * 4 + 1


def test_fifty_leagues_fit_into_two_thousand_requests_on_a_saturday() -> None:
    """Ten matches of each of 50 leagues on one day, and ten on the day before: the worst that the calendar does."""
    kickoffs = [NOW + timedelta(hours=9)] * 350 + [NOW - timedelta(hours=12)] * 150
    assert reserve_for(kickoffs, NOW, leagues=50) <= 1600
