"""The pages of fleet, alerts, logs and mappings: what they show, what a signed-in person changes, what nobody can."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from bson import Int64
from console_visitor import Visitor, console
from flask import Flask
from pymongo.database import Database

from PROPPR.SharedServices.service.alert_documents import AlertEvent, AlertSeverity
from PROPPR.SharedServices.service.alerting.control import AlertControl
from PROPPR.SharedServices.service.alerts import AlertOutbox
from PROPPR.SharedServices.service.clock import SystemClock
from PROPPR.SharedServices.storage.fixture_mappings import FixtureMappings

Documents = Database[dict[str, Any]]
CLOCK = SystemClock()
HOSTILE = """<script>alert("x")</script>'"><img src=x onerror=alert(1)>{{ 7*7 }}"""
PAGES = ("/", "/alerts", "/logs", "/mappings", "/alerts/runbook", "/alerts/mute")
PARTS = ("/fleet/part", "/fleet/alerts", "/alerts/part", "/logs/part", "/mappings/part")


@pytest.fixture
def app(database: Documents) -> Flask:
    return console(database)


@pytest.fixture
def reader(app: Flask) -> Visitor:
    return Visitor(app)


@pytest.fixture
def operator(app: Flask) -> Visitor:
    return Visitor(app).sign_in()


def fail(database: Documents, key: str, title: str = "", severity: AlertSeverity = "warning", detail: str = "") -> None:
    outbox = AlertOutbox(database, service="unified-poller", deliver=False)
    outbox.record(AlertEvent(key, "failed", severity, title or key, detail), f"{key}:{CLOCK.now_ms()}")


def mapping(database: Documents, number: int, name: str = "Glimt", match_id: int | None = None, **values: Any) -> None:
    candidate = {
        "match_id": Int64(5000 + number), "score": 0.71, "home": f"{name} FK", "away": "Brann", "league": "Eliteserien",
        "kickoff": CLOCK.now() + timedelta(hours=3), "competition_id": Int64(59), "swapped": False,
    }  # fmt: skip
    document = {
        "fixture_id": Int64(number), "status": "unresolved", "reason": "below the bar", "home": name, "away": "Brann",
        "country": "Norway", "league": "Eliteserien", "kickoff": CLOCK.now() + timedelta(hours=3),
        "candidates": [candidate], "score": 0.71, "updated_at": CLOCK.now(), **values,
    }  # fmt: skip
    if match_id is not None:
        document |= {"fotmob_match_id": Int64(match_id), "status": values.get("status", "auto")}
    database["fixture_mappings"].insert_one(document)


@pytest.mark.parametrize("path", [*PAGES, *PARTS])
def test_an_empty_fleet_has_pages_for_readers_and_operators(reader: Visitor, operator: Visitor, path: str) -> None:
    for visitor in (reader, operator):
        assert visitor.get(path).status_code == 200


def test_hostile_names_are_only_texts(database: Documents, operator: Visitor) -> None:
    now = CLOCK.now()
    fail(database, HOSTILE, HOSTILE, "critical", HOSTILE)
    AlertControl(database).mute(HOSTILE, 600, HOSTILE, HOSTILE)
    database["service_heartbeats"].insert_one(
        {"_id": HOSTILE, "service": HOSTILE, "instance": HOSTILE, "host": HOSTILE, "state": "running", "pid": HOSTILE,
         "version": HOSTILE, "status": "unhealthy", "beat_at": now, "expires_at": now + timedelta(days=1),
         "checks": [{"name": HOSTILE, "ok": False, "detail": HOSTILE, "severity": HOSTILE}]}
    )  # fmt: skip
    database["poller_state"].insert_one(
        {"_id": "x", "bookmaker": HOSTILE, "sport": HOSTILE, "refusal": HOSTILE, "updated_at": now,
         "complete_until": None, "hole_since": None}
    )  # fmt: skip
    database["service_logs"].insert_one(
        {"timestamp": now, "service": HOSTILE, "level": HOSTILE, "message": HOSTILE, "logger": HOSTILE,
         "instance": HOSTILE, "traceback": HOSTILE, "extra": {"a": HOSTILE, "<b>": HOSTILE}}
    )  # fmt: skip
    mapping(database, 1, HOSTILE, country=HOSTILE, league=HOSTILE, reason=HOSTILE)
    mapping(database, 2, HOSTILE, 5001)
    database["fixture_players"].insert_one(
        {"fixture_id": 1, "kickoff": now, "names": [], "positions": [], "ambiguous": [HOSTILE]}
    )
    words = quote("<script>")
    for path in (*PAGES, *PARTS, "/mappings/1", f"/alerts/mute?pattern={quote(HOSTILE)}",
                 f"/logs?words={words}&service={quote(HOSTILE)}&since={words}", f"/logs?words={words}"):  # fmt: skip
        answer = operator.get(path)
        assert answer.status_code == 200, path
        assert "<script>alert" not in answer.text and "<img" not in answer.text, path
    assert HOSTILE in operator.text("/logs") and HOSTILE in operator.text("/alerts") and HOSTILE in operator.text("/")
    assert HOSTILE in operator.text("/mappings")
    for path, fields in (("/mappings/1/settle", {"match": HOSTILE, "typed": HOSTILE, "swapped": HOSTILE}),
                         ("/alerts/mute", {"pattern": HOSTILE * 3, "seconds": "3600", "reason": HOSTILE})):  # fmt: skip
        answer = operator.send("/alerts/mute", path, **fields)
        assert answer.status_code == 422 and "<script>alert" not in answer.text and "<img" not in answer.text


