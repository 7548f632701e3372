"""FotMob as the services ask it, against the stand-in: what is asked for again, and what stays in memory."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from pymongo.database import Database

from PROPPR.SharedServices.grading.options import GradingOptions
from PROPPR.SharedServices.grading.scheduler.match_source import MatchSource
from PROPPR.SharedServices.ingest.fotmob_source import fotmob_source
from PROPPR.SharedServices.providers.fotmob.client import FotMobClient
from PROPPR.SharedServices.service.clock import SystemClock
from PROPPR.SharedServices.service.metrics import Metrics
from PROPPR.SharedServices.service.settings import load_settings
from PROPPR.SharedServices.simulator.config import SimulatorConfig
from PROPPR.SharedServices.simulator.server import SimulatorServer
from PROPPR.SharedServices.storage.graded_matches import GradedMatches
from PROPPR.SharedServices.storage.match_codec import MatchCodec
from PROPPR.SharedServices.storage.matches import MatchStore
from PROPPR.SharedServices.tracking.fotmob_budget import fotmob_budget

Documents = Database[dict[str, Any]]


@pytest.fixture(scope="module")
def provider() -> Iterator[SimulatorServer]:
    config = SimulatorConfig(port=0, fixtures=6, paused=True, rate=0.0, fotmob_history=2)
    with SimulatorServer(config) as server:
        yield server


@pytest.fixture
def source(collections: Documents, provider: SimulatorServer) -> Iterator[FotMobClient]:
    environment = {"MONGO_URI": "mongodb://unused", "FOTMOB_BASE_URL": provider.fotmob_url, "PROPPR_FOTMOB_PAUSE": "0"}
    settings = load_settings(environment, None)
    budget = fotmob_budget(settings, collections, service="tests", clock=SystemClock())
    client = fotmob_source(settings, collections, SystemClock(), threading.Event(), budget=budget, metrics=Metrics())
    yield client
    client.close()


def played(source: FotMobClient) -> list[int]:
    """Two matches of each league that plays in these days, all over."""
    today = SystemClock().now().date()
    days = [source.day(today + timedelta(days=number)).payload for number in range(-3, 4)]
    leagues = sorted({int(league["primaryId"]) for day in days for league in day["leagues"]})
    rows = [source.league(league).payload["fixtures"]["allMatches"] for league in leagues]
    return [int(row["id"]) for each in rows for row in [row for row in each if row["status"]["finished"]][:2]]


def dictionaries_held() -> int:
    gc.collect()
    return sum(bool(each.dictionary) for each in gc.get_objects() if type(each) is MatchCodec)


def test_at_rest_no_dictionary_of_a_league_stays_in_memory(source: FotMobClient, collections: Documents) -> None:
    """Asked again, the source reads the page that is stored: it grew by 2.6 MB with every league."""
    before = dictionaries_held()
    store = MatchStore(collections, SystemClock())
    matches = MatchSource(store, GradedMatches(collections), GradingOptions())
    ids = played(source)
    for match_id in ids:
        assert matches.look_up(match_id, source.match)
    assert collections["fotmob_dictionaries"].count_documents({}) > 1
    assert dictionaries_held() > before
    for match_id in ids:
        assert not matches.look_up(match_id, source.match)
    matches.forget()
    assert dictionaries_held() == before
