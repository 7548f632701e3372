"""Who a bet means: the side of a team's name, the man of a player's name, and whether he played."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from rapidfuzz.fuzz import ratio

from PROPPR.SharedServices.football.completeness import Code
from PROPPR.SharedServices.football.model import Match, Player, Role
from PROPPR.SharedServices.grading.bets import Bet, Pick
from PROPPR.SharedServices.grading.count import Waits
from PROPPR.SharedServices.grading.facts import Facts
from PROPPR.SharedServices.grading.result import Reason
from PROPPR.SharedServices.mapping.names import words
from PROPPR.SharedServices.mapping.players import Ambiguous, Found, Unknown, match_player
from PROPPR.SharedServices.mapping.teams import similarity

SURE: Final = 0.8
"""From here on two names are one team (see `mapping.teams`)."""

_ONE_WORD: Final = "one word"  # as `mapping.players` calls it
_TELLING: Final = 3
_ALIKE: Final = 75
_ALIKE_REST: Final = 70


@dataclass(frozen=True, slots=True)
class Presence:
    """Whether a man was there: `player` is None for one who is in no squad."""

    player: Player | None

    @property
    def in_squad(self) -> bool:
        """Whether he could have come on."""
        return self.player is not None and self.player.role is not Role.UNAVAILABLE

    @property
    def played(self) -> bool:
        """Whether he was on the pitch at all, be it in the last minute."""
        return self.player is not None and self.player.played

    def __bool__(self) -> bool:
        return self.in_squad


def side_of(bet: Bet, match: Match) -> bool:
    """Whether the side that the bet is on is the home side. Raises Waits where that can't be told."""
    if bet.pick in (Pick.HOME, Pick.AWAY):
        check_sides(bet, match)
        return bet.pick is Pick.HOME
    if bet.team is None:
        raise Waits(Reason.UNKNOWN_TEAM, "the bet names none")
    return side_named(bet.team, bet, match)


def side_named(name: str, bet: Bet | None, match: Match) -> bool:
    """Whether a team's name is the home side's, by the names of bet and match. Raises Waits where neither or both."""
    homes, aways = [match.home.name], [match.away.name]
    if bet is not None and bet.home_team is not None and bet.away_team is not None:
        check_sides(bet, match)
        homes.append(bet.home_team)
        aways.append(bet.away_team)
    folded = name.strip().casefold()
    if folded in ("home", "away"):
        return folded == "home"
    home = max(similarity(name, other) for other in homes)
    away = max(similarity(name, other) for other in aways)
    if max(home, away) < SURE or min(home, away) >= SURE:
        raise Waits(Reason.UNKNOWN_TEAM, f"{name!r} in {match.home.name} - {match.away.name}")
    return home > away


def check_sides(bet: Bet, match: Match) -> None:
    """Raise Waits where the bet's home side is the match's away side: then its words mean the other team."""
    if bet.home_team is None or bet.away_team is None:
        return
    straight = similarity(bet.home_team, match.home.name), similarity(bet.away_team, match.away.name)
    crossed = similarity(bet.home_team, match.away.name), similarity(bet.away_team, match.home.name)
    if sum(crossed) > sum(straight) and max(crossed) >= SURE:
        raise Waits(Reason.WRONG_MATCH, f"{match.home.name} is at home, in the bet {bet.home_team}")


def check_teams(bet: Bet, match: Match) -> None:
    """Raise Waits where the bet names two teams and neither plays in the match."""
    if bet.home_team is None or bet.away_team is None:
        return
    playing = match.home.name, match.away.name
    if all(similarity(name, other) < SURE for name in (bet.home_team, bet.away_team) for other in playing):
        raise Waits(Reason.WRONG_MATCH, f"{match.home.name} - {match.away.name}, the bet is on {bet.home_team}")


def find_player(bet: Bet, facts: Facts) -> Presence:
    """The man a bet is on. Raises Waits where the squads are not known, and where it may be another one.

    A name that nobody of both squads resembles is that of a man who was not in the squad. A name of one word, or one
    that looks like somebody's, is not: that waits.
    """
    match = facts.match
    squads = (match.home_lineup, match.away_lineup)
    if any(squad is None or not squad.confirmed for squad in squads) or Code.STARTERS in facts.codes:
        raise Waits(Reason.INCOMPLETE, facts.codes.get(Code.STARTERS, "no confirmed line-ups"))
    players = match.players()
    known = next((player for player in players if player.id == bet.player_id), None)
    if known is not None:
        return Presence(_agreeing(known, bet.player))
    name = bet.player or ""
    if bet.team is not None:
        players = _of_team(bet, match, players)
    answer = match_player(name, players)
    if isinstance(answer, Ambiguous):
        names = ", ".join(f"{player.name} ({player.id})" for player in players if player.id in answer.player_ids)
        raise Waits(Reason.AMBIGUOUS_PLAYER, f"{name!r} may be {names}")
    if isinstance(answer, Found) and _is_sure(answer, name):
        return Presence(next(player for player in players if player.id == answer.player_id))
    alike = next((player.name for player in match.players() if resembles(name, player.name)), None)
    if not name:
        raise Waits(Reason.UNKNOWN_PLAYER, f"{bet.player_id} is in no squad and may be an id of another source")
    if alike is not None or len(words(name)) < 2:
        raise Waits(Reason.UNKNOWN_PLAYER, f"{name!r}" + (f" looks like {alike}" if alike is not None else ""))
    return Presence(None)


def _agreeing(player: Player, name: str | None) -> Player:
    """The man that the bet's id names, if its name does not contradict: the id may be another source's."""
    if name is None or resembles(name, player.name) or not isinstance(match_player(name, (player,)), Unknown):
        return player
    raise Waits(Reason.AMBIGUOUS_PLAYER, f"{player.id} is {player.name}, in the bet {name!r}")


def _is_sure(found: Found, name: str) -> bool:
    """Whether the name can't be that of a man who was not there: of one word in common only a family name tells."""
    return found.how != _ONE_WORD or words(name) == words(found.name)[-1:]


def _of_team(bet: Bet, match: Match, players: tuple[Player, ...]) -> tuple[Player, ...]:
    """The men of the team that the bet names beside the man; all, where its name is of no side."""
    try:
        home = side_named(bet.team or "", bet, match)
    except Waits as waits:
        if waits.pending.reason is Reason.WRONG_MATCH:
            raise
        return players
    return tuple(player for player in players if player.home is home)


def resembles(name: str, other: str) -> bool:
    """Whether two names may be one man's: Homam Elamin, Homam Al-Amin; Thiago Rodrigues, Igor Thiago.

    An equal given name alone says nothing; a given name that is the other's family name has to be just that.
    """
    one, two = words(name), words(other)
    if not one or not two:
        return False
    for i, first in enumerate(one):
        for j, second in enumerate(two):
            if i == j == 0 and len(one) > 1 and len(two) > 1:
                continue  # two given names
            likeness = 100 if (i == 0) is not (j == 0) and len(one) > 1 and len(two) > 1 else _ALIKE
            if min(len(first), len(second)) >= _TELLING and ratio(first, second) >= likeness:
                return True
    return bool(ratio("".join(one[1:]) or one[0], "".join(two[1:]) or two[0]) >= _ALIKE_REST)
