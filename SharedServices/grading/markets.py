"""Markets by name: the names of the odds provider, and the words bots make their own of.

A name is taken apart into words that each say one thing (a number, a stretch of the match, a side, a rule). A name with
a word that says nothing known, or two things of one kind, is no market that we know: its bets wait. Nothing is guessed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from PROPPR.SharedServices.football.statistics import Period, Statistic
from PROPPR.SharedServices.grading.market import Built, Market, Quantity, Rule, Scope

UNRELIABLE: Final = frozenset(
    {
        "1st half handicap",  # two or three ways: the rows of the provider don't say
        "corner handicap",
        "card handicap",
        "total player disposals",
        "corners race",  # no source tells which corner fell when
        "specials",
        "goal method",
        "first 10 minutes 00 00 09 59",
    }
)
"""Names that are known and can't be settled."""


def _player(quantity: Quantity, line: str | None = None, rule: Rule = Rule.PLAYER_TOTAL) -> Market:
    return Market(rule, quantity, scope=Scope.PLAYER, fixed_line=None if line is None else Decimal(line))


def _names(market: Market, *names: str) -> dict[str, Market]:
    return dict.fromkeys(names, market)


# Whole names whose words alone would say something else or nothing.
_WHOLE: Final[Mapping[str, Market]] = MappingProxyType(
    _names(Market(Rule.DOUBLE_CHANCE), "double chance")
    | _names(Market(Rule.DRAW_NO_BET), "draw no bet", "dnb")
    | _names(Market(Rule.CORRECT_SCORE), "correct score", "exact score")
    | _names(Market(Rule.CORRECT_SCORE, period=Period.FIRST_HALF), "correct score ht", "half time correct score")
    | _names(Market(Rule.RESULT, period=Period.FIRST_HALF), "half time result", "half time", "first half winner")
    | _names(Market(Rule.HALF_TIME_FULL_TIME), "half time full time", "ht ft", "htft", "double result")
    | _names(Market(Rule.TO_QUALIFY, period=Period.ALL), "to qualify", "qualify", "to advance", "to go through")
    | _names(Market(Rule.CLEAN_SHEET, scope=Scope.TEAM), "clean sheet", "team clean sheet", "to keep a clean sheet")
    | _names(Market(Rule.CLEAN_SHEET, scope=Scope.HOME), "clean sheet home", "home clean sheet")
    | _names(Market(Rule.CLEAN_SHEET, scope=Scope.AWAY), "clean sheet away", "away clean sheet")
    | _names(Market(Rule.WIN_TO_NIL, scope=Scope.TEAM), "win to nil", "to win to nil")
    | _names(Market(Rule.EXACT_TOTAL), "exact total goals", "exact goals", "number of goals in match")
    | _names(Market(Rule.EXACT_TOTAL, Statistic.CORNERS), "exact corners", "exact total corners")
    | _names(Market(Rule.ODD_EVEN), "odd even", "goals odd even", "total goals odd even")
    | _names(Market(Rule.TOTAL), "alternative goal line", "goal line", "asian goal line")
    | _names(Market(Rule.TOTAL, Built.CARDS), "number of cards in match")
    | _names(_player(Statistic.GOALS, "0.5"), "anytime goalscorer", "anytime scorer", "any time goalscorer",
             "anytime goal scorer", "goalscorer", "to score anytime", "player to score", "to score")
    | _names(_player(Statistic.GOALS, "1.5"), "multi scorers", "two or more goals", "to score 2 or more",
             "to score two or more", "player to score two or more", "2 or more goals")
    | _names(_player(Statistic.GOALS, "2.5"), "hat trick", "to score a hat trick", "hattrick", "player hat trick")
    | _names(_player(Statistic.GOALS, rule=Rule.FIRST_SCORER), "first goalscorer", "first scorer",
             "first goal scorer", "player to score first")
    | _names(_player(Statistic.GOALS, rule=Rule.LAST_SCORER), "last goalscorer", "last scorer",
             "last goal scorer", "player to score last")
    | _names(_player(Statistic.ASSISTS, "0.5"), "anytime assist", "to assist", "player to assist",
             "player to make an assist")
    | _names(_player(Built.GOALS_AND_ASSISTS, "0.5"), "player to score or assist", "to score or assist",
             "score or assist", "goal or assist")
    | _names(_player(Built.CARDS, "0.5"), "player to be booked", "to be booked", "player to be carded", "to be carded",
             "player to get a card", "anytime card")
    | _names(_player(Statistic.RED_CARDS, "0.5"), "player to be sent off", "to be sent off")
    | _names(_player(Statistic.SAVES), "goalkeeper saves", "keeper saves", "player saves")
    | _names(Market(Rule.HORSE_WIN), "horse win", "to win race")
    | _names(Market(Rule.HORSE_PLACE), "place", "to place", "to be placed")
    | _names(Market(Rule.HORSE_EACH_WAY), "each way", "e w", "ew")
)  # fmt: skip

