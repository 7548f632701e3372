"""Telegram as an operator sees it: a storm, an outage, a night, a mute, a reminder, the morning's summary."""

from __future__ import annotations

import socket
from typing import Any

from alert_rig import At, Chat, Rig, lines_with, soon
from support import eventually

from PROPPR.SharedServices.service.alerting.control import AlertControl
from PROPPR.SharedServices.service.alerting.policy import AlertPolicy, Pace, quiet_hours

NO_SUMMARY = AlertPolicy(summary_at=None)
NIGHT = AlertPolicy(quiet=quiet_hours("23:00-07:00"), summary_at=None)


def quick() -> Pace:
    return Pace(spacing=0.02, settle=0.3, burst=100)


def test_a_storm_is_one_message(rig: Rig, chat: Chat) -> None:
    for number in range(40):
        rig.fail(f"k{number}", f"trouble {number}", "critical" if number == 30 else "warning")
    for holder in "ab":
        rig.chat(chat.url, holder, policy=NO_SUMMARY, pace=Pace())
    eventually(lambda: rig.database.alerts.count_documents({"delivery": "sent"}) == 40)
    assert len(chat.texts) == 1
    lines = chat.texts[0].splitlines()
    assert lines[0] == "40 alerts: 40 failed"
    assert "trouble 30" in lines[1], "the worst first"
    assert len(lines_with(chat.texts, "trouble")) == 40


def test_hours_without_telegram_cost_one_message_and_lose_nothing(rig: Rig, chat: Chat) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        nowhere = f"http://127.0.0.1:{taken.getsockname()[1]}/telegram"
        away = rig.chat(nowhere, policy=NO_SUMMARY, pace=quick())
        for number in range(30):
            rig.fail(f"k{number}")
            if number % 3 == 0:
                rig.recover(f"k{number}")
            if number % 6 == 0:
                rig.fail(f"k{number}")
        eventually(lambda: not away.check().ok)
        assert rig.alert("k1")["delivery"] == "pending"
        away.stop(soon())
    rig.database.alerts.update_many({}, {"$set": {"next_attempt_at": None}})  # hours later
    rig.chat(chat.url, "b", policy=NO_SUMMARY, pace=quick())
    eventually(lambda: rig.database.alerts.count_documents({"delivery": "sent"}) == 30)
    assert len(chat.texts) == 1
    assert chat.heads == ["45 alerts: 35 failed, 10 recovered"]


def test_retry_after_binds_the_process_that_takes_over_too(rig: Rig, chat: Chat) -> None:
    chat.faults("telegram_429@1:3")
    first = rig.chat(chat.url, policy=NO_SUMMARY, pace=quick())
    rig.fail("k")
    eventually(lambda: chat.refused == 1)
    eventually(lambda: rig.database.alert_control.find_one({"_id": "channel:telegram"}))
    first.stop(soon())
    rig.fail("other")
    held = AlertControl(rig.database).held_for("telegram")
    second = rig.chat(chat.url, "b", policy=NO_SUMMARY, pace=quick())
    assert 1 < held <= 3.1
    eventually(lambda: second.check().detail == "0 sent")
    assert chat.texts == []
    eventually(lambda: len(chat.texts) == 2)
    assert AlertControl(rig.database).held_for("telegram") == 0
    assert chat.refused == 1


def test_at_night_only_what_is_critical_comes_and_the_rest_in_the_morning(rig: Rig, chat: Chat) -> None:
    clock = At(2)
    rig.chat(chat.url, policy=NIGHT, pace=quick(), clock=clock)
    for number in range(4):
        rig.fail(f"warning {number}")
    rig.recover("warning 0")
    rig.fail("on fire", severity="critical")
    rig.recover("on fire")
    eventually(lambda: len(chat.texts) == 2)
    assert chat.heads == ["FAILED: on fire (critical)", "RECOVERED: on fire"]
    clock.moment = At(7).moment
    eventually(lambda: len(chat.texts) == 3)
    assert chat.heads[2] == "5 alerts: 4 failed, 1 recovered"


