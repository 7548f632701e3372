"""What goes wrong in a command's database is one line on stderr, without secrets, and an exit code."""

from __future__ import annotations

import pytest
from pydantic import SecretStr
from pymongo.errors import ServerSelectionTimeoutError

from PROPPR.SharedServices.cli.database import told_errors
from PROPPR.SharedServices.service.errors import ConfigError, TransientError
from PROPPR.SharedServices.service.settings import Settings

SETTINGS = Settings(mongo_uri=SecretStr("mongodb://proppr:hidden-password@db.example.test/"))


@pytest.mark.parametrize(
    ("error", "code", "line"),
    [
        (ConfigError("MONGO_DATABASE", "holds a view"), 2, "proppr: MONGO_DATABASE: holds a view"),
        (TransientError("the budget is out of reach"), 1, "proppr: the budget is out of reach"),
        (
            ServerSelectionTimeoutError("no reply from hidden-password, full error: {'errmsg': 'long'}"),
            1,
            "proppr: no reply from",
        ),
        (FileNotFoundError(2, "No such file or directory"), 1, "proppr: [Errno 2] No such file or directory"),
    ],
    ids=["settings", "out of reach", "mongodb", "file"],
)
def test_each_kind_of_trouble(error: Exception, code: int, line: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended, told_errors(SETTINGS):
        raise error
    assert ended.value.code == code
    told = capsys.readouterr()
    assert told.out == "" and told.err.startswith(line) and told.err.count("\n") == 1
    assert "hidden-password" not in told.err and "errmsg" not in told.err


def test_a_reader_that_has_gone_is_no_trouble(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(BrokenPipeError), told_errors(SETTINGS):
        raise BrokenPipeError
    assert capsys.readouterr().err == ""


def test_what_is_no_trouble_of_the_database_is_not_hidden() -> None:
    with pytest.raises(KeyError), told_errors(SETTINGS):
        raise KeyError("a mistake of ours")
