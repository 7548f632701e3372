"""`proppr mappings`: what is open is listed, a person settles and rejects."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from pymongo.database import Database

from PROPPR.SharedServices.cli.main import main
from PROPPR.SharedServices.mapping.candidates import Candidate
from PROPPR.SharedServices.mapping.fixtures import FixtureMapping, Reason
from PROPPR.SharedServices.mapping.leagues import Relation
from PROPPR.SharedServices.odds.types import Fixture
from PROPPR.SharedServices.service.clock import SystemClock
from PROPPR.SharedServices.storage.fixture_mappings import FixtureMappings

NOW = SystemClock().now()


def result(number: int, home: str, match_id: int, score: float, swapped: bool = False) -> FixtureMapping:
    kickoff = int((NOW + timedelta(days=1)).timestamp() * 1000)
    fixture = Fixture(number, home, "Brann [1]", "football", "Eliteserien", "Norway", "", kickoff, "pending")
    candidate = Candidate(
        match_id, score, "Bodø/Glimt", "Brann", NOW + timedelta(days=1), "NOR", "Eliteserien", 59, Relation.SAME,
        1.0, 1.0, timedelta(0), swapped,
    )  # fmt: skip
    if score >= 0.8:
        return FixtureMapping(fixture, "auto", Reason.MATCHED, candidate, (candidate,))
    return FixtureMapping(fixture, "unresolved", Reason.BELOW_BAR, None, (candidate,))


@pytest.fixture
def database(collections: Database[dict[str, Any]]) -> Database[dict[str, Any]]:
    return collections


@pytest.fixture
def mappings(database: Database[dict[str, Any]]) -> FixtureMappings:
    found = FixtureMappings(database, SystemClock())
    found.store([result(101, "Bodo Glimt", 5001, 0.99), result(102, "Glimt", 5002, 0.61, swapped=True)])
    return found


@pytest.fixture
def environment(mongo_uri: str, database: Database[dict[str, Any]], tmp_path: Path) -> dict[str, str]:
    return {
        "MONGO_URI": mongo_uri,
        "MONGO_DATABASE": database.name,
        "ODDS_API_KEY": "a-key-that-is-not-shown",
        "PROPPR_DATA_DIR": str(tmp_path),
        "COLUMNS": "240",
    }


def run(environment: dict[str, str], *arguments: str) -> Result:
    return CliRunner().invoke(main, ["mappings", "--env-file", "no-such-file", *arguments], env=environment)


def test_open_fixtures_with_their_candidates(mappings: FixtureMappings, environment: dict[str, str]) -> None:
    shown = run(environment)
    assert shown.exit_code == 0, shown.output
    assert "102" in shown.output and "101" not in shown.output
    for part in ("Norway - Eliteserien", "Glimt - Brann [1]", "below the bar", "0.61", "5002", "(sides swapped)"):
        assert part in shown.output
    assert "proppr mappings settle" in shown.output


def test_all_fixtures(mappings: FixtureMappings, environment: dict[str, str]) -> None:
    shown = run(environment, "--all")
    assert "101" in shown.output and "102" in shown.output and "0.99" in shown.output and "auto" in shown.output
    assert "The first 1 only" in run(environment, "--all", "--limit", "1").output


def test_settling(mappings: FixtureMappings, environment: dict[str, str]) -> None:
    said = run(environment, "settle", "102", "5002")
    assert said.exit_code == 0, said.output
    assert "Glimt - Brann [1] is match 5002: Bodø/Glimt - Brann." in said.output
    assert "the other way round" in said.output
    link = mappings.match_of(102)
    assert link is not None and link.status == "manual" and link.swapped
    assert "Every fixture has its match." in run(environment).output


def test_settling_a_match_that_was_no_candidate(mappings: FixtureMappings, environment: dict[str, str]) -> None:
    assert "not one of its candidates" in run(environment, "settle", "102", "777").output


def test_rejecting(mappings: FixtureMappings, environment: dict[str, str]) -> None:
    assert run(environment, "reject", "101").exit_code == 0
    assert mappings.match_of(101) is None
    assert "rejected by hand" in run(environment, "--all").output


def test_what_can_not_be_done_is_said(mappings: FixtureMappings, environment: dict[str, str]) -> None:
    run(environment, "settle", "101", "5001")
    taken = run(environment, "settle", "102", "5001")
    assert taken.exit_code == 1 and "reject that one first" in taken.output
    unknown = run(environment, "reject", "4711")
    assert unknown.exit_code == 1 and "nobody knows a fixture 4711" in unknown.output
    assert run(environment, "settle", "102", "none").exit_code == 2
    assert run(environment, "settle", "0", "1").exit_code == 2


def test_nothing_yet(database: Database[dict[str, Any]], environment: dict[str, str]) -> None:
    assert "No fixtures are mapped yet." in run(environment, "--all").output
