"""PagerDuty over HTTP: one incident per alert, opened, acknowledged and resolved once."""

from __future__ import annotations

from typing import Any

from alert_rig import At, Pager, Rig
from support import eventually
from werkzeug import Response

from PROPPR.SharedServices.service.alerting.control import AlertControl
from PROPPR.SharedServices.service.alerting.pagerduty import PagerDutyChannel
from PROPPR.SharedServices.service.alerting.policy import AlertPolicy, quiet_hours

KEY = "0123456789abcdef0123456789abcdef"


def channel(pager: Pager) -> PagerDutyChannel:
    return PagerDutyChannel(pager.url, KEY, "proppr/test")


def test_an_incident_opens_is_acknowledged_and_closes_once(rig: Rig, pager: Pager) -> None:
    for holder in "abc":
        rig.told(channel(pager), holder)
    rig.fail("feed", "The feed is silent", "critical", "for 90 s")
    for _ in range(5):
        rig.fail("feed", "The feed is silent", "critical")
    eventually(lambda: pager.events)
    assert AlertControl(rig.database).acknowledge("fe*", "me") == ["feed"]
    eventually(lambda: len(pager.events) == 2)
    rig.recover("feed")
    eventually(lambda: len(pager.events) == 3)
    rig.fail("feed", "The feed is silent", "critical")
    eventually(lambda: len(pager.events) == 4)
    assert [action for action, _ in pager.actions] == ["trigger", "acknowledge", "resolve", "trigger"]
    assert {key for _, key in pager.actions} == {"proppr/test/feed"}
    payload = pager.events[0]["payload"]
    assert (payload["severity"], payload["source"]) == ("critical", "toy")
    assert payload["summary"].startswith("The feed is silent: ")
    assert pager.events[0]["routing_key"] == KEY


def test_refusals_limits_and_failures(rig: Rig, pager: Pager) -> None:
    pager.answers = [
        Response("", 429, headers={"Retry-After": "1"}), Response("", 500), Response(f"bad {KEY}", 400),
    ]  # fmt: skip
    one = rig.told(channel(pager))
    rig.fail("k", severity="critical")
    eventually(lambda: not pager.answers, 20)
    eventually(lambda: rig.alert("k")["pagerduty"].get("refused") == 1)
    assert rig.alert("k")["pagerduty"]["last_error"] == "HTTP 400"
    assert KEY not in f"{one.check()}{list(rig.database.alerts.find())}"
    rig.recover("k")
    rig.fail("k", severity="critical")
    eventually(lambda: pager.events)
    assert [action for action, _ in pager.actions] == ["trigger"], "a new episode is news again"


def test_quiet_hours_hold_back_warnings_and_close_what_is_open(rig: Rig, pager: Pager) -> None:
    clock = At(22)
    policy = AlertPolicy(quiet=quiet_hours("23:00-07:00"))
    rig.told(channel(pager), clock=clock, policy=policy)
    rig.fail("evening")
    eventually(lambda: len(pager.events) == 1)
    clock.moment = At(2).moment
    rig.fail("warning")
    rig.fail("critical", severity="critical")
    rig.recover("evening")
    eventually(lambda: len(pager.events) == 3)
    assert {key.rpartition("/")[2] for _, key in pager.actions} == {"evening", "critical"}
    clock.moment = At(7).moment
    eventually(lambda: pager.actions[-1] == ("trigger", "proppr/test/warning"))


def test_long_keys_stay_apart_and_within_the_limit() -> None:
    found: Any = PagerDutyChannel(None, KEY)
    keys = {found.dedup_key("x" * 300 + str(number)) for number in range(10)}
    assert len(keys) == 10 and max(map(len, keys)) <= 255
