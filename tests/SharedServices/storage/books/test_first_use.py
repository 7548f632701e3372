"""Several threads read stored books first of all: msgspec, which learns a type where it is first used, must have learnt
it before (0.22.0 ends the process with a segmentation fault where two threads do so at once)."""

from __future__ import annotations

import subprocess
import sys

import pytest

PROGRAM = """
import sys, threading
from PROPPR.SharedServices.storage.books.codec import decode_market
quote = {"updatedAt": "2026-05-27T04:11:00.000Z", "odds": [{"home": 1.9, "changedAt": "2026-05-27T04:11:00.000Z"}]}
feeds = {"base": quote, "fast": {**quote, "sequence": 7}}
market = {"name": "ML", "updatedAt": quote["updatedAt"], "odds": quote["odds"], "players": [], "feeds": feeds}
sys.setswitchinterval(1e-6)
barrier, read = threading.Barrier(6), []
def first():
    barrier.wait()
    read.append(decode_market(market))
threads = [threading.Thread(target=first) for _ in range(6)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(len(read), all(each == read[0] for each in read))
"""


@pytest.mark.processes
def test_threads_that_read_books_first_at_once_all_get_them() -> None:
    """In processes of their own, as it happens once in each; before, most of such processes died."""
    for _ in range(5):
        done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=120)
        assert (done.returncode, done.stdout) == (0, "6 True\n"), done.stderr
