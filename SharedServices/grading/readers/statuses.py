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

CLOSED_SPELLINGS: Final = frozenset(
    {"settled", "closed", "cashed_out", "cash_out", "cashout", "cashedout", "rejected", "declined", "expired",
     "archived", "deleted", "ignored", "invalid"}
)  # fmt: skip
"""All folded words for a bet that is over without a result of ours: its bot, or the bookmaker, has closed it."""

SETTLED_SPELLINGS: Final = frozenset(spelling for spelling, status in _SPELLINGS.items() if status != PENDING)
"""All folded spellings that mean a settled bet."""


def read_status(status: object) -> str | None:
    """The status in our spelling: "pending" or the value of a Result; "pending" for none, None for one unknown."""
    if status is None:
        return PENDING
    if not isinstance(status, str):
        return None
    return _SPELLINGS.get(fold_key(status)) if status.strip() else PENDING


def is_closed(status: object) -> bool:
    """Whether it says that the bet is over, with a result or without."""
    known = read_status(status)
    if known is not None:
        return known != PENDING
    return isinstance(status, str) and fold_key(status) in CLOSED_SPELLINGS
