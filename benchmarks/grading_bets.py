"""Bets of every kind on a real match, each with what it has to come to by `grading_oracle`."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import cycle
from typing import Any, NamedTuple

from grading_oracle import HALVES, PLAYER_KEYS, TEAM_KEYS, RawMan, RawMatch, against_line, money

PERIODS = {"match": "", "first_half": " HT", "second_half": " 2H"}
STEPS = ("-0.75", "-0.5", "-0.25", "0", "0.25", "0.5", "1")
HANDICAPS = tuple(str(Fraction(quarters, 4)) for quarters in range(-7, 8))
OUTCOMES = ("home", "draw", "away")
PRICES = ("1.01", "1.37", "1.91", "2.005", "3.333", "17")
STAKES = ("10", "7.77", "0.01", "123.45", "5")


class Expected(NamedTuple):
    """A bet and all that it may return by the page; None among them where the page says nothing."""

    kind: str
    document: dict[str, Any]
    returns: frozenset[Fraction | None]


class Maker:
    """Makes the bets on one match."""

    def __init__(self, raw: RawMatch) -> None:
        self.raw = raw
        self._prices, self._stakes, self._count = cycle(PRICES), cycle(STAKES), 0

    def all(self) -> Iterator[Expected]:
        """Every market, both teams, every player."""
        yield from self.results()
        yield from self.handicaps()
        yield from self.totals()
        yield from self.cards()
        for man in self.raw.men.values():
            if man.id:  # a coach under suspension is listed among the men, without an id
                yield from self.of_man(man)

    def results(self) -> Iterator[Expected]:
        for period, suffix in PERIODS.items():
            home, away = self._score(period)
            came = OUTCOMES[0 if home > away else 2 if away > home else 1]
            for outcome in OUTCOMES:
                yield self._team([1 if outcome == came else -1], market=f"ML{suffix}", direction=outcome)
            for yes in ("yes", "no"):
                both = (home > 0 and away > 0) is (yes == "yes")
                yield self._team([1 if both else -1], market=f"Both Teams To Score{suffix}", direction=yes)
        home, away = self._score("match")
        came = OUTCOMES[0 if home > away else 2 if away > home else 1]
        half = self._score("first_half")
        early = OUTCOMES[0 if half[0] > half[1] else 2 if half[1] > half[0] else 1]
        for name, two in (("1X", OUTCOMES[:2]), ("12", OUTCOMES[::2]), ("X2", OUTCOMES[1:])):
            yield self._team([1 if came in two else -1], market="Double Chance", selection=name)
        for side in ("home", "away"):
            result = 0 if came == "draw" else 1 if came == side else -1
            yield self._team([result], market="Draw No Bet", direction=side)
        for score in ((home, away), (home + 1, away), (away, home)):
            right = score == (home, away)
            yield self._team([1 if right else -1], market="Correct Score", selection=f"{score[0]}-{score[1]}")
        for first in OUTCOMES:
            for last in OUTCOMES:
                right = (first, last) == (early, came)
                yield self._team([1 if right else -1], market="Half Time/Full Time", selection=f"{first}/{last}")
        for name, odd in (("odd", 1), ("even", 0)):
            yield self._team([1 if (home + away) % 2 == odd else -1], market="Odd/Even", selection=name)

    def handicaps(self) -> Iterator[Expected]:
        for period, suffix in PERIODS.items():
            home, away = self._score(period)
            for line in HANDICAPS:
                shown = float(Fraction(line))
                for side, sign in (("home", 1), ("away", -1)):
                    parts = against_line(home - away, str(-Fraction(line)), sign)
                    yield self._team(parts, market=f"Spread{suffix}", direction=side, hdp=shown)
        home, away = self._score("match")
        for whole in range(-3, 4):
            margin = home - away + whole
            came = "home" if margin > 0 else "away" if margin < 0 else "draw"
            for outcome in OUTCOMES:
                yield self._team(
                    [1 if outcome == came else -1], market="European Handicap", direction=outcome, hdp=whole
                )

    def totals(self) -> Iterator[Expected]:
        for period, suffix in PERIODS.items():
            home, away = self._score(period)
            yield from self._around(home + away, market=f"Totals{suffix}")
            yield from self._around(home, market=f"Team Total Home{suffix}")
            yield from self._around(away, market=f"Team Total Away{suffix}")
            for statistic in TEAM_KEYS:
                home_number, away_number = (self.raw.team(statistic, period, side) for side in (True, False))
                both = None if home_number is None or away_number is None else home_number + away_number
                yield from self._around(both, market=f"Match {statistic}{suffix}")
                yield from self._around(home_number, market=f"{statistic}{suffix}", team=self.raw.home)
                yield from self._around(away_number, market=f"Team {statistic} Away{suffix}")

    def cards(self) -> Iterator[Expected]:
        for period, suffix in PERIODS.items():
            points = self.raw.cards_of(period, 25, yellow=10)
            yield from self._around(points, market=f"Booking points{suffix}")
            for home, name in ((True, "Home"), (False, "Away")):
                by_rule = [self.raw.cards_of(period, red, home=home) for red in (1, 2)]
                for step in STEPS:
                    line = max(Fraction(0), by_rule[0] + Fraction(step))
                    for direction, sign in (("over", 1), ("under", -1)):
                        parts = [against_line(number, str(line), sign) for number in by_rule]
                        yield self._one_of(
                            parts,
                            "team",
                            market=f"Team Cards {name}{suffix}",
                            direction=direction,
                            threshold=float(line),
                        )

    def of_man(self, man: RawMan) -> Iterator[Expected]:
        named = {"player": man.name, "player_id": man.id}
        if man.part in ("unused", "out"):
            for market in ("Anytime Goalscorer", "Player Shots"):
                yield self._make([[0]], "player", market=market, direction="over", threshold=0.5, **named)
            return
        scored = [goal for goal in self.raw.goals if goal[0] in HALVES["match"] and not goal[3]]
        own = sum(1 for goal in scored if goal[2] == man.id)
        assists = sum(1 for goal in self.raw.goals if goal[0] in HALVES["match"] and goal[4] == man.id)
        booked = self.raw.cards_of("match", 1, man=man.id)
        for market, won in (
            ("Anytime Goalscorer", own >= 1),
            ("To Score Two Or More", own >= 2),
            ("Anytime Assist", assists >= 1),
            ("Score Or Assist", own + assists >= 1),
            ("Player To Be Booked", booked >= 1),
            ("Last Goalscorer", bool(scored) and scored[-1][2] == man.id),
        ):
            yield self._make([[1 if won else -1]], "player", market=market, **named)
        yield self._make([[self._first(man, scored)]], "player", market="First Goalscorer", **named)
        for statistic in PLAYER_KEYS:
            yield from self._of_number(man, statistic, named)

    def _of_number(self, man: RawMan, statistic: str, named: dict[str, Any]) -> Iterator[Expected]:
        number = man.number(statistic)
        for step in ("-0.5", "0", "0.5", "0.75"):
            line = max(Fraction(0), (number or 0) + Fraction(step))
            for direction, sign in (("over", 1), ("under", -1)):
                # with extra time nothing but shots has a split: then any number up to the whole is possible
                possible = (
                    [number] if number is None or self.raw.ninety_minutes else self._split(man, statistic, number)
                )
                parts = [None if one is None else against_line(one, str(line), sign) for one in possible]
                yield self._one_of(
                    parts, "player", market=f"Player {statistic}", direction=direction, threshold=float(line), **named
                )

    def _split(self, man: RawMan, statistic: str, number: int) -> list[int | None]:
        if statistic in ("shots", "shots on target"):
            own = [shot for shot in self.raw.shots if shot[1] == man.id and (statistic == "shots" or shot[2])]
            if len(own) == number:
                return [sum(1 for shot in own if shot[0] in HALVES["match"])]
        return list(range(number + 1))

    def _first(self, man: RawMan, scored: list[Any]) -> int:
        if not scored:
            return -1
        if scored[0][2] == man.id:
            return 1
        return 0 if man.came_on is not None and man.came_on > scored[0][5] else -1

    def _score(self, period: str) -> tuple[int, int]:
        return self.raw.goals_in(period, True), self.raw.goals_in(period, False)

    def _around(self, number: int | None, **fields: object) -> Iterator[Expected]:
        for step in STEPS:
            line = max(Fraction(0), (number or 0) + Fraction(step))
            for direction, sign in (("over", 1), ("under", -1)):
                parts = [None if number is None else against_line(number, str(line), sign)]
                yield self._one_of(parts, "team", direction=direction, threshold=float(line), **fields)

    def _team(self, outcomes: list[int], **fields: object) -> Expected:
        return self._make([outcomes], "team", **fields)

    def _one_of(self, parts: list[list[int] | None], kind: str, **fields: object) -> Expected:
        return self._make(parts, kind, **fields)

    def _make(self, parts: list[list[int] | None], kind: str, **fields: object) -> Expected:
        self._count += 1
        stake, odds = next(self._stakes), next(self._prices)
        document = {"bet_id": self._count, "stake": stake, "odds": odds, **fields}
        if kind == "team":
            document |= {"home_team": self.raw.home, "away_team": self.raw.away}
        returns = frozenset(None if outcomes is None else money(stake, odds, outcomes) for outcomes in parts)
        return Expected(kind, document, returns)
