"""Stepping back, in a process of its own: it can't be taken back."""

from __future__ import annotations

import subprocess
import sys

import pytest

from PROPPR.SharedServices.service.priority import AUTOGROUP, STEPS

PROGRAM = """
import os
from PROPPR.SharedServices.service.priority import AUTOGROUP, STEPS, step_back
before = os.nice(0)
step_back()
print(os.nice(0) == min(19, before + STEPS), AUTOGROUP.read_text().split()[-1] if AUTOGROUP.exists() else "-")
"""


def stepped_back(own_session: bool) -> list[str]:
    command = [sys.executable, "-c", PROGRAM]
    return subprocess.run(
        command, start_new_session=own_session, check=True, capture_output=True, text=True, timeout=60
    ).stdout.split()


def test_whoever_steps_back_is_nicer() -> None:
    assert stepped_back(own_session=False)[0] == "True"


@pytest.mark.skipif(not AUTOGROUP.exists(), reason="this kernel does not group processes by session")
def test_a_session_of_its_own_steps_back_and_one_that_is_shared_does_not() -> None:
    assert stepped_back(own_session=True) == ["True", str(STEPS)]
    assert stepped_back(own_session=False)[1] == AUTOGROUP.read_text(encoding="ascii").split()[-1]
