"""The statistics service on a generated FotMob without sockets, at a time that stands still until told to move."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec
from fotmob_answers import Reply, State
from pymongo.database import Database

from PROPPR.SharedServices.odds.types import Fixture
from PROPPR.SharedServices.service.clock import ManualClock
from PROPPR.SharedServices.service.settings import load_settings
from PROPPR.SharedServices.simulator.config import SimulatorConfig
from PROPPR.SharedServices.simulator.fotmob.generated import Generated
from PROPPR.SharedServices.simulator.generator import Generator
from PROPPR.SharedServices.storage.collections import ensure_collections
from PROPPR.SharedServices.storage.fixtures import FixtureStore
from PROPPR.SharedServices.storage.matches import MatchStore
from PROPPR.StatsUpdateFM.core.pipeline.stats_update import StatsPipeline

Document = dict[str, Any]
# In the future: what belongs to the past expires under the tests.
START = 2_411_152_000_000
NOW = datetime(2046, 5, 28, 20, 26, 40, tzinfo=UTC)
COMPUTED = ("team_stats", "player_stats", "predicted_lines", "player_projections", "fixture_players")
_TIMES = (
    "_id",
    "updated_at",
    "fetched_at",
    "checked_at",
    "started_at",
    "finished_at",
    "fence",
    "payload",
    "dictionary",
)


class HandClock(ManualClock):
    """A clock that is moved by hand, and in which a wait takes a moment of real time, so that others get to work."""

    def wait(self, event: threading.Event, seconds: float) -> bool:
        return event.wait(min(seconds, 0.05))


@dataclass
class FakeFotMob:
    """Answers like FotMob at the clock's time. `trouble` maps what is asked, like ("league", 47), to what is raised;
    `change` may alter a payload before it is answered."""

    clock: ManualClock
    fixtures: int = 40
    history: int = 2
    seed: int = 3
    seasons: int = 1
    asked: list[tuple[str, int | str]] = field(default_factory=list)
    trouble: dict[tuple[str, int | str], Exception] = field(default_factory=dict)
    change: Callable[[str, int | str, Any], None] | None = None
    health: State = field(default_factory=State)

    def __post_init__(self) -> None:
        config = SimulatorConfig(fixtures=self.fixtures, seed=self.seed, fotmob_history=self.history, horizon_hours=200)
        self.odds = Generator(config, START, self.clock.now_ms, self.clock.now_ms)
        self.generated = Generated(config, START, lambda: self.odds.truth.fixtures)

    def day(self, day: date) -> Reply:
        return self._reply("day", f"{day:%Y%m%d}", self.generated.day(f"{day:%Y%m%d}", "UTC", self.clock.now_ms()))

    def league(self, league_id: int, season: str | None = None) -> Reply:
        return self._reply("league", league_id, self.generated.league(league_id, season, self.clock.now_ms()))

    def match(self, match_id: int) -> Reply:
        return self._reply("match", match_id, self.generated.match(match_id, self.clock.now_ms()))

    def state(self) -> State:
        return self.health

    def count(self, kind: str) -> int:
        return sum(1 for what, _ in self.asked if what == kind)

    def registry(self) -> list[Fixture]:
        """The coming fixtures as the poller registers them."""
        found = []
        for each in self.odds.truth.fixtures.values():
            kickoff = datetime.fromtimestamp(each.kickoff / 1000, UTC)
            if kickoff > self.clock.now():
                country, _, league = each.league.partition(" - ")
                found.append(
                    Fixture(
                        each.id, each.home, each.away, "football", league or each.league, country,
                        kickoff.isoformat(), each.kickoff, "pending", None, None, None,
                    )
                )  # fmt: skip
        return found

    def _reply(self, kind: str, what: int | str, answer: Any) -> Reply:
        self.asked.append((kind, what))
        if (kind, what) in self.trouble:
            raise self.trouble[kind, what]
        payload = msgspec.json.decode(msgspec.json.encode(answer))
        if kind == "league":
            payload["allAvailableSeasons"] = payload["allAvailableSeasons"][: self.seasons]
        if self.change is not None:
            self.change(kind, what, payload)
        return Reply(payload, msgspec.json.encode(payload), self.clock.now())


@dataclass
class Told:
    """Alerts that were raised and not taken back."""

    raised: dict[str, str] = field(default_factory=dict)
    times: dict[str, int] = field(default_factory=dict)

    def raise_alert(self, key: str, title: str, detail: str = "") -> None:
        if key not in self.raised:
            self.times[key] = self.times.get(key, 0) + 1
        self.raised[key] = f"{title}: {detail}"

    def resolve(self, key: str, detail: str = "") -> None:
        self.raised.pop(key, None)


class Rig:
    """One process of the service, its FotMob and its database."""

    def __init__(
        self, database: Database[Document], clock: ManualClock | None = None, *, prepare: bool = True, **world: Any
    ) -> None:
        if prepare:
            ensure_collections(database)
        self.database = database
        self.clock = clock or HandClock(NOW)
        self.fotmob = FakeFotMob(self.clock, **world)
        self.alerts = Told()
        self.settings = load_settings(
            {"MONGO_URI": "mongodb://unused", "PROPPR_FOTMOB_REQUESTS_PER_DAY": "50000"}, None
        )
        self.stop = threading.Event()
        self.pipeline = self.start()

    def start(self, instance: str = "one") -> StatsPipeline:
        pipeline = StatsPipeline(
            database=self.database, settings=self.settings, source=self.fotmob, clock=self.clock, alerts=self.alerts,
            instance=instance, stop=self.stop,
        )  # fmt: skip
        pipeline.lease.ttl = 60.0  # a busy machine must not end it
        return pipeline

    def register(self) -> list[Fixture]:
        """Let the poller register what is to come."""
        fixtures = self.fotmob.registry()
        FixtureStore(self.database, self.clock).upsert_many(fixtures, "api_poller")
        return fixtures

    def advance(self, **how: float) -> None:
        self.clock.advance(timedelta(**how).total_seconds())


def everything(database: Database[Document]) -> Document:
    """All that a run leaves behind, but for times, tokens and how pages are compressed."""
    found: Document = {}
    for name in (*COMPUTED, "fixture_mappings", "fotmob_leagues", "fotmob_matches"):
        documents = [{key: value for key, value in each.items() if key not in _TIMES} for each in database[name].find()]
        found[name] = sorted(documents, key=repr)
    store = MatchStore(database, ManualClock(NOW))
    ids = sorted(each["match_id"] for each in database["fotmob_matches"].find({}, {"match_id": 1}))
    found["pages"] = {stored.match_id: stored.payload for stored in store.load_many(ids)}
    return found
