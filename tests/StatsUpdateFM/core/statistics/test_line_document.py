from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from bson import encode
from football_rows import EARLIER, KICKOFF, SEASON, TEAM, team_row, team_seasons
from hypothesis import given
from hypothesis import strategies as st

from PROPPR.SharedServices.football.appearances import TeamMatch
from PROPPR.SharedServices.football.model import Team
from PROPPR.SharedServices.football.statistics import PREDICTED, Period, Statistic
from PROPPR.StatsUpdateFM.core.predictions.distribution import Distribution, total
from PROPPR.StatsUpdateFM.core.predictions.model import fit
from PROPPR.StatsUpdateFM.core.statistics.averages import Average
from PROPPR.StatsUpdateFM.core.statistics.documents import FixtureIdentity, content_hash
from PROPPR.StatsUpdateFM.core.statistics.line_document import line_document, predicted_lines
from PROPPR.StatsUpdateFM.core.statistics.model_part import model_part, usual_lines

AWAY = Team(20, "Awayton Rovers")
FIXTURE = FixtureIdentity(
    2**33, "Homeham Utd", "Awayton", "Premier League", KICKOFF + timedelta(days=300), SEASON, 4813374, TEAM.id, AWAY.id
)
GOALS, CORNERS = Statistic.GOALS, Statistic.CORNERS


class GoalsOnly:
    """A predictor that knows the goals of one pair of teams."""

    def predict(
        self, home_team_id: int, away_team_id: int, statistic: Statistic, period: Period = Period.MATCH
    ) -> tuple[Distribution, Distribution] | None:
        known = (home_team_id, away_team_id) == (TEAM.id, AWAY.id) and statistic is GOALS
        return (Distribution(1.6), Distribution(1.1)) if known else None

    def predict_total(
        self, home_team_id: int, away_team_id: int, statistic: Statistic, period: Period = Period.MATCH
    ) -> Distribution | None:
        sides = self.predict(home_team_id, away_team_id, statistic, period)
        return total(*sides) if sides else None


def away(rows: list[TeamMatch]) -> list[TeamMatch]:
    return [replace(row, team=AWAY) for row in rows]


def document(home_rows: list[TeamMatch], away_rows: list[TeamMatch], **more: Any) -> dict[str, Any]:
    return line_document(more.pop("fixture", FIXTURE), home_rows, away_rows, KICKOFF, **more)


def test_lines_averages_and_how_many_matches_they_rest_on() -> None:
    home_rows = [team_row(1, own={GOALS: 2, CORNERS: 6}, first_half={GOALS: 1}), team_row(2, own={GOALS: 3})]
    away_rows = away([team_row(1, own={GOALS: 1}), team_row(3, season=EARLIER, own={GOALS: 0})])
    found = document(home_rows, away_rows)
    assert found["predicted_lines_last10"] == {
        "goals": {"home": 2.5, "away": 0.5, "total": 2.5},
        "corners": {"home": 5.5},
    }
    assert found["home_averages_last10"] == {"goals": 2.5, "corners": 6.0}
    assert found["away_averages_last10"] == {"goals": 0.5}
    assert found["matches_last10"] == {"home": 1, "away": 2}  # corners are known in one match only
    assert found["away_averages_season"] == {"goals": 1.0}
    assert found["1st_half_predicted_lines_last5"] == {"goals": {"home": 0.5}}
    assert found["1st_half_home_averages_last5"] == {"goals": 1.0}
    assert found["2nd_half_predicted_lines_season"] == {}
    assert "model" not in found


def test_says_which_fixture_it_is() -> None:
    found = document([], [])
    assert {key: value for key, value in found.items() if value != {}} == {
        "fixture_id": 2**33,
        "fotmob_match_id": 4813374,
        "home_team": "Homeham Utd",
        "away_team": "Awayton",
        "home_team_id": 10,
        "away_team_id": 20,
        "league": "Premier League",
        "season": "2025/2026",
        "date": "2026-06-12T14:00:00Z",
        "kickoff": FIXTURE.kickoff,
        "updated_at": KICKOFF,
    }


def test_every_field_of_the_contract_is_there() -> None:
    expected = {
        f"{half}{field}_{window}"
        for half in ("", "1st_half_", "2nd_half_")
        for field in ("predicted_lines", "home_averages", "away_averages")
        for window in ("last5", "last10", "season")
    }
    assert expected <= document([], []).keys()


