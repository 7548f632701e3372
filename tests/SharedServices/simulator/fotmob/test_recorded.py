"""Recorded matches: served as they were captured, with the pages that follow from them, or played by the clock."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from PROPPR.SharedServices.football.model import State
from PROPPR.SharedServices.football.pages import read_day, read_league
from PROPPR.SharedServices.football.reading import read_match
from PROPPR.SharedServices.simulator.fotmob.recorded import Recorded, RecordingsError

KICKOFF = "2026-05-16T19:30:00.000Z"
KICKOFF_MS = 1_778_959_800_000
HOUR = 3_600_000
FINISHED = {
    "utcTime": KICKOFF, "started": True, "finished": True, "cancelled": False, "scoreStr": "2 - 1",
    "reason": {"short": "FT", "shortKey": "fulltime_short", "long": "Full-Time", "longKey": "finished"},
}  # fmt: skip


def _record(folder: Path, match_id: int = 77, **general: Any) -> bytes:
    home, away = {"id": 5, "name": "Home"}, {"id": 6, "name": "Away"}
    body = {
        "general": {
            "matchId": str(match_id), "matchTimeUTCDate": KICKOFF, "homeTeam": home, "awayTeam": away, "leagueId": 9001,
            "leagueName": "Cup Grp. A", "parentLeagueId": 90, "countryCode": "INT", "matchRound": "1",
            "started": True, "finished": True, **general,
        },
        "header": {"teams": [{**home, "score": 2}, {**away, "score": 1}], "status": FINISHED, "events": None},
        "content": {"stats": {"Periods": {}}, "matchFacts": {"matchId": match_id}},
    }  # fmt: skip
    raw = json.dumps(body).encode()
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{match_id}.json.gz").write_bytes(gzip.compress(raw))
    return raw


def test_matches_come_as_they_were_captured(tmp_path: Path) -> None:
    raw = _record(tmp_path / "season")
    (tmp_path / "page.json.gz").write_bytes(gzip.compress(b'{"leagues": []}'))
    (tmp_path / "broken.json.gz").write_bytes(b"no gzip")
    source = Recorded(tmp_path, live=False)
    assert source.match(77, 0) == raw and list(source.matches) == [77]
    assert source.match(78, 0) is None and source.match_version(78, 0) is None and source.page_path(78) is None
    league = read_league(source.league(90, None, 0) or {})
    assert [match.match_id for match in league.matches] == [77] and league.season == "2026"
    assert source.league(90, "2024/2025", 0) is None and source.league(9001, None, 0) is None
    (row,) = read_day(source.day("20260516", "UTC", 0))
    assert (row.match_id, row.state, row.league.competition_id) == (77, State.PLAYED, 90)
    assert not read_day(source.day("20260516", "Pacific/Auckland", 0))
    assert read_day(source.day("20260517", "Pacific/Auckland", 0))
    assert source.all_leagues()["countries"][0]["leagues"][0]["id"] == 90


def test_by_the_clock_a_match_lies_ahead_until_it_is_over(tmp_path: Path) -> None:
    raw = _record(tmp_path)
    source = Recorded(tmp_path, live=True)
    before: Any = source.match(77, KICKOFF_MS - HOUR)
    assert before["content"]["stats"] is None and not before["header"]["status"]["started"]
    assert [team["score"] for team in before["header"]["teams"]] == [0, 0]
    (row,) = read_day(source.day("20260516", "UTC", KICKOFF_MS - HOUR))
    assert row.state is State.SCHEDULED
    assert source.match(77, KICKOFF_MS + HOUR)["header"]["status"]["started"]  # type: ignore[index]
    assert source.match(77, KICKOFF_MS + 2 * HOUR) == raw
    versions = {source.match_version(77, KICKOFF_MS + hours * HOUR) for hours in (-1, 1, 2)}
    assert len(versions) == 3


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RecordingsError):
        Recorded(tmp_path, live=False)


def test_a_simulator_serves_a_folder(simulate: Any, tmp_path: Path) -> None:
    raw = _record(tmp_path)
    simulated = simulate(fotmob_recordings=tmp_path)
    answer = simulated.session.get(f"{simulated.server.fotmob_url}/matchDetails", params={"matchId": 77}, timeout=10)
    assert answer.content == raw
    assert (
        simulated.session.get(f"{simulated.server.fotmob_url}/teams", params={"id": 5}, timeout=10).status_code == 404
    )


@pytest.mark.parametrize("folder", ["premier_league_2025_26", "world_cup_2026"])
def test_real_recordings_are_found_and_listed(real_data: Path, folder: str) -> None:
    source = Recorded(real_data / "fotmob" / folder, live=False)
    files = {int(path.name[:7]) for path in (real_data / "fotmob" / folder).glob("*.json.gz")}
    assert set(source.matches) == files, "one of them was captured twice"
    league_id = next(iter(source.matches.values())).league_id
    page = read_league(source.league(league_id, None, 0) or {})
    assert {match.match_id for match in page.matches} == set(source.matches)
    first = page.matches[0]
    assert read_match(msgspec.json.decode(source.match(first.match_id, 0))).kickoff == first.kickoff  # type: ignore[arg-type]
    clock = Recorded(real_data / "fotmob" / folder, live=True)
    ahead = read_match(clock.match(first.match_id, 0))  # type: ignore[arg-type]
    assert ahead.state is State.SCHEDULED and ahead.team_numbers == {}
