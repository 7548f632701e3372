"""Player labels: `Name (Stat)`, `Name (1|2) (line)`, `Name (Qualifier) (1|2)`, and the team labels among them.

Read from the right: a line, then the team marker (1 = home, 2 = away), then one stat or qualifier; what is left is the
name. There is no player id anywhere, and a label alone can't prove that a name is a player's: team labels are known by
their wording only (`Both Teams`, `No Goalscorer`, `... Alternate`).
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal

import msgspec

from PROPPR.SharedServices.odds.fields import MAX_LINE, text_fault

_LINE = re.compile(r"[+-]?\d{1,6}(?:\.\d{1,3})?", re.ASCII)
_TEAM_WORDS = re.compile(
    r"^(?:both teams?|either team|neither team|no (?:goal|goal ?scorer|player)|home(?: team)?|away(?: team)?|draw|tie|"
    r"over|under|yes|no|match|game|own goal|any other(?: player)?|team total)\b(?:\s*\(|\s*$)"
    r"|\b(?:alternate|alternative|team total|total)(?: (?:points|total))?$",
    re.IGNORECASE,
)

_NAME = "N"

TeamSide = Literal["home", "away"]
_SIDES: dict[str, TeamSide] = {"1": "home", "2": "away"}


class PlayerLabel(msgspec.Struct, frozen=True, gc=False):
    """A player's line: whose, of which team, on which stat (None where the market's name says it), at which hdp."""

    player_name: str
    team_side: TeamSide | None
    stat: str | None
    hdp: float | None


class TeamLabel(msgspec.Struct, frozen=True, gc=False):
    """A label of a player market that names a team or an outcome; `label` is kept exactly as received."""

    label: str
    hdp: float | None


def _split_last(text: str) -> tuple[str, str] | None:
    """Return (`Name`, `Group`) of `Name (Group)`, or None where no name or no plain group is left."""
    if not text.endswith(")"):
        return None
    start = text.rfind("(")
    if start <= 0:
        return None
    name, group = text[:start].rstrip(), text[start + 1 : -1].strip()
    return (name, group) if name and group and ")" not in group else None


def _takes_line(name: str, group: str, hdp: float | None) -> bool:
    """Tell whether the last group is the line: equal to `hdp`, or a number where there is no hdp.

    `(1)` and `(2)` are the team marker unless another one stands before them: the provider's own parser takes the
    marker for a line, so an equal `hdp` proves nothing.
    """
    if not _LINE.fullmatch(group):
        return False
    if group in _SIDES:
        before = _split_last(name)
        if before is None or before[1] not in _SIDES:
            return False
    return hdp is None or float(group) == hdp


def parse_player_label(label: str, market: str, hdp: float | None) -> PlayerLabel | TeamLabel:
    """Read a label of a player market.

    A line in the label that equals `hdp` is stripped, one without `hdp` becomes it, one that contradicts it stays in
    the stat. `market` is part of the question because labels vary by market; no market needs a rule of its own so far.
    """
    text = label.strip()
    name = text.partition("(")[0].rstrip()
    if name != text:
        # What stands in brackets is the same for all players, so it is read once with a name of one letter.
        rest, side, stat, line = _read_groups(f"{_NAME if name else ''}{text[len(name) :]}", hdp)
        text = name + rest[len(_NAME) :] if name else rest
    else:
        side, stat, line = None, None, hdp
    if not _is_name(text) or (line is not None and abs(line) > MAX_LINE):
        return TeamLabel(label, hdp)
    return PlayerLabel(text, side, stat, line)


@lru_cache(maxsize=16384)
def _is_name(text: str) -> bool:
    """Whether this can be a player's name; each is asked for in many markets."""
    return not _TEAM_WORDS.search(text) and text_fault(text) is None


@lru_cache(maxsize=16384)
def _read_groups(text: str, hdp: float | None) -> tuple[str, TeamSide | None, str | None, float | None]:
    """Take line, team side and stat off the end; returns what is left, and them."""
    line, side, stat = hdp, None, None
    last = _split_last(text)
    if last is not None and _takes_line(last[0], last[1], hdp):
        text = last[0]
        line = float(last[1]) + 0.0 if hdp is None else hdp
        last = _split_last(text)
    if last is not None and last[1] in _SIDES:
        text, side = last[0], _SIDES[last[1]]
        last = _split_last(text)
    if last is not None:
        text, stat = last
        last = _split_last(text)
        if side is None and last is not None and last[1] in _SIDES:
            text, side = last[0], _SIDES[last[1]]
    return text, side, stat, line
