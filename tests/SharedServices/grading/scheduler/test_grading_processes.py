"""Two real graders on one database, killed at any moment: nothing is lost, nothing is settled twice."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
from grading_rig import GradingRig
from service_processes import ServiceProcess
from support import eventually

Document = dict[str, Any]
RUNNER = "PROPPR.SharedServices.grading.runners.run_grading_scheduler"
COLLECTION = "team_tracked_bets"
BETS = 3000


@pytest.mark.processes
def test_killed_graders_lose_and_double_nothing(rig: GradingRig, mongo_uri: str, tmp_path: Path) -> None:
    for number in range(6):
        rig.stored(4000001 + number)
    chance = random.Random(1)
    rig.database[COLLECTION].insert_many(
        {
            "bet_id": f"b{number}", "fotmob_match_id": 4000001 + number % 6, "market_name": "Corners Totals",
            "direction": "over", "threshold": chance.choice((9.5, 12.5)), "stake": 10, "odds": 1.9,
        }
        for number in range(BETS)
    )  # fmt: skip
    environment = {
        "MONGO_URI": mongo_uri, "MONGO_DATABASE": rig.database.name, "GRADING_INTERVAL": "0.2", "LOG_LEVEL": "WARNING",
        "FOTMOB_BASE_URL": "http://127.0.0.1:9/api/data",
    }  # fmt: skip
    started = 0

    def start() -> ServiceProcess:
        nonlocal started
        started += 1
        return ServiceProcess(RUNNER, tmp_path, f"grader-{started}", environment)

    def settled() -> int:
        return rig.database[COLLECTION].count_documents({"status": {"$in": ["won", "lost"]}})

    with rig.database[COLLECTION].watch() as stream:
        running = [start(), start()]
        try:
            for goal in (1, BETS // 2):
                eventually(lambda goal=goal: settled() >= goal, 60, "bets being settled")
                for index in range(2):
                    running[index].kill()
                    running[index] = start()
            eventually(lambda: settled() == BETS, 60, "all bets settled")
        finally:
            for one in running:
                one.kill()
        changes: dict[Any, int] = {}
        while (event := stream.try_next()) is not None:
            changes[event["documentKey"]["_id"]] = changes.get(event["documentKey"]["_id"], 0) + 1
    assert set(changes.values()) == {1} and len(changes) == BETS
    for bet in rig.database[COLLECTION].find():
        won = bet["threshold"] < 11
        assert (bet["status"], bet["returns"]) == (("won", 19.0) if won else ("lost", 0.0))
