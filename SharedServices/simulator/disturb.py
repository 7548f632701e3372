"""Partial suspensions: rows that vanish from a market, sides that turn to "N/A"."""

from __future__ import annotations

import json
import random

from PROPPR.SharedServices.simulator.messages import compact

_SIDES = ("home", "draw", "away", "over", "under", "yes", "no", "odds")


def disturbed(rows: bytes, rng: random.Random) -> bytes:
    """The same market with some rows gone or some sides without a price; at least one of them."""
    parsed: list[dict[str, object]] = json.loads(rows)
    if len(parsed) > 1 and rng.random() < 0.5:
        gone = rng.randrange(len(parsed))
        return compact([row for index, row in enumerate(parsed) if index != gone])
    if parsed:
        row = parsed[rng.randrange(len(parsed))]
        sides = [side for side in _SIDES if side in row]
        if sides:
            row[rng.choice(sides)] = "N/A"
    return compact(parsed)
