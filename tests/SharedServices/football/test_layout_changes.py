"""A layout that is not understood is said to be so, and never becomes a wrong number."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest
from football_payloads import card, goal, match_payload, substitution
from hypothesis import given, settings
from hypothesis import strategies as st

from PROPPR.SharedServices.football.completeness import is_complete
from PROPPR.SharedServices.football.errors import At, LayoutChanged
from PROPPR.SharedServices.football.model import Match
from PROPPR.SharedServices.football.reading import read_match

Path = tuple[str | int, ...]
PAYLOAD = match_payload(
    goals=[
        goal(12, True, 1009, assist_id=1007),
        goal(45, False, 2010, stoppage=3),
        goal(80, True, 2004, own_goal=True),
    ],
    cards=[card(30, False, 2003), card(85, True, 1004), card(88, True, 1099, off="coach")],
    substitutions=[substitution(60, True, 1013, 1010), substitution(75, False, 2014, 2011)],
    team={
        "corners": ((2, 1), (3, 4)),
        "total_shots": ((4, 2), (3, 5)),
        "ShotsOnTarget": ((2, 1), (1, 2)),
        "fouls": ((5, 6), (4, 3)),
        "Offsides": ((1, 0), (0, 2)),
        "matchstats.headers.tackles": ((7, 8), (6, 9)),
        "interceptions": ((3, 2), (4, 1)),
        "clearances": ((9, 8), (7, 6)),
        "keeper_saves": ((1, 2), (0, 3)),
    },
    players={1007: {"assists": 1}, 1009: {"total_shots": 3, "ShotsOnTarget": 2, "fouls": 2}, 2010: {"Offsides": 1}},
)
WHOLE = read_match(PAYLOAD)


def parent_of(payload: Any, path: Sequence[str | int]) -> Any:
    for part in path[:-1]:
        payload = payload[part]
    return payload


def paths(value: Any, path: Path = ()) -> Iterator[Path]:
    children: Sequence[tuple[str | int, Any]] = ()
    if isinstance(value, dict):
        children = tuple(value.items())
    elif isinstance(value, list):
        children = tuple(enumerate(value))
    for key, child in children:
        yield (*path, key)
        yield from paths(child, (*path, key))


EVERYWHERE = sorted(paths(PAYLOAD), key=str)
KEYED = [path for path in EVERYWHERE if isinstance(path[-1], str)]


def written(path: Path) -> str:
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return text.removeprefix(".")


def numbers_of(match: Match) -> dict[object, object]:
    """Everything that is counted in a match."""
    numbers: dict[object, object] = {
        name: getattr(match, name) for name in ("match_id", "score", "score_90", "score_half", "state")
    }
    for period, shown in match.team_numbers.items():
        for statistic, pair in shown.items():
            numbers |= {(period, statistic, side): value for side, value in enumerate(pair)}
    for player in match.players():
        numbers |= {(player.id, statistic): value for statistic, value in player.numbers.items()}
        numbers[player.id, "minutes"] = player.minutes
    return numbers


def check(payload: dict[str, Any]) -> None:
    """Reading ends in LayoutChanged, in an incomplete match, or in numbers that are right or unknown."""
    try:
        match = read_match(payload)
    except LayoutChanged as changed:
        assert changed.path
        return
    if is_complete(match):
        right = numbers_of(WHOLE)
        wrong = {key: value for key, value in numbers_of(match).items() if value not in (None, right.get(key))}
        assert not wrong
        assert [one.home for one in match.goals] == [one.home for one in WHOLE.goals]


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(KEYED), st.booleans())
def test_a_renamed_or_lost_key_never_makes_a_number_wrong(path: Path, renamed: bool) -> None:
    payload = copy.deepcopy(PAYLOAD)
    parent = parent_of(payload, path)
    value = parent.pop(path[-1])
    if renamed:
        parent[f"{path[-1]}_new"] = value
    check(payload)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(EVERYWHERE), st.sampled_from([True, "soon", "", [], {}, [1], {"odd": 1}, 1.5]))
def test_a_value_of_another_kind_never_makes_a_number_wrong(path: Path, value: object) -> None:
    before = parent_of(PAYLOAD, path)[path[-1]]
    if isinstance(before, str | float) or value == before or (isinstance(before, bool) and isinstance(value, bool)):
        return  # a text for a text may be another name
    if isinstance(before, int | None) and not isinstance(before, bool) and value == 1.5:
        return  # a number for a number
    payload = copy.deepcopy(PAYLOAD)
    parent_of(payload, path)[path[-1]] = value
    check(payload)


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from(EVERYWHERE), st.sampled_from(EVERYWHERE), st.sampled_from([None, False, 0, -1, 10**30, "1/2 (50%)"])
)
def test_nothing_but_layout_changed_is_raised(first: Path, second: Path, value: object) -> None:
    """Two parts exchanged, a third overwritten."""
    payload = copy.deepcopy(PAYLOAD)
    try:
        one, other = parent_of(payload, first), parent_of(payload, second)
        one[first[-1]], other[second[-1]] = other[second[-1]], one[first[-1]]
        one[first[-1]] = value if isinstance(value, int) else one[first[-1]]
        read_match(copy.deepcopy(payload))
    except (LayoutChanged, RecursionError):
        pass


@settings(max_examples=100, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["general", "header", "content", "status"]), inner, max_size=4)
        ),
    )
)
def test_any_json_is_read_or_refused(value: Any) -> None:
    with pytest.raises(LayoutChanged):
        read_match(value if isinstance(value, dict) else {"general": value})


STATS = ("content", "stats", "Periods", "All", "stats", 0, "stats", 3)
MAN = ("content", "playerStats", "1009")
NEEDED: list[tuple[Path, str | None]] = [
    (("general",), None),
    (("general", "matchId"), None),
    (("general", "homeTeam", "id"), None),
    (("header", "status"), None),
    (("header", "status", "finished"), None),
    (("header", "status", "utcTime"), None),
    (("header", "status", "reason", "short"), ""),
    (("header", "teams"), None),
    (("header", "teams", 1, "id"), None),
    (("header", "teams", 1, "score"), None),
    (("content",), None),
    (("content", "matchFacts"), None),
    (("content", "matchFacts", "events"), None),
    (("content", "matchFacts", "events", "events"), None),
    (("content", "matchFacts", "events", "events", 0, "type"), None),
    (("content", "matchFacts", "events", "events", 0, "time"), None),
    (("content", "matchFacts", "events", "events", 0, "overloadTime"), None),
    (("content", "matchFacts", "events", "events", 0, "isHome"), None),
    (("content", "matchFacts", "events", "events", 0, "ownGoal"), None),
    (("content", "stats"), None),
    (("content", "stats", "Periods"), None),
    (("content", "stats", "Periods", "All"), "content.stats.Periods.All_new"),
    (("content", "stats", "Periods", "All", "stats"), None),
    ((*STATS, "stats"), None),
    ((*STATS, "key"), None),
    (("content", "playerStats"), None),
    ((*MAN, "stats"), None),
    ((*MAN, "stats", 0, "stats"), None),
    ((*MAN, "stats", 0, "stats", "fouls", "key"), None),
    ((*MAN, "stats", 0, "stats", "fouls", "stat", "value"), ""),
    (("content", "shotmap"), None),
    (("content", "lineup"), None),
    (("content", "lineup", "lineupType"), None),
    (("content", "lineup", "awayTeam"), None),
    (("content", "lineup", "awayTeam", "starters"), None),
    (("content", "lineup", "awayTeam", "subs", 4, "id"), None),
]


@pytest.mark.parametrize(("path", "told"), [entry for entry in NEEDED if entry[1] != ""], ids=lambda value: str(value))
def test_a_needed_key_with_a_new_name_is_named(path: Path, told: str | None) -> None:
    payload = copy.deepcopy(PAYLOAD)
    parent = parent_of(payload, path)
    parent[f"{path[-1]}_new"] = parent.pop(path[-1])
    with pytest.raises(LayoutChanged) as changed:
        read_match(payload)
    assert changed.value.path == (told or written(path))


@pytest.mark.parametrize("path", [path for path, _ in NEEDED if path[-1] != "short"], ids=str)
def test_a_needed_value_of_another_kind_is_named(path: Path) -> None:
    payload = copy.deepcopy(PAYLOAD)
    wrong = {"odd": 1} if not isinstance(parent_of(payload, path)[path[-1]], dict) else "odd"
    parent_of(payload, path)[path[-1]] = wrong
    with pytest.raises(LayoutChanged) as changed:
        read_match(payload)
    assert changed.value.path == written(path)


@pytest.mark.parametrize(
    "key", ["corners", "fouls", "total_shots", "Offsides", "ShotsOnTarget", "interceptions", "goals"]
)
def test_a_key_that_every_man_has_under_a_new_name_is_noticed(key: str) -> None:
    def renamed(entry: dict[str, Any]) -> dict[str, Any]:
        return entry | {"key": f"{key}_new"} if entry["key"] == key else entry

    payload = copy.deepcopy(PAYLOAD)
    for player in payload["content"]["playerStats"].values():
        for group in player["stats"]:
            group["stats"] = {label: renamed(entry) for label, entry in group["stats"].items()}
    with pytest.raises(LayoutChanged, match="no man has a number") as changed:
        read_match(payload)
    assert changed.value.path == "content.playerStats"


def of_every_row(change: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
    payload = copy.deepcopy(PAYLOAD)
    for period in payload["content"]["stats"]["Periods"].values():
        for group in period["stats"]:
            for row in group["stats"]:
                change(row)
    return payload


def test_a_team_key_with_a_new_name_is_noticed() -> None:
    payload = of_every_row(lambda row: row.update(key=row["key"].replace("corners", "corner_kicks")))
    with pytest.raises(LayoutChanged, match="no row for corners") as changed:
        read_match(payload)
    assert changed.value.path == "content.stats.Periods.All.stats"


def test_groups_may_move_and_gain_rows() -> None:
    payload = copy.deepcopy(PAYLOAD)
    for period in payload["content"]["stats"]["Periods"].values():
        period["stats"].reverse()
        period["stats"][0]["stats"].append({"key": "something_new", "stats": ["?", None], "type": "text"})
    assert numbers_of(read_match(payload)) == numbers_of(WHOLE)


def test_the_sides_must_not_be_exchanged() -> None:
    payload = copy.deepcopy(PAYLOAD)
    payload["header"]["teams"].reverse()
    with pytest.raises(LayoutChanged, match=r"header\.teams\[0\]\.id: expected the id 10"):
        read_match(payload)


def test_layout_0_is_refused() -> None:
    with pytest.raises(LayoutChanged, match="general: is not there"):
        read_match({"header": {}, "content": {}})


def test_paths_are_put_together_from_inside_out() -> None:
    with pytest.raises(LayoutChanged, match=r"^a\.b\[3\]\[1\]\.c: is so$"), At("a", "b", 3), At(1):
        raise LayoutChanged("c", "is so")
    with pytest.raises(LayoutChanged, match=r"^a\[0\]: is so$"), At("a", 0):
        raise LayoutChanged("", "is so")
