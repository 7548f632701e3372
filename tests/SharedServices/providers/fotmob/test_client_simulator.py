"""The client and the readers against the stand-in of FotMob, sound and spoilt."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from fotmob_rig import MemoryCache
from simulator_clients import Simulated

from PROPPR.SharedServices.football.errors import LayoutChanged
from PROPPR.SharedServices.football.pages import ListedMatch, read_day, read_league, read_player, read_team
from PROPPR.SharedServices.football.reading import read_match
from PROPPR.SharedServices.providers.fotmob.client import FotMobClient
from PROPPR.SharedServices.providers.fotmob.config import FotMobConfig
from PROPPR.SharedServices.providers.fotmob.errors import NotFound, OtherAnswer, SourceRefused
from PROPPR.SharedServices.service.clock import SystemClock
from PROPPR.SharedServices.service.errors import ProPprError, SourceChanged, TransientError
from PROPPR.SharedServices.simulator.config import SimulatorConfig
from PROPPR.SharedServices.simulator.server import SimulatorServer

CLOCK = SystemClock()


@pytest.fixture(scope="module")
def simulated() -> Iterator[Simulated]:
    server = SimulatorServer(SimulatorConfig(port=0, fixtures=12, paused=True, rate=0.0, fotmob_history=10))
    server.start()
    yield Simulated(server)
    server.stop()


@pytest.fixture(autouse=True)
def sound(simulated: Simulated) -> Iterator[None]:
    """Every test starts and ends with a sound source."""
    yield
    simulated.order("faults", [])


def client_of(simulated: Simulated, cache: MemoryCache | None = None, **options: Any) -> FotMobClient:
    patience = {"pause": 0.0, "attempts": 2, "first_wait": 0.01, "longest_wait": 0.02, "read_timeout": 0.5}
    config = FotMobConfig(simulated.server.fotmob_url, **(patience | options))
    return FotMobClient(config, clock=CLOCK, stop=threading.Event(), cache=cache)


@pytest.fixture(scope="module")
def listed(simulated: Simulated) -> ListedMatch:
    """A match of these days."""
    today = CLOCK.now().date()
    client = client_of(simulated)
    days = [read_day(client.day(today + timedelta(days=shift)).payload) for shift in (0, 1, -1)]
    client.close()
    return next(match for day in days for match in day)


def spoil(simulated: Simulated, fault: str, endpoint: str | None = None, **more: object) -> None:
    """Let every request (of an endpoint) meet a fault."""
    rule = {"fault": f"fotmob_{fault}", "rate": 1.0, **more} | ({} if endpoint is None else {"endpoint": endpoint})
    simulated.order("faults", [rule])


def test_all_pages_are_understood(simulated: Simulated, listed: ListedMatch) -> None:
    client = client_of(simulated)
    match = read_match(client.match(listed.match_id).payload)
    assert (match.match_id, match.kickoff, match.home.id) == (listed.match_id, listed.kickoff, listed.home.id)
    league = read_league(client.league(listed.league.competition_id).payload)
    assert listed.match_id in {each.match_id for each in league.matches}
    assert listed.home.id in {team.id for team in league.teams}
    for season in league.seasons[:2]:
        assert read_league(client.league(league.league.id, season).payload).season == season
    team = read_team(client.team(listed.home.id).payload)
    assert team.team.id == listed.home.id
    assert team.squad
    player = read_player(client.player(team.squad[0].player_id).payload)
    assert player.player_id == team.squad[0].player_id
    assert client.state().healthy
    client.close()


def test_what_holds_still_is_not_sent_again(simulated: Simulated, listed: ListedMatch) -> None:
    client = client_of(simulated, MemoryCache())
    season = read_league(client.league(listed.league.competition_id).payload).seasons[-1]
    first = client.league(listed.league.competition_id, season)
    second = client.league(listed.league.competition_id, season)
    assert (first.not_modified, second.not_modified) == (False, True)
    assert first.raw == second.raw
    client.close()


@pytest.mark.parametrize("fault", ["403", "turnstile"])
def test_a_refused_match_is_read_from_its_page(simulated: Simulated, listed: ListedMatch, fault: str) -> None:
    spoil(simulated, fault, "matchDetails")
    client = client_of(simulated)
    try:
        fetched = client.match(listed.match_id)
    except OtherAnswer:  # the page shows the two teams' other meeting
        return
    finally:
        client.close()
    assert fetched.source == "page"
    assert read_match(fetched.payload).match_id == listed.match_id
    assert set(client.state().refused or {}) == {"matchDetails"}


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("403", SourceRefused),
        ("turnstile", SourceRefused),
        ("404", NotFound),
        ("429", SourceRefused),
        ("500", TransientError),
        ("503", TransientError),
        ("slow", TransientError),
        ("html_200", SourceRefused),
        ("disconnect", TransientError),
        ("truncated", TransientError),
        ("other_match", OtherAnswer),
        ("renamed", SourceChanged),
    ],
)
def test_a_spoilt_source_is_told_by_its_error(
    simulated: Simulated, listed: ListedMatch, fault: str, error: type[ProPprError]
) -> None:
    cache = MemoryCache()
    client = client_of(simulated, cache)
    spoil(simulated, fault, **({"seconds": 1.5} if fault == "slow" else {}))
    with pytest.raises(error):
        client.match(listed.match_id)
    assert cache.kept == {}
    client.close()


def test_a_league_laid_out_in_an_unknown_way_says_where(simulated: Simulated, listed: ListedMatch) -> None:
    client = client_of(simulated)
    spoil(simulated, "renamed", "leagues")
    payload = client.league(listed.league.competition_id).payload
    with pytest.raises(LayoutChanged) as caught:
        read_league(payload)
    assert caught.value.path == "fixtures.allMatches"
    client.close()
