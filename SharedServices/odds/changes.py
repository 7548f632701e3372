"""What tells the lines of a market apart, and what changed from one list of them to the next."""

from __future__ import annotations

from array import array
from collections.abc import Sequence

from PROPPR.SharedServices.odds.types import SIDES, Line, LineChange

LineKey = tuple[object, ...]


def line_key(line: Line) -> LineKey:
    """What makes two lines of a market the same line: label, handicap, player and statistic."""
    return (line.label, line.hdp, line.player_name, line.team_side, line.stat)


def keys_of(lines: Sequence[Line]) -> list[LineKey]:
    """The keys of lines, made different where a market holds the same line more than once."""
    keys: list[LineKey] = [(x.label, x.hdp, x.player_name, x.team_side, x.stat) for x in lines]
    if len(set(keys)) == len(keys):
        return keys
    seen: dict[LineKey, int] = {}
    for index, key in enumerate(keys):
        seen[key] = occurrence = seen.get(key, -1) + 1
        if occurrence:
            keys[index] = (*key, occurrence)
    return keys


def line_changes(name: str, old: Line | None, new: Line | None) -> list[LineChange]:
    """The sides of one line whose price is another now; a line that is new or gone has none before or after."""
    line = new if new is not None else old
    changes: list[LineChange] = []
    if line is None or (old == new):
        return changes
    before, after = _prices(old), _prices(new)
    for side, previous, price in zip(SIDES, before, after, strict=True):
        if previous != price:
            changes.append(LineChange(name, side, line.hdp, line.label, line.player_name, line.stat, price, previous))
    return changes


def aligned_changes(
    name: str, old: Sequence[Line], new: Sequence[Line], times: array[int], at: int
) -> list[LineChange] | None:
    """The changes where a market's lines are the same ones in the same order, as they are most times; None otherwise.

    `times`, when each line last changed, is brought up to date with `at`.
    """
    if len(old) != len(new):
        return None
    changes: list[LineChange] = []
    moved: list[int] = []
    for index, (before, after) in enumerate(zip(old, new, strict=True)):
        if before == after:
            continue
        if line_key(before) != line_key(after):
            return None
        found = line_changes(name, before, after)
        if found:
            changes += found
            moved.append(index)
    for index in moved:
        times[index] = at
    return changes


def _prices(line: Line | None) -> tuple[float | None, ...]:
    """The prices in the order of SIDES."""
    if line is None:
        return (None,) * len(SIDES)
    return (line.home, line.draw, line.away, line.over, line.under, line.yes, line.no, line.odds)