def test_only_what_was_known_at_kick_off_counts() -> None:
    fixture = replace(FIXTURE, kickoff=team_row(2).kickoff)
    found = document([team_row(1, own={GOALS: 1}), team_row(2, own={GOALS: 9})], [], fixture=fixture)
    assert found["home_averages_last5"] == {"goals": 1.0}


def test_rows_of_other_teams_and_unmapped_fixtures_give_no_averages() -> None:
    rows = [team_row(1, own={GOALS: 1})]
    assert document([], rows)["away_averages_last5"] == {}
    unmapped = replace(FIXTURE, home_team_id=None, fotmob_match_id=None)
    found = document(rows, [], fixture=unmapped, predictor=GoalsOnly())
    assert found["home_averages_last5"] == {}
    assert "model" not in found


@given(rows=team_seasons(), others=team_seasons(), data=st.data())
def test_the_same_matches_give_the_same_bytes(
    rows: list[TeamMatch], others: list[TeamMatch], data: st.DataObject
) -> None:
    shuffled = data.draw(st.permutations(rows + rows[::2]))
    one, two = document(rows, away(others)), document(shuffled, away(others[::-1]))
    assert encode(one) == encode(two)
    assert content_hash(one) == content_hash({**two, "updated_at": None})


@given(
    st.dictionaries(st.sampled_from(PREDICTED), st.builds(Average, st.floats(0, 40), st.integers(1, 10))),
    st.dictionaries(st.sampled_from(PREDICTED), st.builds(Average, st.floats(0, 40), st.integers(1, 10))),
)
def test_a_line_needs_its_averages(home: dict[Statistic, Average], away_side: dict[Statistic, Average]) -> None:
    lines = predicted_lines(home, away_side)
    assert set(lines) == {str(name) for name in {*home, *away_side}}
    for name in {*home, *away_side}:
        assert ("home" in lines[name], "away" in lines[name]) == (name in home, name in away_side)
        assert ("total" in lines[name]) is (name in home and name in away_side)
        assert all(line % 1 == 0.5 for line in lines[name].values())


def test_the_model_gives_chances_at_the_usual_lines() -> None:
    part = document([], [], predictor=GoalsOnly())["model"]
    assert set(part) == {"match", "first_half", "second_half"}
    assert set(part["match"]) == {"goals"}
    goals = part["match"]["goals"]
    assert goals["home"] == {
        "mean": 1.6,
        "dispersion": 1.0,
        "over": [[0.5, 0.7981], [1.5, 0.4751], [2.5, 0.2166]],
    }
    assert goals["total"]["mean"] == 2.7
    assert goals["total"]["over"] == [[line, round(Distribution(2.7).over(line), 4)] for line in (1.5, 2.5, 3.5)]
    assert [line for line, _ in part["first_half"]["goals"]["total"]["over"]] == [2.5]
    assert model_part(replace(FIXTURE, away_team_id=21), GoalsOnly()) == {}


def test_a_fitted_model_fills_the_part() -> None:
    both = [row for place in range(1, 8) for row in played(place)]
    model = fit(both, FIXTURE.kickoff)
    assert model is not None
    part = document([], [], predictor=model)["model"]["match"]["goals"]
    home, away_side = model.predict(TEAM.id, AWAY.id, GOALS) or (None, None)
    assert home is not None and away_side is not None
    assert part["home"]["mean"] == round(home.mean, 4) > part["away"]["mean"] == round(away_side.mean, 4)
    line, chance = part["home"]["over"][0]
    assert chance == round(home.over(line), 4)


def played(place: int) -> tuple[TeamMatch, TeamMatch]:
    """A 3-1 of TEAM at home to AWAY, from both sides."""
    home = replace(team_row(place, own={GOALS: 3}, against={GOALS: 1}), opponent=AWAY)
    return home, replace(home, team=AWAY, opponent=TEAM, home=False, own=home.against, against=home.own)


@given(st.floats(0, 60), st.sampled_from([Period.MATCH, Period.FIRST_HALF]))
def test_usual_lines_are_half_lines_around_the_mean(mean: float, period: Period) -> None:
    lines = usual_lines(mean, period)
    assert all(line > 0 and line % 1 == 0.5 for line in lines)
    assert list(lines) == sorted(set(lines))
    assert len(lines) == 1 if period is not Period.MATCH else 2 <= len(lines) <= 3
