"""What a backfill reads of the stand-in of the provider into a real MongoDB."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import requests
from backfill_rig import BOOKS, Documents, Rig, everything, register, stored_ids
from stream_rig import prices, truth_frames

from PROPPR.SharedServices.ingest.backfill_progress import Outcome
from PROPPR.SharedServices.odds.types import Fixture
from PROPPR.SharedServices.service.settings import Settings
from PROPPR.SharedServices.simulator.server import SimulatorServer
from PROPPR.SharedServices.storage.collections import ensure_collections
from PROPPR.WebsocketUpdater.core.websocket_updater import UnifiedWebSocketService


def test_everything_is_read_and_equals_the_providers_truth(
    database: Documents, mongo_client: Any, simulator: SimulatorServer, listed: list[Fixture]
) -> None:
    ensure_collections(database)  # once: the rules take what a backfill writes
    register(database, listed)
    rig = Rig(database, simulator, everything())
    assert rig.run() == Outcome("done")
    job, progress = rig.job, rig.backfill.progress
    assert set(job.done) == {one.id for one in listed} and job.read + job.absent == len(listed)
    assert job.finished_at is not None and not job.failed and not job.refused
    assert job.requests == len(rig.provider.asked) == progress.requests, "each request is counted once"
    assert job.requests <= 2 * 4, "four batches, and what was missing once more"
    assert (progress.total, progress.done, progress.waiting) == (36, 36, "")
    assert database["odds_books"].count_documents({"source": {"$ne": "api_poller"}}) == 0
    assert database["odds_books"].count_documents({"last_api_sync": {"$exists": False}}) == 0
    assert database["all_value_bets"].count_documents({}) > 0
    assert not rig.counted.rejected

    scratch = mongo_client[f"{database.name}_truth"]
    try:
        truth = requests.get(f"{simulator.base_url}/_sim/truth", timeout=30).json()["fixtures"]
        wanted = {*BOOKS, "Bet365 (no latency)"}
        truth = {key: {feed: book for feed, book in feeds.items() if feed in wanted} for key, feeds in truth.items()}
        with_truth = UnifiedWebSocketService("none", database=scratch, settings=Settings())
        with_truth.connect(truth_frames(truth))
        with_truth.close()
        markets = [name.casefold() for name in Settings().ws_markets]
        assert prices(database, markets) == prices(scratch, markets) != {}
    finally:
        mongo_client.drop_database(scratch.name)


def test_unknown_ids_are_looked_up_and_those_that_nobody_knows_fail(
    database: Documents, simulator: SimulatorServer, listed: list[Fixture]
) -> None:
    register(database, listed[:2])
    ids = (*(one.id for one in listed[:4]), 4)
    rig = Rig(database, simulator, everything(ids=ids))
    assert rig.run() == Outcome("done")
    job = rig.job
    assert (set(job.done), job.registered) == (set(ids[:4]), 2)
    assert list(job.failed) == [4] and "does not know" in job.failed[4]
    assert database["fixtures"].count_documents({"id": {"$in": list(ids)}}) == 4
    assert rig.backfill.progress.total == 5


def test_the_intersection_holds_for_looked_up_fixtures_too(
    database: Documents, simulator: SimulatorServer, listed: list[Fixture]
) -> None:
    wanted = listed[0]
    ids = tuple(one.id for one in listed[:8])
    rig = Rig(database, simulator, everything(ids=ids, leagues=((wanted.country, wanted.league),)))
    assert rig.run() == Outcome("done")
    assert set(rig.job.done) == {one.id for one in listed[:8] if one.league == wanted.league}
    assert stored_ids(database) <= set(rig.job.done)


def test_fixtures_that_are_over_are_read_only_by_name(
    database: Documents, simulator: SimulatorServer, listed: list[Fixture]
) -> None:
    over = [msgspec.structs.replace(one, status="settled") for one in listed[:3]]
    register(database, [*over, *listed[3:5]])
    rig = Rig(database, simulator, everything())
    rig.run()
    assert set(rig.job.done) == {listed[3].id, listed[4].id}
    assert (rig.backfill.progress.over, rig.backfill.progress.total) == (3, 2)
    named = Rig(database, simulator, everything(ids=(over[0].id,)))
    named.run()
    assert named.job.done == (over[0].id,)


def test_nothing_to_read_is_done_at_once(database: Documents, simulator: SimulatorServer) -> None:
    rig = Rig(database, simulator, everything(until=datetime(2020, 1, 1, tzinfo=UTC) + timedelta(days=1)))
    assert rig.run() == Outcome("done")
    assert rig.provider.asked == [] and rig.job.finished_at is not None
