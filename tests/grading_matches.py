"""Matches for the tests of grading, made from pages of the builder."""

from __future__ import annotations

from typing import Any

from football_payloads import match_payload

from PROPPR.SharedServices.football.model import Match
from PROPPR.SharedServices.football.reading import read_match


def match_of(**parts: Any) -> Match:
    """A match of Homeham United (men 1001 to 1018) and Awayton Rovers (2001 to 2018)."""
    return read_match(match_payload(**parts))
