"""Thousands of bets, most of them settled over half a year, with the fields that the grader gives them."""

from __future__ import annotations

import random
import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from console_names import players
from pymongo.database import Database

from PROPPR.SharedServices.grading.bets import BadBet
from PROPPR.SharedServices.grading.readers.bets import COLLECTIONS
from PROPPR.SharedServices.grading.result import Pending, Reason, Result, Settled
from PROPPR.SharedServices.grading.rules.returns import returns_of
from PROPPR.SharedServices.grading.scheduler.changes import settlement
from PROPPR.SharedServices.grading.scheduler.judging import Verdict
from PROPPR.SharedServices.odds.types import Fixture

Document = dict[str, Any]
BOOKMAKERS: Final = ("Bet365", "M88", "FB Sports", "BetOnline.ag", "Betano")
DAYS: Final = 180
PENDING_PART: Final = 0.14
TEAM_LINES: Final = (("Totals", "2.5"), ("Totals", "2.25"), ("Corners Totals", "9.5"), ("Bookings Totals", "3.5"))
PLAYER_LINES: Final = (("Player Shots", 1.5), ("Player Shots On Target", 0.5), ("Player Fouls", 1.5))
WAITING: Final = (
    (Reason.NOT_FINISHED, "second half"),
    (Reason.NOT_FINISHED, ""),
    (Reason.INCOMPLETE, "no corners of the second half yet"),
    (Reason.UNKNOWN_NUMBER, "fouls are not counted in this league"),
    (Reason.AMBIGUOUS_PLAYER, "two men answer to this name"),
    (Reason.NO_MATCH, "the fixture is not mapped"),
)
_WORTH: Final = 1.02  # of what the prices say, so that the ledger tells of a modest success


def place_bets(
    database: Database[Document], fixtures: Sequence[Fixture], number: int, now: datetime, chance: random.Random
) -> None:
    """Put `number` bets on these fixtures' teams into the collections of the bots."""
    batches: dict[str, list[Document]] = {name: [] for name in COLLECTIONS}
    waiting = round(number * PENDING_PART)
    for index in range(number):
        fixture = chance.choice(fixtures)
        collection, bet = chance.choices((_team, _player, _overtime, _horse), (5, 3, 3, 1))[0](fixture, chance)
        played = now - timedelta(hours=2) if index < waiting else now - timedelta(days=DAYS) * chance.random()
        if index < waiting:
            kickoff = played - timedelta(minutes=chance.choice((20, 50, 80, 1900, 4000)))
        else:
            kickoff = played - timedelta(hours=2, minutes=15)
        match_id = 4_000_000 + fixture.id % 100_000
        document = {**_common(fixture, kickoff, match_id, chance), **bet}
        judge = _waits if index < waiting else _settled
        verdict = judge(document, kickoff, chance)
        document |= settlement(document, verdict, played) or {}
        batches[collection].append(document)
    for collection, documents in batches.items():
        if documents:
            database[collection].insert_many(documents, ordered=False)


def _common(fixture: Fixture, kickoff: datetime, match_id: int, chance: random.Random) -> Document:
    return {
        "bet_id": uuid.UUID(int=chance.getrandbits(128), version=4).hex,
        "status": "pending",
        "bookmaker": chance.choice(BOOKMAKERS),
        "home_team": fixture.home,
        "away_team": fixture.away,
        "league": f"{fixture.country} - {fixture.league}",
        "fixture_id": fixture.id,
        "fotmob_match_id": match_id,
        "kickoff": kickoff,
        "odds": round(chance.uniform(1.4, 3.6), 2),
        "stake": chance.choice((5, 10, 20, 25.5, 50)),
        "created_at": kickoff - timedelta(hours=chance.uniform(1, 30)),
    }


def _team(_: Fixture, chance: random.Random) -> tuple[str, Document]:
    if chance.random() < 0.3:
        bet: Document = {"market_name": "ML", "direction": chance.choice(("home", "draw", "away"))}
    else:
        market, line = chance.choice(TEAM_LINES)
        bet = {"market_name": market, "direction": chance.choice(("over", "under")), "threshold": line}
    return "team_tracked_bets", bet | {"user_id": 4711}


def _player(fixture: Fixture, chance: random.Random) -> tuple[str, Document]:
    market, line = chance.choice(PLAYER_LINES)
    man = chance.choice(players(chance.choice((fixture.home, fixture.away))))
    return "player_tracked_bets", {"market_name": market, "player_name": man, "direction": "over", "threshold": line}


def _overtime(_: Fixture, chance: random.Random) -> tuple[str, Document]:
    bet = {"market": "Spread", "market_direction": chance.choice(("Home", "Away"))}
    return "overtime_placed_bets", bet | {"hdp": chance.choice((-0.75, -0.5, 0, 0.25, 1))}


def _horse(_: Fixture, chance: random.Random) -> tuple[str, Document]:
    horse = chance.choice(("Paper Lantern", "Quiet Harbour", "Copper Rain", "Second Verse", "Marble Gate"))
    race = {"race_id": f"RACE-{chance.randrange(900):03}", "runner": horse, "course": "Fernmouth"}
    return "horse_tracked_bets", {**race, "market_name": "Win", "direction": "win"}


def _settled(document: Document, kickoff: datetime, chance: random.Random) -> Verdict:
    odds, stake = Decimal(str(document["odds"])), Decimal(str(document["stake"]))
    wins = _WORTH / float(odds)
    kind = chance.random()
    if kind < 0.05:
        result = Result.REFUND
    elif kind < 0.11:
        result = Result.HALF_WON if chance.random() < wins else Result.HALF_LOST
    else:
        result = Result.WON if chance.random() < wins else Result.LOST
    returns = returns_of(stake, odds, result)
    actual = chance.randrange(6)
    outcome = Settled(result, actual, returns, returns - stake, "total", {"counted": actual})
    return _verdict(document, kickoff, outcome)


def _waits(document: Document, kickoff: datetime, chance: random.Random) -> Verdict:
    reason, detail = chance.choice(WAITING)
    return _verdict(document, kickoff, Pending(reason, detail))


def _verdict(document: Document, kickoff: datetime, outcome: Settled | Pending) -> Verdict:
    bet = BadBet("", "what the bet says is not looked at any more")
    return Verdict(bet, outcome, match_id=document["fotmob_match_id"], revision=1, kickoff=kickoff)
