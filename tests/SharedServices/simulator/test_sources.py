"""Ticks and recordings as feeds: every price of the table arrives, and a recording says again what it said."""

from __future__ import annotations

import csv
import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from simulator_clients import read_until

from PROPPR.SharedServices.simulator.recordings import Recording, read_messages
from PROPPR.SharedServices.simulator.ticks import TickTable, decimal_price

TICKS = """fetched,book_update,event,book,market,outcome,point,price
1780722031,1780721990,80d82d1113,betmgm,h2h,H,,-225
1780722031,1780721990,80d82d1113,betmgm,h2h,A,,650
1780722031,1780721990,80d82d1113,betonlineag,spreads,H,-1.5,150
1780722031,1780721990,80d82d1113,betonlineag,spreads,A,1.5,-180
1780722041,1780722040,80d82d1113,betonlineag,totals,O,2.5,100
1780722051,1780722050,80d82d1113,betonlineag,totals,U,3,-110
1780722061,1780722060,80d82d1113,betmgm,h2h,H,,-250
"""
EVENTS = "event,commence,home,away\n80d82d1113,2026-06-11T19:00:00Z,Norwick,Southmere\n"


@pytest.mark.parametrize(
    ("american", "decimal"),
    [(-225, "1.444444"), (650, "7.50"), (100, "2.00"), (-110, "1.909091"), (333, "4.33"), (-1_000_000, "1.0001")],
)
def test_american_prices_become_decimal_text(american: int, decimal: str) -> None:
    assert decimal_price(american) == decimal


@pytest.fixture
def table(tmp_path: Path) -> Path:
    with gzip.open(tmp_path / "cup_ticks.csv.gz", "wt", encoding="utf-8") as file:
        file.write(TICKS)
    with gzip.open(tmp_path / "cup_events.csv.gz", "wt", encoding="utf-8") as file:
        file.write(EVENTS)
    return tmp_path / "cup_ticks.csv.gz"


def test_each_tick_is_a_message_with_the_markets_full_rows(simulate: Any, table: Path) -> None:
    simulated = simulate(ticks=table, joined_share=0.0)
    socket = simulated.connect(markets="ML,Spread,Totals")
    head = simulated.step(100)
    assert head["made"] == 7
    welcome, *messages = read_until(socket, head["sequence"])
    assert welcome["bookmakers"] == ["BetMGM", "BetOnline.ag"]
    assert [message["timestamp"] for message in messages][:5] == [1780722031] * 4 + [1780722041]
    [event] = simulated.get("/events", sport="football").json()
    assert (event["home"], event["away"], event["id"]) == ("Norwick", "Southmere", 0x80D82D1113)
    assert all(message["id"] == str(event["id"]) for message in messages)
    assert [market for message in messages for market in message["markets"]] == [
        {"name": "ML", "updatedAt": "2026-06-06T04:59:50Z", "odds": [{"home": "1.444444"}]},
        {"name": "ML", "updatedAt": "2026-06-06T04:59:50Z", "odds": [{"home": "1.444444", "away": "7.50"}]},
        {"name": "Spread", "updatedAt": "2026-06-06T04:59:50Z", "odds": [{"hdp": -1.5, "home": "2.50"}]},
        {
            "name": "Spread",
            "updatedAt": "2026-06-06T04:59:50Z",
            "odds": [{"hdp": -1.5, "home": "2.50", "away": "1.555556"}],
        },
        {"name": "Totals", "updatedAt": "2026-06-06T05:00:40Z", "odds": [{"hdp": 2.5, "over": "2.00"}]},
        {
            "name": "Totals",
            "updatedAt": "2026-06-06T05:00:50Z",
            "odds": [{"hdp": 2.5, "over": "2.00"}, {"hdp": 3, "under": "1.909091"}],
        },
        {"name": "ML", "updatedAt": "2026-06-06T05:01:00Z", "odds": [{"home": "1.40", "away": "7.50"}]},
    ]
    document = simulated.get("/odds", eventId=event["id"], bookmakers="BetOnline.ag").json()
    assert [market["name"] for market in document["bookmakers"]["BetOnline.ag"]] == ["Spread", "Totals"]
    assert simulated.control("stats")["finished"]


def test_the_tables_own_pace_can_be_kept(table: Path) -> None:
    source = TickTable(table, 10.0, 0, lambda: 0, 100)
    due = []
    while True:
        due.append(source.due())
        if source.next() is None:
            break
    assert due == [0.0, 0.0, 0.0, 0.0, 1.0, 2.0, 3.0, None]


