"""Settle a bot's document on a match at once: the entry for other programs.

A match is a Match or the source's raw payload. All answers are values; a bet that can't be settled is pending, with
the reason.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from PROPPR.SharedServices.football.errors import LayoutChanged
from PROPPR.SharedServices.football.model import Match, Player
from PROPPR.SharedServices.football.reading import read_match
from PROPPR.SharedServices.football.statistics import Period
from PROPPR.SharedServices.grading.bets import Accumulator, BadBet, Bet, Pick
from PROPPR.SharedServices.grading.count import Count, Number, Waits
from PROPPR.SharedServices.grading.documents import FOTMOB, HORSE_RESULTS, fields_of
from PROPPR.SharedServices.grading.facts import Facts
from PROPPR.SharedServices.grading.market import Market, Quantity, Rule, Scope
from PROPPR.SharedServices.grading.markets import market_of
from PROPPR.SharedServices.grading.options import GradingOptions
from PROPPR.SharedServices.grading.people import Presence, find_player, side_named
from PROPPR.SharedServices.grading.readers.bets import kind_of, read_bet
from PROPPR.SharedServices.grading.readers.common import read_odds, read_stake
from PROPPR.SharedServices.grading.readers.fields import Fields, number_of
from PROPPR.SharedServices.grading.readers.statuses import read_status
from PROPPR.SharedServices.grading.readers.words import Teams, read_backed, read_line
from PROPPR.SharedServices.grading.result import PENDING, Pending, Reason, Result, Settled
from PROPPR.SharedServices.grading.rules.returns import returns_of
from PROPPR.SharedServices.grading.rules.totals import over_under
from PROPPR.SharedServices.grading.settle import MatchGrader, bad
from PROPPR.SharedServices.grading.settle_accumulator import grade_accumulator
from PROPPR.SharedServices.grading.settle_horse import grade_horse, read_race

Json = Mapping[str, Any]
FixtureData = Match | Json


def determine_result(actual: object, threshold: object, direction: str) -> str:
    """Over or under: "won", "lost", "refund", "half_won" or "half_lost"; "pending" where a value says nothing.

    `threshold` is a line as number or text ("2.5", "2.5/3"); an `actual` of None is unknown, not zero.
    """
    if actual is None:
        return PENDING
    try:
        number = number_of(actual, "actual")
        line = read_line(threshold, "threshold")
        pick = read_backed(direction, Rule.TOTAL, Teams(), "direction").pick
    except (BadBet, AttributeError):
        return PENDING
    pick = {Pick.YES: Pick.OVER, Pick.NO: Pick.UNDER}.get(pick, pick) if pick is not None else None
    if pick not in (Pick.OVER, Pick.UNDER) or line.line is None or line.pick not in (None, pick):
        return PENDING
    try:
        return over_under(number, line.line, over=pick is Pick.OVER).value
    except ValueError:
        return PENDING


def calculate_returns(bet_doc: Json, result: str) -> float:
    """What comes back of the bet's stake, to the cent: won stake x odds, refund the stake, lost nothing.

    Half won: half the stake x odds and the other half back; half lost: half the stake. Raises BadBet, a ValueError,
    where stake, odds or result can't be read.
    """
    fields, status = Fields(bet_doc), read_status(result)
    if status is None or status == PENDING:
        raise BadBet("result", f"{result!r} settles nothing")
    ended = Result(status)
    odds = read_odds(fields) if ended in (Result.WON, Result.HALF_WON) else Decimal(1)
    return float(returns_of(read_stake(fields), odds, ended))


def check_player_in_lineup(fixture_data: FixtureData, player: str | int, team: str | None = None) -> Presence | None:
    """Whether a man, by name or id, was in the squad (true or false) and `played`; None where that can't be told.

    It can't where the line-ups are not known and where the name may be several men's or another spelling.
    """
    try:
        return _presence(Facts(as_match(fixture_data)), player, team)
    except (Waits, LayoutChanged):
        return None


def get_team_stat(fixture_data: FixtureData, team: str, statistic: str, period: str = Period.MATCH) -> Number | None:
    """A side's number in ninety minutes or another period; None where it is not known for certain.

    `team` is "home", "away" or its name; `statistic` as in markets ("shots on target", "corners", "cards").
    """
    try:
        facts = Facts(as_match(fixture_data))
        quantity, home = _quantity(statistic), side_named(team, None, facts.match)
        return _certain(facts.of_side(quantity, home, Period(period)))
    except (Waits, LayoutChanged, ValueError):
        return None


def get_player_stat(
    fixture_data: FixtureData, player: str | int, statistic: str, period: str = Period.MATCH
) -> Number | None:
    """A man's number in ninety minutes or another period; None where it is not known for certain or he did not play."""
    try:
        facts = Facts(as_match(fixture_data))
        man = _presence(facts, player, None)
        played: Player | None = man.player if man.played else None
        return None if played is None else _certain(facts.of_man(played, _quantity(statistic), Period(period)))
    except (Waits, LayoutChanged, ValueError):
        return None


