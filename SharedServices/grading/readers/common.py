"""What every football bet has: money, market, what was backed, match."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from PROPPR.SharedServices.football.model import Score
from PROPPR.SharedServices.grading.bets import BadBet, Bet, Pick
from PROPPR.SharedServices.grading.market import Market, Rule, Scope
from PROPPR.SharedServices.grading.markets import fold_name, market_of
from PROPPR.SharedServices.grading.readers.fields import Fields, number_of
from PROPPR.SharedServices.grading.readers.words import Backed, Teams, fold_words, read_backed, read_line

MOST_STAKED: Final = Decimal(1_000_000)
HIGHEST_ODDS: Final = Decimal(100_000)
HALF_A_CENT: Final = Decimal("0.005")

BET_ID: Final = ("bet_id", "id", "_id")
STAKE: Final = ("stake", "stake_amount", "bet_amount", "amount", "buy_in", "buy_in_amount", "wager")
ODDS: Final = ("odds", "bet_odds", "odds_taken", "decimal_odds", "bookmaker_odds", "price")
NAMES: Final = ("market_name", "market")
MARKET: Final = (*NAMES, "market_type")
STATISTIC: Final = ("stat_type", "stat", "statistic", "stat_name", "prop", "prop_type")
BACKED: Final = ("direction", "market_direction", "bet_direction", "bet_side", "side", "selection", "pick",
                 "prediction", "outcome", "position", "label")  # fmt: skip
LINES: Final = {  # whose line it is in a handicap market, see Bet.own_line
    "hdp": False, "market_hdp": False, "threshold": None, "line": None, "market_line": None, "points": None,
    "total": None, "handicap": None, "own_handicap": True, "selection_handicap": True, "selection_line": True,
}  # fmt: skip
NUMBER_OR_POINTS: Final = frozenset({"player props", "props", "team props", "team stats", "player stats", "stats"})

_FRACTION: Final = re.compile(r"(\d{1,5})\s*/\s*(\d{1,5})\Z")
_WITH_LINE: Final = re.compile(r"(over|under)\s+([\d.,]+)\s+(.+)\Z")
_SCORE: Final = re.compile(r"\s*(\d{1,2})\s*[-:]\s*(\d{1,2})\s*\Z")


@dataclass(frozen=True, slots=True)
class Head:
    """What comes before the market: who, how much, at what price."""

    bet_id: str
    stake: Decimal
    odds: Decimal


def read_head(fields: Fields, *, leg: bool = False) -> Head:
    """The bet's id, stake and odds; a leg of an accumulator needs neither id nor stake. Raises BadBet."""
    bet_id = fields.text(*BET_ID) if not leg else (_quiet_id(fields) or "leg")
    if bet_id is None:
        raise BadBet(BET_ID[0], "is missing")
    return Head(bet_id, Decimal(0) if leg else read_stake(fields), read_odds(fields))


def read_stake(fields: Fields) -> Decimal:
    """The whole outlay, above 0 and at most MOST_STAKED. Raises BadBet, also where two fields say different ones."""
    stake = fields.number(*STAKE)
    name = fields.name_of(*STAKE)
    if stake is None:
        raise BadBet(name, "is missing")
    if stake <= 0:
        raise BadBet(name, "is not above 0")
    if stake > MOST_STAKED or stake.as_tuple().exponent < -12:  # type: ignore[operator] # finite: the exponent is an int
        raise BadBet(name, "is out of all bounds")
    _check_alone(fields, STAKE, stake, number_of, Decimal(0))
    return stake


def read_odds(fields: Fields) -> Decimal:
    """Decimal odds above 1, also from a fraction ("5/2" is 3.5). Raises BadBet, also where two fields differ."""
    value, name = fields.raw(*ODDS), fields.name_of(*ODDS)
    if value is None:
        raise BadBet(name, "is missing")
    odds = odds_of(value, name)
    if odds <= 1:
        raise BadBet(name, "are not above 1")
    if odds > HIGHEST_ODDS:
        raise BadBet(name, "are out of all bounds")
    _check_alone(fields, ODDS, odds, odds_of, Decimal(1))
    return odds


def odds_of(value: object, field: str) -> Decimal:
    """Odds of a number or text. American odds ("+150") are refused: 150 alone may be either. Raises BadBet."""
    if isinstance(value, str):
        fraction = _FRACTION.match(value.strip())
        if fraction is not None and int(fraction[2]):
            return 1 + Decimal(fraction[1]) / Decimal(fraction[2])
        if value.strip().startswith("+"):
            raise BadBet(field, "look American")
        value = value.strip().replace(",", ".") if value.count(",") == 1 and "." not in value else value
    return number_of(value, field)


def _check_alone(
    fields: Fields, names: tuple[str, ...], value: Decimal, read: Callable[[object, str], Decimal], above: Decimal
) -> None:
    """Raise BadBet where another field beside it says another amount; what is no such amount says nothing."""
    first, *others = fields.names_of(*names)
    for name in others:
        try:
            other = read(fields.raw(name), name)
        except BadBet:
            continue
        if other > above and abs(other - value) > HALF_A_CENT:
            raise BadBet(name, f"contradicts {first}")


def read_market(fields: Fields, *, player: bool) -> tuple[Market, Backed]:
    """The market, and what its name says was backed ("Over 2.5 goals"). Raises BadBet."""
    name, statistic = fields.text(*MARKET), fields.text(*STATISTIC)
    shown = name or statistic
    if shown is None:
        raise BadBet(MARKET[0], "is missing")
    worded = _WITH_LINE.match(fold_words(shown))
    if worded is not None:
        market = market_of(worded[3], player=player)
        if market is None:
            raise BadBet(MARKET[0], f"{shown!r} is no market that we know")
        return market, read_backed(f"{worded[1]} {worded[2]}", market.rule, Teams(), MARKET[0])
    market = _agreed(name, statistic, player)
    if market is None:
        raise BadBet(fields.name_of(*MARKET), f"{shown!r} is no market that we know")
    for field in fields.names_of(*NAMES)[1:]:
        market = _as_both_say(market, shown, field, fields.text(field) or "", player)
    return market, Backed()


