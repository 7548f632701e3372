"""The ledger that MongoDB adds up against the one that is read bet by bet."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest
from bson import Decimal128, Int64
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from pymongo import MongoClient
from pymongo.database import Database

from PROPPR.SharedServices.grading.ledger import Ledger, sum_up
from PROPPR.SharedServices.grading.readers.bets import COLLECTIONS
from PROPPR.SharedServices.storage import ledger as module
from PROPPR.SharedServices.storage.ledger import read_ledger, settled_bets

Document = dict[str, Any]
DAY: Final = datetime(2026, 3, 7, 15, tzinfo=UTC)
PLAIN: Final = {
    "status": "won", "bookmaker": "Bet365", "market_name": "Totals", "stake": 10, "odds": 1.9, "returns": 19.0,
    "profit_loss": 9.0, "settled_at": DAY, "grading": {"match_id": 1},
}  # fmt: skip


@pytest.fixture(scope="module")
def bets(mongo_client: MongoClient[Document]) -> Iterator[Database[Document]]:
    """The collections as they are declared, but for the rules: other programs may have written before these."""
    made = mongo_client["ledger_sums"]
    for name in COLLECTIONS:
        made[name].create_index([("status", 1), ("kickoff", 1)])
        made[name].create_index("settled_at", sparse=True)
    yield made
    mongo_client.drop_database(made.name)


def _fill(bets: Database[Document], documents: list[tuple[str, Document]]) -> None:
    for name in COLLECTIONS:
        bets[name].delete_many({})
        own = [{**document, "_id": number} for number, (where, document) in enumerate(documents) if where == name]
        if own:
            bets[name].insert_many(own)


def _told(ledger: Ledger) -> tuple[Any, ...]:
    return ledger.total, ledger.by, ledger.days, ledger.unreadable


def _unlike(key: str) -> st.SearchStrategy[str]:
    return st.sampled_from(
        [key, key, key, key.upper(), key.title().replace("_", " "), f" {key}", f"{key}\n", f"_{key}"]
    )


AMOUNTS: Final = st.one_of(
    st.integers(-3, 2000), st.decimals(0, 2000, places=2).map(float), st.floats(-10, 3000), st.just(0.1 + 0.2),
    st.integers(0, 5000).map(Int64), st.decimals(0, 99, places=2).map(Decimal128), st.none(), st.just(float("nan")),
    st.just(float("inf")), st.sampled_from(["5", "5,50", "1,000", "?", "", "None", True, [], {"a": 1}, 10**9, -0.0]),
)  # fmt: skip
NAMES: Final = st.one_of(
    st.sampled_from(["Bet365", "bet365", " M88 ", "", "none", "-", "N/A", "x" * 501, "a\x00b"]),
    st.sampled_from([None, 7, 7.5, True, ["a"], {"b": 1}]),
)
MOMENTS: Final = st.one_of(
    st.datetimes(datetime(1971, 1, 1), datetime(2200, 1, 1)).map(  # noqa: DTZ001 - the zone is given behind
        lambda moment: moment.replace(tzinfo=UTC, microsecond=0)
    ),
    st.sampled_from(
        [DAY, DAY.replace(hour=23, minute=59, second=59), None, "2026-03-07T15:00:00Z", "soon", 1.7e9, True]
    ),
)
STATUSES: Final = st.sampled_from(
    [
        "won",
        "lost",
        "refund",
        "half_won",
        "half_lost",
        "pending",
        "Win",
        "PUSH",
        "open",
        "odd",
        None,
        "won ",
        3,
        ["won"],
    ]
)
VALUES: Final = {
    "stake": AMOUNTS, "returns": AMOUNTS, "profit_loss": AMOUNTS, "odds": AMOUNTS, "bookmaker": NAMES,
    "market_name": NAMES, "market": NAMES, "stat_type": NAMES, "settled_at": MOMENTS, "kickoff": MOMENTS,
    "status": STATUSES,
    "bookie": NAMES, "stake_amount": AMOUNTS, "market_type": NAMES, "stat": NAMES,
    "legs": st.sampled_from([[], [{}], None]),
    "alert": st.sampled_from([{}, {"legs": [{}]}, {"bookmaker": "Hidden", "stake": 3}, {"Market Name": "Deep"}, None]),
    "user": st.just("someone"),
}  # fmt: skip


@st.composite
def _documents(draw: st.DrawFn) -> Document:
    """A plain bet in which some fields are otherwise, missing, or written under another key."""
    document: Document = dict(PLAIN)
    for name in draw(st.lists(st.sampled_from(sorted(VALUES)), max_size=4)):
        if draw(st.integers(0, 5)) == 0:
            document.pop(name, None)
        else:
            document[draw(_unlike(name))] = draw(VALUES[name])
    return document


BETS: Final = st.lists(st.tuples(st.sampled_from(sorted(COLLECTIONS)), _documents()), min_size=1, max_size=25)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(BETS)
@example([("team_tracked_bets", {**PLAIN, "stake": 0.1 + 0.2}), ("team_tracked_bets", {**PLAIN, "Stake": 11})])
@example([("team_tracked_bets", {**PLAIN, "stake\n": 11}), ("horse_tracked_bets", {**PLAIN, "bookmaker": {"a": 1}})])
def test_both_ways_give_the_same_sums(bets: Database[Document], documents: list[tuple[str, Document]]) -> None:
    _fill(bets, documents)
    assert _told(read_ledger(bets)) == _told(sum_up(settled_bets(bets)))
    period = (DAY, DAY + timedelta(days=400))
    assert _told(read_ledger(bets, *period)) == _told(sum_up(settled_bets(bets, *period)))


def test_what_the_grader_leaves_is_never_read_one_by_one(
    bets: Database[Document], monkeypatch: pytest.MonkeyPatch
) -> None:
    fields = {
        "_graded_immediately": False,
        "hdp": -0.5,
        "user_id": "4711",
        "some_field_of_a_bot": [1],
        "actual_value": 3,
    }
    _fill(bets, [("team_tracked_bets", {**PLAIN, **fields, "bet_id": number}) for number in range(5)])
    monkeypatch.setattr(module, "_found", lambda *_: pytest.fail("read one by one"))
    ledger = read_ledger(bets)
    assert ledger.total.bets == 5 and float(ledger.total.profit) == 45.0
    assert ledger.by["market"].keys() == {"Totals"} and ledger.course()[0][0] == "2026-03-07"


def test_a_rounding_that_matters_is_left_to_the_exact_way(bets: Database[Document]) -> None:
    _fill(bets, [("team_tracked_bets", {**PLAIN, "stake": 10.005, "returns": 1.005})])
    assert _told(read_ledger(bets)) == _told(sum_up(settled_bets(bets)))