_QUANTITIES: Final[Mapping[str, Quantity]] = MappingProxyType(
    {
        "goals": Statistic.GOALS, "goal": Statistic.GOALS, "corners": Statistic.CORNERS, "corner": Statistic.CORNERS,
        "cards": Built.CARDS, "card": Built.CARDS, "bookings": Built.BOOKINGS, "booking points": Built.BOOKING_POINTS,
        "bookings points": Built.BOOKING_POINTS, "card points": Built.BOOKING_POINTS,
        "yellow cards": Statistic.YELLOW_CARDS, "yellow card": Statistic.YELLOW_CARDS,
        "yellows": Statistic.YELLOW_CARDS,
        "red cards": Statistic.RED_CARDS, "red card": Statistic.RED_CARDS,
        "shots": Statistic.SHOTS, "shot": Statistic.SHOTS, "shot attempts": Statistic.SHOTS,
        "shots on target": Statistic.SHOTS_ON_TARGET, "shot on target": Statistic.SHOTS_ON_TARGET,
        "shots on goal": Statistic.SHOTS_ON_TARGET, "sot": Statistic.SHOTS_ON_TARGET,
        "fouls": Statistic.FOULS, "fouls committed": Statistic.FOULS, "foul": Statistic.FOULS,
        "fouls won": Statistic.FOULED, "fouls drawn": Statistic.FOULED, "fouls suffered": Statistic.FOULED,
        "to be fouled": Statistic.FOULED, "was fouled": Statistic.FOULED, "fouled": Statistic.FOULED,
        "offsides": Statistic.OFFSIDES, "offside": Statistic.OFFSIDES,
        "tackles": Statistic.TACKLES, "tackle": Statistic.TACKLES,
        "interceptions": Statistic.INTERCEPTIONS, "clearances": Statistic.CLEARANCES,
        "saves": Statistic.SAVES,
        "passes": Statistic.PASSES, "passes attempted": Statistic.PASSES, "pass attempts": Statistic.PASSES,
        "passes completed": Statistic.PASSES_COMPLETED, "accurate passes": Statistic.PASSES_COMPLETED,
        "completed passes": Statistic.PASSES_COMPLETED,
        "assists": Statistic.ASSISTS, "goals and assists": Built.GOALS_AND_ASSISTS,
        "goal involvements": Built.GOALS_AND_ASSISTS,
    }
)  # fmt: skip

_PERIODS: Final[Mapping[str, Period]] = MappingProxyType(
    {
        "ht": Period.FIRST_HALF, "1h": Period.FIRST_HALF, "1st half": Period.FIRST_HALF,
        "first half": Period.FIRST_HALF, "half time": Period.FIRST_HALF,
        "2h": Period.SECOND_HALF, "2nd half": Period.SECOND_HALF, "second half": Period.SECOND_HALF,
        "ft": Period.MATCH, "full time": Period.MATCH, "90 minutes": Period.MATCH, "regular time": Period.MATCH,
        "including extra time": Period.ALL, "incl extra time": Period.ALL, "incl overtime": Period.ALL,
        "including overtime": Period.ALL, "including ot": Period.ALL, "incl ot": Period.ALL,
    }
)  # fmt: skip

_SCOPES: Final[Mapping[str, Scope]] = MappingProxyType(
    {
        "home": Scope.HOME, "home team": Scope.HOME, "away": Scope.AWAY, "away team": Scope.AWAY, "team": Scope.TEAM,
        "match": Scope.MATCH, "game": Scope.MATCH, "player": Scope.PLAYER,
    }
)  # fmt: skip

