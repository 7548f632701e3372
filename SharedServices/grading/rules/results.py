"""Markets on the result: who wins, who scores, the score itself."""

from __future__ import annotations

from collections.abc import Collection

from PROPPR.SharedServices.grading.result import Result


def outcome(home: int, away: int) -> str:
    """The outcome of the three: "home", "draw" or "away"."""
    return "home" if home > away else "away" if away > home else "draw"


def match_result(home: int, away: int, backed: str) -> Result:
    """1X2: won by the outcome backed, else lost; extra time does not count unless the numbers given hold it."""
    return _won(outcome(home, away) == backed)


def double_chance(home: int, away: int, backed: Collection[str]) -> Result:
    """Double chance: won by either of the two outcomes backed."""
    return _won(outcome(home, away) in backed)


def draw_no_bet(home: int, away: int, backed: str) -> Result:
    """Draw no bet: a draw refunds the stake; the same as an Asian handicap of 0."""
    came = outcome(home, away)
    return Result.REFUND if came == "draw" else _won(came == backed)


def both_teams_to_score(home: int, away: int, *, yes: bool) -> Result:
    """Both teams to score: an own goal counts for the side that profits."""
    return _won((home > 0 and away > 0) is yes)


def correct_score(home: int, away: int, backed: tuple[int, int]) -> Result:
    """Correct score, home side first."""
    return _won((home, away) == backed)


def half_time_full_time(half: tuple[int, int], full: tuple[int, int], backed: tuple[str, str]) -> Result:
    """Half-time and full-time result together; the second is that of the whole ninety minutes, not of the half."""
    return _won((outcome(*half), outcome(*full)) == backed)


def to_qualify(home_qualified: bool, *, home: bool) -> Result:
    """To qualify: won by the side that goes through, be it after extra time or a shootout."""
    return _won(home_qualified is home)


def clean_sheet(conceded: int, *, yes: bool) -> Result:
    """Clean sheet: the side concedes nothing, own goals included."""
    return _won((conceded == 0) is yes)


def win_to_nil(own: int, other: int, *, yes: bool) -> Result:
    """Win to nil: the side wins and concedes nothing."""
    return _won((own > other and other == 0) is yes)


def _won(yes: bool) -> Result:
    return Result.WON if yes else Result.LOST