def test_the_fleet_says_what_is_wrong_since_when_and_what_to_do(database: Documents, reader: Visitor) -> None:
    now = CLOCK.now()
    for service, age, status in (("websocket-updater", 2, "healthy"), ("unified-poller", 2, "degraded"),
                                 ("stats-pipeline", 300, "healthy")):  # fmt: skip
        database["service_heartbeats"].insert_one(
            {"_id": service, "service": service, "instance": f"{service}-1", "host": "host-1", "state": "running",
             "pid": 4100, "version": "0.1.0", "status": status, "status_since": now - timedelta(minutes=9),
             "beat_at": now - timedelta(seconds=age), "started_at": now - timedelta(hours=5), "queue_size": 12,
             "last_update": now - timedelta(seconds=age), "expires_at": now + timedelta(days=1),
             "latency": {"p50_s": 0.0042, "p99_s": 0.0231, "count": 1234, "window_s": 60.0},
             "checks": [{"name": "lag", "ok": status == "healthy", "detail": "M88 is 400 s behind",
                         "severity": "degraded", "failing_since": now - timedelta(minutes=8)}]}
        )  # fmt: skip
    text = reader.text("/")
    for part in ("Odds by REST: How far the books are behind", "M88 is 400 s behind", "8 min ago",
                 "Statistics is silent", "Grading of bets is not running", "1 of 4", "4.2 ms", "23.1 ms", "0.1.0",
                 "websocket-updater-1", "5,000", "2,000", "no open alert", "not running"):  # fmt: skip
        assert part in text, part
    html = reader.get("/").text
    assert 'href="/alerts/runbook/pollerlate"' in html and 'href="/alerts/runbook/processdown"' in html
    fail(database, "poller.lag", "The poller is late", "critical", "behind by 400 s")
    assert "The poller is late" in reader.text("/") and "The poller is late" in reader.text("/fleet/alerts")


def test_the_runbook_is_at_hand(reader: Visitor) -> None:
    text = reader.text("/alerts/runbook/silentserviceinstance")
    assert "a process has not said for 30 s that it lives" in text and "ProcessDown" in text
    assert "FeedSilent" in reader.text("/alerts/runbook")
    assert reader.get("/alerts/runbook/no-such-entry").status_code == 404


def test_acknowledging_by_name(database: Documents, operator: Visitor, reader: Visitor) -> None:
    fail(database, "poller.lag", "The poller is late")
    fail(database, "stats.source", "FotMob refuses")
    assert "<button" not in reader.get("/alerts/part").text and "Sign in to acknowledge" in reader.text("/alerts")
    answer = operator.send("/alerts", "/alerts/acknowledge", key="poller.lag")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/alerts")
    stored = {one["_id"]: one for one in database["alerts"].find()}
    assert stored["poller.lag"]["acknowledged_by"] == "night shift"
    assert stored["stats.source"]["acknowledged_at"] is None
    page = operator.text("/alerts")
    assert "night shift sees to it" in page and "Acknowledged: poller.lag." in page
    assert "Acknowledged: poller.lag." not in operator.text("/alerts"), "said once"
    operator.send("/alerts", "/alerts/acknowledge", key="poller.lag")
    assert "somebody else sees to it already" in operator.text("/alerts")


