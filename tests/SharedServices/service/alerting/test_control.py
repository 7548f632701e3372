"""Patterns, mutes and acknowledgements, as stored."""

from __future__ import annotations

import pytest
from alert_rig import Rig
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from PROPPR.SharedServices.service.alerting.control import AlertControl, matching

KEYS = st.text(st.sampled_from("ab.*?[^$\\n:-é"), min_size=1, max_size=6)


@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(KEYS, KEYS)
def test_a_pattern_means_in_mongodb_what_it_says(rig: Rig, pattern: str, key: str) -> None:
    rig.database.keys.delete_many({})
    rig.database.keys.insert_one({"_id": key})
    assert bool(rig.database.keys.find_one(matching([pattern]))) == glob(pattern, key)


def glob(pattern: str, text: str) -> bool:
    if not pattern:
        return not text
    if pattern[0] == "*":
        return any(glob(pattern[1:], text[skipped:]) for skipped in range(len(text) + 1))
    return bool(text) and pattern[0] in ("?", text[0]) and glob(pattern[1:], text[1:])


def test_mutes_end_by_themselves_and_are_replaced(rig: Rig) -> None:
    control = AlertControl(rig.database)
    control.mute("a*", 60, "me", "why")
    again = control.mute("a*", 3600, "you")
    assert [mute.by for mute in control.mutes()] == ["you"] and again.reason == ""
    past = {"$dateSubtract": {"startDate": "$$NOW", "unit": "second", "amount": 1}}
    rig.database.alert_control.update_one({}, [{"$set": {"expires_at": past}}])
    assert control.mutes() == [] and control.muted() is None
    assert not control.unmute("b")
    with pytest.raises(ValueError, match="pattern"):
        control.mute("", 60)
    with pytest.raises(ValueError, match="time"):
        control.mute("a", 0)


def test_the_list_shows_the_critical_first(rig: Rig) -> None:
    rig.fail("w")
    rig.fail("c", severity="critical")
    rig.fail("gone")
    rig.recover("gone")
    control = AlertControl(rig.database)
    assert [alert["_id"] for alert in control.listed()] == ["c", "w"]
    assert [alert["_id"] for alert in control.listed(everything=True)] == ["c", "w", "gone"]


def test_an_acknowledgement_ends_with_the_episode(rig: Rig) -> None:
    control = AlertControl(rig.database)
    rig.fail("k")
    assert control.acknowledge("k", "$me") == ["k"]
    assert control.acknowledge("k", "you") == []
    assert rig.alert("k")["acknowledged_by"] == "$me"
    rig.fail("k")
    assert rig.alert("k")["acknowledged_at"] is not None
    rig.recover("k")
    rig.fail("k")
    assert rig.alert("k")["acknowledged_at"] is None
