"""The teams' numbers, per half and for the match."""

from __future__ import annotations

from collections.abc import Mapping

from PROPPR.SharedServices.football.errors import At, LayoutChanged
from PROPPR.SharedServices.football.fields import (
    Json,
    Number,
    amount,
    as_object,
    items,
    mapping,
    optional_mapping,
    optional_text,
    present,
    text,
)
from PROPPR.SharedServices.football.statistics import Period, Statistic

Pair = tuple[Number | None, Number | None]
Numbers = dict[Statistic, Pair]

_PERIODS = {
    "All": Period.ALL,
    "FirstHalf": Period.FIRST_HALF,
    "SecondHalf": Period.SECOND_HALF,
    "FirstExtraHalf": Period.EXTRA_TIME,
    "SecondExtraHalf": Period.EXTRA_TIME,
}
_STATISTICS = {
    "BallPossesion": Statistic.POSSESSION,
    "expected_goals": Statistic.EXPECTED_GOALS,
    "total_shots": Statistic.SHOTS,
    "ShotsOnTarget": Statistic.SHOTS_ON_TARGET,
    "ShotsOffTarget": Statistic.SHOTS_OFF_TARGET,
    "shotsOffTarget": Statistic.SHOTS_OFF_TARGET,
    "blocked_shots": Statistic.BLOCKED_SHOTS,
    "big_chance": Statistic.BIG_CHANCES,
    "passes": Statistic.PASSES,
    "accurate_passes": Statistic.PASSES_COMPLETED,
    "corners": Statistic.CORNERS,
    "fouls": Statistic.FOULS,
    "Offsides": Statistic.OFFSIDES,
    "yellow_cards": Statistic.YELLOW_CARDS,
    "red_cards": Statistic.RED_CARDS,
    "interceptions": Statistic.INTERCEPTIONS,
    "clearances": Statistic.CLEARANCES,
    "keeper_saves": Statistic.SAVES,
    "player_throws": Statistic.THROW_INS,
    "matchstats.headers.tackles": Statistic.TACKLES,
    "tackles_succeeded": Statistic.TACKLES,
}
_NULL_IS_ZERO = frozenset({Statistic.YELLOW_CARDS, Statistic.RED_CARDS})
ALWAYS_SHOWN = frozenset(
    {
        Statistic.SHOTS,
        Statistic.SHOTS_ON_TARGET,
        Statistic.CORNERS,
        Statistic.FOULS,
        Statistic.OFFSIDES,
        Statistic.YELLOW_CARDS,
        Statistic.RED_CARDS,
        Statistic.INTERCEPTIONS,
        Statistic.CLEARANCES,
        Statistic.SAVES,
        Statistic.TACKLES,
    }
)
"""What every match of full coverage shows in every period: if one is not there, its key has a new name."""

_NOT_ADDITIVE = frozenset({Statistic.POSSESSION, Statistic.THROW_INS})


def read_team_numbers(content: Json, complete: bool) -> dict[Period, Numbers]:
    """Read `content.stats` in either shape; an empty result where the source has none.

    `complete` says that the match is over and of full coverage, so that nothing of ALWAYS_SHOWN may be missing.
    Raises LayoutChanged.
    """
    present(content, "stats")
    stats = optional_mapping(content, "stats")
    if stats is None:
        return {}
    with At("stats"):
        if "Periods" not in stats and "stats" in stats:
            return {Period.ALL: _read_groups(stats, complete)}
        periods: dict[Period, Numbers] = {}
        shown = mapping(stats, "Periods")
        with At("Periods"):
            for name, part in shown.items():
                period = _PERIODS.get(name)
                if period is None:
                    raise LayoutChanged(name, "is no period that we know")
                if part is None:
                    continue
                with At(name):
                    numbers = _read_groups(as_object(part), complete)
                periods[period] = _added(periods[period], numbers) if period in periods else numbers
            if complete and Period.ALL not in periods:
                raise LayoutChanged("All", "is not there")
        return periods


def with_match(periods: dict[Period, Numbers], extra_time: bool) -> dict[Period, Numbers]:
    """Add Period.MATCH, the two halves together, and take out what the source doesn't add up by halves.

    Where the halves are unknown and there was no extra time, the whole match is the match.
    """
    whole = {} if extra_time else dict(periods.get(Period.ALL, {}))
    first, second = periods.get(Period.FIRST_HALF), periods.get(Period.SECOND_HALF)
    if first is not None and second is not None:
        keep = {} if extra_time else {Statistic.EXPECTED_GOALS}  # rounded: the halves' sum may be 0.01 off
        added = {key: value for key, value in _added(first, second).items() if key not in keep}
        whole |= {key: value for key, value in added.items() if None not in value or key not in whole}
    if whole:
        periods[Period.MATCH] = whole
    for period, numbers in periods.items():
        if period not in (Period.ALL, Period.MATCH):
            numbers.pop(Statistic.THROW_INS, None)
    return periods


def attempted(won: Number | None, percentage: int | None) -> Number | None:
    """Return of how many `won` are `percentage` percent (rounded), None where more than one number fits.

    The source shows tackles as "8 (89%)" until August 2025: 8 of 9. With none won anything fits.
    """
    if won == 0 and percentage is None:
        return 0
    if not won or not percentage:
        return None
    middle = round(100 * won / percentage)
    fitting = [n for n in range(max(int(won), middle - 3), middle + 4) if abs(100 * won / n - percentage) <= 0.5]
    return fitting[0] if len(fitting) == 1 else None


def _read_groups(part: Json, complete: bool) -> Numbers:
    numbers: Numbers = {}
    for index, group in enumerate(items(part, "stats")):
        with At("stats", index):
            for number, row in enumerate(items(as_object(group), "stats")):
                with At("stats", number):
                    _read_row(as_object(row), numbers)
    for statistic in _NULL_IS_ZERO & numbers.keys():
        home, away = numbers[statistic]
        numbers[statistic] = (home or 0, away or 0)
    unseen = ALWAYS_SHOWN - numbers.keys() if complete else ()
    if unseen:
        raise LayoutChanged("stats", f"has no row for {', '.join(sorted(unseen))}")
    return numbers


def _read_row(row: Json, numbers: Numbers) -> None:
    key = text(row, "key")
    statistic = _STATISTICS.get(key)
    values = items(row, "stats", 2)
    if statistic is None or optional_text(row, "type") == "title":
        return
    read = _tackles if key == "tackles_succeeded" else _count
    shown: list[Number | None] = []
    for side, value in enumerate(values):
        with At("stats", side):
            shown.append(read(value))
    before = numbers.get(statistic, (None, None))
    home, away = (new if old is None else old for old, new in zip(before, shown, strict=True))
    numbers[statistic] = (home, away)


def _count(value: object) -> Number | None:
    return amount(value)[0]


def _tackles(value: object) -> Number | None:
    won, _, percentage = amount(value)
    return attempted(won, percentage)


def _added(first: Mapping[Statistic, Pair], second: Mapping[Statistic, Pair]) -> Numbers:
    return {
        key: (_plus(first[key][0], second[key][0]), _plus(first[key][1], second[key][1]))
        for key in first.keys() & second.keys() - _NOT_ADDITIVE
    }


def _plus(one: Number | None, other: Number | None) -> Number | None:
    return None if one is None or other is None else round(one + other, 2)
