from __future__ import annotations

import zlib
from datetime import timedelta
from typing import Any

from bson import encode
from football_rows import EARLIER, KICKOFF, SEASON, TEAM, team_row, team_seasons
from hypothesis import given
from hypothesis import strategies as st

from PROPPR.SharedServices.football.appearances import TeamMatch
from PROPPR.SharedServices.football.model import Team
from PROPPR.SharedServices.football.statistics import PREDICTED, Period, Statistic
from PROPPR.StatsUpdateFM.core.statistics.documents import TeamIdentity, content_hash
from PROPPR.StatsUpdateFM.core.statistics.team_document import team_document

IDENTITY = TeamIdentity(TEAM.id, TEAM.name, 47, "Premier League", "England")
LATER = KICKOFF + timedelta(days=400)


def document(rows: list[TeamMatch], season: str = SEASON) -> dict[str, Any]:
    return team_document(IDENTITY, season, rows, LATER)


def test_says_who_it_is_about() -> None:
    empty = document([])
    assert {key: value for key, value in empty.items() if value not in ([], {})} == {
        "team_id": 10,
        "team_name": "Homeham United",
        "league_id": 47,
        "league": "Premier League",
        "country": "England",
        "season": "2025/2026",
        "matches_played": 0,
        "halves": {"first_half": {}, "second_half": {}},
        "updated_at": LATER,
    }


def test_an_entry_is_compact_and_leaves_unknown_out() -> None:
    row = team_row(1, home=False, own={Statistic.GOALS: 2, Statistic.SHOTS: None}, against={Statistic.GOALS: 0})
    assert document([row])["last_5_matches"] == [
        {
            "match_id": 1,
            "date": "2025-08-23",
            "opponent": "Opponent 1",
            "home": False,
            "result": "W",
            "for": {"goals": 2},
            "against": {"goals": 0},
        }
    ]
    assert "result" not in document([team_row(2)])["last_5_matches"][0]


def test_averages_say_in_how_many_matches_a_number_is_known() -> None:
    rows = [
        team_row(1, own={Statistic.GOALS: 1, Statistic.TACKLES: 9}, first_half={Statistic.GOALS: 1}),
        team_row(2, home=False, own={Statistic.GOALS: 2}),
        team_row(3, home=False, own={Statistic.GOALS: 0}, against={Statistic.SHOTS: 12}),
    ]
    averages = document(rows)["averages"]["season"]
    assert averages["all"] == {
        "n": 3,
        "for": {"goals": 1.0, "tackles": 9.0},
        "against": {"shots": 12.0},
        "fewer": {"for": {"tackles": 1}, "against": {"shots": 1}},
    }
    assert averages["home"] == {"n": 1, "for": {"goals": 1.0, "tackles": 9.0}, "against": {}}
    assert averages["away"]["for"] == {"goals": 1.0}
    half = document(rows)["halves"]["first_half"]["season"]
    assert half == {"n": 3, "for": {"goals": 1.0}, "against": {}, "fewer": {"for": {"goals": 1}}}


def test_the_last_matches_reach_back_and_the_season_does_not() -> None:
    rows = [
        team_row(place, season=EARLIER if place <= 4 else SEASON, own={Statistic.GOALS: place}) for place in range(7)
    ]
    new, old = document(rows), document(rows, EARLIER)
    assert [entry["match_id"] for entry in new["last_5_matches"]] == [6, 5, 4, 3, 2]
    assert (new["matches_played"], new["averages"]["season"]["all"]["for"]["goals"]) == (2, 5.5)
    assert [entry["match_id"] for entry in old["last_5_matches"]] == [4, 3, 2, 1, 0]  # nothing of the season after
    assert old["matches_played"] == 5


def test_other_teams_do_not_count() -> None:
    assert document([team_row(1, team=Team(99, "Another"), own={Statistic.GOALS: 1})])["matches_played"] == 0


@given(rows=team_seasons(), data=st.data())
def test_the_same_matches_give_the_same_bytes(rows: list[TeamMatch], data: st.DataObject) -> None:
    shuffled = data.draw(st.permutations(rows + rows[::2]))
    assert encode(document(shuffled)) == encode(document(rows))
    later = team_document(IDENTITY, SEASON, rows, LATER + timedelta(days=1))
    assert content_hash(later) == content_hash(document(rows))


@given(rows=team_seasons())
def test_the_lists_are_the_newest_matches(rows: list[TeamMatch]) -> None:
    found = document(rows)
    newest = [row.match_id for row in reversed(rows)]
    assert [entry["match_id"] for entry in found["last_10_matches"]] == newest[:10]
    assert found["last_5_matches"] == found["last_10_matches"][:5]


@given(rows=team_seasons())
def test_averages_follow_from_the_listed_matches(rows: list[TeamMatch]) -> None:
    found = document(rows)
    if not rows:
        return
    block = found["averages"]["last10"]["all"]
    for side in ("for", "against"):
        for name in PREDICTED:
            listed = [entry[side][name] for entry in found["last_10_matches"] if name in entry[side]]
            assert (name in block[side]) is bool(listed)
            if listed:
                assert abs(block[side][name] - sum(listed) / len(listed)) <= 0.00005
                assert block.get("fewer", {}).get(side, {}).get(name, block["n"]) == len(listed)


def test_a_whole_seasons_document_is_small() -> None:
    values = {name: 11 for name in PREDICTED}
    rows = [team_row(place, home=place % 2 == 0, own=values, against=values, first_half=values) for place in range(38)]
    for row in rows:
        row.own[Period.SECOND_HALF].update(values)  # type: ignore[attr-defined]
        for half in (Period.FIRST_HALF, Period.SECOND_HALF):
            row.against[half].update(values)  # type: ignore[attr-defined]
    found = document(rows)
    assert len(encode(found)) < 10_500
    assert len(zlib.compress(encode(found))) < 1_500
