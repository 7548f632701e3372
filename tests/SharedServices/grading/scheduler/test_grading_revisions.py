"""Corrections of data that bets were settled on: graded again once, with a trail and an alert."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from football_payloads import goal
from grading_rig import KICKOFF, GradingRig

from PROPPR.SharedServices.storage.collections import ensure_collections
from PROPPR.SharedServices.storage.fixture_mappings import FixtureMappings

Document = dict[str, Any]
FEWER = {"corners": [(1, 0), (0, 1)]}


def test_a_correction_grades_again_keeps_the_old_result_and_alerts(rig: GradingRig) -> None:
    rig.stored()
    rig.place("1")
    rig.place("2", threshold=1.5)
    grader = rig.grader()
    grader.run_once()
    first = rig.bet("1")
    rig.advance(hours=1)
    rig.stored(team=FEWER)
    report = grader.run_once()
    bet = rig.bet("1")
    assert (bet["status"], bet["actual_value"], bet["returns"], bet["profit_loss"]) == ("lost", 2, 0.0, -10.0)
    (old,) = bet["grading"]["history"]
    assert (old["status"], old["returns"], old["actual_value"], old["revision"]) == ("won", 19.0, 11, 1)
    assert old["settled_at"] == first["settled_at"] and bet["grading"]["revision"] == 2
    assert [one.bet_id for one in report.corrections] == ["1"] and report.corrections[0].difference == -19.0
    assert rig.alerts.history.count("grading.correction.4000001") == 1
    other = rig.bet("2")
    assert (other["status"], other["actual_value"]) == ("won", 2) and len(other["grading"]["history"]) == 1


def test_grading_again_is_idempotent(rig: GradingRig) -> None:
    rig.stored()
    rig.place("1")
    grader = rig.grader()
    grader.run_once()
    rig.stored(team=FEWER)
    grader.run_once()
    seen = rig.bet("1")
    rig.advance(hours=1)
    assert grader.run_once().written == 0
    grader.close()
    assert rig.grader("two").regrade([4000001]).written == 0
    assert rig.bet("1") == seen


def test_a_new_revision_that_says_the_same_of_the_bet_leaves_its_settlement(rig: GradingRig) -> None:
    rig.stored()
    rig.place("1")
    grader = rig.grader()
    grader.run_once()
    before = rig.bet("1")
    rig.advance(hours=1)
    rig.stored(team={"corners": [(3, 2), (2, 4)], "fouls": [(9, 9), (9, 9)]})
    report = grader.run_once()
    after = rig.bet("1")
    assert report.rechecked == 1 and report.corrected == 0 and "grading.correction.4000001" not in rig.alerts.history
    assert after["grading"]["revision"] == 2 and "history" not in after["grading"]
    assert {**before, "grading": None} == {**after, "grading": None}


def test_data_that_no_longer_settles_a_bet_leaves_it_settled_in_doubt(rig: GradingRig) -> None:
    rig.stored()
    rig.place("1")
    grader = rig.grader()
    grader.run_once()
    rig.stored(lineup_type=None)
    grader.run_once()
    bet = rig.bet("1")
    assert (bet["status"], bet["returns"]) == ("won", 19.0) and bet["grading"]["doubt"].startswith("incomplete")
    assert "grading.correction.4000001" in rig.alerts.history
    rig.stored()
    grader.run_once()
    assert "doubt" not in rig.bet("1")["grading"]


@pytest.mark.parametrize("change", [{"manual_override": True}, {"status": "refund", "manual_override": "yes"}])
def test_what_a_person_settled_is_not_graded_again(rig: GradingRig, change: Document) -> None:
    rig.stored()
    rig.place("1")
    grader = rig.grader()
    grader.run_once()
    rig.database["team_tracked_bets"].update_one({"bet_id": "1"}, {"$set": change})
    before = rig.bet("1")
    rig.stored(team=FEWER)
    grader.run_once()
    assert rig.bet("1") == before


def test_the_next_day_matches_with_settled_bets_are_looked_at_again(rig: GradingRig) -> None:
    rig.serve()
    rig.place("1")
    rig.serve(4000002)
    grader = rig.grader()
    grader.run_once()
    rig.advance(minutes=40)  # half an hour after full time
    grader.run_once()
    rig.serve(team=FEWER)
    rig.advance(hours=10)
    grader.run_once()
    assert rig.source.asked == [4000001, 4000001] and rig.bet("1")["status"] == "won"
    rig.advance(hours=13)
    report = grader.run_once()
    assert rig.source.asked == [4000001] * 3 and report.corrected == 1
    assert rig.bet("1")["status"] == "lost"
    rig.advance(days=1)
    grader.run_once()
    assert len(rig.source.asked) == 3


def test_a_grader_that_was_away_finds_what_was_corrected_meanwhile(rig: GradingRig) -> None:
    rig.stored()
    rig.place("1")
    first = rig.grader()
    first.run_once()
    first.close()
    rig.stored(team=FEWER)
    rig.advance(days=5)
    assert rig.grader("two").run_once().corrected == 1


def test_a_correction_of_a_leg_grades_the_accumulator_again(rig: GradingRig) -> None:
    leg = {"market_name": "Corners Totals", "direction": "over", "threshold": 2.5, "odds": 2.0}
    rig.stored()
    rig.stored(4000002)
    legs = [{**leg, "fotmob_match_id": 4000001}, {**leg, "fotmob_match_id": 4000002}]
    rig.database["team_tracked_bets"].insert_one({"bet_id": "a", "stake": 10, "legs": legs})
    grader = rig.grader()
    grader.run_once()
    assert rig.bet("a")["returns"] == 40.0
    rig.stored(4000002, team=FEWER)
    grader.run_once()
    assert rig.bet("a")["status"] == "lost" and rig.bet("a")["grading"]["history"][0]["returns"] == 40.0


@pytest.mark.parametrize("kickoff", [KICKOFF, ...], ids=["with kick-off", "without"])
@pytest.mark.parametrize("played", ["2026-03-28T15:00:00.000Z", "2026-03-07T15:00:00.000Z"], ids=["moved", "resumed"])
@pytest.mark.parametrize("reason", ["PP", "Ab"])
def test_a_bet_that_was_void_for_want_of_play_stays_void_though_the_match_is_played_at_last(
    rig: GradingRig, kickoff: Any, played: str, reason: str
) -> None:
    rig.stored(reason=reason)
    rig.place("1", kickoff=kickoff)
    grader = rig.grader()
    rig.advance(hours=49)
    rig.store.touch(4000001, rig.clock.now())
    grader.run_once()
    assert (rig.bet("1")["status"], rig.bet("1")["returns"]) == ("refund", 10.0)
    rig.advance(days=20)
    rig.stored(kickoff=played)
    grader.run_once()
    bet = rig.bet("1")
    assert (bet["status"], bet["returns"], bet["grading"]["revision"]) == ("refund", 10.0, 2)
    resumed = played.startswith("2026-03-07")
    assert ("doubt" in bet["grading"], "grading.correction.4000001" in rig.alerts.history) == (resumed, resumed)
    told = len(rig.alerts.history)
    rig.advance(hours=1)
    rig.stored(kickoff=played, team={"corners": [(9, 9), (9, 9)]})
    grader.run_once()
    assert (rig.bet("1")["status"], len(rig.alerts.history)) == ("refund", told)


def test_a_leg_that_was_void_for_want_of_play_stays_void(rig: GradingRig) -> None:
    leg = {"market_name": "Corners Totals", "direction": "over", "threshold": 2.5, "odds": 2.0}
    rig.stored()
    rig.stored(4000002, reason="PP")
    legs = [{**leg, "fotmob_match_id": 4000001}, {**leg, "fotmob_match_id": 4000002, "threshold": 99.5}]
    rig.database["team_tracked_bets"].insert_one({"bet_id": "a", "stake": 10, "legs": legs})
    grader = rig.grader()
    rig.advance(hours=49)
    rig.store.touch(4000002, rig.clock.now())
    grader.run_once()
    assert rig.bet("a")["returns"] == 20.0
    rig.advance(days=9)
    rig.stored(4000002, kickoff="2026-03-17T15:00:00.000Z")
    grader.run_once()
    assert (rig.bet("a")["status"], rig.bet("a")["returns"]) == ("won", 20.0)
    for number in range(2):  # nor does it change at the revision after
        rig.advance(hours=1)
        rig.stored(4000002, kickoff="2026-03-17T15:00:00.000Z", team={"corners": [(9, number), (9, 9)]})
        grader.run_once()
        assert (rig.bet("a")["status"], rig.bet("a")["returns"]) == ("won", 20.0)
    assert rig.bet("a")["grading"]["legs"][1]["revision"] == 4 and grader.run_once().written == 0


def test_bets_follow_their_fixture_to_the_match_that_a_person_says_it_is(rig: GradingRig) -> None:
    rig.stored()
    rig.stored(4000002, team=FEWER)
    rig.map(77, 4000001)
    rig.database["fixture_mappings"].update_one({}, {"$set": {"kickoff": KICKOFF}})
    rig.place("1", fotmob_match_id=..., fixture_id=77)
    rig.place("2", fotmob_match_id=..., alert={"event_id": "77"})
    rig.place("3")
    leg = {"market_name": "Corners Totals", "direction": "over", "threshold": 2.5, "odds": 2.0, "fixture_id": 77}
    rig.database["team_tracked_bets"].insert_one({"bet_id": "acc", "stake": 10, "legs": [leg]})
    grader = rig.grader()
    grader.run_once()
    assert [rig.bet(one)["status"] for one in ("1", "2", "3", "acc")] == ["won"] * 4
    rig.advance(minutes=30)
    FixtureMappings(rig.database, rig.clock).settle(77, 4000002)
    report = grader.run_once()
    assert [rig.bet(one)["status"] for one in ("1", "2", "3", "acc")] == ["lost", "lost", "won", "lost"]
    assert report.corrected == 3 and rig.bet("1")["grading"]["match_id"] == 4000002
    assert rig.bet("1")["grading"]["history"][0]["status"] == "won"
    rig.advance(minutes=1)
    assert grader.run_once().written == 0


def test_bets_of_a_fixture_whose_sides_a_person_exchanged_are_graded_again(rig: GradingRig) -> None:
    rig.stored(goals=[goal(12, True, 1009)])
    rig.map(77, 4000001)
    rig.database["fixture_mappings"].update_one({}, {"$set": {"kickoff": KICKOFF}})
    rig.place("1", fotmob_match_id=..., fixture_id=77, market_name="ML", direction="home", threshold=...)
    grader = rig.grader()
    grader.run_once()
    assert rig.bet("1")["status"] == "won"
    FixtureMappings(rig.database, rig.clock).settle(77, 4000001, swapped=True)
    grader.run_once()
    assert rig.bet("1")["status"] == "lost"


def test_bets_of_a_fixture_that_was_moved_to_a_match_not_stored_wait_for_it_in_doubt(rig: GradingRig) -> None:
    rig.stored()
    rig.map(77, 4000001)
    rig.database["fixture_mappings"].update_one({}, {"$set": {"kickoff": KICKOFF}})
    rig.place("1", fotmob_match_id=..., fixture_id=77)
    grader = rig.grader()
    grader.run_once()
    mappings = FixtureMappings(rig.database, rig.clock)
    mappings.settle(77, 4000002)
    grader.run_once()
    assert rig.bet("1")["status"] == "won" and rig.bet("1")["grading"]["doubt"].startswith("no result")
    rig.serve(4000002, team=FEWER)
    rig.advance(minutes=5)
    grader.run_once()
    assert rig.source.asked == [4000002] and rig.bet("1")["status"] == "lost"
    mappings.reject(77)
    grader.run_once()
    bet = rig.bet("1")
    assert bet["status"] == "lost" and bet["grading"]["doubt"].startswith("no match")
    told = len(rig.alerts.history)
    grader.run_once()
    assert len(rig.alerts.history) == told and bet["grading"]["match_id"] == 4000002


@pytest.mark.parametrize("reason", ["AW", "Can", "Ab"])
def test_a_bet_on_a_match_that_was_played_stays_settled_though_it_be_annulled(rig: GradingRig, reason: str) -> None:
    leg = {"market_name": "Corners Totals", "direction": "over", "threshold": 2.5, "odds": 2.0}
    rig.stored()
    rig.place("1")
    legs = [{**leg, "fotmob_match_id": 4000001}]
    rig.database["team_tracked_bets"].insert_one({"bet_id": "a", "stake": 10, "legs": legs})
    grader = rig.grader()
    grader.run_once()
    rig.advance(days=3)
    rig.stored(reason=reason)
    report = grader.run_once()
    assert [rig.bet(one)["status"] for one in "1a"] == ["won", "won"]
    assert all("doubt" in rig.bet(one)["grading"] for one in "1a") and report.corrected == 2
    assert "grading.correction.4000001" in rig.alerts.history
    rig.stored()
    grader.run_once()
    assert all("doubt" not in rig.bet(one)["grading"] for one in "1a")


def test_a_match_on_which_all_bets_were_settled_without_its_numbers_is_looked_at_again_the_next_day(
    rig: GradingRig,
) -> None:
    rig.serve(goals=[goal(12, True, 1009)], lineup_type=None)
    rig.place("1", market_name="ML", direction="home", threshold=...)
    grader = rig.grader()
    grader.run_once()
    assert rig.bet("1")["status"] == "won" and rig.store.states([4000001])[4000001].complete is False
    rig.advance(hours=23)
    rig.serve(goals=[goal(12, True, 1009), goal(80, False, 2010)], lineup_type=None)
    grader.run_once()
    assert rig.bet("1")["status"] == "lost"
    grader.run_once()
    assert len(rig.source.asked) == 2


def test_a_bet_that_was_won_during_the_match_is_looked_at_after_its_end(database: Any) -> None:
    rig = GradingRig(database, PROPPR_SETTLE_EARLY="true")
    ensure_collections(database)
    at = KICKOFF + timedelta(hours=1)
    live = rig.serve(goals=[goal(12, True, 1009)], kickoff=at.isoformat())
    live["header"]["status"] |= {"finished": False, "reason": None}
    rig.place("1", market_name="Totals", threshold=0.5, kickoff=at)
    grader = rig.grader()
    grader.run_once()
    assert rig.bet("1")["status"] == "won"
    rig.serve(kickoff=at.isoformat())  # the goal was taken back
    rig.advance(minutes=100)
    grader.run_once()
    assert rig.bet("1")["status"] == "lost" and "grading.correction.4000001" in rig.alerts.history
    rig.close()


def test_a_correction_is_told_for_good_before_it_is_written(rig: GradingRig) -> None:
    rig.stored()
    rig.place("1")
    grader = rig.grader()
    grader.run_once()
    rig.stored(team=FEWER)
    seen: list[tuple[str, bool]] = []

    def look() -> None:
        seen.append((rig.bet("1")["status"], "grading.correction.4000001" in rig.alerts.raised))

    rig.alerts.on_flushed = look
    grader.run_once()
    assert seen == [("won", True)] and rig.bet("1")["status"] == "lost"


def test_bets_in_doubt_are_listed_and_told_until_somebody_decides(rig: GradingRig) -> None:
    rig.stored()
    for one in "123":
        rig.place(one)
    grader = rig.grader()
    grader.run_once()
    assert grader.status.doubt().ok
    rig.stored(lineup_type=None)
    grader.run_once()
    listed = list(grader.parts.pending.listed(10))
    assert [one.bet_id for one in listed] == ["1", "2", "3"]
    assert all(one.reason.startswith("won, in doubt: incomplete data") for one in listed)
    assert "3 settled bets" in rig.alerts.raised["grading.doubt"] and not grader.status.doubt().ok
    rig.database["team_tracked_bets"].update_one({"bet_id": "1"}, {"$set": {"manual_override": True}})
    grader.run_once()
    assert "2 settled bets" in rig.alerts.raised["grading.doubt"]
    rig.advance(hours=1)
    rig.stored()
    grader.run_once()
    assert "grading.doubt" not in rig.alerts.raised and list(grader.parts.pending.listed(10)) == []
