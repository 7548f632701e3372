"""List pages that were changed at one place: read as before, read without the part, or refused with the path."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from listed_rows import day_of, listed, side, status

from PROPPR.SharedServices.football.errors import LayoutChanged
from PROPPR.SharedServices.football.pages import ListedMatch, read_day, read_league, read_player, read_team

ROW = listed(901, side(11, "Ashton", 2), side(12, "Burwell", 1), status("FT", "2 - 1"))
DAY = day_of(ROW)
LEAGUE = {
    "details": {"id": 50, "name": "Second Division", "country": "ENG", "selectedSeason": "2025/2026"},
    "allAvailableSeasons": ["2025/2026"],
    "fixtures": {"allMatches": [{**ROW, "round": "1"}]},
    "table": [{"data": {"table": {"all": [{"id": 11, "name": "Ashton"}]}}}],
}
TEAM = {
    "details": {"id": 11, "name": "Ashton", "country": "ENG"},
    "fixtures": {"allFixtures": {"fixtures": [{**ROW, "tournament": {"name": "Cup", "leagueId": 132}}]}},
    "squad": {"squad": [{"title": "keepers", "members": [{"id": 2, "name": "Anna Ashe", "shirtNumber": 1}]}]},
}
PLAYER = {
    "id": 7, "name": "Max Muster", "primaryTeam": {"teamId": 11, "teamName": "Ashton"},
    "birthDate": {"utcTime": "2001-09-05T00:00:00.000Z"},
    "recentMatches": [
        {"id": 901, "matchDate": {"utcTime": "2026-05-16T14:00:00.000Z"}, "teamId": 11, "teamName": "A", "goals": 1}
    ],
}  # fmt: skip
PAGES: list[tuple[dict[str, Any], Callable[[dict[str, Any]], object]]] = [
    (DAY, read_day),
    (LEAGUE, read_league),
    (TEAM, read_team),
    (PLAYER, read_player),
]
Place = tuple[str | int, ...]


def places(value: object, place: Place = ()) -> Iterator[Place]:
    """Every place in a page below its root."""
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, below in parts:
        yield (*place, key)
        yield from places(below, (*place, key))


CHANGES = [(page, read, place) for page, read in PAGES for place in places(page)]
OTHERS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8), st.just("9" * 5000), st.just([]),
    st.just({}), st.just([{}]), st.just([None]), st.just("0001-01-01T00:00:00+14:00"), st.just({"utcTime": 1e300}),
)  # fmt: skip


def changed(page: dict[str, Any], place: Place, value: object, rename: bool) -> dict[str, Any]:
    """The page with another value at the place, or the key renamed."""
    page = copy.deepcopy(page)
    below: Any = page
    for key in place[:-1]:
        below = below[key]
    if rename and isinstance(below, dict):
        below["renamed"] = below.pop(place[-1])
    else:
        below[place[-1]] = value
    return page


@given(change=st.sampled_from(CHANGES), value=OTHERS, rename=st.booleans())
@settings(max_examples=600)
def test_a_changed_page_is_read_or_refused_with_its_path(
    change: tuple[dict[str, Any], Callable[[dict[str, Any]], object], Place], value: object, rename: bool
) -> None:
    page, read, place = change
    try:
        read(changed(page, place, value, rename))
    except LayoutChanged as error:
        assert error.path


@given(value=OTHERS, rename=st.booleans(), place=st.sampled_from(list(places(ROW))))
@settings(max_examples=300)
def test_a_changed_row_never_has_a_wrong_score(value: object, rename: bool, place: Place) -> None:
    try:
        found = read_day(day_of(changed(ROW, place, value, rename)))
    except LayoutChanged:
        return
    for match in found:
        shown = match.score is not None and place[-1] not in ("scoreStr", "score")
        assert not shown or (match.score, match.state) == (expected().score, match.state)


def expected() -> ListedMatch:
    """The row as it is read unchanged."""
    return read_day(DAY)[0]
