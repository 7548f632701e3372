"""Where the tests' throw-away databases are: in memory, where there is room."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path
from tempfile import mkdtemp

MEMORY = Path("/dev/shm")  # noqa: S108 - a name nobody can guess is made in it
LIMIT, USED = Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory.current")
ROOM = 8 * 2**30
"""Bytes: a worker's database takes one GB at most, and whatever else the tests start needs its own."""


def folder_in_memory() -> Path | None:
    """A new folder of this process in memory, for its owner to remove: a disk makes every new collection and index
    wait, four times as long in all. None where there is no such folder or little room (containers often have 64 MB).
    """
    if not MEMORY.is_dir() or min(shutil.disk_usage(MEMORY).free, spare_memory()) < ROOM:
        return None
    for left in MEMORY.glob("proppr-tests-*-*"):  # by a run that was killed
        if not Path("/proc", left.name.split("-")[2]).exists():
            shutil.rmtree(left, ignore_errors=True)
    return Path(mkdtemp(prefix=f"proppr-tests-{os.getpid()}-", dir=MEMORY))


def spare_memory() -> int:
    """The bytes that the machine, and the container if this is one, can still give."""
    found = re.search(r"MemAvailable:\s+(\d+) kB", Path("/proc/meminfo").read_text(encoding="ascii"))
    spare = int(found[1]) * 1024 if found else 0
    limit = LIMIT.read_text(encoding="ascii").strip() if LIMIT.exists() else "max"
    return spare if limit == "max" else min(spare, int(limit) - int(USED.read_text(encoding="ascii")))
