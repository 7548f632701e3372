"""Statuses in the spellings that are met."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from PROPPR.SharedServices.grading.readers.fields import fold_key
from PROPPR.SharedServices.grading.result import PENDING, Result

_SPELLINGS: Final[Mapping[str, str]] = MappingProxyType(
    dict.fromkeys(("pending", "open", "unsettled", "active", "placed", "tracked", "running", "new"), PENDING)
    | dict.fromkeys(("won", "win", "winner", "w", "success"), Result.WON)
    | dict.fromkeys(("lost", "lose", "loss", "loser", "l", "failed"), Result.LOST)
    | dict.fromkeys(
        ("refund", "refunded", "push", "pushed", "void", "voided", "returned", "cancelled", "canceled", "void_bet"),
        Result.REFUND,
    )
    | dict.fromkeys(("half_won", "half_win", "halfwon", "halfwin", "won_half", "win_half"), Result.HALF_WON)
    | dict.fromkeys(
        ("half_lost", "half_loss", "half_lose", "halflost", "halfloss", "lost_half", "loss_half"), Result.HALF_LOST
    )
)

SETTLED_SPELLINGS: Final = frozenset(spelling for spelling, status in _SPELLINGS.items() if status != PENDING)
"""All folded spellings that mean a settled bet."""


def read_status(status: object) -> str | None:
    """The status in our spelling: "pending" or the value of a Result; "pending" for none, None for one unknown."""
    if status is None:
        return PENDING
    if not isinstance(status, str):
        return None
    return _SPELLINGS.get(fold_key(status)) if status.strip() else PENDING


def status_pattern() -> str:
    """A regular expression (PCRE) for every text that `read_status` can read, the empty one too."""
    words = "|".join(sorted((spelling.replace("_", "[^a-z0-9]*") for spelling in _SPELLINGS), key=len, reverse=True))
    return f"(?i)^[^a-z0-9]*({words})?[^a-z0-9]*$"
