"""From what is typed to a selection."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from PROPPR.SharedServices.cli.backfill_options import (
    Wanted,
    find_league,
    full_name,
    in_words,
    read_ids,
    read_instant,
    read_selection,
)
from PROPPR.SharedServices.service.errors import ConfigError
from PROPPR.SharedServices.storage.backfills import MOST_FIXTURES, Selection

QUALIFIED = ("International", "World Cup, Qualification Asia & Oceania")
LEAGUES = [("England", "Premier League"), ("Scotland", "Premiership"), QUALIFIED, ("", "Friendlies")]
MIDNIGHT = datetime(2026, 11, 21, tzinfo=UTC)


@given(st.lists(st.integers(1, 2**63 - 1), max_size=20), st.sampled_from([",", " ", "\n", ", ", "\t,\n"]))
def test_ids_are_read_however_they_are_separated(ids: list[int], separator: str) -> None:
    assert read_ids([separator.join(map(str, ids))]) == read_ids(map(str, ids)) == tuple(dict.fromkeys(ids))


@pytest.mark.parametrize("text", ["x", "0", "-1", "1.5", "9223372036854775808", "1;2", "\u0661\u0662", "1 two"])
def test_what_is_no_id_is_named(text: str) -> None:
    with pytest.raises(ConfigError, match=r"--id: .* is not an id"):
        read_ids([text])


def test_too_many_ids_are_refused() -> None:
    with pytest.raises(ConfigError, match="at most"):
        read_ids([" ".join(map(str, range(1, MOST_FIXTURES + 2)))])


@pytest.mark.parametrize(
    ("text", "end", "expected"),
    [
        ("2026-11-21", False, MIDNIGHT),
        ("2026-11-21", True, MIDNIGHT + timedelta(days=1, milliseconds=-1)),
        ("2026-11-21T18:30", True, MIDNIGHT + timedelta(hours=18, minutes=30)),
        ("2026-11-21 18:30:15", False, MIDNIGHT + timedelta(hours=18, minutes=30, seconds=15)),
        ("2026-11-21T01:00+02:00", False, MIDNIGHT - timedelta(hours=1)),
        ("2026-11-21T00:00:00.123456Z", False, MIDNIGHT + timedelta(milliseconds=123)),
        (None, False, None),
    ],
)
def test_days_and_times_are_utc(text: str | None, end: bool, expected: datetime | None) -> None:
    assert read_instant("--from", text, end_of_day=end) == expected


@pytest.mark.parametrize("text", ["", "tomorrow", "21.11.2026", "2026-13-01", "2026-02-30", "0001-01-01T00:00+12:00"])
def test_what_is_no_time_names_its_option(text: str) -> None:
    with pytest.raises(ConfigError, match="--to: "):
        read_instant("--to", text)


@pytest.mark.parametrize("league", LEAGUES, ids=full_name)
def test_a_league_is_found_by_its_full_name_whatever_the_capitals(league: tuple[str, str]) -> None:
    assert find_league(full_name(league), LEAGUES) == league
    assert find_league(full_name(league).upper(), LEAGUES) == league


def test_an_unknown_league_gets_a_hint() -> None:
    with pytest.raises(ConfigError, match="did you mean England - Premier League"):
        find_league("England - Premier Leage", LEAGUES)
    with pytest.raises(ConfigError, match=r"is registered$"):
        find_league("zzz", [])


@pytest.mark.parametrize("wanted", [Wanted(), Wanted(sports=("football",)), Wanted(bookmakers=("M88",))])
def test_something_must_choose_fixtures(wanted: Wanted) -> None:
    with pytest.raises(ConfigError, match="--id, --league, --from, --to"):
        read_selection(wanted, LEAGUES, ("M88",))


@pytest.mark.parametrize("ids", [("",), (" ,\n",)])
def test_an_empty_list_of_ids_does_not_mean_everything(ids: tuple[str, ...]) -> None:
    with pytest.raises(ConfigError, match="no id was given"):
        read_selection(Wanted(ids, since="2026-11-21"), LEAGUES, ("M88",))


def test_a_selection_is_read_whole() -> None:
    wanted = Wanted(("2,1", "2"), ("england - premier league",) * 2, ("Football ",), "2026-11-21", "2026-11-22")
    selection = read_selection(wanted, LEAGUES, ("Bet365", "Bet365 (no latency)", "M88"))
    end = MIDNIGHT + timedelta(days=2, milliseconds=-1)
    assert selection == Selection((2, 1), (LEAGUES[0],), ("football",), MIDNIGHT, end, ("Bet365", "M88"))
    for part in ("2, 1", "England - Premier League", "football", "from 2026-11-21 00:00 UTC", "Bet365, M88"):
        assert part in in_words(selection)


def test_named_bookmakers_replace_the_default() -> None:
    selection = read_selection(Wanted(("1",), bookmakers=("BC.Game",)), (), ("M88",))
    assert selection.bookmakers == ("BC.Game",)


def test_an_end_before_the_beginning_is_refused() -> None:
    with pytest.raises(ConfigError, match="--to: is before --from"):
        read_selection(Wanted(since="2026-11-22", until="2026-11-21"), (), ("M88",))


def test_many_ids_are_told_in_short() -> None:
    assert "and 95 more ids" in in_words(Selection(ids=tuple(range(1, 101)), bookmakers=("M88",)))
