"""The whole updater against the simulator and a real MongoDB: what is stored is the feed's last word."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis  # noqa: F401 - else its pytest plugin imports it after the last test, where CPython 3.11.7 may trip
import pytest
from pymongo import MongoClient
from pymongo.database import Database
from stream_rig import KEY, StreamRig, simulator
from support import PATIENCE, eventually

from PROPPR.SharedServices.providers.odds_api.recording import Recording
from PROPPR.SharedServices.service.clock import SystemClock
from PROPPR.SharedServices.simulator.config import ACCOUNT_EMAIL
from PROPPR.SharedServices.simulator.server import SimulatorServer
from PROPPR.WebsocketUpdater.core.websocket_updater import UnifiedWebSocketService

Documents = Database[dict[str, Any]]


@pytest.fixture
def database(collections: Documents) -> Documents:
    return collections


@pytest.fixture
def prepared(database: Documents) -> Documents:
    return database


@pytest.fixture
def scratch(database: Documents) -> Iterator[Documents]:
    other = database.client[f"{database.name}_s"]
    yield other
    database.client.drop_database(other.name)


@pytest.fixture
def provider() -> Iterator[SimulatorServer]:
    server = simulator(fixtures=6)
    yield server
    server.stop()


def settle(rig: StreamRig, scratch: Documents) -> None:
    """Let the feed fall silent and compare."""
    rig.steer("faults", plan="")
    rig.steer("pause")
    eventually(rig.settled, 40, "the stream to settle")
    for _ in range(5):
        differences = rig.differences(scratch)
        if not differences:
            return
    assert differences == []


@pytest.mark.parametrize(
    "faults",
    [
        "",
        "duplicate=0.05,reorder=0.05,replay=0.01,disconnect=0.005",
        "malformed=0.005,truncated=0.005,wrong_types=0.005",
        "missing_seq=0.003,oversized=0.002,huge_claim=0.002",
        "eviction=0.003,ws_500=0.5",
    ],
)
def test_the_books_end_as_the_feeds_last_word_through(
    prepared: Documents, scratch: Documents, provider: SimulatorServer, faults: str
) -> None:
    with StreamRig(prepared, provider) as rig:
        eventually(rig.synced, 20)
        if faults:
            rig.steer("faults", plan=faults)
        eventually(lambda: rig.service.metrics.frames._value.get() > 800, 40, "800 frames")  # type: ignore[attr-defined]
        settle(rig, scratch)


@pytest.mark.parametrize("fault", ["stall", "silent"])
def test_a_connection_that_falls_silent_is_made_anew(prepared: Documents, scratch: Documents, fault: str) -> None:
    provider = simulator(fixtures=30)  # enough for some to be live or to start soon
    try:
        with StreamRig(prepared, provider, proppr_stall_seconds=1.5) as rig:
            eventually(rig.synced, 30)
            rig.steer("faults", plan=f"{fault}@20:30")
            eventually(lambda: rig.counts.get("reconnects_stalled"), 20)
            settle(rig, scratch)
    finally:
        provider.stop()


def test_more_markets_than_a_connection_takes_come_in_turns(prepared: Documents, scratch: Documents) -> None:
    provider = simulator(fixtures=4, rate=60.0)
    try:
        markets = (
            "ML", "Spread", "Totals", "Goals Over/Under", "Both Teams To Score", "Double Chance", "Draw No Bet",
            "European Handicap", "ML HT", "Spread HT", "Totals HT", "Correct Score", "Alternative Asian Handicap",
            "Corners Totals", "Bookings Totals", "Half Time Result", "Anytime Goalscorer", "Player Shots",
            "Player Shots On Target Over/Under", "Team Goalscorer", "Corners Spread", "Bookings Spread", "ML 2H",
        )  # fmt: skip
        with StreamRig(prepared, provider, ws_markets=markets, proppr_rotation_seconds=0.7) as rig:
            assert len(rig.live.positions) == 2
            eventually(rig.synced, 20)
            eventually(lambda: rig.counts.get("reconnects_rotation", 0) >= 6, 30)
            rig.steer("pause")
            # One more turn of each set brings what happened while the other had the connection.
            turns = rig.counts["reconnects_rotation"]
            eventually(lambda: rig.counts["reconnects_rotation"] >= turns + 3, 30)
            eventually(lambda: not rig.service.pending)
            eventually(lambda: not rig.differences(scratch), 15)
    finally:
        provider.stop()


def test_a_restart_resumes_where_the_last_one_stopped(
    prepared: Documents, scratch: Documents, provider: SimulatorServer
) -> None:
    with StreamRig(prepared, provider) as rig:
        eventually(rig.synced, 20)
    stored = prepared["stream_state"].find_one()
    assert stored is not None
    assert stored["last_sequence"] > 0
    with StreamRig(prepared, provider, instance="two") as rig:
        eventually(rig.synced, 20)
        assert "recoveries_snapshot" not in rig.counts
        assert rig.source.calls.get("odds/multi", 0) == 0
        settle(rig, scratch)


def test_a_position_that_is_too_old_leads_to_a_snapshot(prepared: Documents, scratch: Documents) -> None:
    provider = simulator(fixtures=4)
    try:
        with StreamRig(prepared, provider) as rig:
            eventually(rig.synced, 20)
        rig.steer("step", messages=400)
        prepared["stream_state"].update_many({}, {"$set": {"last_sequence": 1}})
        with StreamRig(prepared, provider, instance="two") as rig:
            eventually(lambda: rig.counts.get("recoveries_snapshot"), 20)
            eventually(rig.synced, 20)
            settle(rig, scratch)
    finally:
        provider.stop()


def test_a_standby_takes_over_within_ten_seconds_and_only_one_is_connected(
    prepared: Documents, scratch: Documents, provider: SimulatorServer
) -> None:
    clock = SystemClock()
    with StreamRig(prepared, provider) as first:
        eventually(first.synced, 20)
        with StreamRig(prepared, provider, instance="two") as second:
            eventually(lambda: "standby" in second.live.status.connection().detail)
            assert second.live.status.connection().ok
            assert second.live.lease.check().ok
            first.stop()
            released = clock.monotonic()
            eventually(lambda: second.live.status.is_connected, 15)
            assert clock.monotonic() - released < 10 * PATIENCE
            assert first.counts.get("reconnects_evicted", 0) == second.counts.get("reconnects_evicted", 0) == 0
            settle(second, scratch)


def test_what_was_recorded_replays_to_the_same_books(
    prepared: Documents, scratch: Documents, provider: SimulatorServer, tmp_path: Path
) -> None:
    with StreamRig(prepared, provider, proppr_record_dir=tmp_path) as rig:
        eventually(rig.synced, 20)
        eventually(lambda: rig.service.metrics.frames._value.get() > 300, 40)  # type: ignore[attr-defined]
        settle(rig, scratch)
    recording = list(Recording(tmp_path, SystemClock()))
    assert len(recording) >= 300
    assert not any(ACCOUNT_EMAIL.encode() in line or KEY.encode() in line for line in recording)
    ends = []
    for repetition in (1, 2):
        replayed = database_of(scratch, repetition)
        service = UnifiedWebSocketService(KEY, database=replayed, settings=rig.settings)
        service.connect(recording * repetition)
        service.close()
        ends.append(sorted(document["_id"] for document in replayed["odds_books"].find({}, {"_id": 1})))
        assert service.pending == 0
        assert service.metrics.last_commit is not None
        replayed.client.drop_database(replayed.name)
    assert ends[0] == ends[1] != []


def database_of(scratch: Documents, number: int) -> Documents:
    fresh: Documents = scratch.client[f"{scratch.name}{number}"]
    fresh.client.drop_database(fresh.name)
    return fresh


def test_the_key_alone_is_enough(
    mongo_uri: str, provider: SimulatorServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    rest = f"{provider.base_url}/v3"
    monkeypatch.chdir(tmp_path)
    environment = {
        "MONGO_URI": mongo_uri, "MONGO_DATABASE": "key_alone", "ODDS_API_BASE_URL": rest,
        "ODDS_API_WS_URL": rest.replace("http", "ws", 1) + "/ws",
    }  # fmt: skip
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    service = UnifiedWebSocketService(KEY)
    thread = threading.Thread(target=service.connect, daemon=True)
    thread.start()
    try:
        eventually(lambda: service.live.remedies.first_sync, 30)
        eventually(lambda: service.live.last_update() is not None)
    finally:
        service.stop()
        thread.join(15)
        service.close()
        with MongoClient[dict[str, Any]](mongo_uri) as client:
            client.drop_database("key_alone")
    assert not thread.is_alive()
