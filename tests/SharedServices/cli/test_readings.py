"""Readings of health and of the database, wrong answers included."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pymongo.database import Database
from pytest_httpserver import HTTPServer

from PROPPR.SharedServices.cli.plan import free_port
from PROPPR.SharedServices.cli.readings import read_board, read_health, read_metrics

AT = datetime(2026, 6, 13, 18, 0, tzinfo=UTC)


def test_a_health_answer_is_read_also_when_unhealthy(httpserver: HTTPServer) -> None:
    body = {
        "service": "websocket-updater",
        "version": "0.1.0",
        "status": "unhealthy",
        "uptime": 12.5,
        "last_update": None,
        "queue_size": 3,
        "checks": {"mongo": {"ok": False, "age_s": 20.1, "detail": "away"}, "stream": {"ok": True, "detail": ""}},
    }
    httpserver.expect_request("/health").respond_with_json(body, status=503)
    reading = read_health("websocket-updater", httpserver.url_for("").rstrip("/"))
    assert (reading.status, reading.queue_size, reading.complaint) == ("unhealthy", 3, "mongo: away")
    assert not reading.is_healthy


@pytest.mark.parametrize("answer", ["not json", "[]", '{"status": 5}', ""])
def test_an_odd_answer_is_down_with_a_reason(httpserver: HTTPServer, answer: str) -> None:
    httpserver.expect_request("/health").respond_with_data(answer)
    reading = read_health("x", httpserver.url_for("").rstrip("/"))
    assert reading.status == "down" and "unexpected answer" in reading.complaint


def test_nobody_there_is_down() -> None:
    url = f"http://127.0.0.1:{free_port(0)}"
    assert "nothing answers" in read_health("x", url).complaint
    assert read_metrics(url) == ""


def test_the_board_shows_the_newest_with_names(database: Database[dict[str, Any]]) -> None:
    database["fixtures"].insert_one({"id": 5, "home": "Brentford", "away": "Wolves"})
    drop = {"market": "Totals", "side": "over", "hdp": 2.5, "old_odds": 2.0, "new_odds": 1.9, "drop_pct": 5.0}
    database["price_drops"].insert_many(
        {
            **drop,
            "_id": number,
            "fixture_id": 5 + number % 2,
            "bookmaker": "BC.Game",
            "timestamp": AT + timedelta(seconds=number),
            "recorded_at": AT + timedelta(seconds=number),
        }
        for number in range(20)
    )
    database["all_value_bets"].insert_one(
        {
            "event_id": 5,
            "event_name": "Brentford - Wolves",
            "bookmaker": "Bet365",
            "market_name": "Player Shots",
            "market_hdp": 1.5,
            "bet_side": "over",
            "player_name": "Igor Thiago",
            "bookmaker_odds": {"over": 2.1},
            "sharp_source": "M88",
            "expected_value": 108.8,
            "fair_expected_value": 104.1,
            "last_updated": AT,
        }
    )
    board = read_board(database, limit=4)
    assert [drop.at.second for drop in board.drops] == [19, 18, 17, 16], "the newest, filled up where books are few"
    assert [drop.fixture for drop in board.drops[:2]] == ["fixture 6", "Brentford - Wolves"]
    assert board.drops[0].selection == "Totals 2.5 over"
    assert board.values[0].selection == "Player Shots Igor Thiago 1.5 over"
    assert (board.values[0].odds, board.values[0].fair) == (2.1, 104.1)
    assert board.counts["price_drops"] == 20


def test_a_book_that_moves_a_lot_does_not_hide_the_others(database: Database[dict[str, Any]]) -> None:
    drop = {"market": "ML", "side": "home", "old_odds": 2.0, "new_odds": 1.9, "drop_pct": 5.0}
    books = ["M88", *["Bet365"] * 20, "SingBet", *["Bet365"] * 20]
    database["price_drops"].insert_many(
        {**drop, "fixture_id": 5, "bookmaker": book, "timestamp": AT, "recorded_at": AT + timedelta(seconds=number)}
        for number, book in enumerate(books)
    )
    assert [drop.bookmaker for drop in read_board(database, limit=3).drops] == ["Bet365", "SingBet", "M88"]


def test_an_empty_database_is_an_empty_board(database: Database[dict[str, Any]]) -> None:
    board = read_board(database)
    assert board.drops == () and board.values == () and board.arbitrages == ()


def arbitrage(number: int, **changes: Any) -> dict[str, Any]:
    return {
        "_id": number,
        "event_name": "Brentford vs Wolves",
        "market_name": "Totals",
        "market_hdp": 2.5,
        "legs": [
            {"bookmaker": "BC.Game", "side": "over", "odds": 2.1, "stake": 49.5},
            {"bookmaker": "M88", "side": "under", "odds": 2.06, "stake": 50.5},
        ],
        "margin": 0.0399,
        "probable_error": False,
        "expires_at": datetime.now(UTC) + timedelta(minutes=5),  # noqa: TID251 - compared with the server's clock
        "last_updated": AT + timedelta(seconds=number),
        **changes,
    }


def test_the_newest_arbitrages_that_still_hold(database: Database[dict[str, Any]]) -> None:
    old = datetime(2020, 1, 1, tzinfo=UTC)
    database["arbitrage_bets"].insert_many(
        [arbitrage(1), arbitrage(2, probable_error=True), arbitrage(3, expires_at=old), arbitrage(4, legs=[{}])]
    )
    board = read_board(database, limit=3)
    assert [bet.legs for bet in board.arbitrages[1:]] == ["over BC.Game 2.1, under M88 2.06"] * 2
    newest, second, first = board.arbitrages
    assert (second.fixture, second.market, second.margin) == ("Brentford vs Wolves", "Totals 2.5", 0.0399)
    assert (newest.legs, second.probable_error, first.probable_error) == ("", True, False)
    assert board.counts["arbitrage_bets"] == 4
