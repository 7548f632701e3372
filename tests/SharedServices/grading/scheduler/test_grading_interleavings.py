"""Two graders, deaths, half-written batches and corrections in any order: every bet is settled once, and rightly."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from grading_rig import GradingRig
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pymongo.database import Database

from PROPPR.SharedServices.grading.scheduler.assembly import GradingParts
from PROPPR.SharedServices.grading.scheduler.report import RoundReport
from PROPPR.SharedServices.grading.scheduler.settling import Wanted
from PROPPR.SharedServices.storage import bets as bets_module
from PROPPR.SharedServices.storage.bets import SETTLED, Change

Document = dict[str, Any]
MATCHES = (4000001, 4000002)
COLLECTION = "team_tracked_bets"


class Died(Exception):
    """A process that was killed here."""


class World:
    """Two replicas whose steps are interleaved wherever one of them is about to write."""

    def __init__(self, rig: GradingRig, script: Sequence[str]) -> None:
        self.rig = rig
        self.script = list(script)
        self.token = 0
        self.corners = dict.fromkeys(MATCHES, 5)
        self.depth = 0
        for match_id in MATCHES:
            rig.stored(match_id, team={"corners": [(5, 0), (0, 0)]})
            for number in range(4):
                rig.place(f"{match_id}:{number}", fotmob_match_id=match_id, threshold=3.5 + number)
        rig.place("by hand", manual_override=True)

    def round(self) -> None:
        """A replica takes the lease, works, and may be interrupted by anything at any write; it may die."""
        if self.depth > 2:
            return
        self.depth += 1
        self.token += 1
        self.rig.advance(seconds=1)
        token = self.token
        parts = GradingParts(self.rig.database, self.rig.settings, self.rig.clock)
        real = parts.bets.write

        def write(collection: str, changes: Sequence[Change], fence: int) -> int:
            if self.script and self.script[0] == "half":
                self.script.pop(0)
                real(collection, changes[: len(changes) // 2], fence)
                raise Died
            return real(collection, changes, fence)

        parts.bets.write = write  # type: ignore[method-assign]

        def proceed() -> int:
            self.interrupt()
            return token

        try:
            parts.settling(proceed).everything(RoundReport(self.rig.clock.now()), Wanted())
            parts.judge.forget()
            parts.revisions(self.rig.alerts, proceed).check(RoundReport(self.rig.clock.now()))
        except Died:
            pass
        finally:
            self.depth -= 1

    def interrupt(self) -> None:
        """What the script says happens now."""
        self.rig.advance(seconds=1)
        if not self.script or self.script[0] == "half":
            return
        step = self.script.pop(0)
        if step == "other":
            self.round()
        elif step == "die":
            raise Died
        elif step in ("more", "fewer"):
            self.revise(MATCHES[len(self.script) % 2], 2 if step == "more" else -2)

    def revise(self, match_id: int, by: int) -> None:
        """The source corrects the corners of a match."""
        self.corners[match_id] = max(0, self.corners[match_id] + by)
        self.rig.advance(seconds=1)
        self.rig.stored(match_id, team={"corners": [(self.corners[match_id], 0), (0, 0)]})

    def expected(self, document: Document) -> tuple[str, float]:
        corners = self.corners[document["fotmob_match_id"]]
        won = corners > document["threshold"]
        return ("won", 19.0) if won else ("lost", 0.0)


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(bets_module.BetStore.pending_ids, "__defaults__", (3,))
    yield


def wipe(database: Database[Document]) -> None:
    for name in (COLLECTION, "fotmob_matches"):
        database[name].delete_many({})


STEPS = st.lists(st.sampled_from(["go", "other", "die", "half", "more", "fewer"]), max_size=14)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(script=STEPS)
def test_every_bet_is_settled_once_and_rightly(rig: GradingRig, small_batches: None, script: list[str]) -> None:
    wipe(rig.database)
    world = World(rig, script)
    with rig.database[COLLECTION].watch(max_await_time_ms=1) as stream:
        for _ in range(len(script) + 3):
            world.round()
        changes = drained(stream)
    for bet in rig.database[COLLECTION].find():
        if bet["bet_id"] == "by hand":
            assert "grading" not in bet and bet["status"] == "pending"
            continue
        status, returns = world.expected(bet)
        assert (bet["status"], bet["returns"]) == (status, returns)
        assert bet["grading"]["numbers"]["home"] == world.corners[bet["fotmob_match_id"]]
        check_trail(bet, changes[bet["_id"]])
        if any(old["status"] != bet["status"] for old in bet["grading"].get("history", [])):
            assert f"grading.correction.{bet['fotmob_match_id']}" in rig.alerts.history


def drained(stream: Any) -> dict[Any, list[Document]]:
    """All changes of each bet, in order."""
    found: dict[Any, list[Document]] = {}
    misses = 0
    while misses < 2:
        event = stream.try_next()
        if event is None:
            misses += 1
            continue
        found.setdefault(event["documentKey"]["_id"], []).append(event["updateDescription"]["updatedFields"])
    return found


def check_trail(bet: Document, changes: list[Document]) -> None:
    """One way out of pending, no way back, and every settlement that was replaced is in the history."""
    settled = [change for change in changes if "status" in change or "returns" in change or "actual_value" in change]
    assert sum("settled_at" in change for change in settled) == len(bet["grading"].get("history", [])) + 1
    assert all(change.get("status", "won") in SETTLED for change in changes)
    revisions = [old["revision"] for old in bet["grading"].get("history", [])]
    assert revisions == sorted(set(revisions))
