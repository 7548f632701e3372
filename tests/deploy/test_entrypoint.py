"""The container's entry: secrets from files become settings, and the command takes its place."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from PROPPR.SharedServices.service.settings import Settings

ENTRYPOINT = Path(__file__).parents[2] / "deploy" / "docker" / "entrypoint.sh"
SHOW = [sys.executable, "-I", "-S", "-c", "import os; print(sorted(os.environ.items()))"]


def run(**environment: str) -> dict[str, str]:
    """What the command sees, less what the shell adds."""
    command = [str(ENTRYPOINT), *SHOW]
    done = subprocess.run(
        command, env={"PATH": os.environ["PATH"], **environment}, capture_output=True, text=True, check=True
    )
    seen = dict(eval(done.stdout))  # noqa: S307 - printed by the line above
    return {
        name: value for name, value in seen.items() if name not in ("PATH", "PWD", "LC_CTYPE", "OLDPWD", "SHLVL", "_")
    }


def test_a_file_becomes_the_setting_and_its_name_is_gone(tmp_path: Path) -> None:
    key = tmp_path / "odds_api_key"
    key.write_text("k-1 $HOME `id` \"quoted\" 'too'\n")
    assert run(ODDS_API_KEY_FILE=str(key)) == {"ODDS_API_KEY": "k-1 $HOME `id` \"quoted\" 'too'"}


@pytest.mark.parametrize("content", [None, ""], ids=["absent", "empty"])
def test_no_file_or_an_empty_one_sets_nothing(tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "token"
    if content is not None:
        path.write_text(content)
    assert run(TELEGRAM_BOT_TOKEN_FILE=str(path)) == {}


def test_a_value_that_is_set_wins_over_the_file(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_text("from the file")
    assert run(ODDS_API_KEY_FILE=str(path), ODDS_API_KEY="set") == {"ODDS_API_KEY": "set"}
    assert run(ODDS_API_KEY_FILE=str(path), ODDS_API_KEY="") == {"ODDS_API_KEY": "from the file"}


def test_other_names_are_left_alone(tmp_path: Path) -> None:
    """SSL_CERT_FILE and its like are what they say."""
    path = tmp_path / "certificates"
    path.write_text("x")
    assert run(SSL_CERT_FILE=str(path)) == {"SSL_CERT_FILE": str(path)}


def test_it_knows_every_setting_that_is_secret() -> None:
    known = re.search(r"^for name in ([^;]*); do$", ENTRYPOINT.read_text(), re.MULTILINE)
    secret = {name.upper() for name, field in Settings.model_fields.items() if "SecretStr" in str(field.annotation)}
    assert known is not None
    assert set(known[1].replace("\\\n", " ").split()) >= secret


def test_the_command_takes_the_place_of_the_shell() -> None:
    """It gets the signals itself, and its exit code is the container's."""
    command = [str(ENTRYPOINT), sys.executable, "-c", "import os, sys; print(os.getpid()); sys.exit(2)"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert int(process.stdout.read()) == process.pid
    assert process.returncode == 2
