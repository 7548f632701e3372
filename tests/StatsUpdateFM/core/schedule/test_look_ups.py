"""When a match is looked up: every moment of its life, and what can never happen."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from PROPPR.SharedServices.football.listed_match import ListedMatch
from PROPPR.SharedServices.football.model import League, State, Team
from PROPPR.SharedServices.storage.matches import MatchState
from PROPPR.StatsUpdateFM.core.schedule.look_ups import Reason, due, reason_for

KICKOFF = datetime(2026, 3, 7, 15, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def listed(state: State = State.SCHEDULED, match_id: int = 1) -> ListedMatch:
    return ListedMatch(match_id, League(47, "Premier League"), KICKOFF, Team(1, "A"), Team(2, "B"), state)


def stored(
    checked_at: timedelta, *, complete: bool = False, confirmed: bool = False, settled: bool | None = None
) -> MatchState:
    at = KICKOFF + checked_at
    return MatchState(
        1, KICKOFF, 47, "2025/2026", 1, complete if settled is None else settled, complete, confirmed, at, at, "f", None
    )


@pytest.mark.parametrize(
    ("after", "state", "reason"),
    [
        pytest.param(timedelta(hours=-3), None, None, id="three hours before"),
        pytest.param(timedelta(hours=-2), None, Reason.PRE_MATCH, id="two hours before"),
        pytest.param(-MINUTE, None, Reason.PRE_MATCH, id="a minute before, never looked at"),
        pytest.param(timedelta(hours=-1), stored(timedelta(hours=-2)), None, id="looked at already"),
        pytest.param(-50 * MINUTE, stored(timedelta(hours=-2)), Reason.PRE_MATCH, id="the line-ups are out now"),
        pytest.param(-50 * MINUTE, stored(timedelta(hours=-2), confirmed=True), None, id="they were known before"),
        pytest.param(-40 * MINUTE, stored(-52 * MINUTE), None, id="looked at for them already"),
        pytest.param(-MINUTE, stored(timedelta(days=-3)), Reason.PRE_MATCH, id="looked at days ago only"),
        pytest.param(timedelta(hours=1), None, None, id="during the match"),
        pytest.param(149 * MINUTE, stored(-52 * MINUTE), None, id="full time may be later"),
        pytest.param(150 * MINUTE, stored(-52 * MINUTE), Reason.POST_MATCH, id="half an hour after full time"),
        pytest.param(150 * MINUTE, None, Reason.POST_MATCH, id="the same for one never looked at"),
        pytest.param(200 * MINUTE, stored(151 * MINUTE), None, id="incomplete, just tried"),
        pytest.param(302 * MINUTE, stored(151 * MINUTE), Reason.POST_MATCH, id="incomplete, at twice the age"),
        pytest.param(timedelta(hours=5), stored(151 * MINUTE, complete=True), None, id="complete"),
        pytest.param(timedelta(hours=24), stored(151 * MINUTE, complete=True), Reason.REVISION, id="the next day"),
        pytest.param(timedelta(hours=25), stored(timedelta(hours=24), complete=True), None, id="revised"),
        pytest.param(timedelta(days=6), stored(151 * MINUTE, complete=True), None, id="too late to revise"),
        pytest.param(timedelta(days=8), stored(151 * MINUTE), None, id="incomplete for good"),
    ],
)
def test_the_life_of_a_match(after: timedelta, state: MatchState | None, reason: Reason | None) -> None:
    assert reason_for(listed(), state, KICKOFF + after, mapped=True) is reason


def test_before_the_match_only_those_with_odds_are_looked_up() -> None:
    assert reason_for(listed(), None, KICKOFF - MINUTE, mapped=False) is None
    assert reason_for(listed(), None, KICKOFF + timedelta(hours=3), mapped=False) is Reason.POST_MATCH


@pytest.mark.parametrize("state", [State.POSTPONED, State.CANCELLED])
def test_what_was_called_off_is_never_looked_up(state: State) -> None:
    for hours in (-1, 3, 24, 1000):
        assert reason_for(listed(state), None, KICKOFF + timedelta(hours=hours), mapped=True) is None


def test_old_seasons_are_filled_in_where_they_were_played() -> None:
    later = KICKOFF + timedelta(days=100)
    assert reason_for(listed(State.PLAYED), None, later, mapped=False) is Reason.BACKFILL
    assert reason_for(listed(State.ABANDONED), None, later, mapped=False) is None
    assert reason_for(listed(State.PLAYED), stored(timedelta(days=99)), later, mapped=False) is None


@given(
    st.lists(st.integers(min_value=0, max_value=14 * 24 * 60), min_size=1, max_size=300),
    st.sampled_from([None, 200, 700, 5000]),
    st.booleans(),
)
def test_a_match_is_looked_up_a_few_times_only(looks: list[int], complete_after: int | None, mapped: bool) -> None:
    """However often the schedule asks, and whenever the numbers come: at most two, eight and one look-ups."""
    state: MatchState | None = None
    made: list[Reason] = []
    for minutes in sorted(looks):
        after = (minutes - 180) * MINUTE
        reason = reason_for(listed(State.PLAYED), state, KICKOFF + after, mapped=mapped)
        if reason is not None:
            made.append(reason)
            done = complete_after is not None and minutes >= complete_after and after > timedelta(0)
            state = stored(after, complete=done, confirmed=after > -50 * MINUTE)
    assert made.count(Reason.PRE_MATCH) <= 2
    assert made.count(Reason.POST_MATCH) <= 8
    assert made.count(Reason.REVISION) <= 1
    assert made.count(Reason.BACKFILL) <= 1


@given(st.integers(min_value=-10_000, max_value=30_000), st.integers(min_value=0, max_value=20_000))
def test_a_look_up_is_never_due_twice_at_one_moment(minutes: int, checked: int) -> None:
    now = KICKOFF + minutes * MINUTE
    for complete in (False, True):
        state = stored(minutes * MINUTE, complete=complete)
        assert reason_for(listed(State.PLAYED), state, now, mapped=True) is None


def test_a_listing_names_its_league_and_season() -> None:
    found = due([listed(match_id=7)], {}, KICKOFF, league_id=47, season="2025/2026", mapped=[7])
    assert found == []
    found = due([listed(match_id=7)], {}, KICKOFF - MINUTE, league_id=47, season="2025/2026", mapped=[7])
    assert [(each.match_id, each.league_id, each.season, each.reason) for each in found] == [
        (7, 47, "2025/2026", Reason.PRE_MATCH)
    ]