def as_match(fixture_data: FixtureData) -> Match:
    """The match itself, or what its payload says. Raises LayoutChanged."""
    if isinstance(fixture_data, Match):
        return fixture_data
    if not isinstance(fixture_data, Mapping):
        raise LayoutChanged("", f"is a {type(fixture_data).__name__}, no match")
    return read_match(fixture_data)


class ImmediateBetGrader:
    """Grades the documents of one kind of bot: "team", "player", "horse" or "overtime", also by its collection's name.

    Raises ValueError for any other kind.
    """

    def __init__(self, bot_type: str, options: GradingOptions | None = None) -> None:
        self.kind = kind_of(bot_type)
        self.options = options or GradingOptions()

    def grade_bet(
        self,
        bet_doc: Json,
        fixture_data: FixtureData | Sequence[FixtureData],
        at: datetime | None = None,
    ) -> dict[str, Any]:
        """The fields to set in the document (see `documents`): never an exception, never a field of the bot's own.

        `fixture_data` is the match; several for an accumulator; for a horse the documents of its race. `at` is the time
        of the data, which says when a match that was not played is void. A bet that was settled by hand
        (`manual_override`) gets no fields at all.
        """
        if not _is_document(bet_doc):
            return fields_of(bad(BadBet("bet", f"is a {type(bet_doc).__name__}, no document")), FOTMOB)
        try:
            if Fields(bet_doc).flag("manual_override"):
                return {}
        except BadBet as wrong:
            return fields_of(bad(wrong), FOTMOB)
        outcome, match_id = self.settle(bet_doc, fixture_data, at)
        return fields_of(outcome, HORSE_RESULTS if self.kind == "horse" else FOTMOB, match_id)

    def settle(
        self, bet_doc: Json, fixture_data: FixtureData | Sequence[FixtureData], at: datetime | None = None
    ) -> tuple[Settled | Pending, int | str | None]:
        """The bet settled or pending, and the match (or race) that it was settled on."""
        bet = read_bet(bet_doc, self.kind)
        if isinstance(bet, BadBet):
            return bad(bet), None
        try:
            if isinstance(bet, Bet) and bet.horse is not None:
                return grade_horse(bet, read_race(_list(fixture_data))), bet.horse.race_id
            matches = [as_match(data) for data in _list(fixture_data)]
        except BadBet as wrong:
            return Pending(Reason.NO_RESULT, str(wrong)), None
        except LayoutChanged as changed:
            return Pending(Reason.UNREADABLE_MATCH, str(changed)), None
        graders = [MatchGrader(match, self.options, at) for match in matches]
        if isinstance(bet, Accumulator):
            return grade_accumulator(bet, [_leg(leg, graders) for leg in bet.legs]), None
        if len(graders) != 1:
            return Pending(Reason.WRONG_MATCH, f"{len(graders)} matches for one bet"), None
        return graders[0].grade(bet), graders[0].match.match_id


def _is_document(value: object) -> bool:
    return isinstance(value, Mapping)


def _leg(leg: Bet, graders: Sequence[MatchGrader]) -> Settled | Pending | None:
    """A leg on its own match: by the match's id, else the one match whose teams are the leg's."""
    if leg.match_id is not None:
        own = [grader for grader in graders if grader.match.match_id == leg.match_id]
    else:
        named = leg.home_team is not None and leg.away_team is not None
        own = [grader for grader in graders if (_is_of(leg, grader.match) if named else len(graders) == 1)]
    return own[0].grade(leg) if len(own) == 1 else None


def _is_of(leg: Bet, match: Match) -> bool:
    try:
        return side_named(leg.home_team or "", None, match) and not side_named(leg.away_team or "", None, match)
    except Waits:
        return False


def _list(data: Any) -> Sequence[Any]:  # noqa: ANN401 - a match, a payload, or several
    return data if isinstance(data, Sequence) and not isinstance(data, str | bytes) else [data]


def _presence(facts: Facts, player: str | int, team: str | None) -> Presence:
    asked = Bet(
        bet_id="",
        market=Market(Rule.PLAYER_TOTAL, scope=Scope.PLAYER),
        stake=Decimal(0),
        odds=Decimal(0),
        player=None if isinstance(player, int) else player,
        player_id=player if isinstance(player, int) else None,
        team=team,
    )
    return find_player(asked, facts)


def _quantity(statistic: str) -> Quantity:
    market = market_of(statistic)
    if market is None or market.rule not in (Rule.TOTAL, Rule.PLAYER_TOTAL):
        raise ValueError(f"{statistic!r} is no number that we know")
    return market.quantity


def _certain(count: Count) -> Number | None:
    return count.low if count.certain else None
