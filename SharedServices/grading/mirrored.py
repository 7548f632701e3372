"""A match with its sides exchanged: for fixtures whose home team is the match's away team. Pure."""

from __future__ import annotations

from dataclasses import replace

from PROPPR.SharedServices.football.model import Lineup, Match, Score


def mirrored(match: Match) -> Match:
    """The same match as one who has the other team at home tells it. Twice is the match itself."""
    return replace(
        match,
        home=match.away,
        away=match.home,
        score=_score(match.score),
        score_90=_score(match.score_90),
        score_half=_score(match.score_half),
        shootout=_score(match.shootout),
        goals=tuple(replace(goal, home=not goal.home) for goal in match.goals),
        cards=tuple(replace(card, home=not card.home) for card in match.cards),
        substitutions=tuple(replace(change, home=not change.home) for change in match.substitutions),
        missed_penalties=tuple(replace(penalty, home=not penalty.home) for penalty in match.missed_penalties),
        shots=None if match.shots is None else tuple(replace(shot, home=not shot.home) for shot in match.shots),
        home_lineup=_lineup(match.away_lineup),
        away_lineup=_lineup(match.home_lineup),
        team_numbers={
            period: {statistic: (away, home) for statistic, (home, away) in numbers.items()}
            for period, numbers in match.team_numbers.items()
        },
    )


def _score(score: Score | None) -> Score | None:
    return None if score is None else Score(score.away, score.home)


def _lineup(lineup: Lineup | None) -> Lineup | None:
    if lineup is None:
        return None
    return replace(lineup, players=tuple(replace(player, home=not player.home) for player in lineup.players))
