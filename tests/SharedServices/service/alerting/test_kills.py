"""Real processes that send, killed at any moment: no message is lost, and a repeated one says that it may be."""

from __future__ import annotations

import random
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from alert_rig import Chat, Rig
from support import eventually

CHILD = Path(__file__).parents[3] / "alert_child.py"
ALERTS, KILLS = 120, 4


@pytest.mark.processes
def test_killed_senders_lose_nothing_and_repeat_only_what_was_on_its_way(
    rig: Rig, chat: Chat, mongo_uri: str, database: Any
) -> None:
    for number in range(ALERTS):
        rig.fail(f"k{number:03}", f"trouble {number:03}")
    chosen = random.Random(6)
    running: list[subprocess.Popen[bytes]] = []

    def start(holder: str) -> None:
        command = [sys.executable, str(CHILD), mongo_uri, database.name, chat.url, holder]
        running.append(subprocess.Popen(command))

    try:
        start("a")
        start("b")
        for kill in range(KILLS):
            goal = (kill + 1) * ALERTS // (KILLS + 2) + chosen.randrange(5)
            eventually(lambda goal=goal: len(chat.texts) >= goal, 60)
            active = (database.leases.find_one({"_id": "telegram-sender"}) or {}).get("holder")
            victim = next((one for one in running if one.poll() is None and one.args[-1] == active), running[-1])
            victim.kill()
            victim.wait(10)
            start(f"r{kill}")
        eventually(lambda: database.alerts.count_documents({"delivery": "sent"}) == ALERTS, 60)
    finally:
        for one in running:
            one.kill()
            one.wait(10)
    times = Counter(text.splitlines()[0] for text in chat.texts)
    assert set(times) == {f"FAILED: trouble {number:03}" for number in range(ALERTS)}
    repeated = [text for text in chat.texts if times[text.splitlines()[0]] > 1]
    assert len(chat.texts) - ALERTS <= KILLS
    assert sum("may have been sent before" in text for text in repeated) == len(chat.texts) - ALERTS