def read_football(fields: Fields, *, player: bool, leg: bool = False) -> Bet:
    """A bet on a football match, without what is peculiar to one man or team. Raises BadBet."""
    market, named = read_market(fields, player=player)
    head = read_head(fields, leg=leg)
    home, away = fields.text("home_team", "home"), fields.text("away_team", "away")
    backed = read_what(fields, market, Teams(home, away), named)
    if backed.span is None and market.rule is Rule.EXACT_TOTAL and backed.pick in (Pick.OVER, Pick.UNDER):
        market = replace(market, rule=Rule.TOTAL)  # "Over 3 goals" among the exact numbers
    return Bet(
        bet_id=head.bet_id,
        market=market,
        stake=head.stake,
        odds=head.odds,
        pick=backed.pick,
        line=backed.line,
        own_line=backed.own_line,
        score=backed.score,
        halves=backed.halves,
        span=backed.span,
        team=backed.name,
        home_team=home,
        away_team=away,
        fixture_id=fields.identity("fixture_id", "event_id"),
        match_id=fields.identity("fotmob_match_id", "fotmob_id"),
        kickoff=fields.moment("kickoff", "kickoff_time", "commence_time", "match_date"),
        bookmaker=fields.text("bookmaker", "bookie", "sportsbook"),
        user=None if leg else fields.text("user_id", "telegram_id", "chat_id"),
        live=fields.flag("is_live", "live", "in_play", "inplay"),
        score_at_bet=_score_at_bet(fields),
    )


def read_what(fields: Fields, market: Market, teams: Teams, named: Backed) -> Backed:
    """What was backed by all fields that say so. Raises BadBet where two of them contradict each other."""
    said = [(MARKET[0], named)]
    for name in BACKED:
        text = fields.text(name)
        if text is not None:
            said.append((name, read_backed(text, market.rule, teams, name)))
    for name, own in LINES.items():
        value = fields.raw(name)
        if value is not None:
            said.append((name, replace(read_line(value, name), own_line=own)))
    return _merged(said)


def _merged(said: Iterable[tuple[str, Backed]]) -> Backed:
    whole = Backed()
    lines: list[tuple[str, Backed]] = []
    for field, part in said:
        for attribute in ("pick", "score", "halves", "span", "name"):
            whole = _with(whole, attribute, getattr(part, attribute), field)
        if part.line is not None:
            lines.append((field, part))
    lines.sort(key=lambda line: line[1].own_line is None)  # those that say whose line it is come first
    for field, part in lines:
        whole = _with_line(whole, part, field)
    return whole


def _with_line(whole: Backed, part: Backed, field: str) -> Backed:
    """The line of one field beside those before: the home side's and that of away are opposite, else they are equal."""
    assert part.line is not None  # noqa: S101 - the caller asked
    if whole.line is None:
        return replace(whole, line=part.line, own_line=part.own_line)
    opposite = whole.pick is Pick.AWAY and part.own_line is not None and part.own_line is not whole.own_line
    if part.own_line is None and whole.pick is Pick.AWAY and abs(part.line) == abs(whole.line):
        return whole
    if part.line != (-whole.line if opposite else whole.line):
        raise BadBet(field, "contradicts another line")
    return whole


def _with(whole: Backed, attribute: str, value: object, field: str) -> Backed:
    held = getattr(whole, attribute)
    if value is None or held is None:
        return whole if value is None else replace(whole, **{attribute: value})  # type: ignore[arg-type]
    same = fold_words(held) == fold_words(str(value)) if attribute == "name" else held == value
    if not same:
        raise BadBet(field, "contradicts another field")
    return whole


def _agreed(name: str | None, statistic: str | None, player: bool) -> Market | None:
    """Name and statistic together are one market; where they can't be read together they have to say the same."""
    if name is None or statistic is None or fold_name(name) == fold_name(statistic):
        return market_of(name or statistic or "", player=player)
    if fold_name(name) in NUMBER_OR_POINTS:
        return market_of(statistic, player=player)
    one, other = market_of(name, player=player), market_of(statistic, player=player)
    if one is not None and other is not None and one.quantity == other.quantity:
        return one
    return market_of(f"{name} {statistic}", player=player)


def _as_both_say(market: Market, shown: str, field: str, other: str, player: bool) -> Market:
    """The market that two names mean, the more exact one or both together. Raises BadBet where they contradict."""
    told = market_of(other, player=player)
    if told is None or fold_name(shown) == fold_name(other):
        return market
    alike = (told.rule, told.quantity, told.period) == (market.rule, market.quantity, market.period)
    if alike and (Scope.ANY in (told.scope, market.scope) or told.scope is market.scope):
        return told if market.scope is Scope.ANY else market
    both = market_of(f"{shown} {other}", player=player)
    if both is None:
        raise BadBet(field, f"{other!r} contradicts {shown!r}")
    return both


def _score_at_bet(fields: Fields) -> Score | None:
    text = fields.text("score_at_bet", "score_when_placed")
    if text is None:
        return None
    score = _SCORE.match(text)
    if score is None:
        raise BadBet("score_at_bet", "is no score")
    return Score(int(score[1]), int(score[2]))


def _quiet_id(fields: Fields) -> str | None:
    try:
        return fields.text(*BET_ID)
    except BadBet:
        return None
