"""The daily run on a generated FotMob: what it leaves behind, and what trouble with the source does to it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from fotmob_answers import State
from pymongo.database import Database
from stats_rig import COMPUTED, Rig, everything

from PROPPR.SharedServices.ingest import by_hand
from PROPPR.SharedServices.providers.fotmob.errors import SourceRefused
from PROPPR.SharedServices.service.errors import RateLimited, TransientError
from PROPPR.SharedServices.service.leases import Lease, LeaseLost
from PROPPR.StatsUpdateFM.core.pipeline import stats_update
from PROPPR.StatsUpdateFM.core.pipeline.daily_run import RunStopped
from PROPPR.StatsUpdateFM.core.pipeline.report import Progress


@pytest.fixture
def database(collections: Database[dict[str, Any]]) -> Database[dict[str, Any]]:
    return collections


@pytest.fixture
def rig(database: Database[dict[str, Any]]) -> Iterator[Rig]:
    rig = Rig(database, fixtures=4, history=1)
    rig.register()
    yield rig
    rig.pipeline.close()


def counts(database: Database[dict[str, Any]]) -> dict[str, int]:
    return {name: database[name].count_documents({}) for name in COMPUTED}


def test_a_run_brings_everything_up_to_date_and_the_next_one_finds_nothing_to_do(rig: Rig) -> None:
    told: list[Progress] = []
    report = rig.pipeline.run_daily_update(told.append)
    assert report.ok
    assert report.unmapped == ()
    assert {league.outcome for league in report.leagues} == {"updated"}
    assert report.total("looked_up") == report.total("revisions") == rig.fotmob.count("match")
    known = {pair["fixture_id"]: pair["match_id"] for pair in rig.fotmob.generated.known_pairs()}
    coming = {fixture.id for fixture in rig.fotmob.registry()}
    mapped = {each["fixture_id"]: each.get("fotmob_match_id") for each in rig.database["fixture_mappings"].find()}
    assert mapped == {fixture_id: known[fixture_id] for fixture_id in coming}
    lines = {each["fixture_id"]: each["fotmob_match_id"] for each in rig.database["predicted_lines"].find()}
    assert lines == mapped
    assert {each["fixture_id"] for each in rig.database["player_projections"].find()} <= coming
    assert all(count for name, count in counts(rig.database).items() if name != "fixture_players")
    assert told[0].stage == "listing"
    assert (told[-1].stage, told[-1].done) == ("updating", told[-1].total)
    assert rig.alerts.raised == {}
    before, asked = everything(rig.database), rig.fotmob.count("match")
    rig.advance(minutes=1)
    again = rig.pipeline.run_daily_update()
    assert again.run_id != report.run_id
    assert {league.outcome for league in again.leagues} == {"unchanged"}
    assert rig.fotmob.count("match") == asked, "no match was asked for again"
    assert everything(rig.database) == before


def test_one_league_that_is_refused_leaves_the_others(rig: Rig) -> None:
    coming = {fixture.id for fixture in rig.fotmob.registry()}
    pairs = rig.fotmob.generated.known_pairs()
    refused = min(pair["league_id"] for pair in pairs if pair["fixture_id"] in coming)
    rig.fotmob.trouble["league", refused] = SourceRefused("leagues: 403", retry_after=60.0, status=403)
    report = rig.pipeline.run_daily_update()
    assert [league.league_id for league in report.failed] == [refused]
    assert report.failed[0].problems[0].kind == "refused"
    assert {league.outcome for league in report.leagues} == {"updated", "failed"}
    assert not rig.pipeline.parts.status.leagues().ok
    assert rig.alerts.times == {"stats.leagues": 1}
    rig.fotmob.trouble.clear()
    rig.fotmob.asked.clear()
    again = rig.pipeline.run_daily_update()
    assert (again.run_id, again.resumed, again.ok) == (report.run_id, True, True)
    read = {what for kind, what in rig.fotmob.asked if kind == "league"}
    assert read == {refused}, "what was read in this run is not read again"
    assert rig.alerts.raised == {}


def test_an_unknown_layout_is_told_with_its_path_and_the_last_numbers_stay(rig: Rig) -> None:
    rig.pipeline.run_daily_update()
    before = everything(rig.database)

    def rename(kind: str, what: int | str, payload: Any) -> None:
        if kind == "match":
            payload["general"]["teamHome"] = payload["general"].pop("homeTeam")
            payload["header"]["sides"] = payload["header"].pop("teams")

    rig.fotmob.change = rename
    rig.advance(days=2)
    report = rig.pipeline.run_daily_update()
    problems = [problem for league in report.failed for problem in league.problems]
    assert problems
    assert {problem.kind for problem in problems} == {"changed"}
    assert all(problem.path for problem in problems)
    assert problems[0].path is not None
    assert problems[0].path in rig.alerts.raised["stats.layout"]
    assert rig.alerts.times["stats.layout"] == 1
    check = rig.pipeline.parts.status.layout()
    assert (check.ok, check.severity) == (False, "degraded")
    after = everything(rig.database)
    assert after["pages"] == before["pages"]
    assert (after["team_stats"], after["player_stats"]) == (before["team_stats"], before["player_stats"])
    per_league: dict[int, int] = {}
    for league in report.leagues:
        per_league[league.league_id] = len(league.problems)
    assert max(per_league.values()) <= 3, "three pages that can't be read are enough"
    rig.fotmob.change = None
    rig.advance(hours=2)
    assert rig.pipeline.run_daily_update().ok
    assert rig.alerts.raised == {}


def test_without_requests_left_everything_waits_but_nothing_fails(rig: Rig) -> None:
    def refuse(kind: str, what: int | str, payload: Any) -> None:
        if kind == "match":
            raise RateLimited("no requests left", 600.0)

    rig.fotmob.change = refuse
    report = rig.pipeline.run_daily_update()
    assert report.ok
    assert report.total("looked_up") == 0
    assert report.total("postponed") > 0
    assert rig.fotmob.count("match") <= len(report.leagues), "each league stops at the first refusal"
    rig.fotmob.change = None
    assert rig.pipeline.run_daily_update().total("looked_up") == report.total("postponed")


def test_the_season_before_is_filled_in_once(database: Database[dict[str, Any]]) -> None:
    rig = Rig(database, fixtures=1, history=1, seasons=2)
    rig.register()
    try:
        report = rig.pipeline.run_daily_update()
        assert report.ok
        assert {each["season"] for each in database["fotmob_matches"].find()} == {"2045/2046", "2044/2045"}
        assert {each["season"] for each in database["team_stats"].find()} == {"2045/2046", "2044/2045"}
        assert rig.pipeline.parts.listings.load(report.leagues[0].league_id).season == "2045/2046"  # type: ignore[union-attr]
        rig.fotmob.asked.clear()
        again = rig.pipeline.run_daily_update()
        assert again.leagues[0].season == "2045/2046"
        assert (again.total("looked_up"), rig.fotmob.count("league")) == (0, len(again.leagues))
    finally:
        rig.pipeline.close()


def test_a_degraded_source_is_told_once_and_only_after_a_while(rig: Rig) -> None:
    rig.fotmob.health = State(False, "source degraded: matchDetails (403)")
    status = rig.pipeline.parts.status
    status.alert()
    assert rig.alerts.raised == {}
    rig.advance(minutes=6)
    for _ in range(3):
        status.alert()
    assert rig.alerts.times == {"stats.source": 1}
    rig.fotmob.health = State()
    status.alert()
    assert rig.alerts.raised == {}


def test_a_stop_ends_a_run_and_the_next_one_goes_on_with_it(rig: Rig) -> None:
    def stop_at_a_match(kind: str, what: int | str, payload: Any) -> None:
        if kind == "match":
            rig.stop.set()

    rig.fotmob.change = stop_at_a_match
    with pytest.raises(RunStopped):
        rig.pipeline.run_daily_update()
    assert rig.database["stats_runs"].find_one()["finished_at"] is None  # type: ignore[index]
    rig.stop.clear()
    rig.fotmob.change = None
    report = rig.pipeline.run_daily_update()
    assert (report.resumed, report.ok) == (True, True)


def test_while_another_process_works_nothing_is_done(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(by_hand, "HOLD_SECONDS", 0.2)
    other = Lease(rig.database, stats_update.LEASE, "two")
    assert other.acquire()
    with pytest.raises(LeaseLost, match="two"):
        rig.pipeline.run_daily_update()
    assert rig.fotmob.asked == []
    assert isinstance(LeaseLost("x"), TransientError)


def test_a_match_by_hand(rig: Rig) -> None:
    rig.pipeline.run_daily_update()
    pair = rig.database["fixture_mappings"].find_one({"status": "auto"})
    assert pair is not None
    report = rig.pipeline.run_pre_match(int(pair["fixture_id"]))
    assert (report.looked_up, report.problems) == (1, [])
    match_id = next(iter(everything(rig.database)["pages"]))
    assert rig.pipeline.run_post_match(match_id).looked_up == 1
    for unknown in (lambda: rig.pipeline.run_pre_match(1), lambda: rig.pipeline.run_post_match(1)):
        with pytest.raises(LookupError):
            unknown()