_RULES: Final[Mapping[str, Rule]] = MappingProxyType(
    {
        "total": Rule.TOTAL, "totals": Rule.TOTAL, "over under": Rule.TOTAL, "o u": Rule.TOTAL, "ou": Rule.TOTAL,
        "2 way": Rule.TOTAL, "alternative": Rule.TOTAL, "alternative total": Rule.TOTAL,
        "number of": Rule.TOTAL, "total number of": Rule.TOTAL, "asian total": Rule.TOTAL, "asian": Rule.TOTAL,
        "spread": Rule.HANDICAP, "asian handicap": Rule.HANDICAP, "alternative asian handicap": Rule.HANDICAP,
        "handicap": Rule.HANDICAP, "ah": Rule.HANDICAP,
        "european handicap": Rule.EUROPEAN_HANDICAP, "3 way handicap": Rule.EUROPEAN_HANDICAP,
        "handicap 3 way": Rule.EUROPEAN_HANDICAP, "three way handicap": Rule.EUROPEAN_HANDICAP,
        "ml": Rule.RESULT, "moneyline": Rule.RESULT, "1x2": Rule.RESULT, "result": Rule.RESULT, "3 way": Rule.RESULT,
        "winner": Rule.RESULT, "full time result": Rule.RESULT, "most": Rule.RESULT, "match result": Rule.RESULT,
        "match winner": Rule.RESULT, "match odds": Rule.RESULT,
        "both teams to score": Rule.BOTH_TEAMS_TO_SCORE, "btts": Rule.BOTH_TEAMS_TO_SCORE,
        "double chance": Rule.DOUBLE_CHANCE, "draw no bet": Rule.DRAW_NO_BET, "odd even": Rule.ODD_EVEN,
    }
)  # fmt: skip

_MEANINGS: Final[Mapping[str, Quantity | Period | Scope | Rule]] = MappingProxyType(
    {**_QUANTITIES, **_PERIODS, **_SCOPES, **_RULES}
)
_LONGEST: Final = max(len(phrase.split()) for phrase in _MEANINGS)


def fold_name(name: str) -> str:
    """A market's name in small letters and single spaces, without punctuation: "Half Time/Full Time" and the like."""
    return " ".join(re.sub(r"[^a-z0-9]+", " ", name.casefold()).split())


@lru_cache(maxsize=4096)
def market_of(name: str, *, player: bool = False) -> Market | None:
    """The market of a name, None where it is not known for certain.

    With `player` the bet names a man: "shots" is his shots then. A player's name in the market ("Player Props - Alex
    Turner (Shots)") is not for here, see `readers`.
    """
    folded = fold_name(name)
    if folded in UNRELIABLE:
        return None
    known = _WHOLE.get(folded)
    return known if known is not None else _composed(folded.split(), player)


def _composed(words: list[str], player: bool) -> Market | None:
    quantity: Quantity | None = None
    period: Period | None = None
    scope: Scope | None = None
    rule: Rule | None = None
    while words:
        meaning, words = _next(words)
        if isinstance(meaning, Rule) and rule in (None, meaning):
            rule = meaning
        elif isinstance(meaning, Scope) and scope in (None, Scope.TEAM):  # "Team Total Home"
            scope = meaning
        elif isinstance(meaning, Period) and period is None:
            period = meaning
        elif isinstance(meaning, Statistic | Built) and quantity is None:
            quantity = meaning
        else:
            return None
    return _put_together(rule, quantity, period or Period.MATCH, Scope.PLAYER if player and scope is None else scope)


def _next(words: list[str]) -> tuple[Quantity | Period | Scope | Rule | None, list[str]]:
    for length in range(min(_LONGEST, len(words)), 0, -1):
        meaning = _MEANINGS.get(" ".join(words[:length]))
        if meaning is not None:
            return meaning, words[length:]
    return None, []


def _put_together(rule: Rule | None, quantity: Quantity | None, period: Period, scope: Scope | None) -> Market | None:
    if rule is None and quantity is None:
        return None
    counted = quantity if quantity is not None else Statistic.GOALS
    if rule is None or rule is Rule.TOTAL:
        if scope is Scope.PLAYER:
            return None if quantity is None else Market(Rule.PLAYER_TOTAL, counted, period, scope)
        # a bare number ("corners") is the team's where the bet names one; "total" and the like are the match's
        return Market(Rule.TOTAL, counted, period, scope or (Scope.ANY if rule is None else Scope.MATCH))
    if scope not in (None, Scope.MATCH):
        return None
    if rule in (Rule.BOTH_TEAMS_TO_SCORE, Rule.EUROPEAN_HANDICAP) and counted is not Statistic.GOALS:
        return None
    return Market(rule, counted, period)
