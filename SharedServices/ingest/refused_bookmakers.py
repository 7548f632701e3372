"""Whom a refusal of the provider is about, so that the other bookmakers can be read."""

from __future__ import annotations

from collections.abc import Sequence

from PROPPR.SharedServices.providers.odds_api.errors import BookmakerRefused, BookmakerUnknown


def refused_bookmakers(error: Exception, asked: Sequence[str]) -> list[str]:
    """Whom of those asked a refusal means: those it does not list as allowed, or the one it names; else nobody."""
    if isinstance(error, BookmakerRefused) and error.allowed is not None:
        allowed = {name.strip().casefold() for name in error.allowed}
        return [name for name in asked if name.casefold() not in allowed]
    if isinstance(error, BookmakerUnknown) and error.bookmaker is not None:
        return [name for name in asked if name.casefold() == error.bookmaker.casefold()]
    return []
