"""The numbers of a player, whatever the source called them at the time, and what an absent one means."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

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
_NULL_IS_ZERO = frozenset({Statistic.FOULED, Statistic.FOULS})
_ABSENT_IS_ZERO = frozenset(
    {
        Statistic.GOALS,
        Statistic.ASSISTS,
        Statistic.OWN_GOALS,
        Statistic.EXPECTED_GOALS,
        Statistic.EXPECTED_ASSISTS,
        Statistic.SHOTS,
        Statistic.SHOTS_ON_TARGET,
        Statistic.BLOCKED_SHOTS,
        Statistic.CORNERS,
        Statistic.OFFSIDES,
    }
)
_BY_THE_TEAM = frozenset(
    {Statistic.FOULS, Statistic.TACKLES, Statistic.INTERCEPTIONS, Statistic.CLEARANCES, Statistic.SAVES}
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


def fill_zeros(men: Collection[Numbers], totals: Mapping[Statistic, Number | None], of_whole_side: bool) -> None:
    """Write down the zeros that a side's men, all with minutes and a filled list, are known to have.

    A key that is absent means zero if the source leaves it out at zero, and always if the men's numbers already
    make up the team's (`totals`); if they fall short of it, somebody's number is missing, and absent is unknown.
    `of_whole_side` says that no man of the side is left out of `men`.
    """
    for statistic in _ABSENT_IS_ZERO | _BY_THE_TEAM:
        total = totals.get(statistic)
        if total is None or statistic is Statistic.EXPECTED_GOALS:
            zero = statistic in _ABSENT_IS_ZERO
        else:
            zero = of_whole_side and sum(numbers.get(statistic, 0) for numbers in men) >= total
        if zero:
            for numbers in men:
                numbers.setdefault(statistic, 0)


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
