"""Bets of `horse_tracked_bets`: to win, to be placed, each way."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final

from PROPPR.SharedServices.grading.bets import BadBet, Bet, Horse
from PROPPR.SharedServices.grading.market import Market, Rule
from PROPPR.SharedServices.grading.markets import fold_name
from PROPPR.SharedServices.grading.readers.common import MARKET, read_head
from PROPPR.SharedServices.grading.readers.fields import Document, Fields

_RULES: Final = {
    "win": Rule.HORSE_WIN, "to win": Rule.HORSE_WIN, "win only": Rule.HORSE_WIN, "winner": Rule.HORSE_WIN,
    "place": Rule.HORSE_PLACE, "to place": Rule.HORSE_PLACE, "to be placed": Rule.HORSE_PLACE,
    "each way": Rule.HORSE_EACH_WAY, "ew": Rule.HORSE_EACH_WAY, "e w": Rule.HORSE_EACH_WAY,
}  # fmt: skip
_FRACTION: Final = re.compile(r"1\s*/\s*([2-6])\Z")
_MOST_PLACES: Final = 10


def read_horse_bet(document: Document, *, leg: bool = False) -> Bet:
    """Read a bet on a horse. `stake` is the whole outlay, of an each-way bet half of it to win and half for a place.

    Raises BadBet.
    """
    fields = Fields(document)
    head = read_head(fields, leg=leg)
    race, runner = fields.text("race_id", "race"), fields.text("runner", "horse", "horse_name", "selection")
    if race is None:
        raise BadBet("race_id", "is missing")
    if runner is None:
        raise BadBet("runner", "is missing")
    places = fields.identity("places", "place_count")
    if places is not None and places > _MOST_PLACES:
        raise BadBet("places", "are out of all bounds")
    return Bet(
        bet_id=head.bet_id,
        market=Market(_rule(fields)),
        stake=head.stake,
        odds=head.odds,
        bookmaker=fields.text("bookmaker", "bookie", "sportsbook"),
        user=None if leg else fields.text("user_id", "telegram_id", "chat_id"),
        kickoff=fields.moment("kickoff", "off_time", "race_time"),
        horse=Horse(race, runner, places, _place_fraction(fields), fields.flag("ante_post", "antepost")),
    )


def _rule(fields: Fields) -> Rule:
    name = fields.text(*MARKET, "bet_type", "type")
    each_way = fields.flag("each_way", "is_each_way", "ew")
    if name is None:
        return Rule.HORSE_EACH_WAY if each_way else Rule.HORSE_WIN
    rule = _RULES.get(fold_name(name))
    if rule is None:
        raise BadBet(MARKET[0], f"{name!r} is no market of a race that we know")
    if each_way and rule is not Rule.HORSE_EACH_WAY:
        raise BadBet("each_way", "contradicts the market")
    return rule


def _place_fraction(fields: Fields) -> Decimal | None:
    text = fields.text("place_fraction", "place_terms", "each_way_fraction")
    if text is None:
        return None
    written = _FRACTION.match(text)
    if written is not None:
        return 1 / Decimal(written[1])
    fraction = fields.number("place_fraction", "place_terms", "each_way_fraction")
    if fraction is None or not 0 < fraction <= 1:
        raise BadBet("place_fraction", "is no part of the odds")
    return fraction
