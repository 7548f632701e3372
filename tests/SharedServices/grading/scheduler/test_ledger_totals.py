"""What all bets came to, from real documents."""

from __future__ import annotations

from typing import Any

from bson import Decimal128
from pymongo.database import Database

from PROPPR.SharedServices.grading.scheduler.ledger_totals import LedgerTotals


def test_settled_bets_are_added_up_and_others_only_counted(database: Database[dict[str, Any]]) -> None:
    database["team_tracked_bets"].insert_many([
        {"bet_id": "1", "status": "won", "returns": 21.0, "profit_loss": 11.0},
        {"bet_id": "2", "status": "lost", "returns": 0, "profit_loss": Decimal128("-5.50")},
        {"bet_id": "3", "status": "refund", "returns": 4, "profit_loss": 0},
        {"bet_id": "4", "status": "pending", "profit_loss": 99},
        {"bet_id": "5", "status": "half_won", "returns": "unknown", "profit_loss": None},
        {"bet_id": "6", "status": "whatever", "profit_loss": 7},
        {"bet_id": "7", "status": ["won"], "profit_loss": 7},
    ])  # fmt: skip
    totals = LedgerTotals(database).read()
    team = totals["team_tracked_bets"]
    assert team.bets == {"pending": 1, "won": 1, "lost": 1, "refund": 1, "half_won": 1, "half_lost": 0}
    assert (team.profit, team.staked) == (5.5, 19.5)
    assert totals["player_tracked_bets"].profit == 0
