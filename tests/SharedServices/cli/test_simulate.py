"""`proppr simulate`: its options are the simulator's settings, and the process ends when told to."""

from __future__ import annotations

import signal
import subprocess
import sys
from dataclasses import fields

import pytest
import requests
from click.testing import CliRunner
from support import eventually

from PROPPR.SharedServices.cli.main import main
from PROPPR.SharedServices.cli.plan import free_port
from PROPPR.SharedServices.cli.simulate import HELP
from PROPPR.SharedServices.simulator.config import SimulatorConfig

COMMAND = [sys.executable, "-m", "PROPPR.SharedServices.cli.main", "simulate"]


def test_every_setting_of_the_simulator_is_an_option_with_a_help_text() -> None:
    assert {item.name for item in fields(SimulatorConfig)} == set(HELP)
    shown = CliRunner().invoke(main, ["simulate", "--help"], env={"COLUMNS": "200"}).output
    for name in HELP:
        assert f"--{name.replace('_', '-')}" in shown


@pytest.mark.parametrize("arguments", [["--fixtures", "0"], ["--faults", "no such fault"], ["--profile", "night"]])
def test_settings_that_cannot_be_used_end_with_2(arguments: list[str]) -> None:
    assert CliRunner().invoke(main, ["simulate", "--port", "0", *arguments]).exit_code == 2


@pytest.mark.processes
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_serves_until_a_signal(number: signal.Signals) -> None:
    port = free_port(0)
    process = subprocess.Popen(
        [*COMMAND, "--port", str(port), "--fixtures", "5", "--rate", "5"], stdout=subprocess.PIPE, text=True
    )
    try:
        eventually(lambda: _answers(port), 20.0, "the simulator's answer")
        process.send_signal(number)
        output, _ = process.communicate(timeout=10)
    finally:
        process.kill()
    assert process.returncode == 0
    assert f"ODDS_API_BASE_URL=http://127.0.0.1:{port}/v3" in output


def _answers(port: int) -> bool:
    try:
        return requests.get(f"http://127.0.0.1:{port}/v3/sports", timeout=1).ok
    except requests.RequestException:
        return False
