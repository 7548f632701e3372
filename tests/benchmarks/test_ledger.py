"""The oracle of a simulated day finds what is missing, old, wrong or left over, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest
from ledger import Ledger, Place, Quote, undisturbed

from PROPPR.SharedServices.odds.times import format_iso_ms

NOW = 1_795_000_000_000
ML = Place(7, "M88", "ML")
FAST = Place(7, "Bet365 (no latency)", "ML")


def change(
    sequence: int, at: int, price: float | None, place: Place = ML, kind: str = "quote", updated_at: int | None = None
) -> dict[str, Any]:
    moment = at if updated_at is None else updated_at
    rows = [] if price is None else [{"home": str(price), "away": "1.9"}]
    return {
        "sequence": sequence, "at": at, "kind": kind, "fixture_id": place.fixture_id, "feed": place.feed,
        "market": place.market, "updated_at": moment, "updatedAt": format_iso_ms(moment), "after": rows,
    }  # fmt: skip


def quote(at: int, price: float | None) -> Quote:
    if price is None:
        return Quote(at, {})
    return Quote(at, {(None, None, None, None, None): (price, None, 1.9, None, None, None, None, None)})


def judged(
    ledger: Ledger, stored: Quote | None, until: int = NOW + 5000, excused: frozenset[int] = frozenset()
) -> None:
    places = ledger.due("M88", until)
    ledger.judge(places, until, {} if stored is None else {ML: stored}, excused, until + 1000)


@pytest.fixture
def ledger() -> Ledger:
    """Two changes of one market: at 1 s to 2.0 and at 3 s to 2.1."""
    ledger = Ledger()
    ledger.add([change(1, NOW + 1000, 2.0), change(4, NOW + 3000, 2.1)])
    return ledger


def test_what_is_stored_is_proven_with_all_before_it(ledger: Ledger) -> None:
    judged(ledger, quote(NOW + 3000, 2.1))
    assert (ledger.changes, ledger.proven, ledger.missed, ledger.unproven) == (2, 2, [], 0)
    assert ledger.delays == [3000]


def test_a_later_version_is_as_good_and_stays_to_be_proven(ledger: Ledger) -> None:
    judged(ledger, quote(NOW + 3000, 2.1), until=NOW + 2000)
    assert (ledger.proven, ledger.missed, ledger.unproven) == (1, [], 1)
    judged(ledger, quote(NOW + 3000, 2.1))
    assert (ledger.proven, ledger.unproven) == (2, 0)


@pytest.mark.parametrize(
    "stored",
    [None, quote(NOW + 1000, 2.0), quote(NOW + 3000, 2.0), quote(NOW + 2999, 2.1), quote(NOW + 3000, None)],
    ids=["nothing", "the version before", "old rows under the new time", "new rows under an old time", "withdrawn"],
)
def test_anything_else_is_missed_once_and_repaired_when_it_comes(ledger: Ledger, stored: Quote | None) -> None:
    judged(ledger, stored)
    judged(ledger, stored)
    assert [missed.place for missed in ledger.missed] == [ML]
    assert ledger.unproven == 1
    judged(ledger, quote(NOW + 3000, 2.1), until=NOW + 9000)
    assert (ledger.unproven, ledger.repaired) == (0, [7000])


def test_what_waits_to_be_read_again_is_excused_but_not_forgotten(ledger: Ledger) -> None:
    judged(ledger, None, excused=frozenset({7}))
    assert (ledger.waited, ledger.missed, ledger.unproven) == (1, [], 1)
    judged(ledger, None)
    assert len(ledger.missed) == 1


def test_a_withdrawn_market_must_be_empty() -> None:
    ledger = Ledger()
    ledger.add([change(1, NOW, None)])
    judged(ledger, quote(NOW - 1000, 2.0))
    assert len(ledger.missed) == 1
    judged(ledger, quote(NOW - 1000, None))
    assert ledger.unproven == 0


def test_a_withdrawn_book_has_a_time_of_its_own() -> None:
    ledger = Ledger()
    ledger.add([change(1, NOW, None, kind="no_markets"), change(2, NOW, None, FAST, kind="no_markets")])
    judged(ledger, quote(NOW - 1000, 2.0))
    assert ledger.missed == []
    ledger.check_vanished({ML[:2]}, NOW + 60_000)
    assert ledger.gone_after == [60_000] and set(ledger.vanished) == {ML[:2]}
    ledger.add([change(3, NOW + 90_000, 2.2)])
    assert ledger.vanished == {}, "it is priced again"


def test_the_fast_feed_belongs_to_its_bookmaker() -> None:
    ledger = Ledger()
    ledger.add([change(1, NOW, 2.0, FAST)])
    assert ledger.due("Bet365", NOW) == [FAST]
    assert ledger.due("Bet365", NOW - 1) == []


def test_time_in_outages_does_not_count() -> None:
    assert undisturbed(0, 100, [(10, 30), (90, 200)]) == 70
    assert undisturbed(15, 20, [(10, 30)]) == 0
