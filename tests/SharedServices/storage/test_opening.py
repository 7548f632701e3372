"""Opening the database: the one that is named, or else our own."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest
from pydantic import SecretStr
from pymongo.errors import ConnectionFailure
from support import eventually

from PROPPR.SharedServices.service.settings import Settings
from PROPPR.SharedServices.storage.embedded import EmbeddedServer
from PROPPR.SharedServices.storage.opening import open_mongodb


def test_opens_the_named_one(mongo_uri: str) -> None:
    opened = open_mongodb(Settings(mongo_uri=SecretStr(mongo_uri)), "tests")
    assert opened.client.admin.command("ping")["ok"] == 1
    assert opened.components == ()
    opened.close()


@pytest.mark.processes
def test_starts_its_own_keeps_it_running_and_ends_it(tmp_path: Path) -> None:
    opened = open_mongodb(Settings(proppr_data_dir=tmp_path / "data"), "tests")
    (keeper,) = opened.components
    keeper.start()
    witness = EmbeddedServer(tmp_path / "data")
    witness.start()
    opened.client.test.things.insert_one({"_id": 1})
    killed = witness.pid
    os.kill(killed, signal.SIGKILL)

    def is_back() -> bool:
        try:
            return opened.client.test.things.find_one() == {"_id": 1} and witness.pid != killed
        except ConnectionFailure:
            return False

    eventually(is_back, timeout=30, what="the restarted server")
    assert keeper.check().ok
    keeper.stop(time.monotonic() + 5)
    assert not witness.stop()  # still used
    opened.close()
    with pytest.raises(ProcessLookupError):
        os.kill(witness.pid, 0)
