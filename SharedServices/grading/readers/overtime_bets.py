"""Bets of `overtime_placed_bets`: markets of Overtime, where a position is a number."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from PROPPR.SharedServices.grading.bets import BadBet, Bet
from PROPPR.SharedServices.grading.market import Rule
from PROPPR.SharedServices.grading.readers.common import MARKET, read_market
from PROPPR.SharedServices.grading.readers.fields import Document, Fields
from PROPPR.SharedServices.grading.readers.player_bets import PLAYER, read_player_bet
from PROPPR.SharedServices.grading.readers.team_bets import read_team_bet

# 0 home, 1 away, 2 draw; over is 0 and under 1, yes is 0 and no 1.
_POSITIONS: Final[Mapping[Rule, tuple[str, ...]]] = MappingProxyType(
    {
        Rule.RESULT: ("home", "away", "draw"),
        Rule.HANDICAP: ("home", "away"),
        Rule.DRAW_NO_BET: ("home", "away"),
        Rule.TOTAL: ("over", "under"),
        Rule.PLAYER_TOTAL: ("over", "under"),
        Rule.BOTH_TEAMS_TO_SCORE: ("yes", "no"),
    }
)


def read_overtime_bet(document: Document, *, leg: bool = False) -> Bet:
    """Read a bet placed at Overtime. Its line is the home side's. Raises BadBet.

    A position in words is read like a direction; a number where the market has numbered positions.
    """
    fields = Fields(document)
    player = fields.raw(*PLAYER) is not None
    named: dict[str, Any] = {"alert": document}
    position = fields.text("position")
    if position is not None and position.isdigit():
        named["position"] = _position(fields, int(position), player)
    line = fields.raw("line")
    if line is not None and fields.raw("hdp", "market_hdp") is None and not player:
        named["hdp"] = line
    return read_player_bet(named, leg=leg) if player else read_team_bet(named, leg=leg)


def _position(fields: Fields, position: int, player: bool) -> str:
    market, _ = read_market(fields, player=player)
    positions = _POSITIONS.get(market.rule, ())
    if position >= len(positions):
        raise BadBet("position", f"{position} is nothing of {fields.text(*MARKET)!r}")
    return positions[position]
