"""A backfill that is cut short, by the budget, a stop or another process, and taken up again."""

from __future__ import annotations

from collections.abc import Sequence

from backfill_rig import CLOCK, OURS, Documents, Rig, everything, register, stored_ids
from support import eventually

from PROPPR.SharedServices.ingest.backfill_progress import Outcome
from PROPPR.SharedServices.odds.types import Fixture
from PROPPR.SharedServices.providers.odds_api.models import OddsAnswer
from PROPPR.SharedServices.simulator.server import SimulatorServer
from PROPPR.SharedServices.tracking.request_tracker import GlobalRequestTracker


def test_without_budget_it_waits_visibly_and_goes_on_later(
    database: Documents, simulator: SimulatorServer, listed: list[Fixture]
) -> None:
    register(database, listed)
    first = Rig(database, simulator, everything(), limit=2)
    thread, outcomes = first.run_aside()
    eventually(lambda: "used up" in first.backfill.progress.waiting, what="the waiting")
    progress = first.backfill.progress
    assert progress.until is not None and progress.until > first.clock.monotonic() + 60
    assert (progress.requests, progress.done) == (2, len(first.job.done)) and progress.done >= 10
    first.stop.set()
    thread.join(10)
    assert outcomes == [Outcome("stopped")]
    assert first.job.finished_at is None

    already = first.job.done
    second = Rig(database, simulator, everything())
    assert second.run() == Outcome("done")
    assert second.job.done[: len(already)] == already and len(second.job.done) == len(listed)
    assert not set(already) & {each for ids in second.provider.asked for each in ids}, "nothing is read twice"
    assert second.job.requests == 2 + len(second.provider.asked)


def test_it_never_takes_more_requests_than_it_may(
    database: Documents, simulator: SimulatorServer, listed: list[Fixture]
) -> None:
    register(database, listed)
    for _ in range(3):
        rig = Rig(database, simulator, everything(), most=3)
        assert rig.run().end == "spent"
        assert rig.job.requests == 3
    assert 10 <= len(rig.job.done) < len(listed)
    assert GlobalRequestTracker(1000, database=database).usage().used == 3
    assert Rig(database, simulator, everything(), most=50).run() == Outcome("done")


def test_a_stop_keeps_what_was_read(database: Documents, simulator: SimulatorServer, listed: list[Fixture]) -> None:
    register(database, listed)
    rig = Rig(database, simulator, everything(), clock=CLOCK)

    def stop_at_the_second(answer: OddsAnswer) -> OddsAnswer:
        if len(rig.provider.asked) >= 2:
            rig.stop.set()
        return answer

    rig.provider.after = stop_at_the_second
    assert rig.run() == Outcome("stopped")
    assert rig.job.done and set(rig.job.done) >= stored_ids(database), "what is stored is noted"
    assert rig.job.finished_at is None


def test_it_ends_when_another_process_takes_over(
    database: Documents, simulator: SimulatorServer, listed: list[Fixture]
) -> None:
    register(database, listed)
    rig = Rig(database, simulator, everything())

    def take_over(ids: Sequence[int], bookmakers: Sequence[str]) -> None:
        if len(rig.provider.asked) == 2:
            rig.store.hold(everything(), lambda: OURS + 1).resume()

    rig.provider.before = take_over
    assert rig.run().end == "taken_over"
    assert len(rig.job.done) <= 10
