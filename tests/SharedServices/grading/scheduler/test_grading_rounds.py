"""A round of grading from the collections: what settles, what waits and why, what is asked for."""

from __future__ import annotations

from typing import Any

import pytest
from football_payloads import goal
from grading_rig import KICKOFF, GradingRig

from PROPPR.SharedServices.service.errors import RateLimited, SourceChanged, TransientError

Document = dict[str, Any]
OURS = {"status", "actual_value", "returns", "profit_loss", "settled_at", "_graded_immediately", "grading"}


def test_a_bet_is_settled_on_the_stored_match(rig: GradingRig) -> None:
    rig.stored()
    rig.place("1", note={"of": "the bot"})
    before = rig.bet("1")
    report = rig.grader().run_once()
    bet = rig.bet("1")
    assert (bet["status"], bet["actual_value"], bet["returns"], bet["profit_loss"]) == ("won", 11, 19.0, 9.0)
    assert bet["settled_at"] == rig.clock.now() and bet["_graded_immediately"] is True
    assert bet["grading"]["match_id"] == 4000001 and bet["grading"]["revision"] == 1 and not bet["grading"]["reason"]
    assert {name: value for name, value in bet.items() if name not in OURS} == {
        name: value for name, value in before.items() if name not in OURS
    }
    assert report.settled == {"won": 1} and rig.source.asked == []


def test_one_match_is_asked_for_once_for_all_its_bets(rig: GradingRig) -> None:
    rig.serve()
    for number in range(7):
        rig.place(str(number), threshold=number + 8.5)
    report = rig.grader().run_once()
    assert rig.source.asked == [4000001] and report.looked_up == 1
    assert report.settled == {"won": 3, "lost": 4} and report.waiting == {}
    assert rig.store.load(4000001) is not None


def test_rerunning_changes_nothing(rig: GradingRig) -> None:
    rig.stored()
    rig.place("1")
    rig.place("2", stake=-5)
    rig.place("3", fotmob_match_id=..., fixture_id=9)
    rig.place("4", fotmob_match_id=4000002)
    rig.source.pages[4000002] = SourceChanged("match 4000002: not known")
    grader = rig.grader()
    grader.run_once()
    seen = list(rig.database["team_tracked_bets"].find())
    rig.advance(minutes=5)
    assert grader.run_once().written == 0
    assert list(rig.database["team_tracked_bets"].find()) == seen


def test_a_bet_finds_its_match_by_its_fixture(rig: GradingRig) -> None:
    rig.stored()
    rig.map(77, 4000001)
    rig.place("1", fotmob_match_id=..., fixture_id="77")
    rig.place("2", fotmob_match_id=..., fixture_id=78)
    rig.grader().run_once()
    assert rig.bet("1")["status"] == "won"
    assert rig.bet("2")["grading"]["reason"] == "no match: fixture 78 is not mapped to a match"


def test_sides_that_are_the_other_way_round_in_the_fixture_are_exchanged(rig: GradingRig) -> None:
    rig.stored(goals=[goal(12, True, 1009)])
    rig.map(77, 4000001, swapped=True)
    rig.place("1", fotmob_match_id=..., fixture_id=77, market_name="ML", direction="home", threshold=...)
    rig.place("2", fixture_id=77, market_name="ML", direction="away", threshold=...)
    rig.place("3", market_name="ML", direction="home", threshold=...)
    rig.grader().run_once()
    assert [rig.bet(one)["status"] for one in "123"] == ["lost", "won", "won"]
    assert rig.bet("1")["actual_value"] == "0-1"


def test_a_bet_whose_match_and_fixture_disagree_waits(rig: GradingRig) -> None:
    rig.stored()
    rig.map(77, 4000002)
    rig.place("1", fixture_id=77)
    rig.grader().run_once()
    assert rig.bet("1")["grading"]["reason"].startswith("wrong match")


