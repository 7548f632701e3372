"""Every captured match page (747, 2022 to 2026, all layouts) is read, and the exceptions are those of the document."""

from __future__ import annotations

import csv
import gzip
import re
from collections import Counter, defaultdict
from pathlib import Path

import msgspec
import pytest

from PROPPR.SharedServices.football.completeness import SUMMED, is_complete, is_settled_as_played, problems
from PROPPR.SharedServices.football.model import Ending, Match, Role, State
from PROPPR.SharedServices.football.reading import read_match
from PROPPR.SharedServices.football.statistics import Period, Statistic

DOCUMENT = Path(__file__).parents[3] / "docs" / "fotmob_data.md"
_ROW = re.compile(r"^\| `([a-z_0-9 ]+)` \| (\d+) \| ([0-9ab ]+) \|", re.MULTILINE)


@pytest.fixture(scope="module")
def matches(real_data: Path) -> dict[str, Match]:
    """All matches, by id; of two captures of one match the first ends in a, the second in b."""
    folder = real_data / "fotmob"
    with (folder / "INDEX.tsv").open(encoding="utf-8") as index:
        files = sorted(row["file"] for row in csv.DictReader(index, delimiter="\t") if row["matchId"])
    decoder = msgspec.json.Decoder()
    read: dict[str, Match] = {}
    for file in files:
        match = read_match(decoder.decode(gzip.decompress((folder / file).read_bytes())))
        label = str(match.match_id)
        if "revisions" in file:
            label += "b" if f"{label}a" in read else "a"
        while label in read:  # a match that is also in another folder
            label += "a"
        read[label] = match
    return read


@pytest.fixture(scope="module")
def played(matches: dict[str, Match]) -> dict[str, Match]:
    """Those that were played to the end."""
    return {label: match for label, match in matches.items() if is_settled_as_played(match)}


def test_every_page_is_read(matches: dict[str, Match]) -> None:
    assert len(matches) == 747
    assert Counter(match.layout for match in matches.values()) == {"A": 381, "B": 16, "B2": 4, "C": 346}
    others = {match.match_id: match.state for match in matches.values() if match.state is not State.PLAYED}
    assert others == {3901179: State.POSTPONED, 4193691: State.ABANDONED, 5104961: State.SCHEDULED}
    late = {match.match_id: match.ending for match in matches.values() if match.ending not in (None, Ending.FULL_TIME)}
    assert late == {4653706: Ending.PENALTIES, 4653710: Ending.EXTRA_TIME, 4653716: Ending.PENALTIES}


def test_the_exceptions_are_those_of_the_document(matches: dict[str, Match]) -> None:
    listed = {name: ids.split() for name, _, ids in _ROW.findall(DOCUMENT.read_text(encoding="utf-8"))}
    found: dict[str, set[str]] = defaultdict(set)
    for label, match in matches.items():
        for problem in problems(match):
            found[problem.code + (f" {problem.statistic}" if problem.statistic else "")].add(label)
    assert {name: sorted(labels) for name, labels in found.items()} == listed
    counts = {name: int(count) for name, count, _ in _ROW.findall(DOCUMENT.read_text(encoding="utf-8"))}
    assert counts == {name: len(labels) for name, labels in found.items()}


def test_goals_and_halves_hold_everywhere(played: dict[str, Match]) -> None:
    assert len(played) == 744
    for match in played.values():
        assert match.score is not None
        assert match.score_half is not None
        assert match.score_90 is not None
        assert len(match.goals) == match.score.home + match.score.away
    incomplete = [label for label, match in played.items() if not is_complete(match)]
    assert len(incomplete) == 23


def test_the_men_add_up_to_their_team(played: dict[str, Match]) -> None:
    """At least at the rates of the source's description, over both sides of every match."""
    held: dict[Statistic, list[bool]] = defaultdict(list)
    for match in played.values():
        for home, lineup in ((True, match.home_lineup), (False, match.away_lineup)):
            assert lineup is not None
            for statistic in SUMMED:
                total = match.team_number(statistic, home, Period.ALL)
                if total is not None:
                    men = sum(player.numbers.get(statistic, 0) for player in lineup.players if player.played)
                    held[statistic].append(men == total)
    rates = {statistic: sum(kept) / len(kept) for statistic, kept in held.items()}
    exact = (Statistic.CORNERS, Statistic.OFFSIDES, Statistic.SAVES, Statistic.BLOCKED_SHOTS)
    assert all(rates[statistic] == 1 for statistic in exact)
    assert min(rates[Statistic.SHOTS], rates[Statistic.SHOTS_ON_TARGET], rates[Statistic.PASSES]) > 0.997
    assert min(rates[Statistic.FOULS], rates[Statistic.TACKLES], rates[Statistic.INTERCEPTIONS]) > 0.98


def test_line_ups_are_whole(played: dict[str, Match]) -> None:
    for match in played.values():
        for lineup in (match.home_lineup, match.away_lineup):
            assert lineup is not None
            assert lineup.confirmed
            roles = Counter(player.role for player in lineup.players)
            assert roles[Role.STARTER] == 11
            assert roles[Role.SUBSTITUTE_USED] <= 6


def test_extra_time_is_apart(played: dict[str, Match]) -> None:
    by_id = {match.match_id: match for match in played.values()}
    late = by_id[4653710]
    assert (late.score, late.score_90) != (None, late.score)
    assert by_id[4653706].shootout is not None
    for id_ in (4653706, 4653710, 4653716):
        numbers = by_id[id_].team_numbers
        corners = [numbers[period][Statistic.CORNERS] for period in (Period.MATCH, Period.EXTRA_TIME, Period.ALL)]
        assert all(ninety[0] + extra[0] == whole[0] for ninety, extra, whole in [corners])
