"""The schedule by a clock that is moved by hand: each day once, around each match, whoever was down when."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymongo.database import Database
from stats_rig import Rig
from support import eventually

from PROPPR.SharedServices.providers.fotmob.errors import SourceRefused
from PROPPR.StatsUpdateFM.core.schedule.look_ups import AFTER_KICKOFF, NEXT_DAY, Reason
from PROPPR.StatsUpdateFM.core.schedule.scheduler import RETRY, last_due

SIX = time(6, 0)


@pytest.fixture
def database(collections: Database[dict[str, Any]]) -> Database[dict[str, Any]]:
    return collections


@pytest.fixture
def rig(database: Database[dict[str, Any]]) -> Iterator[Rig]:
    rig = Rig(database, fixtures=3, history=1)
    rig.register()
    rig.pipeline._hold()
    yield rig
    rig.pipeline.close()


def runs(rig: Rig) -> list[str]:
    return sorted(each["_id"] for each in rig.database["stats_runs"].find({"finished_at": {"$ne": None}}))


@given(st.integers(min_value=0, max_value=800 * 86_400), st.times())
def test_the_last_moment_that_was_due(seconds: int, at: time) -> None:
    now = datetime(2025, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    due = last_due(now, at)
    assert due <= now < due + timedelta(days=1)
    assert due.timetz().replace(tzinfo=None) == at


def test_the_daily_run_is_made_once_a_day_and_caught_up_after_a_stop(rig: Rig) -> None:
    scheduler = rig.pipeline.scheduler
    scheduler.turn()
    assert runs(rig) == ["daily@2046-05-28T06:00:00Z"]
    asked = rig.fotmob.count("league")
    for _ in range(3):
        rig.advance(minutes=30)
        scheduler.turn()
    assert rig.fotmob.count("league") == asked
    rig.clock.jump((datetime(2046, 5, 29, 5, 59, tzinfo=UTC) - rig.clock.now()).total_seconds())
    scheduler.turn()
    assert len(runs(rig)) == 1
    rig.advance(minutes=2)
    scheduler.turn()
    assert runs(rig)[-1] == "daily@2046-05-29T06:00:00Z"
    rig.advance(days=3)
    scheduler.turn()
    assert runs(rig)[-1] == "daily@2046-06-01T06:00:00Z", "of the days that were missed only the last is made up for"
    assert len(runs(rig)) == 3


def test_each_match_is_looked_up_before_after_and_on_the_next_day(rig: Rig) -> None:
    """The clock goes from before the first kick-off to two days after it in steps of ten minutes."""
    scheduler, jobs = rig.pipeline.scheduler, rig.pipeline.parts.jobs
    scheduler.turn()
    link = rig.database["fixture_mappings"].find_one({"status": "auto"}, sort=[("kickoff", 1)])
    assert link is not None
    match_id, kickoff = int(link["fotmob_match_id"]), link["kickoff"]
    rig.clock.jump((kickoff - timedelta(hours=3) - rig.clock.now()).total_seconds())
    rig.fotmob.asked.clear()
    looked: list[datetime] = []
    while rig.clock.now() < kickoff + timedelta(hours=50):
        if jobs.wanted() or rig.clock.now().hour == 6:
            before = len(rig.fotmob.asked)
            scheduler.turn()
            looked += [rig.clock.now() for each in rig.fotmob.asked[before:] if each == ("match", match_id)]
        rig.clock.jump(600)
        jobs.refresh()
    early = [at for at in looked if at < kickoff]
    late = [at for at in looked if at >= kickoff]
    assert 1 <= len(early) <= 2
    assert timedelta(hours=1, minutes=50) <= kickoff - early[0] <= timedelta(hours=2)
    assert AFTER_KICKOFF <= late[0] - kickoff < AFTER_KICKOFF + timedelta(minutes=10)
    assert NEXT_DAY <= late[-1] - kickoff < NEXT_DAY + timedelta(minutes=20)
    assert len(late) == len(set(late)) <= 6
    stored = rig.pipeline.parts.matches.states([match_id])[match_id]
    assert stored.settled
    assert stored.counted is not None


def test_what_was_missed_while_nobody_ran_is_caught_up(rig: Rig) -> None:
    scheduler, jobs = rig.pipeline.scheduler, rig.pipeline.parts.jobs
    scheduler.turn()
    coming = [each["fotmob_match_id"] for each in rig.database["fixture_mappings"].find({"status": "auto"})]
    last = max(each["kickoff"] for each in rig.database["fixture_mappings"].find())
    rig.clock.jump((last + timedelta(hours=5) - rig.clock.now()).total_seconds())
    jobs.refresh()
    reasons = {each.match_id: each.reason for each in jobs.wanted()}
    assert {reasons.get(match_id) for match_id in coming} <= {Reason.POST_MATCH, None}
    scheduler.turn()
    states = rig.pipeline.parts.matches.states(coming)
    assert states.keys() == set(coming)
    assert all(state.settled and state.counted for state in states.values())


def test_a_run_in_which_the_source_refused_goes_on_half_an_hour_later(rig: Rig) -> None:
    scheduler = rig.pipeline.scheduler
    league = rig.fotmob.generated.known_pairs()[0]["league_id"]
    rig.fotmob.trouble["league", league] = SourceRefused("403", retry_after=60.0, status=403)
    scheduler.turn()
    if rig.fotmob.count("league") and not runs(rig):
        asked = rig.fotmob.count("league")
        rig.advance(seconds=RETRY / 2)
        scheduler.turn()
        assert rig.fotmob.count("league") == asked
        rig.fotmob.trouble.clear()
        rig.fotmob.asked.clear()
        rig.advance(seconds=RETRY)
        scheduler.turn()
        assert {what for kind, what in rig.fotmob.asked if kind == "league"} == {league}
        status = rig.pipeline.parts.status
        assert status.daily_run().detail.endswith(" 0 leagues with problems")
        assert status.leagues().ok
    assert runs(rig) == ["daily@2046-05-28T06:00:00Z"]


def test_of_two_processes_one_works_and_the_other_takes_over(rig: Rig) -> None:
    rig.pipeline.close()
    rig.stop.clear()
    first, second = rig.start("first"), rig.start("second")
    stop = threading.Event()
    threads = [threading.Thread(target=each.scheduler.run, args=(stop,), daemon=True) for each in (first, second)]
    try:
        for each in (first, second):
            each.lease.start()
        for thread in threads:
            thread.start()
        eventually(lambda: runs(rig), timeout=60)
        asked = rig.fotmob.count("league")
        assert len(runs(rig)) == 1
        holder, standby = (first, second) if first.lease.held else (second, first)
        assert not standby.lease.held
        assert standby.parts.status.daily_run().detail.startswith("standby")
        holder.lease.stop(1e9)
        rig.advance(days=1)
        eventually(lambda: len(runs(rig)) == 2, timeout=60)
        assert rig.fotmob.count("league") > asked
        assert standby.lease.held
    finally:
        stop.set()
        for thread in threads:
            thread.join(20)
        for each in (first, second):
            each.lease.stop(1e9)


def test_after_a_restart_the_stored_run_is_told(rig: Rig) -> None:
    rig.pipeline.scheduler.turn()
    told = rig.pipeline.parts.status.daily_run()
    assert told.ok and "daily@2046-05-28T06:00:00Z" in told.detail
    rig.pipeline.close()
    rig.stop.clear()
    rig.advance(hours=1)
    again = rig.start("again")
    assert again.parts.status.daily_run().detail == "none has ended yet"
    again._hold()
    assert again._token() is not None
    found = again.parts.status.daily_run()
    assert (found.ok, found.detail) == (True, told.detail)
    assert found.age_s == 3600.0
    again.close()