def test_the_world_cup_ends_in_its_last_prices(real_data: Path) -> None:
    path = real_data / "football_data/world_cup_2026_ticks/worldcup2026_ticks.csv.gz"
    source = TickTable(path, 0.0, 0, lambda: 0, 10)
    while source.next() is not None:
        pass
    last: dict[tuple[int, str, str, str, str], str] = {}
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            key = (int(row["event"], 16), row["book"], row["market"], row["outcome"], row["point"])
            last[key] = decimal_price(int(row["price"]))
    assert source.count == 107_451 and len(source.truth.fixtures) == 105 and len(source.bookmakers) == 11
    quoted = sum(
        len(row) - ("hdp" in row)
        for book in source.truth.all_books()
        for market in book.markets.values()
        for row in json.loads(market.rows)
    )
    assert quoted == len(last)


def _record(path: Path, lines: list[bytes]) -> Path:
    with gzip.open(path, "wb") as file:
        file.write(b"\n".join(lines))
    return path


def _odds(sequence: int, home: str) -> bytes:
    updated_at = f"2026-05-31T10:00:{sequence:02}.123456Z"
    return json.dumps(
        {
            "type": "updated",
            "seq": sequence,
            "timestamp": 1_780_000_000 + sequence,
            "id": "71",
            "bookie": "Bet365",
            "date": "2026-06-01T18:00:00Z",
            "markets": [{"name": "ML", "updatedAt": updated_at, "odds": [{"home": home}]}],
        }
    ).encode()


def test_a_recording_is_sent_again_with_its_sequence_and_pace(simulate: Any, tmp_path: Path) -> None:
    lines = [
        b'{"type":"welcome","sport_filter":["Football"],"bookmakers":["Bet365"]}',
        b'{"type":"recorder.time","at":1000}',
        _odds(10, "2.00"),
        b"not json",
        b'{"type":"recorder.time","at":3000}',
        _odds(17, "1.90"),
        b'{"type":"no_markets","id":"71","bookie":"Bet365","seq":20,"timestamp":1780000020}',
    ]
    path = _record(tmp_path / "day.jsonl.gz", lines)
    source = Recording(path, 2.0, lambda: 5, 100)
    assert source.due() == 0.0 and source.next() is not None and source.due() == 1.0
    simulated = simulate(recording=path, joined_share=0.0)
    socket = simulated.connect(markets="ML")
    simulated.step(50)
    messages = read_until(socket, 20)
    assert [(message["type"], message.get("seq")) for message in messages[1:]] == [
        ("updated", 10), ("updated", 17), ("no_markets", 20),
    ]  # fmt: skip
    assert messages[2]["markets"][0]["updatedAt"] == "2026-05-31T10:00:17.123Z"
    assert simulated.control("truth")["fixtures"]["71"]["Bet365"]["state"] == "no_markets"
    assert simulated.get("/events", sport="football").json()[0]["id"] == 71


def test_a_recording_may_be_one_array(real_data: Path) -> None:
    path = real_data / "odds_api/ws_frames_nba_fanduel_2026-05-27.trimmed.json"
    source = Recording(path, 0.0, lambda: 5, 100)
    sequences = []
    while (message := source.next()) is not None:
        sequences.append(message.sequence)
    assert sequences == [55711830, 55715421] and source.bookmakers == ("FanDuel",)
    assert source.skipped == 0


def test_what_a_generated_feed_sent_can_be_fed_again(simulate: Any, tmp_path: Path) -> None:
    first = simulate(fixtures=5, joined_share=0.0)
    socket = first.connect(markets="ML")
    messages = read_until(socket, first.step(400)["sequence"])
    path = tmp_path / "plain.jsonl"
    path.write_text("\n".join(json.dumps(message) for message in messages), encoding="utf-8")
    assert [message for message in read_messages(path)] == messages
    second = simulate(recording=path, joined_share=0.0, full_share=0.0)
    socket = second.connect(markets="ML")
    second.step(1000)
    again = read_until(socket, messages[-1]["seq"])
    assert [(m["id"], m["seq"], m.get("markets")) for m in again[1:]] == [
        (m["id"], m["seq"], m.get("markets")) for m in messages[1:]
    ]


def test_an_unreadable_file_stops_the_start(simulate: Any, tmp_path: Path) -> None:
    with pytest.raises(OSError, match="nothing"):
        simulate(recording=tmp_path / "nothing.jsonl")
