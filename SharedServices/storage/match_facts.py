"""What a page is stored under: the facts it is found by, and a fingerprint of all that anybody reads in it. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Final

import msgspec

from PROPPR.SharedServices.football.completeness import is_complete, is_settled_as_played
from PROPPR.SharedServices.football.model import Match
from PROPPR.SharedServices.storage.matches import MatchFacts

READER: Final = "1"
"""Part of every fingerprint: a page is a new revision, too, when it is read differently. Raise it with the reader."""


def facts_of(match: Match, league_id: int, season: str) -> MatchFacts:
    """What the page is found by, under the league and season whose listing it is in."""
    lineups = (match.home_lineup, match.away_lineup)
    settled = is_settled_as_played(match)
    confirmed = all(lineup is not None and lineup.confirmed for lineup in lineups)
    return MatchFacts(
        fingerprint=fingerprint(match),
        league_id=league_id,
        season=season,
        team_ids=(match.home.id, match.away.id),
        player_ids=tuple(sorted({player.id for player in match.players()})) if confirmed else (),
        settled=settled,
        complete=settled and is_complete(match),
        confirmed=confirmed,
    )


def fingerprint(match: Match) -> str:
    """A hash of everything that is read from a page."""
    text = msgspec.json.encode(match, enc_hook=_plain)
    return f"{READER}:{hashlib.blake2b(text, digest_size=12).hexdigest()}"


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"a match holds no {type(value).__name__}")
