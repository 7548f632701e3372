"""Where a match stands, by the `status` of the source's lists, whose flags alone prove nothing.

Old lists say `finished` of postponed, cancelled and abandoned matches too, and an awarded match is `finished` and
`started` though nobody played. So a match is played only if it is finished, started, neither cancelled nor awarded,
and ended for a reason of the game: full time, extra time or penalties.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from PROPPR.SharedServices.football.errors import At
from PROPPR.SharedServices.football.fields import Json, optional_mapping, optional_text
from PROPPR.SharedServices.football.model import Ending, State

_ENDINGS: Final[Mapping[str, Ending]] = MappingProxyType(
    {
        "ft": Ending.FULL_TIME,
        "finished": Ending.FULL_TIME,
        "fulltime_short": Ending.FULL_TIME,
        "aet": Ending.EXTRA_TIME,
        "afterextra": Ending.EXTRA_TIME,
        "afterextratime_short": Ending.EXTRA_TIME,
        "pen": Ending.PENALTIES,
        "afterpenalties": Ending.PENALTIES,
        "penalties_short": Ending.PENALTIES,
    }
)
_NOT_PLAYED: Final[Mapping[str, State]] = MappingProxyType(
    {
        "pp": State.POSTPONED,
        "postponed": State.POSTPONED,
        "postponed_short": State.POSTPONED,
        "can": State.CANCELLED,
        "cancelled": State.CANCELLED,
        "cancelled_short": State.CANCELLED,
        "ab": State.ABANDONED,
        "aborted": State.ABANDONED,
        "aborted_short": State.ABANDONED,
        "aw": State.AWARDED,
        "awarded_win": State.AWARDED,
    }
)
# `statusId` of the lists by date, where the reason is not told.
_NOT_PLAYED_IDS: Final[Mapping[int, State]] = MappingProxyType(
    {5: State.POSTPONED, 106: State.CANCELLED, 17: State.ABANDONED, 190: State.AWARDED}
)
_REASON_KEYS: Final = ("short", "shortKey", "longKey")  # language-independent where it is there: the keys


def read_standing(status: Json, status_id: object = None) -> tuple[State, Ending | None]:
    """Return where the match stands and, if it was played, how it ended; UNKNOWN where the parts contradict.

    `status_id` is the number that lists by date have beside it. Raises LayoutChanged where the reason is no reason.
    """
    words = _reason(status)
    if status.get("awarded") is True:
        return State.AWARDED, None
    not_played = next((_NOT_PLAYED[word] for word in words if word in _NOT_PLAYED), None)
    if not_played is None and isinstance(status_id, int):
        not_played = _NOT_PLAYED_IDS.get(status_id)
    if not_played is not None:
        return not_played, None
    started, finished = status.get("started"), status.get("finished")
    if status.get("cancelled") is True or not isinstance(started, bool) or not isinstance(finished, bool):
        return State.UNKNOWN, None
    if not finished:
        return (State.LIVE if started else State.SCHEDULED), None
    ending = next((_ENDINGS[word] for word in words if word in _ENDINGS), None)
    if ending is None or not started:
        return State.UNKNOWN, None
    return State.PLAYED, ending


def _reason(status: Json) -> list[str]:
    reason = optional_mapping(status, "reason") or {}
    with At("reason"):
        return [word.casefold() for key in _REASON_KEYS if (word := optional_text(reason, key)) is not None]
