"""When an operator is told: quiet hours over midnight and time zones, and how a storm is gathered."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from PROPPR.SharedServices.service.alerting.policy import AlertPolicy, Pace, QuietHours, Waiting, quiet_hours

DAY = datetime(2026, 11, 21, tzinfo=UTC)


def at(hour: int, minute: int = 0) -> datetime:
    return DAY + timedelta(hours=hour, minutes=minute)


def test_hours_over_midnight() -> None:
    hours = quiet_hours("23:00-07:00")
    assert [hours.contains(at(hour)) for hour in (22, 23, 0, 6, 7, 12)] == [False, True, True, True, False, False]


def test_hours_of_a_day_and_a_zone() -> None:
    hours = quiet_hours("9:30 - 17:00 America/New_York")
    assert not hours.contains(at(14, 29)) and hours.contains(at(14, 30)) and not hours.contains(at(22))
    summer = datetime(2026, 7, 1, 13, 30, tzinfo=UTC)
    assert hours.contains(summer), "the zone has its summer time"


@pytest.mark.parametrize("text", ["", "23-7", "24:00-07:00", "23:00-07:00 Nowhere/Town", "23:00-07:00 ../passwd", "x"])
def test_what_is_no_hours_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"must be|names no"):
        quiet_hours(text)


@given(st.times(), st.times(), st.datetimes(timezones=st.just(UTC)))
def test_every_moment_is_in_the_hours_or_in_the_rest(begin: time, end: time, moment: datetime) -> None:
    quiet, rest = QuietHours(begin, end, UTC), QuietHours(end, begin, UTC)
    assert begin == end or quiet.contains(moment) != rest.contains(moment)


def test_without_hours_it_is_never_quiet() -> None:
    assert not AlertPolicy().is_quiet(at(3))


def test_one_message_goes_after_its_like_could_come() -> None:
    pace = Pace()
    assert pace.wait(100, Waiting(1, 0.5, False)) == 1.5
    assert pace.wait(100, Waiting(1, 2.0, False)) == 0
    assert not pace.as_one(100, Waiting(3, 2.0, False))
    assert pace.as_one(100, Waiting(4, 2.0, False))


def test_a_storm_is_gathered_and_what_is_critical_sooner() -> None:
    pace = Pace()
    for second in range(5):
        pace.sent(100 + second)
    assert pace.is_storm(105)
    assert pace.wait(105, Waiting(2, 9, False)) == 29
    assert pace.wait(105, Waiting(2, 9, True)) == 4
    assert pace.as_one(105, Waiting(2, 9, False))
    assert not pace.is_storm(161)
    assert pace.wait(161, Waiting(2, 9, False)) == 0


@given(st.lists(st.tuples(st.floats(0, 20), st.integers(1, 5), st.booleans()), max_size=200))
def test_whatever_comes_a_chat_gets_few_messages_and_nothing_waits_long(steps: list[tuple[float, int, bool]]) -> None:
    """Ten a minute at most when nothing is critical, and no message waits longer than a gathering."""
    pace, now, sent = Pace(), 1000.0, [0.0]
    began: float | None = None
    for after, _, _ in steps:
        now += after
        began = now if began is None else began
        waiting = Waiting(1, now - began, False)
        left = pace.wait(now, waiting)
        assert 0 <= left <= 30
        if left == 0:
            pace.sent(now)
            sent.append(now)
            began = None
    assert all(len([other for other in sent if moment <= other < moment + 60]) <= 10 for moment in sent)
