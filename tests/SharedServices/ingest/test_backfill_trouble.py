"""What a backfill does about each kind of trouble with the provider."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import pytest
from backfill_rig import Documents, Rig, everything, register

from PROPPR.SharedServices.ingest.backfill import TRIES
from PROPPR.SharedServices.ingest.backfill_progress import Outcome
from PROPPR.SharedServices.odds.rejects import Reject
from PROPPR.SharedServices.odds.types import Fixture
from PROPPR.SharedServices.providers.http.attempts import AttemptFailed
from PROPPR.SharedServices.providers.odds_api.errors import BookmakerRefused
from PROPPR.SharedServices.service.errors import RateLimited, SourceChanged, TransientError
from PROPPR.SharedServices.simulator.server import SimulatorServer


@pytest.mark.parametrize("stranger", ["Sbobet", "No Such Book"], ids=["not selected", "unknown"])
def test_a_refused_bookmaker_is_left_out(
    database: Documents, simulator: SimulatorServer, listed: list[Fixture], stranger: str
) -> None:
    register(database, listed[:5])
    rig = Rig(database, simulator, everything(bookmakers=("M88", stranger)))
    assert rig.run() == Outcome("done")
    assert rig.job.refused == rig.backfill.progress.refused == (stranger,)
    assert len(rig.job.done) == 5 and database["odds_books"].distinct("bookmaker") == ["M88"]


def test_a_refusal_that_names_nobody_is_cleared_up(
    database: Documents, simulator: SimulatorServer, listed: list[Fixture]
) -> None:
    register(database, listed[:5])
    rig = Rig(database, simulator, everything())

    def refuse(ids: Sequence[int], bookmakers: Sequence[str]) -> None:
        if "FB Sports" in bookmakers:
            raise BookmakerRefused("403: Access denied")

    rig.provider.before = refuse
    assert rig.run() == Outcome("done")
    assert rig.job.refused == ("FB Sports",)
    assert set(database["odds_books"].distinct("bookmaker")) == {"Bet365", "M88"}


def test_when_every_bookmaker_is_refused_it_ends(
    database: Documents, simulator: SimulatorServer, listed: list[Fixture]
) -> None:
    register(database, listed[:5])
    outcome = Rig(database, simulator, everything(bookmakers=("Sbobet", "SingBet"))).run()
    assert outcome.end == "refused" and "every bookmaker" in outcome.reason


def test_a_refused_key_ends_it_and_is_not_shown(
    database: Documents, simulator: SimulatorServer, listed: list[Fixture]
) -> None:
    register(database, listed[:5])
    outcome = Rig(database, simulator, everything(), key="another-secret-key").run()
    assert outcome.end == "misconfigured" and "ODDS_API_KEY" in outcome.reason
    assert "another-secret-key" not in outcome.reason


@pytest.mark.parametrize(
    "error",
    [
        AttemptFailed("GET /odds/multi: ReadTimeout"),
        RateLimited("GET /odds/multi: 429", 30.0),
        RateLimited("429, nobody says for how long"),
        TransientError("the request budget is out of reach"),
    ],
)
def test_what_passes_is_waited_for(
    database: Documents, simulator: SimulatorServer, listed: list[Fixture], error: Exception
) -> None:
    register(database, listed[:12])
    rig = Rig(database, simulator, everything())
    waited: list[str] = []

    def fail(ids: Sequence[int], bookmakers: Sequence[str]) -> None:
        waited.append(rig.backfill.progress.waiting)
        if len(waited) <= 3:
            raise error

    rig.provider.before = fail
    assert rig.run() == Outcome("done")
    assert waited[0] == "" and len(rig.job.done) == 12 and not rig.job.failed


def test_a_fixture_that_spoils_every_answer_stands_alone_in_the_end(
    database: Documents, simulator: SimulatorServer, listed: list[Fixture]
) -> None:
    register(database, listed)
    bad = {listed[3].id: SourceChanged("too large"), listed[20].id: AttemptFailed("GET /odds/multi: 500")}
    rig = Rig(database, simulator, everything())

    def spoil(ids: Sequence[int], bookmakers: Sequence[str]) -> None:
        for fixture_id, error in bad.items():
            if fixture_id in ids:
                raise error

    rig.provider.before = spoil
    assert rig.run() == Outcome("done")
    assert dict(rig.job.failed) == {fixture_id: str(error) for fixture_id, error in bad.items()}
    assert set(rig.job.done) == {one.id for one in listed} - set(bad)
    assert rig.provider.asked.count((listed[20].id,)) == TRIES


def test_a_partly_unreadable_book_is_a_failure_of_that_fixture(
    database: Documents, simulator: SimulatorServer, listed: list[Fixture]
) -> None:
    register(database, listed[:5])
    rig = Rig(database, simulator, everything())
    loss = Reject("wrong_type", "bookmakers.*[3]", lossy=True, fixture_id=listed[1].id)
    rig.provider.after = lambda answer: msgspec.structs.replace(answer, rejects=(loss,))
    assert rig.run() == Outcome("done")
    assert rig.job.failed == {listed[1].id: "partly unreadable: wrong_type at bookmakers.*[3]"}
    assert len(rig.job.done) == 4
