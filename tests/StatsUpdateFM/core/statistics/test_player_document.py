from __future__ import annotations

from datetime import timedelta
from typing import Any

from bson import encode
from football_rows import EARLIER, KICKOFF, PLAYER_NUMBERS, SEASON, TEAM, player_row, player_seasons
from hypothesis import given
from hypothesis import strategies as st

from PROPPR.SharedServices.football.appearances import PlayerMatch
from PROPPR.SharedServices.football.model import Position, Role
from PROPPR.SharedServices.football.statistics import Statistic
from PROPPR.StatsUpdateFM.core.statistics.documents import PlayerIdentity, content_hash
from PROPPR.StatsUpdateFM.core.statistics.player_document import PER_SEASON, form, per_90, player_document

IDENTITY = PlayerIdentity(7, "Man 7", TEAM.id, TEAM.name, Position.FORWARD)
LATER = KICKOFF + timedelta(days=400)
GOALS, SHOTS = Statistic.GOALS, Statistic.SHOTS


def document(rows: list[PlayerMatch], season: str = SEASON, player: PlayerIdentity = IDENTITY) -> dict[str, Any]:
    return player_document(player, season, rows, LATER)


def test_a_season_of_a_few_matches() -> None:
    rows = [
        player_row(1, minutes=90, values={GOALS: 1, SHOTS: 4}),
        player_row(2, minutes=45, home=False, values={GOALS: 0}),
        player_row(3, role=Role.SUBSTITUTE_USED, minutes=None, home=False, values={GOALS: 1, SHOTS: 1}),
        player_row(4, role=Role.SUBSTITUTE_UNUSED),
        player_row(5, role=Role.UNAVAILABLE),
    ]
    found = document(rows)
    assert (found["appearances"], found["starts"], found["minutes"]) == (3, 2, 135)
    assert (found["player_id"], found["team"], found["position"]) == (7, "Homeham United", "forward")
    assert found["season_stats"] == {
        "totals": {"goals": 2, "shots": 5},
        "per_90": {"goals": 0.6667, "shots": 4.0},  # only of the matches with both the number and the minutes known
        "per_match": {"goals": 0.6667, "shots": 2.5},
        "fewer": {"shots": 2},
    }
    assert found["home"] == {"appearances": 1, "minutes": 90, "per_match": {"goals": 1.0, "shots": 4.0}}
    assert found["away"] == {"appearances": 2, "minutes": 45, "per_match": {"goals": 0.5, "shots": 1.0}}
    assert found["form"] == [1, 0, 1]
    assert found["last_5_matches"] == found["last_10_matches"]
    assert found["last_5_matches"][0] == {
        "match_id": 3,
        "date": "2025-09-06",
        "opponent": "Opponent 3",
        "home": False,
        "started": False,
        "goals": 1,
        "shots": 1,
    }


def test_a_man_who_never_played_has_a_document_without_numbers() -> None:
    found = document([player_row(1, role=Role.SUBSTITUTE_UNUSED)])
    assert (found["appearances"], found["minutes"], found["last_10_matches"], found["form"]) == (0, 0, [], [])
    assert found["season_stats"] == {"totals": {}, "per_90": {}, "per_match": {}}


def test_a_goalkeeper_shows_his_saves_and_a_forward_does_not() -> None:
    row = player_row(1, position=Position.GOALKEEPER, values={Statistic.SAVES: 5})
    unknown = PlayerIdentity(7, "Man 7", TEAM.id, TEAM.name)
    assert document([row])["season_stats"]["totals"] == {}
    found = document([row], player=unknown)
    assert (found["position"], found["last_5_matches"][0]["saves"]) == ("goalkeeper", 5)
    assert document([], player=unknown)["position"] is None


def test_the_last_matches_reach_back_but_not_forward() -> None:
    rows = [player_row(place, season=EARLIER if place <= 4 else SEASON) for place in range(7)]
    assert [entry["match_id"] for entry in document(rows)["last_5_matches"]] == [6, 5, 4, 3, 2]
    assert [entry["match_id"] for entry in document(rows, EARLIER)["last_5_matches"]] == [4, 3, 2, 1, 0]
    assert (document(rows)["appearances"], document(rows, EARLIER)["appearances"]) == (2, 5)


def test_fractions_stay_fractions_and_counts_stay_counts() -> None:
    values = {Statistic.EXPECTED_GOALS: 0.123456, GOALS: 1}
    totals = document([player_row(1, values=values), player_row(2, values=values)])["season_stats"]["totals"]
    assert repr(totals) == "{'goals': 2, 'expected_goals': 0.2469}"


@given(player_seasons())
def test_totals_and_means_equal_brute_force(rows: list[PlayerMatch]) -> None:
    found = document(rows)
    played = [row for row in rows if row.season == SEASON and row.played]
    assert found["appearances"] == len(played)
    assert found["home"]["appearances"] + found["away"]["appearances"] == len(played)
    for name in PLAYER_NUMBERS:
        known = [row.numbers[name] for row in played if name in row.numbers]
        assert found["season_stats"]["totals"].get(name) == (sum(known) if known else None)
        if known:
            assert abs(found["season_stats"]["per_match"][name] - sum(known) / len(known)) <= 0.00005
            assert found["season_stats"].get("fewer", {}).get(name, len(played)) == len(known)


@given(player_seasons(), st.sampled_from(PLAYER_NUMBERS))
def test_a_rate_is_the_total_over_the_nineties(rows: list[PlayerMatch], name: Statistic) -> None:
    timed = [row for row in rows if row.minutes and name in row.numbers]
    rate = per_90(rows, name)
    minutes = sum(row.minutes or 0 for row in timed)
    if minutes == 0:
        assert rate is None
    else:
        assert rate is not None
        credited = sum(row.numbers[name] for row in rows if row.minutes is not None and name in row.numbers)
        assert rate[1] == minutes
        assert abs(rate[0] - credited / (minutes / 90)) < 1e-9


@given(player_seasons())
def test_form_is_of_the_newest_appearances_with_known_goals(rows: list[PlayerMatch]) -> None:
    played = [row for row in reversed(rows) if row.played][:5]
    assert document(rows)["form"] == [int(row.numbers[GOALS] > 0) for row in played if GOALS in row.numbers]
    assert form([]) == []


@given(rows=player_seasons(), data=st.data())
def test_the_same_matches_give_the_same_bytes(rows: list[PlayerMatch], data: st.DataObject) -> None:
    shuffled = data.draw(st.permutations(rows + rows[::2]))
    assert encode(document(shuffled)) == encode(document(rows))
    assert content_hash(document(shuffled)) == content_hash(document(rows))


def test_a_whole_seasons_document_is_small() -> None:
    values = {name: 1.5 if "expected" in name else 11 for name in PER_SEASON}
    rows = [player_row(place, home=place % 2 == 0, values=values) for place in range(38)]
    assert len(encode(document(rows))) < 4_500
