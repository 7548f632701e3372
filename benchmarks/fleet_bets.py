"""Whether the bots' bets are settled once and rightly: each held against the stored page of its match by an own rule.

The rules are those of `grading_oracle`, which shares no code with the grader. A page that is not complete yet decides
nothing; one that is complete and has one answer has to have settled the bet.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from grading_oracle import RawMatch, against_line, money, read_raw
from pymongo.database import Database

from PROPPR.SharedServices.service.clock import SystemClock
from PROPPR.SharedServices.storage.matches import MatchStore

Document = dict[str, Any]
COLLECTIONS = ("team_tracked_bets", "player_tracked_bets", "overtime_placed_bets")
SETTLED = ("won", "lost", "refund", "half_won", "half_lost")
NAMES = ("home", "draw", "away")


@dataclass
class Bets:
    """What became of the bets. `late` wait though their page has one answer, `wrong` are settled otherwise than that.

    `corrected` were settled anew because their page had changed, which their history tells.
    """

    placed: int = 0
    settled: Counter[str] = field(default_factory=Counter)
    waiting: Counter[str] = field(default_factory=Counter)
    corrected: int = 0
    late: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    @property
    def faults(self) -> list[str]:
        return self.wrong + self.late


def check_bets(database: Database[Document]) -> Bets:
    """Hold every bet against the page that is stored of its match."""
    found = Bets()
    documents = [document for name in COLLECTIONS for document in database[name].find()]
    ids = {document["fotmob_match_id"] for document in documents}
    store = MatchStore(database, SystemClock())
    complete = {match_id: state.complete for match_id, state in store.states(ids).items()}
    pages = {page.match_id: read_raw(json.loads(page.payload)) for page in store.load_many(sorted(ids))}
    for document in documents:
        match_id = document["fotmob_match_id"]
        possible = returns_of(document, pages[match_id]) if match_id in pages else set()
        judge_bet(document, possible, complete.get(match_id, False), found)
    return found


def judge_bet(document: Mapping[str, Any], possible: set[Fraction], complete: bool, found: Bets) -> None:
    """Count one bet; `possible` is what it may return by its page, nothing where the page decides nothing."""
    found.placed += 1
    status, grading = document["status"], document.get("grading") or {}
    named = f"{document['bet_id']} on {document['fotmob_match_id']}"
    if status not in SETTLED:
        found.waiting[str(grading.get("reason") or "not looked at").partition(":")[0]] += 1
        if complete and len(possible) == 1:
            found.late.append(f"bet {named} waits: {grading.get('reason')}")
        return
    found.settled[status] += 1
    found.corrected += bool(grading.get("history"))
    returns = Fraction(round(document["returns"] * 100), 100)
    profit = Fraction(round(document["profit_loss"] * 100), 100)
    if possible != {returns}:
        shown = sorted(float(each) for each in possible)
        found.wrong.append(f"bet {named} is {status} with {float(returns)}, its page says {shown}")
    elif profit != returns - Fraction(str(document["stake"])):
        found.wrong.append(f"bet {named} returns {float(returns)} with a profit of {float(profit)}")


def returns_of(document: Mapping[str, Any], raw: RawMatch) -> set[Fraction]:
    """All that a bet of the demo's bots may return by a page; nothing where the match is not over or a number lacks."""
    outcomes = _outcomes(document, raw) if raw.played else []
    return {money(str(document["stake"]), str(document["odds"]), parts) for parts in outcomes}


def _outcomes(document: Mapping[str, Any], raw: RawMatch) -> list[list[int]]:
    """Won (1), refunded (0), lost (-1) for each half of the stake, by every rule that bookmakers have."""
    market = document.get("market_name") or document["market"]
    home, away = raw.goals_in("match", True), raw.goals_in("match", False)
    side = str(document.get("direction") or document.get("market_direction")).casefold()
    if market == "ML":
        return [[1 if side == NAMES[0 if home > away else 2 if away > home else 1] else -1]]
    if market == "Spread":
        line = -Fraction(str(document["hdp"]))  # of the home side, whichever is backed
        return [against_line(home - away, str(line), 1 if side == "home" else -1)]
    numbers = {
        "Totals": lambda: [home + away],
        "Corners Totals": lambda: [_both(raw, "corners")],
        "Bookings Totals": lambda: [raw.cards_of("match", red) for red in (1, 2)],
        "Team Shots": lambda: [raw.team("shots", "match", document["team"] == document["home_team"])],
    }[market]()
    sign = 1 if side == "over" else -1
    return [against_line(each, str(document["threshold"]), sign) for each in numbers if each is not None]


def _both(raw: RawMatch, statistic: str) -> int | None:
    home, away = (raw.team(statistic, "match", side) for side in (True, False))
    return None if home is None or away is None else home + away
