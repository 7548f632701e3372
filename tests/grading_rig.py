"""The grader on hand-made matches without sockets, at a time that stands still until it is told to move."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from football_payloads import match_payload
from fotmob_answers import Reply, State
from pymongo.database import Database

from PROPPR.SharedServices.football.reading import read_match
from PROPPR.SharedServices.grading.scheduler.unified_grading_scheduler import UnifiedGradingScheduler
from PROPPR.SharedServices.service.clock import ManualClock
from PROPPR.SharedServices.service.errors import SourceChanged
from PROPPR.SharedServices.service.settings import load_settings
from PROPPR.SharedServices.storage.match_facts import facts_of
from PROPPR.SharedServices.storage.matches import MatchStore

Document = dict[str, Any]
KICKOFF = datetime(2026, 3, 7, 15, tzinfo=UTC)
TEAM = {"corners": [(3, 2), (2, 4)], "total_shots": [(6, 3), (5, 2)], "fouls": [(5, 6), (7, 4)]}


@dataclass
class FakeMatches:
    """Answers with `pages`; what is an exception is raised, what is missing is not known."""

    clock: ManualClock
    pages: dict[int, Any] = field(default_factory=dict)
    asked: list[int] = field(default_factory=list)
    health: State = field(default_factory=State)

    def match(self, match_id: int) -> Reply:
        self.asked.append(match_id)
        page = self.pages.get(match_id, SourceChanged(f"match {match_id}: not known"))
        if isinstance(page, Exception):
            raise page
        return Reply(page, msgspec.json.encode(page), self.clock.now())

    def state(self) -> State:
        return self.health


@dataclass
class Told:
    """Every alert in order, and those that were not taken back."""

    raised: dict[str, str] = field(default_factory=dict)
    history: list[str] = field(default_factory=list)
    on_flushed: Callable[[], object] = lambda: None

    def raise_alert(self, key: str, title: str, detail: str = "") -> None:
        if key not in self.raised:
            self.history.append(key)
        self.raised[key] = f"{title}: {detail}"

    def resolve(self, key: str, detail: str = "") -> None:
        self.raised.pop(key, None)

    def flushed(self, timeout: float) -> bool:
        self.on_flushed()
        return True


class GradingRig:
    """A prepared database with bets, a source of matches, and any number of graders."""

    def __init__(self, database: Database[Document], **settings: str) -> None:
        self.database = database
        self.clock = ManualClock(KICKOFF + timedelta(hours=2))
        self.source = FakeMatches(self.clock)
        self.alerts = Told()
        self.settings = load_settings({"MONGO_URI": "mongodb://unused", **settings}, None)
        self.store = MatchStore(database, self.clock)
        self._open: list[UnifiedGradingScheduler] = []

    def grader(self, instance: str = "one") -> UnifiedGradingScheduler:
        grader = UnifiedGradingScheduler(
            database=self.database, settings=self.settings, source=self.source, clock=self.clock, alerts=self.alerts,
            instance=instance, stop=threading.Event(),
        )  # fmt: skip
        self._open.append(grader)
        return grader

    def close(self) -> None:
        for grader in self._open:
            grader.close()

    def serve(self, match_id: int = 4000001, **parts: Any) -> Document:
        """Let the source know a match, 0-0 with some corners where nothing else is said."""
        page = match_payload(**{"match_id": match_id, "team": TEAM, **parts})
        self.source.pages[match_id] = page
        return page

    def stored(self, match_id: int = 4000001, **parts: Any) -> None:
        """Store a match as the statistics do, a second later."""
        self.advance(seconds=1)
        page = self.serve(match_id, **parts)
        match = read_match(page)
        self.store.save(match_id, msgspec.json.encode(page), match.kickoff, facts_of(match, 47, "2025/2026"))

    def place(self, bet_id: str, collection: str = "team_tracked_bets", **fields: Any) -> None:
        """A bot writes a bet: over 2.5 corners of the match at 1.90 where nothing else is said."""
        bet = {
            "bet_id": bet_id, "fotmob_match_id": 4000001, "kickoff": KICKOFF, "market_name": "Corners Totals",
            "direction": "over", "threshold": 2.5, "stake": 10, "odds": 1.9, "bookmaker": "Bet365", "status": "pending",
        }  # fmt: skip
        kept = {name: value for name, value in {**bet, **fields}.items() if value is not ...}
        self.database[collection].insert_one(kept)

    def bet(self, bet_id: str, collection: str = "team_tracked_bets") -> Document:
        found = self.database[collection].find_one({"bet_id": bet_id})
        assert found is not None
        return found

    def map(self, fixture_id: int, match_id: int, *, swapped: bool = False) -> None:
        self.database["fixture_mappings"].insert_one(
            {"fixture_id": fixture_id, "fotmob_match_id": match_id, "status": "auto", "swapped": swapped,
             "score": 0.9, "updated_at": self.clock.now()}
        )  # fmt: skip

    def advance(self, **how: float) -> None:
        self.clock.advance(timedelta(**how).total_seconds())