def test_muting_and_ending_a_mute(database: Documents, operator: Visitor) -> None:
    fail(database, "poller.bookmaker:M88", "M88 is refused")
    form = operator.text("/alerts/mute?pattern=poller.bookmaker:*")
    assert "poller.bookmaker:M88" in form
    fields = {"pattern": "poller.bookmaker:*", "seconds": "7200", "reason": "maintenance"}
    assert operator.send("/alerts/mute", "/alerts/mute", **fields).status_code == 303
    (mute,) = AlertControl(database).mutes()
    assert (mute.pattern, mute.by, mute.reason) == ("poller.bookmaker:*", "night shift", "maintenance")
    assert timedelta(minutes=119) < mute.until - CLOCK.now() < timedelta(minutes=121)
    page = operator.text("/alerts")
    assert "Muted until" in page and "poller.bookmaker:* is muted until" in page
    assert operator.send("/alerts", "/alerts/unmute", pattern="poller.bookmaker:*").status_code == 303
    assert AlertControl(database).mutes() == [] and "is no longer muted" in operator.text("/alerts")


@pytest.mark.parametrize("fields", [{"pattern": "", "seconds": "7200"}, {"pattern": "a", "seconds": "nan"},
                                    {"pattern": "a", "seconds": "-1"}, {"pattern": "a"}])  # fmt: skip
def test_a_mute_that_makes_no_sense_is_refused_with_words(
    database: Documents, operator: Visitor, fields: dict[str, str]
) -> None:
    answer = operator.send("/alerts/mute", "/alerts/mute", **fields)
    assert answer.status_code == 422 and "Not muted" in answer.text
    assert database["alert_control"].count_documents({"kind": "mute"}) == 0


def test_searching_following_and_paging_the_logs(database: Documents, reader: Visitor) -> None:
    now = CLOCK.now()
    database["service_logs"].insert_many(
        {"timestamp": now - timedelta(seconds=number), "service": "unified-poller", "level": "ERROR",
         "message": f"entry number {number}", "logger": "PROPPR.x", "extra": {"code": number}}
        for number in range(120)
    )  # fmt: skip
    page = reader.get("/logs").text
    assert 'hx-trigger="sse:logs"' in page and 'rel="next"' in page
    assert "entry number 49" in page and "entry number 50" not in page
    older = page.split('rel="next"')[0].rsplit('href="', 1)[1].split('"')[0].replace("&amp;", "&")
    second = reader.get(older).text
    assert "entry number 50" in second and "entry number 49" not in second and "sse:logs" not in second
    found = reader.text("/logs?words=number+77&service=unified-poller")
    assert "entry number 77" in found and "entry number 78" not in found
    assert "Nothing is found" in reader.text("/logs?words=.*")
    since = f"{now - timedelta(days=3):%Y-%m-%dT%H:%M}"
    assert "entry number 1" in reader.text(f"/logs?since={since}")
    assert "Nothing is found" in reader.text(f"/logs?until={since}")
    assert reader.get("/logs?since=yesterday&before=nonsense&level=x").status_code == 200


def test_a_part_that_has_not_changed_is_not_sent_again(database: Documents, reader: Visitor) -> None:
    fail(database, "poller.lag")
    mapping(database, 1)
    for path in ("/alerts/part", "/logs/part", "/mappings/part"):
        first = reader.get(path)
        seen = first.text.split('name="seen" value="')[1].split('"')[0]
        assert reader.get(f"{path}?seen={seen}").status_code == 204
    fail(database, "stats.source")
    assert "stats.source" in reader.get(f"/alerts/part?seen={seen}").text


def test_settling_by_a_candidate_and_by_a_number(database: Documents, operator: Visitor) -> None:
    mapping(database, 1)
    mapping(database, 2, "Molde")
    assert "0.71" in operator.text("/mappings") and "No match reaches" in operator.text("/mappings")
    answer = operator.send("/mappings/1", "/mappings/1/settle", match="5001", typed="", swapped="yes")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/mappings/1")
    link = FixtureMappings(database, CLOCK).match_of(1)
    assert link is not None and (link.match_id, link.status, link.swapped) == (5001, "manual", True)
    page = operator.text("/mappings/1")
    assert "settled by hand" in page and "Glimt - Brann is match 5001 from now on." in page
    assert "Glimt" in operator.text("/mappings")
    assert operator.send("/mappings/2", "/mappings/2/settle", match="5002", typed="777").status_code == 303
    link = FixtureMappings(database, CLOCK).match_of(2)
    assert link is not None and link.match_id == 777, "what was typed counts"
    assert "none of the candidates" in operator.text("/mappings/2")


