"""The pages of fixtures, odds, bets and the ledger: what they show and leave out, and that names are only texts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from bson import Int64
from console_odds import HOSTILE, NOW, World, be_patient, minutes
from console_visitor import Visitor, console
from pymongo import MongoClient

from PROPPR.SharedServices.odds.types import Line
from PROPPR.SharedServices.service.clock import ManualClock
from PROPPR.SharedServices.storage.collections import ensure_collections

Document = dict[str, Any]
PAGES = ("/fixtures", "/fixtures/1", "/drops", "/value", "/arbitrages", "/bets", "/bets/bet?id=one", "/ledger")
PARTS = (
    "/fixtures/part", "/fixtures/1/book", "/fixtures/1/prices?market=ML&side=home", "/fixtures/1/around",
    "/fixtures/1/bets", "/drops/part", "/value/part", "/arbitrages/part", "/bets/part", "/ledger/part",
)  # fmt: skip
SHAPES = {"fixtures", "price_drops", "all_value_bets", "arbitrage_bets", "odds_books", "odds_history"}


@pytest.fixture(autouse=True)
def _patience(monkeypatch: pytest.MonkeyPatch) -> None:
    be_patient(monkeypatch)


@pytest.fixture(scope="module")
def filled(mongo_client: MongoClient[Document]) -> Iterator[World]:
    database = mongo_client["console_odds_pages"]
    ensure_collections(database)
    world = World(database)
    world.fixture(1, NOW - minutes(10), "live", scores={"home": 1, "away": 0})
    world.fixture(2, NOW + minutes(30))
    for at, home in ((90, 2.0), (60, 1.9), (-5, 1.5)):
        world.quote(1, "Bet365", "ML", Line(home=home, draw=3.4, away=4.1), at=NOW - minutes(at))
    world.quote(1, "M88", "ML", Line(home=1.95, draw=3.3, away=4.2), at=NOW - minutes(70))
    world.quote(1, "M88", "Totals", *(Line(hdp=hdp, over=1.9, under=1.9) for hdp in (1.5, 2.5, 3.5)))
    world.quote(1, "Bet365", "Player Shots", Line(hdp=1.5, over=1.9, player_name="A Man"), is_player=True)
    world.drop("d")
    world.value("V. Alue")
    world.arbitrage("A. Rbitrage")
    world.arbitrage("error", probable_error=True, margin=0.4)
    world.bet("one", settled_at=NOW - minutes(60 * 24 * 40))
    world.bet(
        "two", "player_tracked_bets", status="lost", returns=0.0, profit_loss=-1010.0, stake=1010, bookmaker="M88"
    )
    world.waiting("three", "not finished: second half", fixture_id=1, kickoff=NOW - minutes(10))
    database["fixture_mappings"].insert_one(
        {"fixture_id": Int64(1), "fotmob_match_id": Int64(4_000_001), "status": "auto", "score": 0.93, "kickoff": NOW,
         "home": "Home 1", "away": "Away 1", "fotmob_home": "Homeham", "fotmob_away": "Awayton", "updated_at": NOW}
    )  # fmt: skip
    database["predicted_lines"].insert_one(
        {"fixture_id": Int64(1), "home_team": "Home 1", "away_team": "Away 1", "league": "First Division",
         "date": "2026-11-21", "kickoff": NOW, "predicted_lines_last10": {"shots_on_target": {"home": 4.5}},
         "home_averages_last10": {"shots_on_target": 4.6}, "away_averages_last10": {"shots_on_target": 3.3},
         "model": {"match": {"shots_on_target": {"home": {"mean": 4.72, "over": [[4.5, 0.515]]}}}}, "updated_at": NOW}
    )  # fmt: skip
    yield world
    mongo_client.drop_database(database.name)


@pytest.fixture(scope="module")
def reader(filled: World) -> Visitor:
    return Visitor(console(filled.database, ManualClock(NOW)))


def test_the_list_of_fixtures(reader: Visitor) -> None:
    text = reader.text("/fixtures")
    for part in ("2 fixtures, 1 live", "Home 1 - Away 1", "live 1-0", "Home 2 - Away 2", "England - First Division"):
        assert part in text, part
    assert text.index("Home 1 - Away 1") < text.index("Home 2 - Away 2")
    assert "Home 2" not in reader.text("/fixtures?text=home+1") and "No fixture is found" in reader.text(
        "/fixtures?text=x"
    )
    assert 'href="/fixtures/1"' in reader.get("/fixtures").text


def test_a_fixtures_books(reader: Visitor) -> None:
    text = reader.text("/fixtures/1")
    for part in ("Home 1 - Away 1", "live", "1-0", "Totals 3 lines, 1 bookmaker", "Players: 1 market", "Bet365", "M88",
                 "★ 1.95 best", "★ 4.20 best", "At kick-off", "1.90 / 3.40 / 4.10"):  # fmt: skip
        assert part in text, part
    totals = reader.text("/fixtures/1?market=Totals&line=2&side=under")
    assert "Totals 3.5 under over time" in totals
    shots = reader.get("/fixtures/1?market=Player+Shots").text
    assert re.search(r"<details open>\s*<summary>Players", shots) and "A Man 1.5" in shots
    assert "No such" not in text and reader.get("/fixtures/99").status_code == 404
    assert reader.get(f"/fixtures/{2**64}").status_code == 404
    assert "No bookmaker prices this fixture now" in reader.text("/fixtures/2")


def test_how_a_price_moved_stands_in_a_table_and_as_data(reader: Visitor) -> None:
    text = reader.text("/fixtures/1")
    assert "ML home over time" in text and "Bet365 2.00 1.50 2.00 1.90 1.50 2" in text
    html = reader.get("/fixtures/1").text
    (address,) = re.findall(r'data-chart="prices"[^>]* data-src="([^"]+)"', html)
    told = reader.get(address.replace("&amp;", "&")).json
    assert told is not None and told["kickoff"] == (NOW - minutes(10)).timestamp() and told["until"] == NOW.timestamp()
    assert [(one["name"], [price for _, price in one["points"]]) for one in told["series"]] == [
        ("Bet365", [2.0, 1.9, 1.5]), ("M88", [1.95]),
    ]  # fmt: skip


def test_what_surrounds_a_fixture(reader: Visitor) -> None:
    text = reader.text("/fixtures/1")
    for part in ("Homeham - Awayton, number 4000001, by rule (score 0.93)",
                 "shots on target home 4.60 4.5 4.72 4.5: 52 %", "Best value bets", "ML V. Alue home",
                 "Spread A. Rbitrage -0.5", "Totals 2.5 over Bet365 2.50 2.00",
                 "three", "not finished: second half"):  # fmt: skip
        assert part in text, part
    assert "Nothing is predicted" in reader.text("/fixtures/2") and "Nobody has looked" in reader.text("/fixtures/2")


def test_drops_value_bets_and_arbitrages(reader: Visitor) -> None:
    assert "2.50 2.00 20.00 %" in reader.text("/drops")
    assert "none like that" in reader.text("/drops?least=50") and "Totals 2.5 over" in reader.text("/drops?least=19,5")
    value = reader.text("/value")
    assert "2.10 1.93 M88 2.017 108.8 104.1" in value
    arbitrages = reader.text("/arbitrages")
    for part in ("40.00 % probable price error", "4.00 %", "lay away +0.5", "risks 40.00", "less 5.0 %",
                 "100.00 staked return at least 104.00", "known limits allow 250.00"):  # fmt: skip
        assert part in arbitrages, part
    assert "probable price error" not in reader.text("/arbitrages?errors=no").partition("will be corrected")[2]


def test_bets_and_their_story(reader: Visitor) -> None:
    text = reader.text("/bets")
    for part in ("1 bet waits of all bots: 1 not finished", "three", "not finished: second half", "-1,010.00", "+9.00"):
        assert part in text, part
    story = reader.text("/bets/bet?id=one")
    assert "stored: won" in story and "proppr grade explain one" in story and "threshold: 2.5" in story
    missing = reader.get("/bets/bet?id=nothing")
    assert missing.status_code == 404 and "No bet has this number" in missing.text


def test_the_ledger_to_the_cent_with_its_course(reader: Visitor) -> None:
    text = reader.text("/ledger")
    for part in ("Profit -1,001.00", "-98.14 %", "1,020.00", "By bookmaker", "Bet365 1 1 0 10.00 +9.00 90.00 %",
                 "2026-11 1 0 0 1,010.00 -1,010.00 -100.00 %", "All 2 1 0 1,020.00 -1,001.00"):  # fmt: skip
        assert part in text, part
    assert "Profit -1,010.00" in reader.text("/ledger?since=2026-11-01")
    assert "No bet is settled in this time" in reader.text("/ledger?since=2026-11-01&until=2026-11-01")
    told = reader.get("/ledger/course.json").json
    assert told is not None and [profit for _, profit in told["points"]] == [9.0, -1001.0]


@pytest.mark.parametrize("part", PARTS)
def test_a_part_that_has_not_changed_is_not_sent_again(reader: Visitor, part: str) -> None:
    first = reader.get(part)
    assert first.status_code == 200
    (seen,) = re.findall(r'name="seen" value="([^"]+)"', first.text)
    between = "&" if "?" in part else "?"
    assert reader.get(f"{part}{between}seen={seen}").status_code == 204
    assert reader.get(f"{part}{between}seen=other").status_code == 200


@pytest.mark.parametrize("page", [page for page in PAGES if "bet?" not in page])
def test_a_page_holds_the_marks_of_its_parts(reader: Visitor, page: str) -> None:
    html = reader.get(page).text
    parts = re.findall(r'hx-get="([^"]+)"', html)
    marks = re.findall(r'name="seen" value="([^"]+)"', html)
    assert len(parts) == len(marks) >= 1
    for part, mark in zip(parts, marks, strict=True):
        address = part.replace("&amp;", "&")
        assert reader.get(f"{address}{'&' if '?' in address else '?'}seen={mark}").status_code == 204, part


ODD = ("page=-1", "page=x", "page=999999999999", "least=nan", "least=1e999", "since=0000-00-00", "until=9999-12-31",
       "since=2026-13-01", "bot=nobody", "order=x", "show=x", "market=x", "line=999", "side=x", "hdp=inf", "id=%00",
       "text=%F0%9F%98%80%00", "league=%C3%28", f"text={quote('(' * 300)}")  # fmt: skip


@pytest.mark.parametrize("query", ODD)
def test_what_can_not_be_read_in_an_address_is_as_if_it_were_not_there(reader: Visitor, query: str) -> None:
    for path in (*PAGES, *PARTS, "/fixtures/1/prices.json", "/ledger/course.json"):
        answer = reader.get(f"{path}{'&' if '?' in path else '?'}{query}")
        assert answer.status_code in (200, 404 if "bet?" in path else 200), (path, answer.text[-300:])


def test_hostile_names_are_only_texts(mongo_client: MongoClient[Document]) -> None:
    database = mongo_client["console_hostile_odds"]
    for name in SHAPES:  # without the rules of the real collections: whatever anybody could have written
        database[name].drop()
    world = World(database)
    ensure_collections(database)
    names = {"home": HOSTILE, "away": HOSTILE, "league": HOSTILE, "country": HOSTILE}
    world.fixture(1, NOW - minutes(5), "live", **names)
    world.quote(1, HOSTILE, HOSTILE, Line(label=HOSTILE, odds=2.0), at=NOW - minutes(20))
    world.quote(1, HOSTILE, HOSTILE, Line(label=HOSTILE, odds=1.5), at=NOW - minutes(10))
    world.quote(1, HOSTILE, "Player Props", Line(hdp=1.5, over=1.9, player_name=HOSTILE, stat=HOSTILE), is_player=True)
    world.drop("d", bookmaker=HOSTILE, market=HOSTILE, label=HOSTILE, player_name=HOSTILE)
    shared = {"event_name": HOSTILE, "league": HOSTILE, "market_name": HOSTILE, "label": HOSTILE}
    world.value(HOSTILE, bookmaker=HOSTILE, sharp_source=HOSTILE, bet_side=HOSTILE, margin_method=HOSTILE, **shared)
    world.arbitrage(HOSTILE, **shared)
    database["arbitrage_bets"].update_many({}, {"$set": {"legs.$[].bookmaker": HOSTILE}})
    bet = {
        "bookmaker": HOSTILE,
        "market_name": HOSTILE,
        "direction": HOSTILE,
        "actual_value": HOSTILE,
        HOSTILE: HOSTILE,
    }
    world.bet("doubt", grading={"doubt": HOSTILE}, **bet)
    world.bet(HOSTILE, fixture_id=1, kickoff=NOW - minutes(5), **bet)
    world.waiting(f"w{HOSTILE}", HOSTILE, fixture_id=1, kickoff=NOW - minutes(5), odds=HOSTILE, **bet)
    mapping = {"home": HOSTILE, "away": HOSTILE, "fotmob_home": HOSTILE, "fotmob_away": HOSTILE, "reason": HOSTILE}
    database["fixture_mappings"].insert_one(
        {"fixture_id": Int64(1), "fotmob_match_id": Int64(5), "status": "auto", "updated_at": NOW, **mapping}
    )
    database["predicted_lines"].insert_one(
        {"fixture_id": Int64(1), "home_team": HOSTILE, "away_team": HOSTILE, "league": HOSTILE, "date": HOSTILE,
         "kickoff": NOW, "predicted_lines_last10": {HOSTILE: {"home": 1.5}}, "home_averages_last10": {},
         "away_averages_last10": {}, "updated_at": NOW}
    )  # fmt: skip
    reader = Visitor(console(database, ManualClock(NOW)))
    asked = quote(HOSTILE)
    pages = [
        *PAGES, *PARTS, f"/fixtures?text={asked}&league={asked}", f"/fixtures/1?market={asked}&side={asked}",
        f"/fixtures/1/prices?market={asked}&label={asked}&side=odds", f"/drops?bookmaker={asked}&league={asked}",
        f"/value?text={asked}&bookmaker={asked}", f"/arbitrages?league={asked}", f"/bets/bet?id={asked}",
        f"/bets/bet?id={quote('w' + HOSTILE)}", f"/ledger?since={asked}",
    ]  # fmt: skip
    for path in pages:
        answer = reader.get(path)
        assert answer.status_code in (200, 404), (path, answer.text[-500:])
        assert "<script>alert" not in answer.text and "<img" not in answer.text, path
    for path in ("/fixtures", "/fixtures/1", "/drops", "/value", "/arbitrages", "/bets", "/ledger"):
        assert HOSTILE in reader.text(path), path
    assert HOSTILE in reader.text(f"/bets/bet?id={asked}")
    data = reader.get(f"/fixtures/1/prices.json?market={asked}&label={asked}&side=odds")
    assert data.mimetype == "application/json" and data.json is not None
    assert [one["name"] for one in data.json["series"]] == [HOSTILE]
    mongo_client.drop_database(database.name)
