"""Names that are no team of football: games on a screen, and places kept for teams still to be found out."""

from __future__ import annotations

import re
from typing import Final

from PROPPR.SharedServices.mapping.markers import read_name
from PROPPR.SharedServices.mapping.names import fold, plain
from PROPPR.SharedServices.mapping.nations import nation_code

_SCREEN_LEAGUE: Final = re.compile(
    r"esoccer|\be soccer|efootball|\be football|ebasketball|\be basketball|\besports?\b|\be sports?\b|\bcyber|\bvirtual"
    r"|\bsimulated|\bsrl\b|\bgt leagues?\b|\bvolta\b|\bfifa ?\d\d\b|\beafc ?\d\d\b|\bfc ?2\d\b"
    r"|\b\d+ ?x ?\d+ ?min|\bmins? play\b"
    r"|\bbattle\b.*\bmins?\b|\beadriatic\b|\bepremier\b"
)
_SCREEN_TEAM: Final = re.compile(r"esoccer|ebasketball|\besports?$|\be sports?$|\bsrl$|\bcyber$|\bvirtual$")
_OPEN: Final = re.compile(
    "|".join(
        (
            "",
            "to be (?:announced|determined|decided|confirmed)|tb[acd]|unknown|n a|na|none|null|bye",
            "(?:home|away)(?: team)?|team [a-z0-9]{1,2}|opponent|participant|placeholder",
            r"[wl] ?\d{1,3}|ru ?\d{1,3}|[qs]f ?\d|[wl] ?(?:qf|sf|gr?p?) ?[a-z0-9]{1,2}|r ?\d{1,3} ?[wl] ?\d{0,2}",
            r"[1-4] ?[a-l](?: ?[a-l]){0,7}|[a-l][1-4]|\d{1,2}(?:st|nd|rd|th)|final(?:ist)?s? ?\d?",
            "(?:winners?|losers?|runners? ?ups?|qualifiers?|(?:semi|quarter) ?finalists?)(?: .*|[a-z0-9]{1,3})?",
            "(?:group|grp|pool|seed|match|game|play ?off|(?:semi|quarter) ?finals?) .*",
            ".* (?:winners?|runners? ?ups?|losers?)(?: .*)?",
            r"best \d(?:st|nd|rd|th).*|\d(?:st|nd|rd|th) (?:placed?|group|grp|in|of|best|pot|seed|ranked).*",
            "(?:first|second|third|fourth) (?:group|placed?|in|of) .*|.* (?:1st|2nd|3rd|4th)",
        )
    )
)
_EITHER: Final = re.compile(r"/|\bor\b")


def is_placeholder(name: str) -> bool:
    """Whether the name only holds the place of a team that is still to be found out: `Winner Group A`, `W49`, `TBD`.

    Also one of two countries (`Portugal/Spain`), an empty name and one without a letter or digit.
    """
    if _OPEN.fullmatch(fold(name)) is not None:
        return True
    parts = _EITHER.split(plain(name))
    return len(parts) > 1 and all(nation_code(part) is not None for part in parts)


def is_esports(sport: str, country: str, league: str, home: str, away: str) -> bool:
    """Whether it is a game on a screen: by its league, its teams, or players' nicks in brackets behind both teams."""
    if any(_SCREEN_LEAGUE.search(fold(text)) for text in (sport, country, league)):
        return True
    if any(_SCREEN_TEAM.search(fold(text)) for text in (home, away)):
        return True
    return all(read_name(name).nick is not None for name in (home, away))


def is_football(sport: str) -> bool:
    """Whether a sport's slug or name is football (soccer)."""
    return fold(sport) in ("football", "soccer")
