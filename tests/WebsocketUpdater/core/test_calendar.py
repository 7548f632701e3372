"""Which fixtures make silence suspicious, and in which order they are read."""

from __future__ import annotations

import pytest
from stream_fakes import fixture

from PROPPR.WebsocketUpdater.core import calendar as calendars
from PROPPR.WebsocketUpdater.core.calendar import FixtureCalendar

NOW = 1_780_000_000_000
MINUTE = 60_000


@pytest.mark.parametrize(
    ("minutes", "status", "any_status", "live", "prematch"),
    [
        (-30, "live", True, True, False),
        (-30, "pending", True, True, False),
        (-200, "live", True, True, False),
        (-200, "pending", False, False, False),
        (-300, "live", False, False, False),
        (30, "pending", True, False, True),
        (90, "pending", False, False, False),
        (-30, "settled", False, False, False),
        (-30, "postponed", False, False, False),
    ],
)
def test_data_is_expected_of_priced_fixtures_that_are_live_or_start_soon(
    minutes: int, status: str, any_status: bool, live: bool, prematch: bool
) -> None:
    for status_filter, expected in (("", any_status), ("live", live), ("prematch", prematch)):
        one = FixtureCalendar(status_filter)
        one.replace([fixture(1, NOW + minutes * MINUTE, status)], NOW)
        assert not one.expects_data(NOW)
        one.set_priced(1)
        assert one.expects_data(NOW) == expected
        one.set_priced(1, priced=False)
        assert not one.expects_data(NOW)


def test_a_changed_status_counts_at_once() -> None:
    one = FixtureCalendar()
    one.replace([fixture(1, NOW, "live")], NOW)
    one.set_priced(1)
    one.set_status(1, "settled")
    one.set_status(2, "live")
    assert not one.expects_data(NOW)
    assert (one.status_of(1), one.status_of(2), 2 in one) == ("settled", None, False)


def test_live_fixtures_come_first_then_the_nearest_kick_offs() -> None:
    one = FixtureCalendar()
    kickoffs = {1: 600, 2: 5, 3: -30, 4: -60, 5: 60}
    one.replace(
        [fixture(key, NOW + at * MINUTE, "live" if key == 4 else "settled" if key == 5 else "pending")
         for key, at in kickoffs.items()],
        NOW,
    )  # fmt: skip
    assert one.nearest_first(NOW) == [4, 2, 3, 1]


def test_a_new_list_drops_what_is_over_and_keeps_what_may_still_run() -> None:
    one = FixtureCalendar()
    one.replace([fixture(1, NOW - 30 * MINUTE), fixture(2, NOW - 600 * MINUTE)], NOW)
    one.replace([fixture(3, NOW)], NOW)
    assert {1 in one, 2 in one, 3 in one} == {True, False}
    assert 2 not in one


def test_the_calendar_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calendars, "MAX_FIXTURES", 10)
    one = FixtureCalendar()
    for number in range(100):
        one.add(fixture(number, NOW + number * MINUTE), NOW)
    assert len(one) <= 11
    one.replace([fixture(number, NOW + number * MINUTE) for number in range(100)], NOW)
    assert one.nearest_first(NOW) == list(range(10))
