"""Bets of `player_tracked_bets`: on the numbers and goals of one man."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from PROPPR.SharedServices.grading.bets import BadBet, Bet
from PROPPR.SharedServices.grading.market import Market, Rule
from PROPPR.SharedServices.grading.readers.checks import check_complete
from PROPPR.SharedServices.grading.readers.common import MARKET, read_football
from PROPPR.SharedServices.grading.readers.fields import Document, Fields
from PROPPR.SharedServices.grading.readers.words import fold_words
from PROPPR.SharedServices.grading.rules.lines import HALF
from PROPPR.SharedServices.mapping.names import words

PLAYER: Final = ("player", "player_name", "participant")
_PROPS: Final = re.compile(r"player props\s*-\s*(.+?)\s*\(([^()]+)\)\Z", re.IGNORECASE)
_LAST: Final = re.compile(r"(.*\S)\s*\(([^()]*)\)\Z")
_OR_MORE: Final = re.compile(r"(\d{1,2})\s*(?:\+|or more)\Z")
_NUMBER: Final = re.compile(r"\d{1,3}(?:\.\d{1,2})?\Z")
_DIRECTION: Final = re.compile(r"(over|under|yes|no|[ouyn])\b")
_RULES: Final = {"first": Rule.FIRST_SCORER, "last": Rule.LAST_SCORER}


@dataclass(frozen=True, slots=True)
class Label:
    """A label of the provider taken apart: "Igor Thiago (2 or More) (1)" names him, two or more, the home side."""

    name: str
    home: bool | None = None
    line: Decimal | None = None
    qualifier: str | None = None


def read_label(label: str) -> Label:
    """Take a label apart from the right: its line, its side (1 home, 2 away), its qualifier."""
    name, home, line, qualifier = label.strip(), None, None, None
    while (found := _LAST.match(name)) is not None:
        inside = fold_words(found[2])
        if inside in ("1", "2") and home is None:
            home = inside == "1"
        elif _NUMBER.match(inside) and line is None and home is None:
            line = Decimal(inside)
        elif qualifier is None:
            qualifier = inside
        else:
            break
        name = found[1]
    return Label(name, home, line, qualifier)


def read_player_bet(document: Document, *, leg: bool = False) -> Bet:
    """Read a player bet. Raises BadBet.

    The man is named by `player`, by the market ("Player Props - Name (Shots)"), or by the label or selection.
    """
    fields = _untangled(Fields(document))
    bet = read_football(fields, player=True, leg=leg)
    if not bet.market.is_player:
        raise BadBet(MARKET[0], "is no market of a player")
    player = fields.text(*PLAYER) or bet.team
    if bet.team is not None and player is not None and not _same_man(bet.team, player):
        raise BadBet("selection", f"{bet.team!r} is not {player!r}")
    player_id = fields.identity("fotmob_player_id", "player_id")
    if player is None and player_id is None:
        raise BadBet(PLAYER[0], "is missing")
    label = Label("") if player is None else read_label(player)
    market = _qualified(bet.market, label)
    team = fields.text("team", "team_name", "player_team")
    return check_complete(
        replace(
            bet,
            market=market,
            player=label.name or None,
            player_id=player_id,
            team=team,
            line=bet.line if bet.line is not None or market.fixed_line is not None else label.line,
        )
    )


def _same_man(one: str, other: str) -> bool:
    """Whether one of both names is a part of the other."""
    first, second = (set(words(read_label(name).name)) for name in (one, other))
    return first <= second or second <= first


def _untangled(fields: Fields) -> Fields:
    """The fields with the man taken out of the market's name, and without his place in the team."""
    place = fields.raw("position")
    if isinstance(place, str) and not _DIRECTION.match(fold_words(place)):
        fields = fields.without("position")
    shown = fields.text(*MARKET)
    props = _PROPS.match(shown) if shown is not None else None
    if props is None:
        return fields
    return fields.replaced({fields.name_of(*MARKET): props[2], "player": fields.text(*PLAYER) or props[1]})


def _qualified(market: Market, label: Label) -> Market:
    """The market that the label's qualifier makes of it: "(2 or More)". Raises BadBet where they don't fit."""
    if label.qualifier is None:
        return market
    if _RULES.get(label.qualifier) is market.rule:
        return market
    more = _OR_MORE.match(label.qualifier)
    if more is not None and market.fixed_line is not None:
        return replace(market, fixed_line=Decimal(more[1]) - HALF)
    if label.qualifier in ("anytime", "any time", "score or assist"):
        return market
    raise BadBet(PLAYER[0], f"{label.qualifier!r} is nothing that we know")
