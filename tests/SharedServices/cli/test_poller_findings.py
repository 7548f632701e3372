"""Whether the budget can pay for the poller's settings."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from PROPPR.SharedServices.cli.findings import Finding
from PROPPR.SharedServices.cli.main import main
from PROPPR.SharedServices.cli.poller_findings import check_poller, check_sports, need_of
from PROPPR.SharedServices.service.settings import Settings, load_settings


def found(**environment: str) -> dict[str, Finding]:
    return {finding.subject: finding for finding in check_poller(load_settings(environment, None))}


def books(count: int) -> str:
    return ",".join(f"Book {number}" for number in range(count))


def test_the_defaults_are_affordable() -> None:
    assert {finding.level for finding in found().values()} == {"ok"}
    need = need_of(Settings())
    assert (need.cycles, need.guaranteed, need.limit) == (180, 3000, 5000)
    assert need.beside == 6 + 6


@pytest.mark.parametrize(
    ("environment", "level", "mend"),
    [
        ({"BOOKMAKERS": books(30), "POLL_INTERVAL": "60"}, "ok", ""),
        ({"BOOKMAKERS": books(30), "POLL_INTERVAL": "30"}, "warning", "POLL_INTERVAL 37"),
        ({"BOOKMAKERS": books(30), "POLL_INTERVAL": "15"}, "wrong", "POLL_INTERVAL 37"),
        ({"BOOKMAKERS": books(30), "WS_SPORTS": "football,tennis"}, "warning", "POLL_INTERVAL 76"),
        ({"BOOKMAKERS": books(30), "PROPPR_POLL_SPORTS": "football,tennis,golf"}, "wrong", "fewer BOOKMAKERS"),
        ({"MAX_API_REQUESTS_PER_HOUR": "100"}, "wrong", "a larger plan"),
        ({"MAX_API_REQUESTS_PER_HOUR": "10"}, "wrong", "a larger plan"),
    ],
)
def test_too_little_budget_is_told_with_what_would_do(environment: dict[str, str], level: str, mend: str) -> None:
    finding = found(**environment)["poller's budget"]
    assert finding.level == level, finding
    assert mend in finding.mend and bool(finding.mend) == (level != "ok")


def test_a_feed_that_comes_with_its_bookmaker_costs_nothing() -> None:
    assert need_of(Settings(bookmakers=("Bet365", "Bet365 (no latency)"))).pairs == 1


def test_an_interval_beyond_the_look_back_is_told() -> None:
    finding = found(POLL_INTERVAL="120")["poll interval"]
    assert finding.level == "warning" and "every 78 s" in finding.detail and "78" in finding.mend
    assert need_of(Settings(poll_interval=120.0)).interval == 78.0


@given(st.integers(1, 40), st.floats(1, 78), st.integers(1, 20_000))
def test_the_interval_that_is_named_is_really_affordable(count: int, interval: float, limit: int) -> None:
    names = tuple(f"Book {number}" for number in range(count))
    settings = Settings(bookmakers=names, poll_interval=interval, max_api_requests_per_hour=limit)
    need = need_of(settings)
    affordable = need.affordable_interval
    if affordable is None:
        assert need.beside >= need.guaranteed
    else:
        assert math.ceil(count * 3600 / affordable) + need.beside <= need.guaranteed
        if affordable > 1:
            assert count * 3600 / (affordable - 1) + need.beside > need.guaranteed


def test_sports_are_compared_by_slug() -> None:
    settings = Settings(proppr_poll_sports=("football", "table tennis", "qwx"))
    told = list(check_sports(settings, ["football", "table-tennis"]))
    assert [finding.level for finding in told] == ["wrong", "wrong"]
    assert told[0].mend == "did you mean table-tennis?" and "GET /sports" in told[1].mend
    (fine,) = check_sports(Settings(), ["football"])
    assert (fine.level, fine.detail) == ("ok", "football")


def test_check_config_says_it_too(tmp_path: Path) -> None:
    environment = {"MAX_API_REQUESTS_PER_HOUR": "100"}
    result = CliRunner().invoke(main, ["check-config", "--env-file", str(tmp_path / "none")], env=environment)
    assert result.exit_code == 0, "usable all the same"
    assert "poller's budget: 192 requests an hour" in result.output
