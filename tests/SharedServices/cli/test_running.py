"""The note of a running `up`, and keeping simulated and real data apart."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pymongo.database import Database

from PROPPR.SharedServices.cli.plan import SIMULATED_KEY
from PROPPR.SharedServices.cli.provenance import claim
from PROPPR.SharedServices.cli.running import Running, database_uri, only_one, read_note, settings_of, write_note
from PROPPR.SharedServices.service.errors import ConfigError
from PROPPR.SharedServices.service.settings import load_settings

NOTE = Running("mongodb://127.0.0.1:1/?directConnection=true", {"websocket-updater": "http://127.0.0.1:2"}, True)


def test_the_note_counts_only_while_its_writer_lives(tmp_path: Path) -> None:
    assert read_note(tmp_path) is None
    with only_one(tmp_path):
        assert read_note(tmp_path) is None
        write_note(tmp_path, NOTE)
        assert read_note(tmp_path) == NOTE
    assert read_note(tmp_path) is None
    write_note(tmp_path, NOTE)  # as a killed `up` leaves it behind
    assert read_note(tmp_path) is None


def test_a_second_up_is_refused(tmp_path: Path) -> None:
    with only_one(tmp_path), pytest.raises(ConfigError, match="PROPPR_DATA_DIR"), only_one(tmp_path):
        raise AssertionError("two at once")
    with only_one(tmp_path):
        assert True, "and free again afterwards"


def test_the_database_of_the_running_up_comes_first() -> None:
    settings = load_settings({"MONGO_URI": "mongodb://elsewhere.test/"}, None)
    with database_uri(settings, NOTE) as uri:
        assert uri == NOTE.mongo_uri
    with database_uri(settings, Running(None, {}, False)) as uri:
        assert uri == "mongodb://elsewhere.test/"


def test_simulated_data_may_be_simulated_again(database: Database[dict[str, Any]]) -> None:
    claim(database, is_demo=True)
    database["fixtures"].insert_one({"id": 1})
    claim(database, is_demo=True)


def test_simulated_data_is_refused_to_real_services(database: Database[dict[str, Any]]) -> None:
    claim(database, is_demo=True)
    with pytest.raises(ConfigError, match="MONGO_DATABASE"):
        claim(database, is_demo=False)


def test_real_data_is_refused_to_the_simulator(database: Database[dict[str, Any]]) -> None:
    claim(database, is_demo=False)
    database["fixtures"].insert_one({"id": 1})
    claim(database, is_demo=False)
    with pytest.raises(ConfigError, match="ODDS_API_KEY"):
        claim(database, is_demo=True)


def test_a_command_beside_a_demo_uses_its_database_and_its_provider() -> None:
    real = load_settings({"MONGO_URI": "mongodb://elsewhere.test/", "ODDS_API_KEY": "real-key"}, None)
    assert settings_of(real, None) == settings_of(real, Running(None, {}, False)) == real
    demo = settings_of(real, Running("mongodb://127.0.0.1:1/", {}, True, "http://127.0.0.1:2/v3"))
    assert demo.mongo_uri is not None and demo.mongo_uri.get_secret_value() == "mongodb://127.0.0.1:1/"
    assert demo.odds_api_key is not None and demo.odds_api_key.get_secret_value() == SIMULATED_KEY
    assert demo.odds_api_base_url == "http://127.0.0.1:2/v3"
    assert demo.fotmob_base_url == "http://127.0.0.1:2/fotmob/api/data" and demo.proppr_fotmob_pause == 0
    assert demo.mongo_database == real.mongo_database
