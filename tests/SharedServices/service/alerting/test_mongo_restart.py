"""MongoDB is killed in the middle of a storm: every alert arrives, once, after it is back."""

from __future__ import annotations

import os
import signal
import threading
from pathlib import Path
from typing import Any

import pytest
from alert_rig import Chat, Rig, soon
from pymongo import MongoClient
from support import eventually

from PROPPR.SharedServices.service.alerting.policy import AlertPolicy, Pace
from PROPPR.SharedServices.storage.embedded import EmbeddedServer

ALERTS = 60


@pytest.mark.processes
def test_a_killed_mongod_costs_no_alert_and_repeats_none(chat: Chat, tmp_path: Path) -> None:
    with EmbeddedServer(tmp_path / "mongo", cache_bytes=256 * 2**20, oplog_bytes=256 * 2**20, linger=1.0) as server:
        client: MongoClient[dict[str, Any]] = MongoClient(
            server.uri, tz_aware=True, w="majority", journal=True, serverSelectionTimeoutMS=500, socketTimeoutMS=2000
        )
        stop = threading.Event()
        watcher = threading.Thread(target=server.watch, args=(stop, 0.1))
        watcher.start()
        rig = Rig(client.killed)
        rig.outbox.start()
        for holder in "ab":
            pace = Pace(spacing=0.02, settle=0, group_from=10_000, burst=10_000)
            rig.chat(chat.url, holder, policy=AlertPolicy(summary_at=None), pace=pace)
        try:
            for number in range(ALERTS):
                rig.outbox.raise_alert(f"k{number:02}", f"trouble {number:02}")
                if number == ALERTS // 2:
                    eventually(lambda: len(chat.texts) > 3, 30)
                    os.kill(server.pid, signal.SIGKILL)
            eventually(lambda: len(set(chat.heads)) == ALERTS, 60)
            assert rig.outbox.flushed(10)
            eventually(lambda: client.killed.alerts.count_documents({"delivery": "sent"}) == ALERTS, 30)
        finally:
            rig.end()
            rig.outbox.stop(soon())
            stop.set()
            watcher.join()
            client.close()
    assert sorted(chat.heads) == [f"FAILED: trouble {number:02}" for number in range(ALERTS)]
