"""The list pages of the source as typed values: a day, a league, a team, a player.

Each reader takes a decoded page, in any layout known since 2020 as far as its parts are the same, and raises
LayoutChanged with the path of the part that it needs and did not find. A match's own page is read by `reading.py`.
"""

from __future__ import annotations

from PROPPR.SharedServices.football.day_page import read_day
from PROPPR.SharedServices.football.errors import LayoutChanged
from PROPPR.SharedServices.football.league_page import LeaguePage, read_league
from PROPPR.SharedServices.football.listed_match import ListedMatch, OnReject
from PROPPR.SharedServices.football.player_page import Appearance, PlayerPage, read_player
from PROPPR.SharedServices.football.team_page import SquadMember, TeamPage, read_team

__all__ = [
    "ListedMatch", "LeaguePage", "TeamPage", "SquadMember", "PlayerPage", "Appearance",
    "read_day", "read_league", "read_team", "read_player", "OnReject", "LayoutChanged",
]  # fmt: skip
