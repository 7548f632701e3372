"""What `up` decides to start."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from PROPPR.SharedServices.cli.plan import CONSOLE, SERVICES, SIMULATED_KEY, DemoSize, free_port, make_plan, port_of
from PROPPR.SharedServices.service.errors import ConfigError
from PROPPR.SharedServices.service.settings import load_settings

STATS = "stats-pipeline"
ANY_PORT = {"HEALTH_PORT": "0", "CONSOLE_PORT": "0"}
KEY = {"ODDS_API_KEY": "a-real-key", "ODDS_API_BASE_URL": "https://example.test/v3"}


@pytest.fixture
def taken_port() -> object:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def test_without_a_key_everything_outside_is_simulated() -> None:
    environment = {"TELEGRAM_BOT_TOKEN": "1:real", "TELEGRAM_ADMIN_CHAT_ID": "9", "SMTP_URL": "smtp://real.test"}
    plan = make_plan(load_settings(environment, None), DemoSize(fixtures=7, rate=3.5, seed=11))
    assert plan.is_demo and plan.simulator is not None
    command = " ".join(plan.simulator.command)
    assert "--fixtures 7" in command and "--rate 3.5" in command and "--seed 11" in command
    for service in plan.services:
        child = service.environment
        assert child["ODDS_API_KEY"] == SIMULATED_KEY
        for name in (
            "ODDS_API_BASE_URL",
            "ODDS_API_WS_URL",
            "TELEGRAM_API_BASE_URL",
            "FOTMOB_BASE_URL",
            "SMTP_URL",
            "PAGERDUTY_EVENTS_URL",
        ):
            assert "://127.0.0.1:" in str(child[name])
        assert child["TELEGRAM_BOT_TOKEN"] != "1:real"
        load_settings({key: str(value) for key, value in child.items()}, None)


def test_with_a_key_nothing_is_simulated_or_changed() -> None:
    plan = make_plan(load_settings({**KEY, **ANY_PORT}, None), DemoSize())
    assert not plan.is_demo and plan.simulator is None
    *services, console = plan.services
    assert all(set(service.environment) == {"HEALTH_PORT"} for service in services)
    assert (console.name, set(console.environment)) == (CONSOLE, {"CONSOLE_PORT"})


def test_simulated_and_real_data_never_share_a_directory() -> None:
    simulated = make_plan(load_settings({}, None), DemoSize())
    real = make_plan(load_settings({**KEY, **ANY_PORT}, None), DemoSize())
    assert simulated.data_dir != real.data_dir == Path(".data")


def test_a_taken_port_is_avoided_in_the_demo_and_named_otherwise(taken_port: int) -> None:
    settings = {"HEALTH_PORT": str(taken_port)}
    plan = make_plan(load_settings(settings, None), DemoSize())
    assert not str(plan.services[0].health_url).endswith(f":{taken_port}")
    with pytest.raises(ConfigError, match=f"HEALTH_PORT: {taken_port} is taken"):
        make_plan(load_settings({**KEY, **settings}, None), DemoSize())


def test_the_consoles_port_is_its_own_setting_and_treated_alike(taken_port: int) -> None:
    settings = {"HEALTH_PORT": "0", "CONSOLE_PORT": str(taken_port)}
    url = make_plan(load_settings(settings, None), DemoSize()).console_url
    assert url.startswith("http://127.0.0.1:") and not url.endswith(f":{taken_port}")
    with pytest.raises(ConfigError, match=f"CONSOLE_PORT: {taken_port} is taken"):
        make_plan(load_settings({**KEY, **settings}, None), DemoSize())
    free = free_port(0)
    plan = make_plan(load_settings({**KEY, "HEALTH_PORT": "0", "CONSOLE_PORT": str(free)}, None), DemoSize())
    assert plan.console_url == f"http://127.0.0.1:{free}"


def test_every_service_has_a_usual_port_of_its_own() -> None:
    settings = load_settings({}, None)
    ports = [settings.port_of(name) for name in SERVICES]
    assert 0 not in ports and len(set(ports)) == len(ports)


def test_a_port_of_ones_own_is_the_first_of_as_many_as_there_are_services() -> None:
    settings = load_settings({"HEALTH_PORT": "9100"}, None)
    assert [port_of(name, settings) for name in SERVICES] == [9100 + number for number in range(len(SERVICES))]
    any_free = load_settings({"HEALTH_PORT": "0"}, None)
    assert {port_of(name, any_free) for name in SERVICES} == {0}
    beyond = make_plan(load_settings({"HEALTH_PORT": "65535"}, None), DemoSize())
    assert all(str(service.health_url).count(":") == 2 for service in beyond.services if service.health_url)


def test_the_demos_statistics_come_from_the_stand_in() -> None:
    (stats,) = (each for each in make_plan(load_settings({}, None), DemoSize()).services if each.name == STATS)
    port = str(stats.environment["ODDS_API_BASE_URL"]).rpartition(":")[2].removesuffix("/v3")
    assert stats.environment["FOTMOB_BASE_URL"] == f"http://127.0.0.1:{port}/fotmob/api/data"
    assert float(str(stats.environment["PROPPR_FOTMOB_PAUSE"])) == 0
    paced = make_plan(load_settings({"PROPPR_FOTMOB_PAUSE": "0.5"}, None), DemoSize())
    assert all("PROPPR_FOTMOB_PAUSE" not in service.environment for service in paced.services), "it is inherited"


def test_all_services_run_side_by_side() -> None:
    assert [service.name for service in make_plan(load_settings({}, None), DemoSize()).services] == [
        "websocket-updater",
        "unified-poller",
        STATS,
        "grading-scheduler",
        CONSOLE,
        "demo-bots",
    ]
