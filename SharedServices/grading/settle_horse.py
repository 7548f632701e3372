"""From a bet on a horse and the result of its race to money."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final, TypeVar

from PROPPR.SharedServices.grading.bets import BadBet, Bet
from PROPPR.SharedServices.grading.market import Rule
from PROPPR.SharedServices.grading.readers.common import odds_of
from PROPPR.SharedServices.grading.readers.fields import Document, Fields
from PROPPR.SharedServices.grading.result import VOID, Pending, Reason, Result, Settled
from PROPPR.SharedServices.grading.rules.horses import (
    Finish,
    PlaceTerms,
    each_way_factor,
    place_factor,
    result_of_factor,
    rule_4_together,
    standard_terms,
    win_factor,
)
from PROPPR.SharedServices.grading.rules.returns import EXACT, profit_of, to_the_cent
from PROPPR.SharedServices.mapping.names import fold

Value = TypeVar("Value")

_NON_RUNNER: Final = frozenset({"nr", "non runner", "withdrawn", "non_runner", "void"})
_UNPLACED: Final = frozenset({"pu", "f", "ur", "bd", "ro", "rr", "su", "dsq", "dnf", "co", "lft", "u", "p", "unplaced"})
"""Pulled up, fell, unseated rider and the like: it ran and did not finish."""


@dataclass(frozen=True, slots=True)
class Runner:
    """A horse declared for a race. `position` is None for one that did not finish or did not run."""

    name: str
    ran: bool
    position: int | None
    odds_when_withdrawn: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Race:
    """The result of a race, by the folded names of its runners. `deduction` is Rule 4 where the result states it."""

    race_id: str
    runners: Mapping[str, Runner] = field(default_factory=dict)
    handicap: bool = False
    abandoned: bool = False
    deduction: Decimal | None = None


def read_race(documents: Iterable[Document]) -> Race:
    """Read the documents of `horse_results` of one race, one a runner.

    Raises BadBet where one can't be read, and where two say different things of the race.
    """
    race_id: str | None = None
    deduction: Decimal | None = None
    handicap, abandoned = False, False
    runners: dict[str, Runner] = {}
    for document in documents:
        if not isinstance(document, Mapping):
            raise BadBet("runner", f"is a {type(document).__name__}, no document")
        fields = Fields(document)
        race_id = _one("race_id", race_id, fields.text("race_id"))
        handicap |= fields.flag("handicap", "is_handicap")
        abandoned |= fields.flag("abandoned", "race_abandoned")
        deduction = _one("rule_4", deduction, _pence(fields.number("rule_4", "rule4", "deduction")))
        runner = _runner(fields)
        if fold(runner.name) in runners:
            raise BadBet("runner", f"{runner.name} is there twice")
        runners[fold(runner.name)] = runner
    return Race(race_id or "", runners, handicap, abandoned, deduction)


def grade_horse(bet: Bet, race: Race) -> Settled | Pending:
    """Settle a bet on a horse, or say why it waits.

    A non-runner is refunded (lost ante-post), an abandoned race too. Without agreed terms the standard ones hold.
    """
    horse = bet.horse
    if horse is None:
        return Pending(Reason.BAD_BET, "no bet on a horse")
    if race.race_id not in ("", horse.race_id):
        return Pending(Reason.WRONG_MATCH, f"the bet is on race {horse.race_id}, not on {race.race_id}")
    if race.abandoned:
        return _settled(bet, Decimal(1), Result.REFUND, None, f"{VOID}race abandoned")
    if not race.runners or all(runner.position is None for runner in race.runners.values()):
        return Pending(Reason.NO_RESULT, f"race {horse.race_id}")
    runner = race.runners.get(fold(horse.runner))
    if runner is None:
        return Pending(Reason.NO_RESULT, f"{horse.runner!r} in race {horse.race_id}")
    if not runner.ran:
        result = Result.LOST if horse.ante_post else Result.REFUND
        return _settled(bet, Decimal(0 if horse.ante_post else 1), result, None, "non-runner")
    ahead = _ahead(race, runner)
    if runner.position is not None and ahead >= runner.position:
        text = f"{ahead} before {runner.name}, who is said to be number {runner.position}, in race {horse.race_id}"
        return Pending(Reason.NO_RESULT, text)
    terms = _terms(bet, race)
    if terms is None and bet.market.rule is not Rule.HORSE_WIN:
        return Pending(Reason.UNCLEAR_RULE, f"no place terms for the {_ran(race)} runners listed")
    return _by_place(bet, _finish(race, runner), terms)


def _by_place(bet: Bet, finish: Finish, terms: PlaceTerms | None) -> Settled:
    clean = Finish(True, 1, 1, finish.deduction)
    if bet.market.rule is Rule.HORSE_WIN or terms is None:
        became, whole = win_factor(finish, bet.odds), win_factor(clean, bet.odds)
    elif bet.market.rule is Rule.HORSE_PLACE:
        # a place market has odds of its own: they are not divided again
        own = PlaceTerms(terms.places, Decimal(1))
        became, whole = place_factor(finish, bet.odds, own), place_factor(clean, bet.odds, own)
    else:
        became, whole = each_way_factor(finish, bet.odds, terms), each_way_factor(clean, bet.odds, terms)
    shown = "did not finish" if finish.position is None else finish.position
    return _settled(bet, became, result_of_factor(became, whole), shown, _rule(bet, finish, terms))


def _finish(race: Race, runner: Runner) -> Finish:
    sharing = sum(1 for other in race.runners.values() if other.ran and other.position == runner.position)
    withdrawn = tuple(
        other.odds_when_withdrawn
        for other in race.runners.values()
        if not other.ran and other.odds_when_withdrawn is not None
    )
    deduction = race.deduction if race.deduction is not None else rule_4_together(withdrawn)
    return Finish(True, runner.position, sharing if runner.position is not None else 1, deduction)


def _ahead(race: Race, runner: Runner) -> int:
    """How many finished before a horse: where two dead-heat for second the next one is fourth."""
    places = (other.position for other in race.runners.values() if other.ran and other.position is not None)
    return sum(1 for place in places if runner.position is not None and place < runner.position)


def _terms(bet: Bet, race: Race) -> PlaceTerms | None:
    """The terms agreed, completed by the standard ones, which need a result that lists all who ran."""
    last = max((runner.position or 0 for runner in race.runners.values()), default=0)
    standard = standard_terms(_ran(race), handicap=race.handicap) if last <= _ran(race) else None
    horse = bet.horse
    if horse is None or (horse.places is None and horse.fraction is None):
        return standard
    places = horse.places or (standard.places if standard is not None else None)
    fraction = horse.fraction or (standard.fraction if standard is not None else None)
    return None if places is None or fraction is None else PlaceTerms(places, fraction)


def _ran(race: Race) -> int:
    return sum(1 for runner in race.runners.values() if runner.ran)


def _settled(bet: Bet, became: Decimal, result: Result, actual: str | int | None, rule: str) -> Settled:
    returns = to_the_cent(EXACT.multiply(bet.stake, became))
    return Settled(result, actual, returns, profit_of(bet.stake, returns), rule)


def _rule(bet: Bet, finish: Finish, terms: PlaceTerms | None) -> str:
    parts = [str(bet.market.rule)]
    if terms is not None and bet.market.rule is not Rule.HORSE_WIN:
        parts.append(f"{terms.places} places at {terms.fraction.normalize():f} of the odds")
    if finish.sharing > 1:
        parts.append(f"dead heat of {finish.sharing}")
    if finish.deduction:
        parts.append(f"Rule 4: {finish.deduction:.0%}")
    return ", ".join(parts)


def _runner(fields: Fields) -> Runner:
    name = fields.text("runner", "horse", "horse_name", "name")
    if name is None:
        raise BadBet("runner", "is missing")
    position = fields.raw("position", "finish", "place", "result")
    folded = str(position).strip().casefold() if position is not None else ""
    ran = not fields.flag("non_runner", "withdrawn") and folded not in _NON_RUNNER
    withdrawn = fields.raw("withdrawn_odds", "odds_when_withdrawn")
    return Runner(
        name,
        ran,
        None if not ran or position is None or folded in _UNPLACED else _place(fields),
        None if withdrawn is None else odds_of(withdrawn, "withdrawn_odds"),
    )


def _place(fields: Fields) -> int | None:
    place = fields.identity("position", "finish", "place", "result")
    if place is not None and place > 100:
        raise BadBet("position", "is out of all bounds")
    return place


def _one(name: str, held: Value | None, told: Value | None) -> Value | None:
    """What is said of the race so far, and by one more runner's document."""
    if held is not None and told is not None and held != told:
        raise BadBet(name, f"is {held} of one runner and {told} of another")
    return held if told is None else told


def _pence(taken: Decimal | None) -> Decimal | None:
    """Rule 4 as a part (0.25) or in pence (25)."""
    if taken is None:
        return None
    part = taken / 100 if taken >= 1 else taken
    if not 0 <= part <= Decimal("0.9"):
        raise BadBet("rule_4", "is out of all bounds")
    return part
