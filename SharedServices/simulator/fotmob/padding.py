"""The parts of a match payload that nobody reads here but that make up its size: momentum, head to head, notes."""

from __future__ import annotations

import random
from functools import lru_cache
from typing import Any

import msgspec

Json = dict[str, Any]
_WORDS = (
    "unbeaten", "clean sheet", "scored", "conceded", "meetings", "at home", "on the road", "in a row", "streak", "form",
    "last season", "record", "between the sides", "first half", "late goals", "corners", "bookings", "set pieces",
)  # fmt: skip
LANGUAGES = ("en", "nb", "de", "es", "fr", "it", "pt-BR", "ar")
_KINDS = 24


@lru_cache(maxsize=_KINDS)
def _blob(kind: int) -> tuple[msgspec.Raw, msgspec.Raw, msgspec.Raw]:
    """Momentum, insights and reviews, and past meetings, in one of a few versions."""
    rng = random.Random(f"padding-{kind}")
    momentum = {"main": {"data": [{"minute": minute, "value": rng.randint(-90, 90)} for minute in range(96)]}}
    notes = [_note(rng, number) for number in range(46)]
    meetings = {"summary": [rng.randint(0, 9) for _ in range(3)], "matches": [_met(rng) for _ in range(46)]}
    raws = [msgspec.Raw(msgspec.json.encode(part)) for part in (momentum, notes, meetings)]
    return raws[0], raws[1], raws[2]


def _note(rng: random.Random, number: int) -> Json:
    text = " ".join(rng.choice(_WORDS) for _ in range(14))
    return {
        "type": "team", "playerId": None, "priority": 1300 + number, "defaultText": text, "text": text,
        "localizedTextId": f"insights_{number}", "color": "#2b9217", "lang": LANGUAGES[number % len(LANGUAGES)],
        "statValues": [{"value": rng.randint(1, 9), "name": None, "type": "integer"}],
        "description": " ".join(rng.choice(_WORDS) for _ in range(26)),
    }  # fmt: skip


def _met(rng: random.Random) -> Json:
    score = f"{rng.randint(0, 4)} - {rng.randint(0, 4)}"
    time = f"{rng.randint(1990, 2020)}-0{rng.randint(1, 9)}-1{rng.randint(0, 9)}T15:00:00.000Z"
    reason = {"short": "FT", "shortKey": "fulltime_short", "long": "Full-Time", "longKey": "finished"}
    return {
        "time": {"utcTime": time},
        "matchUrl": f"/matches/earlier-meeting/{rng.randrange(16**6):06x}",
        "league": {"name": "League", "id": "1", "pageUrl": "/leagues/1/overview/league"},
        "home": {"name": "Home", "id": "1"},
        "status": {"utcTime": time, "finished": True, "started": True, "cancelled": False, "scoreStr": score,
                   "reason": reason},
        "finished": False,
        "away": {"name": "Away", "id": "2"},
    }  # fmt: skip


def momentum(match_id: int) -> msgspec.Raw:
    """The curve of a match."""
    return _blob(match_id % _KINDS)[0]


def notes(match_id: int) -> msgspec.Raw:
    """What an editor would add."""
    return _blob(match_id % _KINDS)[1]


def earlier_meetings(match_id: int) -> msgspec.Raw:
    """`h2h`."""
    return _blob(match_id % _KINDS)[2]


@lru_cache(maxsize=1)
def translations() -> msgspec.Raw:
    """The texts that page data carry besides a match."""
    rng = random.Random("translations")
    texts = {f"text_{number}": " ".join(rng.choice(_WORDS) for _ in range(5)) for number in range(1100)}
    return msgspec.Raw(msgspec.json.encode(texts))
