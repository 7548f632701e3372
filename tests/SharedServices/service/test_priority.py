"""Stepping back, in a process of its own: it can't be taken back."""

from __future__ import annotations

import subprocess
import sys

import pytest

from PROPPR.SharedServices.service.priority import AUTOGROUP, STEPS

PROGRAM = """
import os
from PROPPR.SharedServices.service.priority import AUTOGROUP, STEPS, step_back
def group():
    return AUTOGROUP.read_text().split()[-1:] if AUTOGROUP.exists() else []
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
