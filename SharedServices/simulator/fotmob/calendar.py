"""When the matches of a season were played: a round robin, one round a week, up to the day before the simulated day."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache

DAY_MS = 86_400_000
_SEASON_DAYS = 364
_HOURS = (12.5, 13.0, 14.0, 15.0, 15.0, 16.5, 17.5, 18.0, 19.0, 20.0)


@dataclass(frozen=True, slots=True)
class Round:
    """One match of the plan: the places of its clubs in the block, round and kick-off (ms)."""

    round: int
    home: int
    away: int
    kickoff: int


@lru_cache(maxsize=1024)
def rounds(clubs: int, matches: int, start: int, ordinal: int) -> tuple[Round, ...]:
    """At least so many matches of an even number of clubs, in whole rounds, the last ones on the three days before
    the day of `start`; by kick-off within a round.
    """
    half = clubs // 2
    count = -(-matches // half)
    midnight = start // DAY_MS * DAY_MS
    rng = random.Random(f"calendar-{clubs}-{ordinal}")
    plan: list[Round] = []
    for number in range(1, count + 1):
        last_day = midnight - DAY_MS * (1 + 7 * (count - number))
        pairs = _pairs(clubs, number - 1)
        days = sorted((rng.randint(0, 2), rng.choice(_HOURS)) for _ in pairs)
        for (home, away), (back, hour) in zip(pairs, reversed(days), strict=True):
            plan.append(Round(number, home, away, last_day - back * DAY_MS + int(hour * 3_600_000)))
    return tuple(plan)


def _pairs(clubs: int, number: int) -> list[tuple[int, int]]:
    """The circle method: everybody meets everybody in clubs - 1 rounds, then once more with home and away changed."""
    leg, turn = divmod(number, clubs - 1)
    ring = [0, *(1 + (place + turn) % (clubs - 1) for place in range(clubs - 1))]
    pairs = [(ring[place], ring[-1 - place]) for place in range(clubs // 2)]
    return [
        (away, home) if (leg + (turn if place == 0 else place)) % 2 else (home, away)
        for place, (home, away) in enumerate(pairs)
    ]


@lru_cache(maxsize=1024)
def shifted(plan: tuple[Round, ...], season: int) -> tuple[Round, ...]:
    """The same plan so many seasons ago, home and away changed in every other one."""
    if not season:
        return plan
    back = season * _SEASON_DAYS * DAY_MS
    return tuple(
        replace(row, home=row.away, away=row.home, kickoff=row.kickoff - back)
        if season % 2
        else replace(row, kickoff=row.kickoff - back)
        for row in plan
    )


def season_name(start: int, season: int) -> str:
    """The name of a season, as `2025/2026`; it turns over on the first of July."""
    day = datetime.fromtimestamp(start / 1000, UTC)
    first = (day.year if day.month >= 7 else day.year - 1) - season
    return f"{first}/{first + 1}"
