"""A match with its sides exchanged."""

from __future__ import annotations

from football_payloads import card, goal, substitution
from grading_matches import match_of

from PROPPR.SharedServices.football.statistics import Period, Statistic
from PROPPR.SharedServices.grading.mirrored import mirrored


def test_everything_changes_sides_and_twice_is_the_match_itself() -> None:
    match = match_of(
        goals=[goal(12, True, 1009), goal(70, True, 2004, own_goal=True)],
        cards=[card(55, False, 2006)],
        substitutions=[substitution(60, True, 1012, 1011)],
        team={"corners": [(3, 2), (2, 4)]},
    )
    other = mirrored(match)
    assert mirrored(other) == match
    assert (other.home, other.away) == (match.away, match.home)
    assert other.score is not None and (other.score.home, other.score.away) == (0, 2)
    assert [one.home for one in (*other.goals, *other.cards, *other.substitutions)] == [False, False, True, False]
    for period in Period:
        assert other.team_number(Statistic.CORNERS, True, period) == match.team_number(Statistic.CORNERS, False, period)
    assert {player.id: player.home for player in other.players()} == {
        player.id: not player.home for player in match.players()
    }
