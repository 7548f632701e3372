"""Refusals in the provider's words, and what the client makes of them."""

from __future__ import annotations

import pytest

from PROPPR.SharedServices.providers.odds_api.errors import (
    BookmakerUnknown,
    LookbackRefused,
    RequestRefused,
    TransientError,
    refusal_of,
)

BOTH = pytest.mark.parametrize("status", [400, 200])


@BOTH
@pytest.mark.parametrize(
    ("text", "bookmaker"),
    [
        ("Invalid bookmaker: M88", "M88"),
        ("Invalid bookmaker:M88", "M88"),
        ("Invalid bookmaker: BC.Game", "BC.Game"),
        ("Invalid bookmaker: BetOnline.ag. See /bookmakers", "BetOnline.ag"),
        ("Invalid bookmaker name: bet365 NJ", "bet365 NJ"),
        ("Invalid bookmakers: FB Sports, M88", "FB Sports"),
        ("Unknown bookmaker 'FB Sports'", "FB Sports"),
        ('bookmaker "M88" not found', "M88"),
        ("Bookmaker M88 is not supported", None),
        ("Missing bookmakers", None),
        ("Missing bookmaker", None),
    ],
)
def test_an_unknown_bookmaker_is_named_where_the_text_names_it(status: int, text: str, bookmaker: str | None) -> None:
    error = refusal_of(status, text, lambda told: told)
    assert isinstance(error, BookmakerUnknown)
    assert error.bookmaker == bookmaker
    assert text in str(error)


@BOTH
@pytest.mark.parametrize(
    "text",
    ["since must be within the last 60 seconds", "Invalid since", "Parameter 'since' is too old for bookmaker: M88"],
)
def test_a_look_back_that_is_too_long(status: int, text: str) -> None:
    assert type(refusal_of(status, text, lambda told: told)) is LookbackRefused


@BOTH
@pytest.mark.parametrize(
    "text", ["Missing eventIds", "Too many bookmakers. Maximum 30 allowed.", "Sport not supported"]
)
def test_other_bad_requests(status: int, text: str) -> None:
    assert type(refusal_of(status, text, lambda told: told)) is RequestRefused


@pytest.mark.parametrize("text", ["Internal server error", "", "Sincerely no", "Temporarily unavailable"])
def test_an_error_behind_a_200_is_ours_only_where_it_says_so(text: str) -> None:
    assert type(refusal_of(200, text, lambda told: told)) is TransientError
    assert type(refusal_of(400, text, lambda told: told)) is RequestRefused


def test_the_name_is_taken_from_the_redacted_text() -> None:
    error = refusal_of(400, "Invalid bookmaker: k3y", lambda told: told.replace("k3y", "[redacted]"))
    assert isinstance(error, BookmakerUnknown)
    assert error.bookmaker == "[redacted]"


@pytest.mark.parametrize("text", ["bookmaker: " + "x" * 100_000, "bookmaker " * 50_000, "bookmaker '" * 50_000])
def test_long_texts_are_read_quickly(text: str) -> None:
    error = refusal_of(400, text, lambda told: told)
    assert isinstance(error, BookmakerUnknown)
    assert len(str(error)) < 400
