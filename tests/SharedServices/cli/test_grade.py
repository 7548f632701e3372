"""`proppr grade` and `proppr ledger` against a real database."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from football_payloads import goal
from grading_rig import GradingRig
from pymongo import MongoClient
from pymongo.database import Database

from PROPPR.SharedServices.cli.grade_import import read_results
from PROPPR.SharedServices.cli.ledger_plot import draw
from PROPPR.SharedServices.cli.main import main
from PROPPR.SharedServices.grading.ledger import Ledger, sum_up
from PROPPR.SharedServices.ingest import by_hand
from PROPPR.SharedServices.service.leases import Lease
from PROPPR.SharedServices.storage.collections import ensure_collections

Document = dict[str, Any]


@pytest.fixture(scope="module")
def prepared(mongo_client: MongoClient[Document]) -> Iterator[Database[Document]]:
    made = mongo_client["grade_command"]
    ensure_collections(made)
    yield made
    mongo_client.drop_database(made.name)


@pytest.fixture
def rig(
    prepared: Database[Document], mongo_uri: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[GradingRig]:
    for name in prepared.list_collection_names(filter={"type": "collection"}):
        if not name.startswith("system."):
            prepared[name].delete_many({})
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MONGO_URI", mongo_uri)
    monkeypatch.setenv("MONGO_DATABASE", prepared.name)
    monkeypatch.setenv("FOTMOB_BASE_URL", "http://127.0.0.1:9/api/data")
    monkeypatch.setenv("COLUMNS", "250")
    made = GradingRig(prepared)
    yield made
    made.close()


def proppr(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments), catch_exceptions=False)


def test_a_dry_run_says_what_would_be_settled(rig: GradingRig) -> None:
    rig.stored()
    rig.place("one")
    rig.place("two", stake=-1)
    shown = proppr("grade", "--dry-run")
    assert shown.exit_code == 0 and "19.00" in shown.output and "stake: is not above 0" in shown.output
    assert "would be: 2 pending bets read, 1 settled, 1 won, 1 wait" in shown.output
    assert rig.bet("one")["status"] == "pending"


@pytest.mark.parametrize("command", [("grade",), ("grade", "run")], ids=["bare", "run"])
def test_grading_by_hand(rig: GradingRig, command: tuple[str, ...]) -> None:
    rig.stored()
    rig.place("one")
    assert "1 settled" in proppr(*command).output
    assert rig.bet("one")["status"] == "won"
    assert "0 pending bets read" in proppr(*command).output


def test_beside_another_grader_nothing_is_done(rig: GradingRig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(by_hand, "HOLD_SECONDS", 0.5)
    rig.stored()
    rig.place("one")
    other = Lease(rig.database, "grading_scheduler", "the service")
    assert other.acquire() is not None
    other.start()
    try:
        refused = proppr("grade", "run")
        assert refused.exit_code == 1 and "another process grades: the service" in refused.output
        assert proppr("grade", "--dry-run").exit_code == 0
    finally:
        other.stop(time.monotonic() + 5)
    assert rig.bet("one")["status"] == "pending"


def test_only_one_fixture(rig: GradingRig) -> None:
    rig.stored()
    rig.stored(4000002)
    rig.place("one")
    rig.place("two", fotmob_match_id=4000002)
    proppr("grade", "run", "--fixture", "4000002")
    assert [rig.bet(name)["status"] for name in ("one", "two")] == ["pending", "won"]


def test_what_waits_is_listed_a_line_each(rig: GradingRig) -> None:
    assert proppr("grade", "--pending").output == "No bet waits.\n"
    for number in range(3):
        rig.place(f"bad {number}", odds=1, market_name="Totals \x1b[31m")
    rig.grader().run_once()
    rig.close()
    listed = [line for line in proppr("grade", "--pending").output.splitlines() if "bad bet: market_name" in line]
    assert (
        len(listed) == 3
        and all(f"bad {number}" in line for number, line in enumerate(listed))
        and "\x1b" not in "".join(listed)
    )


def test_explaining_a_settled_bet(rig: GradingRig) -> None:
    rig.stored(goals=[goal(12, True, 1009)])
    rig.place("one")
    rig.grader().run_once()
    shown = proppr("grade", "explain", "one").output
    for part in ("threshold: 2.5", "Homeham", "score 1-0", "revision 1", "over/under", "graded now: won, actual 11",
                 "(as stored)", "returns: 19.0"):  # fmt: skip
        assert part in shown, part


def test_explaining_what_waits_and_what_is_not_there(rig: GradingRig) -> None:
    rig.place("one", fotmob_match_id=..., fixture_id=7)
    rig.place("two", odds="evens")
    rig.database["team_tracked_bets"].insert_one({"bet_id": 33, "stake": 1, "legs": [{"odds": 2}]})
    assert "fixture 7 is not mapped" in proppr("grade", "explain", "one").output
    assert "can't be read: odds" in proppr("grade", "explain", "two").output
    assert "legs[0]" in proppr("grade", "explain", "33").output
    assert proppr("grade", "explain", "nobody").exit_code == 1


def test_results_of_races_are_imported_and_graded(rig: GradingRig, tmp_path: Path) -> None:
    bet = {"race_id": "R1", "stake": 10, "odds": 5, "market": "Win", "horse": "Grey Mare", "status": "pending"}
    rig.database["horse_tracked_bets"].insert_one({"bet_id": "h", **bet})
    path = tmp_path / "results.csv"
    path.write_text("Race ID,Horse,Position\nR1,Grey Mare,1\nR1,Bay,2\n")
    assert "2 runners read, results of 1 races" in proppr("grade", "--import-results", str(path)).output
    assert rig.bet("h", "horse_tracked_bets")["status"] == "won"
    path.write_text("Race ID,Horse,Position\nR1,Grey Mare,2\nR1,Bay,1\n")
    assert "won -> lost" in proppr("grade", "--import-results", str(path)).output
    path.write_text("Race ID,Position\nR1,1\n")
    assert "row 1: runner is missing" in proppr("grade", "--import-results", str(path)).output


@pytest.mark.parametrize("text", ["{}", "[1]", "[", '[{"race_id": 1, "runner": "A", "position": "x"}]'])
def test_results_that_cannot_be_read_are_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "results.json"
    path.write_text(text)
    with pytest.raises(ValueError, match=r"results.json|row 1|race 1"):
        read_results(path)


SETTLED = [
    ("team_tracked_bets", {"stake": 10, "odds": 2.5, "status": "won", "returns": 25.0, "bookmaker": "Bet365",
                           "market": "Totals", "settled_at": datetime(2026, 3, 7, tzinfo=UTC)}),
    ("team_tracked_bets", {"stake": 10, "odds": 2.5, "status": "lost", "returns": 0.0, "bookmaker": "M88",
                           "market": "Totals", "settled_at": datetime(2026, 4, 1, tzinfo=UTC)}),
    ("player_tracked_bets", {"stake": "5,50", "odds": 3, "status": "Refunded", "market": "Shots"}),
    ("horse_tracked_bets", {"stake": 4, "odds": 3, "status": "WIN"}),
    ("team_tracked_bets", {"stake": "?", "odds": 3, "status": "won"}),
    ("team_tracked_bets", {"stake": 9, "odds": 3, "status": "pending"}),
]  # fmt: skip


def test_the_ledger_sums_to_the_cent() -> None:
    ledger = sum_up((collection, {"bet_id": number, **bet}) for number, (collection, bet) in enumerate(SETTLED))
    assert (ledger.total.bets, ledger.total.stake, ledger.total.profit) == (4, Decimal("29.50"), Decimal("13.00"))
    assert ledger.unreadable == 1 and ledger.total.refunds == 1
    assert {name: one.profit for name, one in ledger.rows("bookmaker")} == {
        "Bet365": 15, "(not known)": 8, "M88": -10}  # fmt: skip
    assert [name for name, _ in ledger.rows("month")] == ["(not known)", "2026-03", "2026-04"]
    assert ledger.course() == [("2026-03-07", Decimal("15.00")), ("2026-04-01", Decimal("5.00"))]
    for dimension in ("bot", "bookmaker", "market", "month"):
        assert sum(one.profit for _, one in ledger.rows(dimension)) == ledger.total.profit


def test_the_ledger_on_the_command_line(rig: GradingRig, tmp_path: Path) -> None:
    assert proppr("ledger").output == "No bet is settled yet.\n"
    for number, (collection, bet) in enumerate(SETTLED):
        rig.database[collection].insert_one({"bet_id": number, **bet})
    shown = proppr("ledger", "--by", "bookmaker")
    assert "Bet365" in shown.output and "+44.07%" in shown.output and "1 settled bets are in no sum" in shown.output
    plain = json.loads(proppr("ledger", "--json").stdout)
    assert plain["total"] == {"bets": 4, "won": 2, "refunds": 1, "stake": 29.5, "profit": 13.0,
                              "return": pytest.approx(13 / 29.5)}  # fmt: skip
    assert json.loads(proppr("ledger", "--json", "--since", "2026-04-01").stdout)["total"]["profit"] == -10
    assert proppr("ledger", "--plot", "picture.png").exit_code == 0
    assert (tmp_path / "picture.png").read_bytes().startswith(b"\x89PNG")
    assert proppr("ledger", "--plot", "no/such/folder.png").exit_code == 1


def test_an_empty_ledger_can_be_drawn(tmp_path: Path) -> None:
    draw(tmp_path / "empty.png", Ledger())
    assert (tmp_path / "empty.png").stat().st_size > 1000
