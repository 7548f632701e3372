"""Stepping back, in a process of its own: it can't be taken back."""

from __future__ import annotations

import subprocess
import sys

import pytest

from PROPPR.SharedServices.service.priority import AUTOGROUP, STEPS

PROGRAM = """
import ctypes, os, sys
from contextlib import suppress
from PROPPR.SharedServices.service.priority import AUTOGROUP, STEPS, step_back
def group():
    return AUTOGROUP.read_text().split()[-1:] if AUTOGROUP.exists() else []
if os.geteuid() == 0 and "nobody" in sys.argv:  # after what may be readable for root alone
    with suppress(OSError):  # a container may not know this user; then root, who is never refused, is enough
        os.setuid(65534)
    ctypes.CDLL(None).prctl(4, 1)  # PR_SET_DUMPABLE: else its own /proc would stay root's
if "together" in sys.argv:
    print("ready", flush=True)
    sys.stdin.readline()
before, shared = os.nice(0), group()
step_back()
print(os.nice(0) == min(19, before + STEPS), *group() if os.getsid(0) == os.getpid() else [group() == shared])
"""
"""Whether the process is nicer; then how nice its own session is, or whether the one it shares is as it was: one that
came from the machine's first process without a session has no group, and nothing to read there."""


def stepped_back(own_session: bool) -> list[str]:
    command = [sys.executable, "-c", PROGRAM]
    return subprocess.run(
        command, start_new_session=own_session, check=True, capture_output=True, text=True, timeout=60
    ).stdout.split()


def test_whoever_steps_back_is_nicer_and_leaves_a_shared_session_as_it_is() -> None:
    assert stepped_back(own_session=False) == ["True", "True"]


@pytest.mark.skipif(not AUTOGROUP.exists(), reason="this kernel does not group processes by session")
def test_a_session_of_its_own_steps_back_too() -> None:
    assert stepped_back(own_session=True) == ["True", str(STEPS)]


@pytest.mark.skipif(not AUTOGROUP.exists(), reason="this kernel does not group processes by session")
def test_all_step_back_that_start_at_once_without_being_root() -> None:
    """The kernel refuses all but the first of them for a tenth of a second."""
    command = [sys.executable, "-c", PROGRAM, "nobody", "together"]
    children = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True)
        for _ in range(4)
    ]
    for child in children:
        assert child.stdout is not None and child.stdout.readline() == "ready\n"
    for child in children:
        assert child.stdin is not None
        child.stdin.write("go\n")
        child.stdin.flush()
    assert [child.communicate(timeout=60)[0].split() for child in children] == [["True", str(STEPS)]] * 4
