"""Market families by exact name, by pattern and unknown."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from PROPPR.SharedServices.odds.markets import MarketKind, is_player_market, market_family
from PROPPR.SharedServices.odds.types import SIDES, Side

FAMILIES: list[tuple[str, MarketKind, tuple[Side, ...]]] = [
    ("ML", "result", ("home", "draw", "away")),
    ("ML HT", "result", ("home", "draw", "away")),
    ("ML 2H", "result", ("home", "draw", "away")),
    ("Draw No Bet", "result", ("home", "away")),
    ("Double Chance", "label", ("odds",)),
    ("Half Time Result", "label", ("odds",)),
    ("Correct Score", "label", ("odds",)),
    ("Exact Total Goals", "label", ("odds",)),
    ("Number of Goals In Match", "label", ("odds", "over", "under")),
    ("Total Corners", "label", ("odds", "over", "under")),
    ("Specials", "label", ("home", "draw", "away")),
    ("Both Teams To Score", "yes_no", ("yes", "no")),
    ("Both Teams To Score HT", "yes_no", ("yes", "no")),
    ("Both Teams To Score 2H", "yes_no", ("yes", "no")),
    ("European Handicap", "handicap", ("home", "draw", "away")),
    ("Corners Race", "race", ("home", "away")),
    ("Something New", "other", SIDES),
]
HANDICAPS = (
    "Spread,Spread HT,Spread 1Q,Spread (Games),Corners Spread,Bookings Spread,Alternative Asian Handicap,Map Handicap"
)
TOTALS = (
    "Totals,Totals HT,Totals 1Q,Totals (Games),Goals Over/Under,Team Total Home,Team Total Away,"
    "Team Total Goals Home,Team Total Goals Away,Corners Totals,Corners Totals HT,Corners,Corners 2-Way,"
    "Alternative Corners,Team Corners Home,Team Corners Away,Bookings Totals,Number of Cards In Match,"
    "Team Cards Home,Team Cards Away,Alternative Goal Line,Alternative Total Goals,"
    "First 10 Minutes (00:00 - 09:59),Match Shots,Match Shots on Target,Match Tackles,Match Offsides,"
    "Team Shots Home,Team Shots on Target Away,Team Tackles Home,Team Offsides Away,Total Maps,"
    "Team Total (Breaks) Away"
)
PLAYERS = (
    "Player Props,Anytime Goalscorer,Player Shots,Player Tackles,Player Shots Over/Under,"
    "Player Shots On Target Over/Under,Player Passes,Player Fouls Committed,Goalkeeper Saves,"
    "Player To Score or Assist,Team Goalscorer,Multi Scorers,Goal Method,Points O/U,Rebounds O/U,"
    "Threes Made O/U,Points & Rebounds O/U,Player Points Milestones,Double Double,Total Player Disposals,"
    "First Goalscorer"
)
SKIPPED = ("1st Half Handicap", "Corner Handicap", "Card Handicap", "Total Player Disposals")


@pytest.mark.parametrize(("name", "kind", "sides"), FAMILIES)
def test_named_families(name: str, kind: MarketKind, sides: tuple[Side, ...]) -> None:
    family = market_family(name)
    assert (family.kind, family.sides, family.is_player) == (kind, sides, False)
    assert market_family(name.upper()) == family


@pytest.mark.parametrize("name", HANDICAPS.split(","))
def test_handicaps(name: str) -> None:
    assert (market_family(name).kind, market_family(name).sides) == ("handicap", ("home", "away"))
    assert not market_family(name).skip


@pytest.mark.parametrize("name", TOTALS.split(","))
def test_totals(name: str) -> None:
    assert (market_family(name).kind, market_family(name).sides) == ("total", ("over", "under"))


@pytest.mark.parametrize("name", PLAYERS.split(","))
def test_player_markets(name: str) -> None:
    assert is_player_market(name)


@pytest.mark.parametrize("name", [name for name, *_ in FAMILIES] + HANDICAPS.split(",") + TOTALS.split(","))
def test_team_markets(name: str) -> None:
    assert not is_player_market(name)
    assert not market_family(name).skip


def test_only_the_unreliable_are_skipped() -> None:
    assert [name for name in (*SKIPPED, *PLAYERS.split(",")[:-2]) if market_family(name).skip] == list(SKIPPED)


def test_oddities() -> None:
    oddities = {name for name, *_ in FAMILIES if market_family(name).price_is_label_odds}
    assert oddities == {
        "Double Chance",
        "Half Time Result",
        "Correct Score",
        "Exact Total Goals",
        "Number of Goals In Match",
        "Total Corners",
    }
    assert market_family("Multi Scorers").price_is_label_odds
    assert market_family("Goal Method").price_is_label_odds
    assert not market_family("Player Shots").price_is_label_odds


@given(st.text(max_size=200))
def test_every_name_has_a_family(name: str) -> None:
    assert market_family(name).sides
