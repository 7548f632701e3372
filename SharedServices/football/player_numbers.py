"""The numbers of a player, whatever the source called them at the time, and what an absent one means."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from PROPPR.SharedServices.football.errors import At, LayoutChanged
from PROPPR.SharedServices.football.fields import Number, amount, as_object, mapping, present, wrong
from PROPPR.SharedServices.football.statistics import Statistic

_VALUE, _TOTAL = 0, 1
_MEANING: Mapping[str, tuple[tuple[Statistic, int], ...]] = {
    "minutes_played": ((Statistic.MINUTES, _VALUE),),
    "goals": ((Statistic.GOALS, _VALUE),),
    "owngoal": ((Statistic.OWN_GOALS, _VALUE),),
    "assists": ((Statistic.ASSISTS, _VALUE),),
    "expected_goals": ((Statistic.EXPECTED_GOALS, _VALUE),),
    "expected_assists": ((Statistic.EXPECTED_ASSISTS, _VALUE),),
    "total_shots": ((Statistic.SHOTS, _VALUE),),
    "ShotsOnTarget": ((Statistic.SHOTS_ON_TARGET, _VALUE),),
    "shot_accuracy": ((Statistic.SHOTS_ON_TARGET, _VALUE),),
    "ShotsOffTarget": ((Statistic.SHOTS_OFF_TARGET, _VALUE),),
    "blocked_shots": ((Statistic.BLOCKED_SHOTS, _VALUE),),
    "corners": ((Statistic.CORNERS, _VALUE),),
    "Offsides": ((Statistic.OFFSIDES, _VALUE),),
    "fouls": ((Statistic.FOULS, _VALUE),),
    "was_fouled": ((Statistic.FOULED, _VALUE),),
    "matchstats.headers.tackles": ((Statistic.TACKLES, _VALUE),),
    "tackles_succeeded": ((Statistic.TACKLES, _TOTAL),),  # its value is tackles won, its total all of them
    "interceptions": ((Statistic.INTERCEPTIONS, _VALUE),),
    "clearances": ((Statistic.CLEARANCES, _VALUE),),
    "saves": ((Statistic.SAVES, _VALUE),),
    "accurate_passes": ((Statistic.PASSES_COMPLETED, _VALUE), (Statistic.PASSES, _TOTAL)),
}
_LABELS = {  # layout A has no keys
    "Minutes played": "minutes_played",
    "Goals": "goals",
    "Own goal": "owngoal",
    "Assists": "assists",
    "Expected goals (xG)": "expected_goals",
    "Expected assists (xA)": "expected_assists",
    "Total shots": "total_shots",
    "Shot accuracy": "shot_accuracy",
    "Blocked shots": "blocked_shots",
    "Corners": "corners",
    "Offsides": "Offsides",
    "Fouls committed": "fouls",
    "Was fouled": "was_fouled",
    "Tackles won": "tackles_succeeded",
    "Interceptions": "interceptions",
    "Clearances": "clearances",
    "Saves": "saves",
    "Accurate passes": "accurate_passes",
}
_NULL_IS_ZERO = frozenset({Statistic.FOULED})  # fouls too were null at zero in 2024: `fill_zeros` proves them
_ABSENT_IS_ZERO = (
    Statistic.GOALS,
    Statistic.ASSISTS,
    Statistic.OWN_GOALS,
    Statistic.SHOTS,
    Statistic.EXPECTED_GOALS,  # after the shots, which it goes by
    Statistic.EXPECTED_ASSISTS,
    Statistic.SHOTS_ON_TARGET,
    Statistic.BLOCKED_SHOTS,
    Statistic.CORNERS,
    Statistic.OFFSIDES,
)
_SELDOM_BY_GOALKEEPERS = (
    Statistic.FOULS,
    Statistic.TACKLES,
    Statistic.INTERCEPTIONS,
    Statistic.CLEARANCES,
    Statistic.SAVES,
)
Numbers = dict[Statistic, Number]


def read_numbers(groups: Sequence[object]) -> Numbers:
    """Read a player's `stats` list in any of its three shapes: {key, stat: {value, total}}, {key, value}, bare values.

    Group and label are not looked at (both have moved), except in layout A, which has nothing else. What is not in the
    result is absent or null in the source. Raises LayoutChanged.
    """
    numbers: Numbers = {}
    for index, group in enumerate(groups):
        with At(index):
            entries = mapping(as_object(group), "stats")
            with At("stats"):
                for label, entry in entries.items():
                    _read_entry(label, entry, numbers)
    return numbers


@dataclass(frozen=True, slots=True)
class Man:
    """A man who played: his numbers as read, and whether they are whole (a filled list with minutes)."""

    numbers: Numbers
    whole: bool
    goalkeeper: bool


def fill_zeros(men: Sequence[Man], totals: Mapping[Statistic, Number | None]) -> None:
    """Write down the zeros that the men of a side who played are known to have; absent is unknown otherwise.

    A key is absent from a whole list where the number is zero. If the men's numbers fall short of their team's
    (`totals`), someone's is missing: then absent stays unknown, for the goalkeeper alone where his list is of the short
    kind that leaves out what goalkeepers seldom do.
    """
    whole = [man for man in men if man.whole]
    for statistic in (*_ABSENT_IS_ZERO, *_SELDOM_BY_GOALKEEPERS):
        total = totals.get(statistic)
        lacking = [man for man in whole if statistic not in man.numbers]
        if statistic is Statistic.EXPECTED_GOALS:  # decimals don't add up; who has no shot has none
            lacking = [man for man in lacking if man.numbers.get(Statistic.SHOTS) == 0]
        elif total is None:
            lacking = lacking if statistic in _ABSENT_IS_ZERO else []
        elif _sum(men, statistic) < total:
            keepers = [man for man in lacking if man.goalkeeper]
            blamed = statistic in _SELDOM_BY_GOALKEEPERS and keepers and len(whole) == len(men)
            lacking = [man for man in lacking if not man.goalkeeper] if blamed else []
        for man in lacking:
            man.numbers[statistic] = 0
    for man in whole:
        _add_shots_off_target(man.numbers)


def _sum(men: Sequence[Man], statistic: Statistic) -> Number:
    return sum(man.numbers.get(statistic, 0) for man in men)


def _add_shots_off_target(numbers: Numbers) -> None:
    """Every shot is on target, off target or blocked; only since 2026 is the second named."""
    parts = [numbers.get(key) for key in (Statistic.SHOTS, Statistic.SHOTS_ON_TARGET, Statistic.BLOCKED_SHOTS)]
    if Statistic.SHOTS_OFF_TARGET not in numbers and None not in parts:
        shots, on_target, blocked = (part or 0 for part in parts)
        if shots >= on_target + blocked:
            numbers[Statistic.SHOTS_OFF_TARGET] = shots - on_target - blocked


def _read_entry(label: str, entry: object, numbers: Numbers) -> None:
    if not isinstance(entry, dict):
        _store(_LABELS.get(label), label, entry, None, numbers)
        return
    key = entry.get("key")
    if key is None:
        if label != "Shotmap":
            with At(label):
                present(entry, "key")
                raise wrong("key", "a text", key)
        return
    if not isinstance(key, str):
        with At(label):
            raise wrong("key", "a text", key)
    if key not in _MEANING:
        return
    if "stat" in entry:
        stat = entry["stat"]
        if not isinstance(stat, dict):
            raise wrong(f"{label}.stat", "an object", stat)
        if not (stat.keys() & {"value", "total", "type"}):
            raise LayoutChanged(f"{label}.stat", "has neither value nor type")
        _store(key, f"{label}.stat.value", stat.get("value"), stat.get("total"), numbers)
    else:
        with At(label):
            value = present(entry, "value")
        _store(key, f"{label}.value", value, None, numbers)


def _store(key: str | None, path: str, value: object, total: object, numbers: Numbers) -> None:
    if key is None:
        return
    with At(path):
        count, of, _ = amount(value)
    if total is not None:
        if type(total) is not int:
            raise wrong(path.replace(".value", ".total"), "a whole number", total)
        of = total
    if of is None and count == 0:
        of = 0  # none of none is shown as a bare 0
    for statistic, part in _MEANING[key]:
        number = count if part == _VALUE else of
        if number is None and statistic in _NULL_IS_ZERO:
            number = 0
        if number is not None:
            numbers.setdefault(statistic, number)
