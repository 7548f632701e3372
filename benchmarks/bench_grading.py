"""Grading from the collections: 100,000 pending bets on 1,000 finished matches, against a loop of one bet at a time.

Bets are inserted in no order, and most have only the id of their match. Ours runs in a process of its own
(`grade_child.py` tells its memory); the loop finds a bet's match, reads it, grades, and updates the bet.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import msgspec
from pymongo.database import Database

from PROPPR.SharedServices.football.completeness import is_complete
from PROPPR.SharedServices.football.reading import read_match
from PROPPR.SharedServices.grading.processors.immediate_bet_grader import ImmediateBetGrader
from PROPPR.SharedServices.service.clock import ManualClock
from PROPPR.SharedServices.simulator.config import SimulatorConfig
from PROPPR.SharedServices.simulator.fotmob.generated import Generated
from PROPPR.SharedServices.simulator.generator import Generator
from PROPPR.SharedServices.storage.match_facts import facts_of
from PROPPR.SharedServices.storage.matches import MatchStore

Document = dict[str, Any]
Rows = list[tuple[str, str, str]]
BETS, MATCHES = 100_000, 1_000
LOOP: Final = 150
"""Bets of the loop: it would take half an hour for all."""
START: Final = 1_780_000_000_000
LINES: Final = {"Totals": (1.5, 2.25, 2.5, 3.0), "Corners Totals": (8.5, 9.5, 10.0), "Bookings Totals": (3.5, 4.5),
                "Team Shots": (9.5, 12.5), "Player Shots": (0.5, 1.5), "Player Tackles": (1.5,)}  # fmt: skip


def pages() -> Iterator[Document]:
    """Generated pages of past matches, of a real page's size."""
    config = SimulatorConfig(fixtures=200, seed=7, fotmob_history=200)
    odds = Generator(config, START, lambda: START, lambda: START)
    world = Generated(config, START, lambda: odds.truth.fixtures)
    for days in range(1, 400):
        day = datetime.fromtimestamp(START / 1000, UTC) - timedelta(days=days)
        listed = world.day(f"{day:%Y%m%d}", "UTC", START)
        for league in msgspec.json.decode(msgspec.json.encode(listed))["leagues"]:
            for match in league["matches"]:
                yield msgspec.json.decode(msgspec.json.encode(world.match(int(match["id"]), START)))


def fill(database: Database[Document], matches: int, bets: int) -> int:
    """Store matches and place bets on them; how many bets."""
    store = MatchStore(database, ManualClock(datetime.fromtimestamp(START / 1000, UTC)))
    games: list[tuple[int, list[str], datetime]] = []
    for page in pages():
        match = read_match(page)
        if not is_complete(match):
            continue
        if len(games) == matches:
            break
        store.save(match.match_id, msgspec.json.encode(page), match.kickoff, facts_of(match, match.league.id, "2025"))
        names = [player.name for player in match.players() if player.played]
        games.append((match.match_id, [match.home.name, match.away.name, *names], match.kickoff))
    chance = random.Random(1)
    batch: dict[str, list[Document]] = {"team_tracked_bets": [], "player_tracked_bets": []}
    for number in range(bets):
        collection, bet = _bet(number, games, chance)
        batch[collection].append(bet)
        if len(batch[collection]) == 2000:
            database[collection].insert_many(batch[collection], ordered=False)
            batch[collection] = []
    for collection, rest in batch.items():
        if rest:
            database[collection].insert_many(rest, ordered=False)
    return len(games)


def _bet(number: int, games: list[tuple[int, list[str], datetime]], chance: random.Random) -> tuple[str, Document]:
    match_id, names, kickoff = chance.choice(games)
    market = chance.choice(tuple(LINES))
    bet: Document = {
        "bet_id": f"bet-{number}", "fotmob_match_id": match_id, "market_name": market, "status": "pending",
        "direction": chance.choice(("over", "under")), "threshold": chance.choice(LINES[market]), "odds": 1.91,
        "stake": chance.choice((5, 10, 25.5)), "bookmaker": chance.choice(("Bet365", "M88")), "user_id": number % 40,
        "created_at": kickoff - timedelta(hours=5), "note": "x" * 300,
    }  # fmt: skip
    if number % 3 == 0:
        bet["kickoff"] = kickoff
    if market.startswith("Player"):
        return "player_tracked_bets", bet | {"player_name": chance.choice(names[2:])}
    return "team_tracked_bets", bet | ({"team": chance.choice(names[:2])} if market.startswith("Team") else {})


def loop(database: Database[Document], count: int) -> float:
    """Bets a second of the plain loop: a find, the page read, a grade, an update_one."""
    store = MatchStore(database, ManualClock())
    grader = ImmediateBetGrader("team")
    bets = list(database["team_tracked_bets"].find({"status": "pending"}).limit(count))
    started = time.perf_counter()
    for bet in bets:
        stored = store.load(bet["fotmob_match_id"])
        assert stored is not None
        fields = grader.grade_bet(bet, msgspec.json.decode(stored.payload))
        database["team_tracked_bets"].update_one({"_id": bet["_id"]}, {"$set": {"loop": fields}})
    return len(bets) / (time.perf_counter() - started)


def grade(database: Database[Document], uri: str, quick: bool, rows: Rows) -> None:
    """Both ways, and what ours takes of memory."""
    bets, matches = (10_000, 100) if quick else (BETS, MATCHES)
    matches = fill(database, matches, bets)
    slow = loop(database, LOOP)
    rows.append(("grading, a find and an update_one per bet", f"{slow:,.0f} bets/s", "1"))
    child = Path(__file__).with_name("grade_child.py")
    done = subprocess.run(
        [sys.executable, str(child), uri, database.name], check=True, capture_output=True, text=True, timeout=900
    )
    told = json.loads(done.stdout.splitlines()[-1])
    fast = bets / told["seconds"]
    left = sum(
        database[name].count_documents({"status": "pending"}) for name in ("team_tracked_bets", "player_tracked_bets")
    )
    goal = "" if quick else " (goal 60 s)"
    detail = f"{told['seconds']:.1f} s{goal} for {bets:,} bets on {matches:,} matches: {fast:,.0f} bets/s"
    rows.append(("grading, ours, from start to committed", detail, f"{fast / slow:.0f} x (goal 10 x)"))
    memory = f"{told['before'] / 2**20:.0f} MB before, {told['peak'] / 2**20:.0f} MB at most"
    rows.append(("  memory", memory, f"{told['settled']:,} settled, {left:,} wait"))
