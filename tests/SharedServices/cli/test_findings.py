"""What the doctor finds on this machine and in MongoDB."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient

from PROPPR.SharedServices.cli import findings
from PROPPR.SharedServices.cli.findings import Finding, check_disk, check_mongodb, check_settings, compare_clocks
from PROPPR.SharedServices.cli.plan import free_port
from PROPPR.SharedServices.service.clock import SystemClock
from PROPPR.SharedServices.service.settings import Settings, load_settings
from PROPPR.SharedServices.storage.collections import ensure_collections


def by_subject(found: Iterable[Finding]) -> dict[str, Finding]:
    return {finding.subject: finding for finding in found}


def test_usual_mistakes_in_settings_are_told() -> None:
    found = by_subject(check_settings(load_settings({"SHARP_BOOKMAKERS": "Pinnacle", "BOOKMAKERS": "M88"}, None)))
    assert "Pinnacle" in found["sharp bookmakers"].detail
    assert found["key"].level == found["alerts"].level == "warning"
    assert all(finding.mend for finding in found.values() if finding.level != "ok")


def test_good_settings_are_quiet() -> None:
    good = {"ODDS_API_KEY": "abcdef", "TELEGRAM_BOT_TOKEN": "1:x", "TELEGRAM_ADMIN_CHAT_ID": "2"}
    assert {finding.level for finding in check_settings(load_settings(good, None))} == {"ok"}


def test_a_full_disk_is_wrong(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load_settings({"PROPPR_DATA_DIR": str(tmp_path / "deep" / "down"), "LOG_DIR": str(tmp_path)}, None)
    assert by_subject(check_disk(settings))["data directory"].level in ("ok", "warning")
    monkeypatch.setattr(findings, "LITTLE_DISK", 1 << 60)
    assert by_subject(check_disk(settings))["logs directory"].level == "wrong"


@pytest.mark.parametrize(
    ("seconds", "level"), [(0.4, "ok"), (-1.9, "ok"), (-3, "warning"), (31, "wrong"), (-40, "wrong")]
)
def test_clocks(seconds: float, level: str) -> None:
    finding = compare_clocks("clock", timedelta(seconds=seconds))
    assert finding.level == level
    assert bool(finding.mend) == (level != "ok")


def test_a_database_is_examined(mongo_uri: str, mongo_client: MongoClient[dict[str, Any]]) -> None:
    settings = Settings(mongo_database="doctor_test")
    try:
        empty = by_subject(check_mongodb(mongo_client, settings, SystemClock()))
        assert empty["collections"].level == "warning" and "empty" in empty["collections"].detail
        ensure_collections(mongo_client["doctor_test"])
        full = by_subject(check_mongodb(mongo_client, settings, SystemClock()))
        assert {finding.level for finding in full.values()} == {"ok"}
        mongo_client["doctor_test"]["price_drops"].drop_index("recorded_at_1")
        mongo_client["doctor_test"]["team_odds"].drop()
        broken = by_subject(check_mongodb(mongo_client, settings, SystemClock()))
        assert broken["collections"].detail == "missing: team_odds, price_drops.recorded_at_1"
    finally:
        mongo_client.drop_database("doctor_test")


def test_an_unreachable_database_is_wrong() -> None:
    uri = f"mongodb://127.0.0.1:{free_port(0)}/?serverSelectionTimeoutMS=200"
    with MongoClient[dict[str, Any]](uri) as client:
        (finding,) = check_mongodb(client, Settings(), SystemClock())
    assert (finding.subject, finding.level) == ("MongoDB", "wrong")
