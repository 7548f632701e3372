"""European Handicap: two ways in which books write its lines, brought to one.

Some books write each line under the home team's handicap, with all three sides. Others write every side under its own
handicap, so that home -1, draw and away of the same line stand under -1, +1 and +1 (seen at Bet365); of a full row
there, home belongs to one line and draw and away to the opposite one. The sums of the implied probabilities tell which
way it is: three outcomes that belong together add up to a little more than 1, mixed ones to far more or far less.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec

from PROPPR.SharedServices.odds.types import Line

LOWEST_BOOK = 0.9
HIGHEST_BOOK = 1.4

Notation = Literal["home", "own"]


def notation_of(lines: Sequence[Line]) -> Notation | None:
    """Tell whether draw and away stand under the home team's handicap or their `own`; None where nothing proves it."""
    rows = {line.hdp: line for line in lines if line.hdp is not None}
    for notation, sign in (("home", 1), ("own", -1)):
        books = []
        for handicap, row in rows.items():
            other = rows.get(sign * handicap)
            if row.home is not None and other is not None and other.draw is not None and other.away is not None:
                books.append(1 / row.home + 1 / other.draw + 1 / other.away)
        if books and all(LOWEST_BOOK <= book <= HIGHEST_BOOK for book in books):
            return "home" if notation == "home" else "own"
    return None


def under_home_handicap(lines: Sequence[Line]) -> tuple[Line, ...]:
    """Return the lines under the home team's handicap. Without proof of the notation only the home side is left."""
    notation = notation_of(lines)
    if notation == "home":
        return tuple(lines)
    handicaps: dict[float, Line] = {}
    for line in lines:
        if line.hdp is None:
            continue
        if line.home is not None:
            known = handicaps.get(line.hdp, Line(hdp=line.hdp))
            handicaps[line.hdp] = msgspec.structs.replace(known, home=line.home)
        if notation == "own" and (line.draw is not None or line.away is not None):
            handicap = 0.0 - line.hdp
            known = handicaps.get(handicap, Line(hdp=handicap))
            handicaps[handicap] = msgspec.structs.replace(known, draw=line.draw, away=line.away)
    return tuple(handicaps.values())