def test_a_match_that_is_taken_is_shown_and_not_lost_by_accident(database: Documents, operator: Visitor) -> None:
    mappings = FixtureMappings(database, CLOCK)
    mapping(database, 1)
    mapping(database, 2, "Bodo Glimt", 5001)
    assert "taken" in operator.text("/mappings") and "Bodo Glimt - Brann" in operator.text("/mappings/1")
    answer = operator.send("/mappings/1", "/mappings/1/settle", match="5001")
    assert answer.status_code == 409 and "belongs to another fixture" in answer.text and "Take it" in answer.text
    assert mappings.match_of(1) is None
    assert operator.send("/mappings/1", "/mappings/1/settle", match="5001", take="5001").status_code == 303
    link = mappings.match_of(1)
    assert link is not None and link.match_id == 5001 and mappings.match_of(2) is None
    mapping(database, 3)
    for fields in ({"match": "5001"}, {"match": "5001", "take": "5001"}):
        answer = operator.send("/mappings/3", "/mappings/3/settle", **fields)
        assert answer.status_code == 409 and "is not taken away" in answer.text
    assert mappings.match_of(3) is None


def test_rejecting(database: Documents, operator: Visitor) -> None:
    mapping(database, 1)
    assert operator.send("/mappings/1", "/mappings/1/reject").status_code == 303
    assert "has no match" in operator.text("/mappings/1")
    stored = FixtureMappings(database, CLOCK).get(1)
    assert stored is not None and (stored.status, stored.link) == ("manual", None)


@pytest.mark.parametrize("number", ["", "0", "-1", "1.5", "x", "٣", str(2**63), "9" * 30])
def test_a_number_that_is_none_is_refused_with_words(database: Documents, operator: Visitor, number: str) -> None:
    mapping(database, 1)
    answer = operator.send("/mappings/1", "/mappings/1/settle", typed=number)
    assert answer.status_code == 422 and "digits only" in answer.text
    assert FixtureMappings(database, CLOCK).match_of(1) is None


@pytest.mark.parametrize("path", ["/mappings/4711", "/mappings/0", f"/mappings/{2**63}", "/mappings/x"])
def test_fixtures_that_nobody_knows(operator: Visitor, path: str) -> None:
    assert operator.get(path).status_code == 404


CHANGES = (
    ("/alerts/acknowledge", {"key": "poller.lag"}),
    ("/alerts/mute", {"pattern": "*", "seconds": "3600"}),
    ("/alerts/unmute", {"pattern": "old"}),
    ("/mappings/1/settle", {"match": "5001"}),
    ("/mappings/1/reject", {}),
)


@pytest.fixture
def unchanged(database: Documents, app: Flask) -> Iterator[None]:
    """There is something that each change could change, and nothing has changed at the end."""
    fail(database, "poller.lag")
    AlertControl(database).mute("old", 3600)
    mapping(database, 1)

    def content() -> list[Any]:
        return [list(database[name].find().sort("_id", 1)) for name in ("alerts", "alert_control", "fixture_mappings")]

    before = content()
    yield
    assert content() == before


@pytest.mark.parametrize(("path", "fields"), CHANGES)
@pytest.mark.usefixtures("unchanged")
def test_nothing_changes_without_a_sign_in_and_the_forms_token(app: Flask, path: str, fields: dict[str, str]) -> None:
    reader, operator = Visitor(app), Visitor(app).sign_in()
    base = "http://127.0.0.1:8090"
    assert reader.client.post(path, data=fields, base_url=base).status_code in (303, 401, 403)
    assert operator.client.post(path, data=fields, base_url=base).status_code == 403
    assert operator.client.post(path, data={**fields, "csrf_token": "x" * 64}, base_url=base).status_code == 403
    assert operator.get(path).status_code in (200, 404, 405), "reading changes nothing"