def test_what_is_muted_is_told_nowhere_and_afterwards_what_is_left(rig: Rig, chat: Chat) -> None:
    control = AlertControl(rig.database)
    rig.chat(chat.url, policy=NO_SUMMARY, pace=quick())
    rig.fail("db.told", "told before")
    eventually(lambda: len(chat.texts) == 1)
    control.mute("db.*", 3600, "me", "maintenance")
    eventually(lambda: control.muted() is not None)
    for _ in range(3):
        rig.fail("db.gone")
        rig.recover("db.gone")
    rig.fail("db.left")
    rig.recover("db.left")
    rig.fail("db.left")
    rig.recover("db.told")
    rig.fail("other")
    eventually(lambda: rig.alert("db.gone")["delivery"] == "muted")
    eventually(lambda: len(rig.alert("db.left")["messages"]) == 1)
    eventually(lambda: len(chat.texts) == 2)
    assert chat.heads[1] == "FAILED: other"
    assert control.unmute("db.*")
    eventually(lambda: len(chat.texts) == 4)
    assert sorted(chat.heads[2:]) == ["FAILED: db.left", "RECOVERED: told before"]


def test_what_nobody_acknowledged_is_told_again(rig: Rig, chat: Chat) -> None:
    rig.chat(chat.url, policy=AlertPolicy(remind_after=3600, summary_at=None), pace=quick())
    for key in ("a", "b"):
        rig.fail(key)
    rig.fail("info", severity="info")
    eventually(lambda: len(chat.texts) == 3)
    assert AlertControl(rig.database).acknowledge("b", "me") == ["b"]
    for key in ("a", "b", "info"):
        eventually(lambda key=key: rig.alert(key)["delivery"] == "sent")
        rig.age(key, 3700, "told_at", "raised_at")
    eventually(lambda: len(chat.texts) == 4)
    rig.fail("c")
    eventually(lambda: len(chat.texts) == 5)
    assert chat.heads[3:] == ["STILL FAILING: a", "FAILED: c"], "one reminder, of the one that waits"
    assert "after 1 h" in chat.texts[3] and "acknowledge 'a'" in chat.texts[3]
    rig.recover("a")
    eventually(lambda: chat.heads[-1] == "RECOVERED: a")


def test_the_summary_comes_once_a_day_from_all_processes_together(rig: Rig, chat: Chat) -> None:
    clock = At(7, 59)
    rig.fail("k", "Bets wait")
    rig.database.service_heartbeats.insert_one(
        {"_id": "poller:1", "service": "poller", "state": "running", "status": "healthy", "started_at": At(1).moment}
    )
    for holder in "abc":
        rig.chat(chat.url, holder, policy=AlertPolicy(), pace=quick(), clock=clock)
    eventually(lambda: len(chat.texts) == 1)
    clock.moment = At(8, 1).moment
    eventually(lambda: len(chat.texts) == 2)
    assert chat.heads[1] == "NOTICE: Daily summary"
    assert "poller: healthy, up since 2026-11-21 01:00" in chat.texts[1]
    assert lines_with(chat.texts[1:], "Bets wait")
    clock.moment = clock.moment.replace(day=22, hour=9, minute=30)  # too late for that day's
    rig.fail("later")
    eventually(lambda: len(chat.texts) == 3)
    clock.moment = clock.moment.replace(day=23, hour=8, minute=30)
    eventually(lambda: len(chat.texts) == 4)
    assert [head for head in chat.heads if "summary" in head] == ["NOTICE: Daily summary"] * 2
    assert rig.alert("summary")["count"] == 2


def test_a_sender_that_died_after_sending_is_repeated_with_a_word_of_it(rig: Rig, chat: Chat, database: Any) -> None:
    rig.fail("k")
    past = {"$dateSubtract": {"startDate": "$$NOW", "unit": "second", "amount": 1}}
    database.alerts.update_one({}, [{"$set": {"claim": {"holder": "dead", "batch": "b", "n": 1, "until": past}}}])
    rig.chat(chat.url, policy=NO_SUMMARY, pace=quick())
    eventually(lambda: len(chat.texts) == 1)
    assert "may have been sent before" in chat.texts[0]
