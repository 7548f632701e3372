"""`proppr check-config`: exit codes and what is shown."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from PROPPR.SharedServices.cli.main import COMMANDS, main


def run(*arguments: str, env: dict[str, str] | None = None) -> tuple[int, str]:
    result = CliRunner().invoke(main, list(arguments), env=env)
    return result.exit_code, result.output


def test_secrets_are_not_shown(tmp_path: Path) -> None:
    file = tmp_path / "env"
    file.write_text("ODDS_API_KEY=abcdef0123456789\nMONGO_URI=mongodb://user:hunter22@db.example/\n")
    for flags in ((), ("--json",)):
        code, output = run("check-config", "--env-file", str(file), *flags)
        assert code == 0
        assert "abcdef0123456789" not in output and "hunter22" not in output
        assert "redacted" in output


def test_the_json_form_is_one_object_with_every_setting(tmp_path: Path) -> None:
    code, output = run(
        "check-config", "--env-file", str(tmp_path / "none"), "--json", env={"BOOKMAKERS": "M88, BC.Game"}
    )
    assert code == 0
    assert json.loads(output)["BOOKMAKERS"] == ["M88", "BC.Game"]


@pytest.mark.parametrize(
    ("key", "value"),
    [("WS_STATUS", "sometimes"), ("PROPPR_NO_SUCH", "1"), ("BATCH_SIZE", "11"), ("MONGO_URI", "nonsense")],
)
def test_a_bad_key_is_named_and_ends_with_2(tmp_path: Path, key: str, value: str) -> None:
    code, output = run("check-config", "--env-file", str(tmp_path / "none"), env={key: value})
    assert code == 2
    assert key in output


def test_every_command_loads_and_helps() -> None:
    for name in COMMANDS:
        code, output = run(name, "--help")
        assert code == 0, output
        assert "Usage:" in output


def test_an_unknown_command_is_refused() -> None:
    assert run("no-such-command")[0] == 2
