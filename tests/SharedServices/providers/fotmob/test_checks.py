"""Answers to other questions than were asked."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from PROPPR.SharedServices.providers.fotmob import checks
from PROPPR.SharedServices.providers.fotmob.errors import OtherAnswer, SourceChanged

DAY = date(2026, 5, 16)


@given(match_id=st.integers(1, 2**62), other=st.integers(1, 2**62), text=st.booleans())
def test_a_match_is_good_only_if_it_names_its_id(match_id: int, other: int, text: bool) -> None:
    check = checks.for_match(match_id)
    payload = {"general": {"matchId": str(other) if text else other}}
    if match_id == other:
        check(payload)
    else:
        with pytest.raises(OtherAnswer):
            check(payload)


@pytest.mark.parametrize("payload", [{}, {"general": None}, {"general": {}}, {"general": {"matchId": True}}])
def test_a_match_that_names_no_id_is_not_good(payload: dict[str, Any]) -> None:
    with pytest.raises(SourceChanged) as caught:
        checks.for_match(1)(payload)
    assert not isinstance(caught.value, OtherAnswer)


@pytest.mark.parametrize(
    ("check", "good", "bad"),
    [
        (checks.for_day(DAY), {"date": "20260516"}, {"date": "20260517"}),
        (checks.for_team(7), {"details": {"id": 7}}, {"details": {"id": 8}}),
        (checks.for_player(7), {"id": 7}, {"id": "9"}),
        (checks.for_league(47, None), {"details": {"id": 47, "selectedSeason": "2025/2026"}}, {"details": {"id": 48}}),
        (
            checks.for_league(47, "2024/2025"),
            {"details": {"id": 47, "selectedSeason": "2024/2025"}},
            {"details": {"id": 47, "selectedSeason": "2025/2026"}},
        ),
    ],
    ids=["day", "team", "player", "league", "season"],
)
def test_lists_are_good_unless_they_say_to_be_others(
    check: checks.Check, good: dict[str, Any], bad: dict[str, Any]
) -> None:
    check(good)
    check({})
    with pytest.raises(OtherAnswer):
        check(bad)