def test_bad_bets_wait_with_a_reason_and_the_others_settle(rig: GradingRig) -> None:
    rig.stored()
    hostile: dict[str, Document] = {
        "no stake": {"stake": ...},
        "no odds": {"odds": None},
        "odds of one": {"odds": 1},
        "negative": {"stake": -10},
        "enormous": {"stake": 1e300},
        "not a number": {"stake": float("nan")},
        "operator": {"odds": {"$gt": 0}},
        "array": {"threshold": [2.5, 3.5]},
        "contradiction": {"market_direction": "under"},
        "market": {"market_name": "Throw-ins of the groundsman"},
        "match": {"fotmob_match_id": "four million"},
        "deep": {"alert": {"alert": {"alert": {"$where": "1"}}}, "direction": ...},
        "dotted": {"a.b": 1, "$set": {"status": "won"}, "stake": "ten"},
    }
    for name, fields in hostile.items():
        try:
            rig.place(name, **fields)
        except ValueError:
            rig.place(name, stake=None)
    rig.place("good")
    report = rig.grader().run_once()
    assert report.settled == {"won": 1} and rig.bet("good")["status"] == "won"
    for name in hostile:
        bet = rig.bet(name)
        assert bet["status"] == "pending" and bet["grading"]["reason"].startswith("bad bet"), name
    assert len(list(rig.grader().parts.pending.listed(100))) == len(hostile)


@pytest.mark.parametrize(
    "status",
    ["Pending", "OPEN", "unsettled", None, "", ...],
    ids=["title", "capitals", "word", "null", "empty", "absent"],
)
def test_open_bets_in_any_spelling_are_settled(rig: GradingRig, status: object) -> None:
    rig.stored()
    rig.place("1", status=status)
    rig.grader().run_once()
    assert rig.bet("1")["status"] == "won"


@pytest.mark.parametrize("status", ["Won", "LOST", "void", "half-won", "Refunded"])
def test_bets_that_a_bot_settled_itself_are_left_alone(rig: GradingRig, status: str) -> None:
    rig.stored()
    rig.place("1", status=status)
    rig.grader().run_once()
    assert rig.bet("1")["status"] == status and "grading" not in rig.bet("1")


@pytest.mark.parametrize("status", ["cashed out", "Cash-Out", "SETTLED", "closed"])
def test_bets_that_are_over_without_a_result_are_left_alone(rig: GradingRig, status: str) -> None:
    rig.stored()
    rig.place("1", status=status)
    before = rig.bet("1")
    grader = rig.grader()
    assert grader.run_once().read == 0
    assert rig.bet("1") == before and list(grader.parts.pending.listed(9)) == []


@pytest.mark.parametrize("status", ["wonn", "in progress?", 0, True, {"state": "won"}, ["wonn"]], ids=repr)
def test_a_status_that_says_nothing_known_is_told_and_stays(rig: GradingRig, status: object) -> None:
    rig.stored()
    rig.place("1", status=status)
    grader = rig.grader()
    report = grader.run_once()
    bet = rig.bet("1")
    assert (bet["status"], report.settled, report.waiting) == (status, {}, {"bad bet": 1})
    assert bet["grading"]["reason"].startswith("bad bet: status: ") and "returns" not in bet
    assert [one.bet_id for one in grader.parts.pending.listed(9)] == ["1"]
    assert grader.parts.pending.overview(rig.clock.now()).waiting == 1
    assert grader.run_once().written == 0
    rig.database["team_tracked_bets"].update_one({}, {"$set": {"status": "open"}})
    grader.run_once()
    assert rig.bet("1")["status"] == "won"


@pytest.mark.parametrize("flag", [True, 1, "true", "Yes"], ids=repr)
def test_a_manual_override_is_never_touched(rig: GradingRig, flag: object) -> None:
    rig.stored()
    rig.place("1", manual_override=flag)
    before = rig.bet("1")
    rig.grader().run_once()
    assert rig.bet("1") == before


