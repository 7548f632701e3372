"""What was backed, in the words of bots and bookmakers: "Over 2.5", "Home -0.5", "1X", "2-1", "Arsenal or Draw"."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from PROPPR.SharedServices.grading.bets import BadBet, Pick, Span
from PROPPR.SharedServices.grading.market import Rule
from PROPPR.SharedServices.grading.markets import market_of
from PROPPR.SharedServices.grading.readers.fields import number_of
from PROPPR.SharedServices.grading.rules.lines import HALF, is_line

HIGHEST_LINE: Final = Decimal(2000)

_OUTCOMES: Final = {
    "home": Pick.HOME, "1": Pick.HOME, "h": Pick.HOME, "home win": Pick.HOME, "home team": Pick.HOME,
    "draw": Pick.DRAW, "x": Pick.DRAW, "tie": Pick.DRAW, "d": Pick.DRAW, "the draw": Pick.DRAW,
    "away": Pick.AWAY, "2": Pick.AWAY, "a": Pick.AWAY, "away win": Pick.AWAY, "away team": Pick.AWAY,
}  # fmt: skip
_WORDS: Final[Mapping[str, Pick]] = MappingProxyType(
    _OUTCOMES
    | {
        "1x": Pick.HOME_OR_DRAW, "x1": Pick.HOME_OR_DRAW, "12": Pick.HOME_OR_AWAY, "21": Pick.HOME_OR_AWAY,
        "x2": Pick.DRAW_OR_AWAY, "2x": Pick.DRAW_OR_AWAY,
        "over": Pick.OVER, "o": Pick.OVER, "under": Pick.UNDER, "u": Pick.UNDER,
        "yes": Pick.YES, "y": Pick.YES, "no": Pick.NO, "n": Pick.NO, "odd": Pick.ODD, "even": Pick.EVEN,
    }
)  # fmt: skip
_TWO_OF_THREE: Final = {
    frozenset({Pick.HOME, Pick.DRAW}): Pick.HOME_OR_DRAW,
    frozenset({Pick.HOME, Pick.AWAY}): Pick.HOME_OR_AWAY,
    frozenset({Pick.DRAW, Pick.AWAY}): Pick.DRAW_OR_AWAY,
}
_NUMBER: Final = r"[+-]?(?:\d{1,4}(?:[.,]\d{1,3})?|[.,]\d{1,3})"
_SPLIT: Final = re.compile(rf"({_NUMBER})\s*(?:,\s+|/|\s+&\s+|\s+and\s+)\s*({_NUMBER})\Z")
_ONE: Final = re.compile(rf"{_NUMBER}\Z")
_MILESTONE: Final = re.compile(r"(\d{1,4})\+\Z")
_OVER_UNDER: Final = re.compile(r"(over|under|o|u)\s*(?:\(?([\d.,+/& -]*\d)\)?)?\s*([a-z][a-z ]*)?\Z")
_SCORE: Final = re.compile(r"(\d{1,2})\s*[-:]\s*(\d{1,2})\Z")
_SPAN: Final = re.compile(r"(\d{1,3})(?:\s*(?:or|to|-)\s*(\d{1,3})|(\+|\s+or more))?(?:\s+[a-z ]+)?\Z")
_SIDE_AND_LINE: Final = re.compile(r"(.+?)\s*\(?([+-](?:\d|[.,]\d)[\d.,/ +-]*)\)?\Z")


@dataclass(frozen=True, slots=True)
class Teams:
    """The names of both sides as the bot wrote them, folded to compare."""

    home: str | None = None
    away: str | None = None

    def side(self, name: str) -> Pick | None:
        """HOME or AWAY where the name is exactly one of them."""
        folded = fold_words(name)
        is_home = self.home is not None and folded == fold_words(self.home)
        is_away = self.away is not None and folded == fold_words(self.away)
        return None if is_home is is_away else Pick.HOME if is_home else Pick.AWAY


@dataclass(frozen=True, slots=True)
class Backed:
    """What a text says was backed; None where it says nothing of the kind. For `own_line` see Bet."""

    pick: Pick | None = None
    line: Decimal | None = None
    own_line: bool | None = None
    score: tuple[int, int] | None = None
    halves: tuple[Pick, Pick] | None = None
    span: Span | None = None
    name: str | None = None


def fold_words(text: str) -> str:
    """Small letters, single spaces."""
    return " ".join(text.replace("−", "-").casefold().split())


def read_line(value: object, field: str) -> Backed:
    """A line as number or text: 2.5, "2,5", "Over 2.5", "+0.25", "0.0, +0.5", "2.5/3", "25+" (over 24.5).

    Two lines have to be neighbours; together they are the quarter line between them. Raises BadBet.
    """
    if not isinstance(value, str):
        return Backed(line=_checked(number_of(value, field), field))
    text = fold_words(value)
    pick: Pick | None = None
    worded = _OVER_UNDER.match(text)
    if worded is not None and worded[2] and not worded[3]:
        pick, text = _WORDS[worded[1]], worded[2]
    milestone = _MILESTONE.match(text)
    if milestone is not None:
        return Backed(pick or Pick.OVER, _checked(Decimal(milestone[1]) - HALF, field))
    return Backed(pick, _line_of(text, field))


def read_backed(text: str, rule: Rule, teams: Teams, field: str) -> Backed:
    """What a selection or direction says in a market of this rule; a text that is no such word is a `name`.

    Raises BadBet where it can't be anything of this market.
    """
    folded = fold_words(text)
    if rule is Rule.CORRECT_SCORE:
        return Backed(score=_score(folded, field))
    if rule is Rule.HALF_TIME_FULL_TIME:
        return Backed(halves=_halves(folded, teams, field))
    word = _WORDS.get(folded) or teams.side(folded)
    if word is not None and not (rule is Rule.EXACT_TOTAL and folded.isdigit()):
        return Backed(word)
    worded = _OVER_UNDER.match(folded)
    if worded is not None and (worded[2] or not worded[3]):
        return _over_under(worded, field)
    if rule is Rule.EXACT_TOTAL:
        return Backed(span=_span(folded, field))
    if rule is Rule.DOUBLE_CHANCE:
        return Backed(_two_outcomes(folded, teams, field))
    sided = _SIDE_AND_LINE.match(folded) if rule in (Rule.HANDICAP, Rule.EUROPEAN_HANDICAP) else None
    if sided is not None:
        side = _WORDS.get(sided[1]) or teams.side(sided[1])
        own = None if side is not None else text.strip()[: len(sided[1])]
        return Backed(side, _line_of(sided[2], field), own_line=True, name=own)
    return Backed(name=text.strip())


def _over_under(worded: re.Match[str], field: str) -> Backed:
    if worded[3] and market_of(worded[3]) is None:
        raise BadBet(field, f"{worded[3]!r} is no number that we know")
    return Backed(_WORDS[worded[1]], _line_of(worded[2], field) if worded[2] else None)


def _line_of(text: str, field: str) -> Decimal:
    text = text.strip()
    if _ONE.match(text):
        return _checked(number_of(text, field), field)
    both = _SPLIT.match(text)
    if both is None:
        raise BadBet(field, "is no line")
    first, second = number_of(both[1], field), number_of(both[2], field)
    if both[1].startswith("-") and not both[2].startswith(("-", "+")):
        second = -second  # "-0.5/1" is -0.5 and -1
    if abs(first - second) != HALF:
        raise BadBet(field, "is of two lines that are no neighbours")
    return _checked((first + second) / 2, field)


def _checked(line: Decimal, field: str) -> Decimal:
    if not is_line(line) or abs(line) > HIGHEST_LINE:
        raise BadBet(field, "is no multiple of a quarter")
    return line


def _score(folded: str, field: str) -> tuple[int, int]:
    score = _SCORE.match(folded)
    if score is None:
        raise BadBet(field, "is no score")
    return int(score[1]), int(score[2])


def _halves(folded: str, teams: Teams, field: str) -> tuple[Pick, Pick]:
    words = [part.strip() for part in re.split(r"/|\s-\s", folded)]
    picks = [_OUTCOMES.get(word) or teams.side(word) for word in words]
    if len(picks) != 2 or picks[0] is None or picks[1] is None:
        raise BadBet(field, "is no half-time and full-time result")
    return picks[0], picks[1]


def _two_outcomes(folded: str, teams: Teams, field: str) -> Pick:
    words = [part.strip() for part in re.split(r"/|\bor\b", folded)]
    picks = [_OUTCOMES.get(word) or teams.side(word) for word in words]
    # with one unknown name beside the draw the side stays open: it can't be told here
    both = _TWO_OF_THREE.get(frozenset(pick for pick in picks if pick is not None)) if len(picks) == 2 else None
    if both is None:
        raise BadBet(field, "is no double chance that can be told")
    return both


def _span(folded: str, field: str) -> Span:
    span = _SPAN.match(folded)
    if span is None:
        raise BadBet(field, "is no number or range")
    lowest = int(span[1])
    if span[3]:
        return Span(lowest, None)
    highest = int(span[2]) if span[2] else lowest
    if highest < lowest:
        raise BadBet(field, "is no range")
    return Span(lowest, highest)
