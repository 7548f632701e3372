"""Which reader reads the bets of which bot, and accumulators of any."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from PROPPR.SharedServices.grading.bets import Accumulator, BadBet, Bet
from PROPPR.SharedServices.grading.readers.common import BET_ID, ODDS, odds_of, read_stake
from PROPPR.SharedServices.grading.readers.fields import Document, Fields
from PROPPR.SharedServices.grading.readers.horse_bets import read_horse_bet
from PROPPR.SharedServices.grading.readers.overtime_bets import read_overtime_bet
from PROPPR.SharedServices.grading.readers.player_bets import PLAYER, read_player_bet
from PROPPR.SharedServices.grading.readers.team_bets import read_team_bet

MOST_LEGS: Final = 30
_LEGS: Final = ("legs", "selections")

READERS: Final[Mapping[str, Callable[..., Bet]]] = MappingProxyType(
    {"team": read_team_bet, "player": read_player_bet, "horse": read_horse_bet, "overtime": read_overtime_bet}
)
"""The reader per kind of bot."""

COLLECTIONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "team_tracked_bets": "team",
        "player_tracked_bets": "player",
        "horse_tracked_bets": "horse",
        "overtime_placed_bets": "overtime",
    }
)
"""The kind of bot per collection."""


def kind_of(bot_type: str) -> str:
    """The kind that a bot's name or collection means ("Team", "teams", "team_tracked_bets"). Raises ValueError."""
    folded = bot_type.strip().casefold()
    kind = COLLECTIONS.get(folded, folded.removesuffix("_bot").removesuffix("bot").removesuffix("s"))
    if kind not in READERS:
        raise ValueError(f"{bot_type!r} is no kind of bet: {', '.join(READERS)}")
    return kind


def read_bet(document: Document, kind: str) -> Bet | Accumulator | BadBet:
    """Read a bet of this kind. What can't be settled on is returned as the BadBet that says why: never an exception."""
    try:
        fields = Fields(document)
        legs = fields.raw(*_LEGS)
        return READERS[kind](document) if legs is None else _accumulator(fields, legs, kind)
    except BadBet as bad:
        return bad


def _accumulator(fields: Fields, legs: object, kind: str) -> Accumulator | Bet:
    name = fields.name_of(*_LEGS)
    if not isinstance(legs, list | tuple) or not 1 <= len(legs) <= MOST_LEGS:
        raise BadBet(name, f"is no list of 1 to {MOST_LEGS} legs")
    bet_id = fields.text(*BET_ID)
    if bet_id is None:
        raise BadBet(BET_ID[0], "is missing")
    odds = fields.raw(*ODDS)
    return Accumulator(
        bet_id=bet_id,
        stake=read_stake(fields),
        legs=tuple(_leg(leg, f"{name}[{index}]", kind) for index, leg in enumerate(legs)),
        odds=None if odds is None else odds_of(odds, ODDS[0]),
        bookmaker=fields.text("bookmaker", "bookie", "sportsbook"),
        user=fields.text("user_id", "telegram_id", "chat_id"),
    )


def _leg(leg: object, where: str, kind: str) -> Bet:
    if not isinstance(leg, Mapping):
        raise BadBet(where, "is no leg")
    try:
        fields = Fields(leg)
        if kind == "horse" or fields.raw("race_id") is not None:
            return read_horse_bet(leg, leg=True)
        if kind == "overtime":
            return read_overtime_bet(leg, leg=True)
        return (read_player_bet if fields.raw(*PLAYER) is not None else read_team_bet)(leg, leg=True)
    except BadBet as bad:
        raise BadBet(f"{where}.{bad.field}", bad.message) from bad
