"""How moments and numbers are written."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from PROPPR.Console.formats import ago, clock_time, duration, iso, money, number, percent, price, utc

NOW = datetime(2026, 11, 21, 12, 0, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "now"), (0.9, "now"), (-1.9, "now"), (1, "1 s ago"), (119.9, "119 s ago"), (120, "2 min ago"),
     (7199, "119 min ago"), (7200, "2 h ago"), (172_800, "2 d ago"), (-2, "in 2 s"), (-7200, "in 2 h")],
)  # fmt: skip
def test_how_long_ago(seconds: float, words: str) -> None:
    assert ago(NOW - timedelta(seconds=seconds), NOW) == words


def test_moments_are_told_in_utc_wherever_they_come_from() -> None:
    elsewhere = NOW.astimezone(timezone(timedelta(hours=5)))
    naive = NOW.replace(tzinfo=None)
    for moment in (NOW, elsewhere, naive):
        assert utc(moment) == "2026-11-21 12:00:05"
        assert iso(moment) == "2026-11-21T12:00:05Z"
        assert clock_time(moment, NOW) == "12:00:05"
    assert clock_time(NOW - timedelta(days=1), NOW) == "2026-11-20 12:00"


def test_numbers() -> None:
    assert [duration(each) for each in (0, 0.4, 45, 3.0)] == ["0 s", "0.4 s", "45 s", "3 s"]
    assert [price(each) for each in (2, 1.9, 1.925, 1.9251)] == ["2.00", "1.90", "1.925", "1.925"]
    assert [money(each) for each in (1234.5, -3, 0, -0.001)] == ["+1,234.50", "-3.00", "0.00", "0.00"]
    assert (number(12345.6), number(1.25, 1), percent(0.125)) == ("12,346", "1.2", "12.5 %")
    for write in (utc, ago, duration, number, price, percent, money, clock_time):
        assert write(None) == "–"
