"""The services' own FotMob client against the simulator: the api path, the fallback to pages, what it refuses."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from fotmob_rig import MemoryCache, client_of

from PROPPR.SharedServices.football.pages import read_day, read_league
from PROPPR.SharedServices.football.reading import read_match
from PROPPR.SharedServices.providers.fotmob.client import FotMobClient
from PROPPR.SharedServices.service.errors import SourceChanged, TransientError


@pytest.fixture
def simulated(simulate: Any) -> Any:
    return simulate(fixtures=24)


@pytest.fixture
def client(simulated: Any) -> Iterator[FotMobClient]:
    made = client_of(simulated.server.base_url + "/fotmob", cache=MemoryCache())
    yield made
    made.close()


def test_everything_can_be_read(client: FotMobClient, simulated: Any) -> None:
    pair = simulated.control("fotmob/fixtures")[0]
    day = datetime.fromtimestamp(pair["kickoff"] / 1000, UTC).date()
    assert pair["match_id"] in {match.match_id for match in read_day(client.day(day).payload)}
    assert pair["match_id"] in {
        match.match_id for match in read_league(client.league(pair["league_id"]).payload).matches
    }
    fetched = client.match(pair["match_id"])
    assert read_match(fetched.payload).home.id == pair["home_id"] and fetched.source == "api"
    assert client.team(pair["home_id"]).payload["details"]["id"] == pair["home_id"]
    assert client.player(pair["home_id"] * 100).payload["id"] == pair["home_id"] * 100


def test_a_refused_match_is_read_from_its_page(client: FotMobClient, simulated: Any) -> None:
    pair = simulated.control("fotmob/fixtures")[0]
    simulated.order("faults", [{"fault": "fotmob_turnstile", "every": 1, "endpoint": "matchDetails"}])
    fetched = client.match(pair["match_id"])
    assert fetched.source == "page" and read_match(fetched.payload).match_id == pair["match_id"]


@pytest.mark.parametrize("fault", ["fotmob_other_match", "fotmob_truncated", "fotmob_500", "fotmob_html_200"])
def test_what_is_wrong_is_never_taken(client: FotMobClient, simulated: Any, fault: str) -> None:
    pair = simulated.control("fotmob/fixtures")[0]
    simulated.order("faults", {"faults": f"{fault}/1"})
    with pytest.raises((SourceChanged, TransientError)):
        client.match(pair["match_id"])
