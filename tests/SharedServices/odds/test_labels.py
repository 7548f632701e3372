"""Player labels, read from the right."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from PROPPR.SharedServices.odds.labels import PlayerLabel, TeamLabel, parse_player_label


@pytest.mark.parametrize(
    ("label", "hdp", "expected"),
    [
        ("Ivo Marsh", 0.5, PlayerLabel("Ivo Marsh", None, None, 0.5)),
        ("D'Arcy Vale (Assists)", 5.5, PlayerLabel("D'Arcy Vale", None, "Assists", 5.5)),
        ("Jon Smith-Okoro (Pts+Rebs+Asts)", 9.5, PlayerLabel("Jon Smith-Okoro", None, "Pts+Rebs+Asts", 9.5)),
        ("Jon Smith-Okoro (3 Point FG)", 1.5, PlayerLabel("Jon Smith-Okoro", None, "3 Point FG", 1.5)),
        ("Ivo Marsh (1)", 0.5, PlayerLabel("Ivo Marsh", "home", None, 0.5)),
        ("Ivo Marsh (2)", 8.5, PlayerLabel("Ivo Marsh", "away", None, 8.5)),
        ("Ivo Marsh (1) (2.5)", 2.5, PlayerLabel("Ivo Marsh", "home", None, 2.5)),
        ("Ivo Marsh (2) (25)", 25.0, PlayerLabel("Ivo Marsh", "away", None, 25.0)),
        ("Ivo Marsh (1) (45.5)", None, PlayerLabel("Ivo Marsh", "home", None, 45.5)),
        ("Ivo Marsh (2.5)", 2.5, PlayerLabel("Ivo Marsh", None, None, 2.5)),
        # an integer line that looks like a team marker is one only behind a real marker
        ("Ivo Marsh (1)", 1.0, PlayerLabel("Ivo Marsh", "home", None, 1.0)),
        ("Ivo Marsh (1) (2)", 2.0, PlayerLabel("Ivo Marsh", "home", None, 2.0)),
        ("Ivo Marsh (2) (1)", None, PlayerLabel("Ivo Marsh", "away", None, 1.0)),
        ("Ivo Marsh (First)", None, PlayerLabel("Ivo Marsh", None, "First", None)),
        ("Ivo Marsh (Last)", None, PlayerLabel("Ivo Marsh", None, "Last", None)),
        ("Ivo Marsh (Score or Assist) (2)", None, PlayerLabel("Ivo Marsh", "away", "Score or Assist", None)),
        ("Ivo Marsh (2 or More) (1)", None, PlayerLabel("Ivo Marsh", "home", "2 or More", None)),
        ("Ivo Marsh (Outside the Box) (2)", None, PlayerLabel("Ivo Marsh", "away", "Outside the Box", None)),
        ("Ivo Marsh (1) (Points)", 9.5, PlayerLabel("Ivo Marsh", "home", "Points", 9.5)),
        # a number that contradicts hdp is kept, so that two lines never become one
        ("Ivo Marsh (1) (3.5)", 2.5, PlayerLabel("Ivo Marsh", "home", "3.5", 2.5)),
        ("Ivo Marsh Jr. (Tackles)", 1.5, PlayerLabel("Ivo Marsh Jr.", None, "Tackles", 1.5)),
        ("  Ivo Marsh  (1) ", 0.5, PlayerLabel("Ivo Marsh", "home", None, 0.5)),
        ("Ivo (Junior) Marsh (1)", 0.5, PlayerLabel("Ivo (Junior) Marsh", "home", None, 0.5)),
        ("(1)", None, PlayerLabel("(1)", None, None, None)),
        ("Ivo Marsh ()", None, PlayerLabel("Ivo Marsh ()", None, None, None)),
        ("Ivo Marsh (1", None, PlayerLabel("Ivo Marsh (1", None, None, None)),
        ("Tie Domi (Goals)", 0.5, PlayerLabel("Tie Domi", None, "Goals", 0.5)),
    ],
)
def test_players(label: str, hdp: float | None, expected: PlayerLabel) -> None:
    assert parse_player_label(label, "Player Props", hdp) == expected


@pytest.mark.parametrize(
    "label",
    [
        "AB Larks Alternate (Points)",
        "Both Teams (Points)",
        "No Goalscorer (Ashton) (Last)",
        "No Goalscorer",
        "Either Team (Points)",
        "Burwell Team Total (Points)",
        "Draw",
    ],
)
def test_team_labels_keep_their_text(label: str) -> None:
    assert parse_player_label(label, "Player Props", 10.5) == TeamLabel(label, 10.5)


NAMES = st.from_regex(r"[A-Z][a-z'\-]{2,12}( [A-Z][a-z'\-]{2,12}){1,2}", fullmatch=True)
STATS = st.none() | st.sampled_from(["Points", "3 Point FG", "Pts+Rebs", "First", "2 or More", "Score or Assist"])
SIDES = st.sampled_from([None, "home", "away"])
LINES = st.none() | st.integers(0, 60).map(lambda number: number + 0.5)


@given(NAMES, STATS, SIDES, LINES, st.booleans())
def test_what_was_written_is_read(
    name: str, stat: str | None, side: str | None, line: float | None, both: bool
) -> None:
    assume(isinstance(parse_player_label(name, "Player Props", None), PlayerLabel))
    marker = {"home": " (1)", "away": " (2)", None: ""}[side]
    label = name + (f" ({stat})" if stat else "") + marker + (f" ({line})" if line is not None else "")
    expected = PlayerLabel(name, side, stat, line)  # type: ignore[arg-type]
    assert parse_player_label(label, "Player Props", line if both else None) == expected


@given(st.text(alphabet=st.sampled_from("Ab ()12.5é"), max_size=40), st.none() | st.floats(-100, 100))
def test_never_raises_and_never_loses_the_text(label: str, hdp: float | None) -> None:
    read = parse_player_label(label, "Player Props", hdp)
    if isinstance(read, TeamLabel):
        assert (read.label, read.hdp) == (label, hdp)
    else:
        assert read.player_name and read.player_name in label
        assert hdp is None or read.hdp == hdp
