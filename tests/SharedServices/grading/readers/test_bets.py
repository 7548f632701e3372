"""Whole documents, good and bad."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from PROPPR.SharedServices.football.model import Score
from PROPPR.SharedServices.grading.bets import Accumulator, BadBet, Bet, Pick, Span
from PROPPR.SharedServices.grading.market import Rule
from PROPPR.SharedServices.grading.readers.bets import READERS, kind_of, read_bet

HEAD = {"bet_id": 1, "stake": 10, "odds": 1.91}
SIDES = {"home_team": "Brentford", "away_team": "Wolverhampton"}


def team(**fields: Any) -> Bet:
    bet = read_bet({**HEAD, **SIDES, **fields}, "team")
    assert isinstance(bet, Bet), bet
    return bet


def player(**fields: Any) -> Bet:
    bet = read_bet({**HEAD, **fields}, "player")
    assert isinstance(bet, Bet), bet
    return bet


def refused(kind: str = "team", **fields: Any) -> BadBet:
    bet = read_bet({**HEAD, **fields}, kind)
    assert isinstance(bet, BadBet), bet
    return bet


@pytest.mark.parametrize(
    ("fields", "pick", "line"),
    [
        ({"direction": "Over", "threshold": "2.5"}, "over", "2.5"),
        ({"market_direction": "UNDER", "threshold": 2.25}, "under", "2.25"),
        ({"selection": "Over 2.5"}, "over", "2.5"),
        ({"selection": "Over 2.5 goals"}, "over", "2.5"),
        ({"direction": "over", "threshold": "Over 2,5"}, "over", "2.5"),
        ({"direction": "over", "line": "2.5, 3.0"}, "over", "2.75"),
        ({"direction": "over", "line": "2.5/3"}, "over", "2.75"),
        ({"direction": "o", "hdp": 3}, "over", "3"),
        ({"threshold": "3+"}, "over", "2.5"),
        ({"market": "Over 2.5 Goals"}, "over", "2.5"),
        ({"Alert": {"Direction": "Under", "Threshold": "3.5"}}, "under", "3.5"),
    ],
    ids=str,
)
def test_totals(fields: dict[str, Any], pick: str, line: str) -> None:
    bet = team(**{"market": "Totals", **fields})
    assert (bet.pick, bet.line) == (pick, Decimal(line))


@pytest.mark.parametrize(
    ("fields", "pick", "line", "own"),
    [
        ({"direction": "home", "hdp": -0.75}, "home", "-0.75", False),
        ({"direction": "away", "market_hdp": "+0.25"}, "away", "0.25", False),
        ({"direction": "away", "threshold": "0.0, +0.5"}, "away", "0.25", None),
        ({"selection": "Away -0.5"}, "away", "-0.5", True),
        ({"selection": "Wolverhampton +0.5/1"}, "away", "0.75", True),
        ({"selection": "Home -0.5/1"}, "home", "-0.75", True),
        ({"selection": "1 (-1)"}, "home", "-1", True),
        ({"team": "Wolverhampton", "handicap": 1.5}, "away", "1.5", None),
    ],
    ids=str,
)
def test_handicaps(fields: dict[str, Any], pick: str, line: str, own: bool | None) -> None:
    bet = team(market="Spread", **fields)
    assert (bet.pick, bet.line, bet.own_line) == (pick, Decimal(line), own)


def test_both_lines_of_a_handicap_have_to_fit() -> None:
    assert team(market="Spread", selection="Away +0.5", hdp=-0.5).pick is Pick.AWAY
    assert team(market="Spread", selection="Away +0.5", threshold=0.5).own_line is True
    assert refused(market="Spread", selection="Away +0.5", hdp=0.5).field == "hdp"


@pytest.mark.parametrize(
    ("market", "text", "pick"),
    [
        ("ML", "1", "home"), ("ML", "X", "draw"), ("ML", "Away", "away"), ("ML", "Wolverhampton", "away"),
        ("Double Chance", "1X", "home or draw"), ("Double Chance", "Brentford or Draw", "home or draw"),
        ("Double Chance", "Draw or Wolverhampton", "draw or away"), ("Double Chance", "12", "home or away"),
        ("Both Teams To Score", "Yes", "yes"), ("Odd/Even", "even", "even"),
    ],
)  # fmt: skip
def test_words_for_results(market: str, text: str, pick: str) -> None:
    assert team(market=market, selection=text).pick == pick


def test_scores_halves_and_ranges() -> None:
    assert team(market="Correct Score", selection="2-1").score == (2, 1)
    assert team(market="Correct Score", selection="0:0").score == (0, 0)
    assert team(market="HT/FT", selection="1/X").halves == (Pick.HOME, Pick.DRAW)
    assert team(market="HT/FT", selection="Brentford - Draw").halves == (Pick.HOME, Pick.DRAW)
    assert team(market="Exact Total Goals", label="7+ Goals").span == Span(7, None)
    assert team(market="Number of Goals In Match", label="2 or 3 goals").span == Span(2, 3)
    assert team(market="Exact Total Goals", label="2").span == Span(2, 2)
    over = team(market="Number of Goals In Match", label="Over 3 goals")
    assert (over.market.rule, over.line) == (Rule.TOTAL, 3)


def test_a_team_beside_a_number_is_whose_it_is() -> None:
    assert team(market="corners", team="Brentford", direction="over", threshold=4.5).team == "Brentford"
    assert refused(market="Match Corners", team="Brentford", direction="over", threshold=4.5, **SIDES).field == "team"
    assert (
        refused(market="Totals", selection="Brentford", direction="over", threshold=2.5, **SIDES).field == "selection"
    )
    assert refused("player", market="Player Shots", player="A B", selection="C D", threshold="1+").field == "selection"
    assert refused(market="ML", team="Brentford", direction="away", **SIDES).field == "team"
    assert team(market="team props", stat="corners", team="Brentford", direction="over", threshold=4.5).line


def test_market_and_statistic_together() -> None:
    assert team(market="Totals", stat="corners", direction="over", threshold=9.5).market.quantity == "corners"
    assert player(market="Player Props", stat="shots", player="A B", direction="over", threshold=1.5).market.is_player
    bet = player(market="Player Props - Alex Tuch (Goals)", direction="over", threshold=0.5)
    assert (bet.player, bet.market.quantity) == ("Alex Tuch", "goals")


@pytest.mark.parametrize(
    ("label", "market", "name", "rule", "line"),
    [
        ("Dango Ouattara (1) (2.5)", "Player Shots Over/Under", "Dango Ouattara", Rule.PLAYER_TOTAL, "2.5"),
        ("Igor Thiago (First)", "First Goalscorer", "Igor Thiago", Rule.FIRST_SCORER, None),
        ("Igor Thiago (2 or More) (1)", "Multi Scorers", "Igor Thiago", Rule.PLAYER_TOTAL, "1.5"),
        ("Igor Thiago (3 or More) (1)", "Multi Scorers", "Igor Thiago", Rule.PLAYER_TOTAL, "2.5"),
        ("Igor Thiago", "Anytime Goalscorer", "Igor Thiago", Rule.PLAYER_TOTAL, "0.5"),
        ("Igor Thiago (Score or Assist) (2)", "Player To Score or Assist", "Igor Thiago", Rule.PLAYER_TOTAL, "0.5"),
    ],
)
def test_labels_of_players(label: str, market: str, name: str, rule: Rule, line: str | None) -> None:
    bet = player(market=market, player=label, direction="over")
    assert (bet.player, bet.market.rule) == (name, rule)
    assert bet.line == (None if line is None else Decimal(line))


@pytest.mark.parametrize(
    ("field", "fields"),
    [
        ("odds", {"odds": 1}), ("odds", {"odds": 0.5}), ("odds", {"odds": -2}), ("odds", {"odds": "NaN"}),
        ("odds", {"odds": "+150"}), ("odds", {"odds": 1e9}), ("odds", {"odds": None}), ("stake", {"stake": -5}),
        ("stake", {"stake": 0}), ("stake", {"stake": 10**9}), ("stake", {"stake": float("inf")}),
        ("stake", {"stake": "1,000"}), ("stake", {"stake": None}), ("stake", {"stake": {"$gt": 0}}),
        ("market_name", {"market": "Nonsense"}), ("market_name", {"market": None}), ("direction", {"direction": None}),
        ("direction", {"direction": "yes"}), ("market_direction", {"market_direction": "under"}),
        ("threshold", {"threshold": None}), ("threshold", {"threshold": 2.3}), ("threshold", {"threshold": -1}),
        ("threshold", {"threshold": "2.5, 3.5"}), ("line", {"line": 3.5}), ("bet_id", {"bet_id": None}),
        ("kickoff", {"kickoff": "soon"}), ("fixture_id", {"fixture_id": "x"}), ("is_live", {"is_live": "perhaps"}),
        ("market", {"market": "Player Shots"}), ("score_at_bet", {"score_at_bet": "many"}),
    ],
    ids=str,
)  # fmt: skip
def test_bad_fields_are_named(field: str, fields: dict[str, Any]) -> None:
    document = {"market": "Totals", "direction": "over", "threshold": 2.5, **fields}
    bad = refused(**document)
    assert bad.field in (field, "market" if field == "market_name" else field), bad


def test_odds_as_fraction_and_with_comma() -> None:
    assert team(market="ML", direction="home", odds="5/2").odds == Decimal("3.5")
    assert team(market="ML", direction="home", odds="1,909").odds == Decimal("1.909")


@pytest.mark.parametrize(
    "fields",
    [{"odds": 2.0, "odds_taken": 1.9}, {"odds": "5/2", "price": 3.6}, {"stake": 10, "stake_amount": 25}],
    ids=str,
)
def test_money_that_is_told_twice_has_to_agree(fields: dict[str, Any]) -> None:
    assert "contradicts" in refused(market="ML", direction="home", **fields).message


def test_money_that_is_told_twice_alike_is_read() -> None:
    told = {"odds": 1.91, "decimal_odds": "1.910", "bookmaker_odds": {"home": 1.91}, "price": 0.52, "amount": "10"}
    assert team(market="ML", direction="home", **told).odds == Decimal("1.91")


def test_a_bet_is_settled_at_its_own_odds_and_market_and_not_at_those_of_the_alert() -> None:
    alert = {"odds": 2.2, "stake": 1, "market_name": "Totals", "fixture_id": 1, "threshold": 9.5}
    own = {"bet_id": 1, "odds_taken": 1.8, "amount": 25, "market": "Corners Totals", "event_id": 2}
    bet = read_bet({**own, "direction": "over", "alert": alert}, "team")
    assert isinstance(bet, Bet), bet
    assert (bet.odds, bet.stake, bet.market.quantity, bet.fixture_id, bet.line) == (
        Decimal("1.8"), 25, "corners", 2, Decimal("9.5"),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("name", "market", "quantity", "scope"),
    [
        ("Totals", "Corners Totals", "corners", "match"), ("Corners Totals", "totals", "corners", "match"),
        ("Goals", "Total Goals", "goals", "match"), ("Total Goals", "Goals", "goals", "match"),
        ("Totals", "Team Total Home", "goals", "home"), ("Totals", "pre-match", "goals", "match"),
        ("Moneyline", "ML", "goals", "match"),
    ],
)  # fmt: skip
def test_two_names_of_one_market(name: str, market: str, quantity: str, scope: str) -> None:
    direction = "home" if market == "ML" else "over"
    line = {} if market == "ML" else {"threshold": 2.5}
    found = team(market_name=name, market=market, direction=direction, **line).market
    assert (found.quantity, found.scope) == (quantity, scope)


@pytest.mark.parametrize(("name", "market"), [("Totals HT", "Corners 2H"), ("Spread", "ML"), ("Goals", "Corners")])
def test_two_names_of_two_markets_contradict(name: str, market: str) -> None:
    bad = refused(market_name=name, market=market, direction="home", threshold=0.5)
    assert (bad.field, "contradicts" in bad.message) == ("market", True)


def test_a_bet_during_the_match() -> None:
    bet = team(market="Spread", selection="Home -0.5", is_live=True, score_at_bet="1-0")
    assert (bet.live, bet.score_at_bet) == (True, Score(1, 0))


def test_a_qualifier_has_to_fit_the_market() -> None:
    assert refused("player", market="Anytime Goalscorer", player="Igor Thiago (First)").field == "player"


def test_horses() -> None:
    bet = read_bet(
        {**HEAD, "race_id": 7, "horse": "Red Rum", "each_way": 1, "places": 4, "place_terms": "1/4"}, "horse"
    )
    assert isinstance(bet, Bet) and bet.horse is not None
    assert (bet.market.rule, bet.horse.runner, bet.horse.fraction) == (Rule.HORSE_EACH_WAY, "Red Rum", Decimal("0.25"))
    assert refused("horse", race_id=7).field == "runner"
    assert refused("horse", race_id=7, horse="Red Rum", market="forecast").field == "market_name"
    assert refused("horse", race_id=7, horse="Red Rum", market="win", each_way=True).field == "each_way"


@pytest.mark.parametrize(
    ("market", "position", "pick"),
    [("ML", 0, "home"), ("ML", "1", "away"), ("ML", 2, "draw"), ("Totals", 1, "under"), ("Spread", 1, "away")],
)
def test_positions_of_overtime(market: str, position: object, pick: str) -> None:
    line = {} if market == "ML" else {"line": 0.5}
    bet = read_bet({**HEAD, "market": market, "position": position, **line}, "overtime")
    assert isinstance(bet, Bet), bet
    assert bet.pick == pick
    assert bet.own_line in (None, False)


def test_accumulators() -> None:
    legs = [
        {"market": "ML", "direction": "home", "odds": 2, "fixture_id": 1},
        {"market": "Anytime Goalscorer", "player": "A B", "odds": "3,5", "fixture_id": 2},
    ]
    bet = read_bet({"bet_id": "acc", "stake": 5, "odds": 7, "legs": legs}, "team")
    assert isinstance(bet, Accumulator)
    assert [leg.odds for leg in bet.legs] == [2, Decimal("3.5")]
    bad = read_bet({"bet_id": "acc", "stake": 5, "legs": [legs[0], {"market": "ML", "odds": 2}]}, "team")
    assert isinstance(bad, BadBet) and bad.field == "legs[1].direction"
    for legs_ in ([], "x", [1], [legs[0]] * 99):
        assert isinstance(read_bet({"bet_id": "acc", "stake": 5, "legs": legs_}, "team"), BadBet) is (legs_ != "")


@pytest.mark.parametrize("name", ["team", "Teams", "team_tracked_bets", "player_bot", "overtime_placed_bets", "HORSE"])
def test_kinds_by_name(name: str) -> None:
    assert kind_of(name) in READERS


def test_an_unknown_kind_is_an_error() -> None:
    with pytest.raises(ValueError, match="no kind"):
        kind_of("tennis")


VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=20), st.sampled_from(
        ["over", "Over 2.5", "home", "1X", "2-1", "Totals", "Player Shots", "ML", "Spread", "each way", "-0.5/1", "7+"]
    ), st.lists(st.integers(), max_size=3), st.dictionaries(st.text(max_size=5), st.integers(), max_size=3),
)  # fmt: skip
NAMES = """
bet_id stake odds market stat direction market_direction selection threshold hdp team player legs kickoff fixture_id
race_id horse position line score_at_bet is_live Odds alert home_team away_team player_id manual_override
"""
KEYS = st.sampled_from(NAMES.split())


@settings(max_examples=300)
@given(st.dictionaries(KEYS, VALUES), st.sampled_from(sorted(READERS)))
def test_whatever_is_written_is_a_bet_or_the_reason_why_not(document: dict[str, Any], kind: str) -> None:
    good = {**HEAD, "market": "Totals", "direction": "over", "threshold": 2.5}
    for written in (document, good | document):
        bet = read_bet(written, kind)
        assert isinstance(bet, Bet | Accumulator | BadBet)
        if isinstance(bet, Bet):
            assert bet.odds > 1
            assert bet.stake > 0