def test_an_override_that_is_neither_yes_nor_no_waits(rig: GradingRig) -> None:
    rig.stored()
    rig.place("1", manual_override="perhaps")
    rig.grader().run_once()
    assert rig.bet("1")["grading"]["reason"] == "bad bet: manual_override: is neither yes nor no"


def test_before_the_end_nothing_is_asked_for(rig: GradingRig) -> None:
    rig.serve(reason=None)
    rig.place("1", kickoff=rig.clock.now())
    rig.place("2", kickoff=KICKOFF.replace(year=2027))
    rig.grader().run_once()
    assert rig.source.asked == []
    assert "grading" not in rig.bet("2")


def test_an_unfinished_match_is_asked_for_again(rig: GradingRig) -> None:
    rig.serve(reason=None)
    rig.place("1")
    grader = rig.grader()
    grader.run_once()
    assert rig.bet("1")["grading"]["reason"].startswith("not finished")
    grader.run_once()
    assert len(rig.source.asked) == 1
    rig.advance(minutes=10)
    rig.serve()
    grader.run_once()
    assert rig.bet("1")["status"] == "won" and rig.bet("1")["grading"]["pass"] == "immediate"


def test_passes_after_full_time_and_two_hours_later(rig: GradingRig) -> None:
    rig.serve(lineup_type=None)
    rig.place("1")
    grader = rig.grader()
    grader.run_once()
    assert rig.bet("1")["grading"]["reason"].startswith("incomplete data")
    asked = []
    for minutes in range(120, 60 * 24 * 3, 5):
        rig.advance(minutes=5)
        before = len(rig.source.asked)
        if minutes % 60 == 0 or minutes < 260:
            grader.run_once()
        if len(rig.source.asked) > before:
            asked.append(minutes + 5)
    assert [each for each in asked if each >= 150][:2] == [150, 240]
    assert len(asked) < 16


def test_a_refusal_ends_the_asking_and_slows_the_pace(rig: GradingRig) -> None:
    rig.stored()
    rig.place("stored")
    for number in (4000002, 4000003):
        rig.place(str(number), fotmob_match_id=number)
        rig.source.pages[number] = RateLimited("the day's requests are used up")
    grader = rig.grader()
    report = grader.run_once()
    assert rig.source.asked == [4000002] and report.refused == "the day's requests are used up"
    assert rig.bet("stored")["status"] == "won" and grader.pace.interval == 600
    assert not grader.status.source().ok


def test_a_match_that_cannot_be_read_is_left_alone_for_a_while_and_told(rig: GradingRig) -> None:
    rig.place("1")
    rig.source.pages[4000001] = {"general": {}}
    rig.place("2", fotmob_match_id=4000002)
    rig.serve(4000002)
    grader = rig.grader()
    grader.run_once()
    assert rig.bet("1")["status"] == "pending" and rig.bet("2")["status"] == "won"
    assert "grading.layout" in rig.alerts.raised
    rig.advance(minutes=5)
    grader.run_once()
    assert rig.source.asked == [4000001, 4000002]


def test_a_source_that_fails_three_times_is_not_asked_on(rig: GradingRig) -> None:
    for number in range(4000002, 4000010):
        rig.place(str(number), fotmob_match_id=number)
        rig.source.pages[number] = TransientError("connection reset")
    assert rig.grader().run_once().refused == "connection reset"
    assert len(rig.source.asked) == 3


def test_one_alert_for_what_waits_for_more_than_a_day(rig: GradingRig) -> None:
    rig.stored()
    rig.place("1", market_name="Corners Totals", team="Nobody United")
    rig.place("2", stake=0)
    grader = rig.grader()
    grader.run_once()
    assert "grading.pending" not in rig.alerts.raised
    rig.advance(hours=25)
    grader.run_once()
    rig.advance(hours=1)
    grader.run_once()
    assert rig.alerts.history.count("grading.pending") == 1
    assert "2 of 2 bets wait" in rig.alerts.raised["grading.pending"]
    assert not grader.status.pending().ok
    rig.database["team_tracked_bets"].update_many({}, {"$set": {"manual_override": True, "status": "refund"}})
    grader.run_once()
    assert "grading.pending" not in rig.alerts.raised


