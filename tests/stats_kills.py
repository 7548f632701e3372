"""Kill a run at many points and hold what it leaves against a run that nobody disturbed."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pymongo import MongoClient
from stats_rig import Rig, everything

TESTS = Path(__file__).parent


@dataclass
class Killing:
    """What became of a run: moments of the undisturbed one, where it was killed, and what differs in the end."""

    moments: int = 0
    killed_at: list[int] = field(default_factory=list)
    processes: int = 0
    differences: list[str] = field(default_factory=list)


def kill_a_run(uri: str, name: str, kills: int, seed: int, world: dict[str, Any]) -> Killing:
    """Make a run undisturbed and another one killed `kills` times with -9, each in a database of its own."""
    client: MongoClient[dict[str, Any]] = MongoClient(uri, tz_aware=True, w="majority")
    calm, rough = client[f"{name}_calm"], client[f"{name}_rough"]
    result = Killing()
    try:
        for database in (calm, rough):
            Rig(database, **world).register()
        result.moments = int(_child(uri, calm.name, world, 0).stdout.split()[-1])
        points = sorted(random.Random(seed).sample(range(1, result.moments), kills))
        for before, point in zip([0, *points], points, strict=False):
            # Each process goes on where the last one died, so it is killed after the part between two points.
            result.processes += 1
            if _child(uri, rough.name, world, point - before).returncode == -signal.SIGKILL:
                result.killed_at.append(point)
        result.processes += 1
        _child(uri, rough.name, world, 0)
        expected, found = everything(calm), everything(rough)
        result.differences = [part for part in expected if expected[part] != found[part]]
    finally:
        client.drop_database(calm.name)
        client.drop_database(rough.name)
        client.close()
    return result


def _child(uri: str, name: str, world: dict[str, Any], kill_at: int) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(TESTS / "stats_child.py"), uri, name, json.dumps(world), str(kill_at)]
    environment = {**os.environ, "PYTHONPATH": str(TESTS)}
    done = subprocess.run(command, capture_output=True, text=True, timeout=110, env=environment, check=False)
    if done.returncode not in (0, -signal.SIGKILL):
        raise AssertionError(done.stderr[-4000:])
    return done
