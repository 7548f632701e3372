"""Corrections of data that bets were settled on: graded again once, with a trail and an alert."""

from __future__ import annotations

from typing import Any

import pytest
from grading_rig import GradingRig

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
