"""What the services' connections guarantee, and that they keep the password to themselves."""

from __future__ import annotations

from datetime import UTC, datetime
from time import monotonic
from uuid import uuid4

import pytest
from pydantic import SecretStr
from pymongo import WriteConcern
from pymongo.errors import ServerSelectionTimeoutError
from support import PATIENCE

from PROPPR.SharedServices.service.errors import ConfigError
from PROPPR.SharedServices.service.settings import Settings
from PROPPR.SharedServices.storage.client import connect, database


def test_writes_are_majority_and_journaled_and_times_are_aware(mongo_uri: str) -> None:
    with connect(Settings(), mongo_uri, service="tests") as client:
        things = database(client, Settings(mongo_database="client_test"))["things"]
        assert things.write_concern == WriteConcern("majority", wtimeout=8000, j=True)
        at, key = datetime(2026, 5, 27, 4, 11, tzinfo=UTC), uuid4()
        things.insert_one({"_id": key, "at": at})
        assert things.find_one({"_id": key}) == {"_id": key, "at": at}
        assert client.options.retry_writes
        assert client.options.pool_options.appname == "proppr-tests"
        client.drop_database("client_test")


def test_an_option_in_the_uri_overrides_ours_but_not_durability() -> None:
    uri = "mongodb://127.0.0.1:9/?serverSelectionTimeoutMS=50&appName=mine&w=0&journal=false"
    with connect(Settings(), uri) as client:
        assert client.options.pool_options.appname == "mine"
        assert client.options.server_selection_timeout == pytest.approx(0.05)
        assert client.write_concern.document["w"] == "majority"
        assert client.write_concern.document["j"]


def test_an_absent_server_is_reported_soon() -> None:
    with connect(Settings(), "mongodb://127.0.0.1:9/?directConnection=true") as client:
        started = monotonic()
        with pytest.raises(ServerSelectionTimeoutError):
            client.admin.command("ping")
        assert monotonic() - started < 4 * PATIENCE


def test_the_password_is_in_no_text_of_the_client() -> None:
    settings = Settings(mongo_uri=SecretStr("mongodb://scott:t1ger-secret@127.0.0.1:9/"))
    with connect(settings) as client:
        texts = [repr(client), str(client), repr(database(client, settings)), repr(client.options)]
    assert not any("t1ger" in text for text in texts)


@pytest.mark.parametrize(
    "uri",
    [
        "mongodb://host:t1ger-secret",
        "http://t1ger-secret@x",
        "mongodb://a:t1ger@b@c/",
        "mongodb://h/?w=t1ger&x",
        "mongodb://h/?authMechanism=t1ger",
    ],
)
def test_a_bad_uri_is_a_config_error_that_does_not_repeat_it(uri: str) -> None:
    with pytest.raises(ConfigError, match="MONGO_URI") as caught:
        connect(Settings(), uri)
    assert "t1ger" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_without_any_uri_it_says_so() -> None:
    with pytest.raises(ConfigError, match="MONGO_URI"):
        connect(Settings())