def test_a_postponed_match_is_void_two_days_later(rig: GradingRig) -> None:
    rig.serve(reason="PP")
    rig.place("1")
    grader = rig.grader()
    for hours in (0, 3, 20, 20):
        rig.advance(hours=hours)
        grader.run_once()
        assert rig.bet("1")["status"] == "pending"
    rig.advance(hours=4)
    grader.run_once()
    bet = rig.bet("1")
    assert (bet["status"], bet["returns"], bet["profit_loss"]) == ("refund", 10.0, 0.0)


def test_accumulators_settle_by_all_their_legs(rig: GradingRig) -> None:
    leg = {"market_name": "Corners Totals", "direction": "over", "threshold": 2.5, "odds": 2.0}
    rig.stored()
    rig.serve(4000002, reason=None)
    legs = [{**leg, "fotmob_match_id": 4000001}, {**leg, "fotmob_match_id": 4000002}]
    lost = [{**leg, "fotmob_match_id": 4000001, "threshold": 99.5}, {**leg, "fotmob_match_id": 4000002}]
    rig.database["team_tracked_bets"].insert_many(
        [{"bet_id": "both", "stake": 10, "legs": legs}, {"bet_id": "lost", "stake": 10, "legs": lost}]
    )
    grader = rig.grader()
    grader.run_once()
    assert rig.bet("both")["status"] == "pending" and rig.bet("both")["grading"]["reason"].startswith("not finished")
    assert rig.bet("lost")["status"] == "lost"
    rig.serve(4000002)
    rig.advance(minutes=30)
    grader.run_once()
    bet = rig.bet("both")
    assert (bet["status"], bet["returns"]) == ("won", 40.0)
    assert [each["match_id"] for each in bet["grading"]["legs"]] == [4000001, 4000002]


def test_horses_settle_from_their_results(rig: GradingRig) -> None:
    bet = {"race_id": "R1", "stake": 10, "odds": 5.0, "market": "Win", "horse": "Grey Mare", "status": "pending"}
    rig.database["horse_tracked_bets"].insert_one({"bet_id": "h", **bet})
    grader = rig.grader()
    grader.run_once()
    assert rig.bet("h", "horse_tracked_bets")["grading"]["reason"] == "no result: race R1"
    rows = [{"race_id": "R1", "runner": name, "position": place} for place, name in enumerate(["Grey Mare", "Bay"], 1)]
    assert grader.parts.results.store(rows) == {"R1"} and grader.parts.results.store(rows) == set()
    grader.run_once()
    assert rig.bet("h", "horse_tracked_bets")["returns"] == 50.0
    grader.parts.results.store([{**rows[0], "position": 2}, {**rows[1], "position": 1}])
    report = grader.run_once()
    settled = rig.bet("h", "horse_tracked_bets")
    assert settled["status"] == "lost" and report.corrected == 1
    assert settled["grading"]["history"][0]["status"] == "won"


def test_only_the_chosen_fixture(rig: GradingRig) -> None:
    rig.stored()
    rig.stored(4000002)
    rig.map(77, 4000002)
    rig.place("1")
    rig.place("2", fotmob_match_id=..., fixture_id=77)
    assert rig.grader().run_once([77]).read == 1
    assert [rig.bet(one)["status"] for one in "12"] == ["pending", "won"]


def test_a_dry_run_writes_nothing(rig: GradingRig) -> None:
    rig.stored()
    rig.place("1")
    before = rig.bet("1")
    told: list[str] = []
    report = rig.grader().dry_run(on_verdict=lambda collection, document, verdict: told.append(str(document["bet_id"])))
    assert report.settled == {"won": 1} and told == ["1"] and report.written == 0
    assert rig.bet("1") == before and rig.source.asked == []
