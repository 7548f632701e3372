"""Whom a refusal means, so that only that bookmaker is left out."""

from __future__ import annotations

import pytest

from PROPPR.SharedServices.ingest.refused_bookmakers import refused_bookmakers
from PROPPR.SharedServices.providers.odds_api.errors import BookmakerRefused, BookmakerUnknown, RequestRefused


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (BookmakerRefused("403", ["bet365"]), ["M88"]),
        (BookmakerRefused("403", []), ["Bet365", "M88"]),
        (BookmakerRefused("403", None), []),
        (BookmakerUnknown("400", "m88"), ["M88"]),
        (BookmakerUnknown("400", "Sbobet"), []),
        (BookmakerUnknown("400", None), []),
        (RequestRefused("400"), []),
    ],
)
def test_whom_a_refusal_means(error: Exception, expected: list[str]) -> None:
    assert refused_bookmakers(error, ["Bet365", "M88"]) == expected
