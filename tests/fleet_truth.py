"""Whether the books that a fleet has stored are those that the stand-in of the provider knows to be true."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from oracle import Verdict, check_history, compare, expected_books, stored_books
from pymongo.database import Database
from support import eventually

from PROPPR.SharedServices.service.settings import DEFAULT_WS_MARKETS, Settings

MARKETS = frozenset(DEFAULT_WS_MARKETS)
BOOKMAKERS = frozenset(Settings().bookmakers)


def expect_the_truth(truth: Callable[[], Any], database: Database[dict[str, Any]], timeout: float = 150.0) -> Verdict:
    """Wait until every price that the feed said last is stored and no other, and no change is missing in the history.

    The feed has to be paused.
    """
    expected = expected_books(truth(), MARKETS)
    assert len(expected) > 100
    found: list[Verdict] = []

    def is_true() -> bool:
        verdict = Verdict()
        compare(expected, stored_books(database, MARKETS), verdict)
        if not verdict.faults:  # the history follows its book, in whose journal it is until then
            check_history(database, float(Settings().drop_threshold_pct), verdict)
        found[:] = [verdict]
        return not verdict.faults

    try:
        eventually(is_true, timeout, "the books and their history to be the feed's")
    except AssertionError:
        raise AssertionError(f"after {timeout} s: {found[0]}") from None
    return found[0]
