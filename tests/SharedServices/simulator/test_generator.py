"""The seeded football day: it repeats exactly, its names and rows are the provider's, and things happen in it."""

from __future__ import annotations

import json
import re
from collections import Counter
from itertools import count
from typing import Any

import pytest

from PROPPR.SharedServices.simulator.config import SimulatorConfig
from PROPPR.SharedServices.simulator.generator import Generator
from PROPPR.SharedServices.simulator.messages import Book, Message, encode_odds, iso

START = 1_760_000_000_000


def _generator(**settings: Any) -> Generator:
    config = SimulatorConfig(**({"fixtures": 40, "start": START} | settings))
    ticks = count(START)
    generator: Generator | None = None

    def today() -> int:
        return START + int((generator.count if generator is not None else 0) * 1000 / (config.rate or 1000.0))

    generator = Generator(config, START, lambda: next(ticks), today)
    return generator


def _run(generator: Generator, messages: int) -> list[Message]:
    return [generator.next() for _ in range(messages)]


def _rows(generator: Generator, feed: str) -> dict[str, Any]:
    fixture = next(f for f in generator.truth.fixtures.values() if f.tier == 1)
    book = generator.truth.book(fixture, feed)
    assert book is not None
    return {market.name: json.loads(market.rows) for market in book.markets.values()}


def test_the_same_seed_and_number_of_messages_give_the_same_truth() -> None:
    first, second, other = _generator(seed=3), _generator(seed=3), _generator(seed=4)
    for generator in (first, second, other):
        _run(generator, 3000)
    assert first.truth.digest(0) == second.truth.digest(0)
    assert first.truth.digest(0) != other.truth.digest(0)


def test_who_looks_does_not_change_what_happens() -> None:
    watched, alone = _generator(), _generator()
    base = watched.truth.sequence
    for fixture in watched.truth.fixtures.values():
        for feed in watched.truth.feeds:
            watched.truth.book(fixture, feed)
    _run(watched, 2000)
    _run(alone, 2000)
    assert watched.truth.digest(base) == alone.truth.digest(base)


def test_prices_do_not_depend_on_the_wall_clock() -> None:
    config = SimulatorConfig(fixtures=40)
    slow = Generator(config, START, lambda: START + 1, lambda: START)
    quick = _generator(start=None)
    _run(slow, 2000)
    _run(quick, 2000)
    assert slow.truth.digest(0)["prices"] == quick.truth.digest(0)["prices"]
    assert slow.truth.digest(0)["full"] != quick.truth.digest(0)["full"]


def test_rows_have_the_providers_shapes() -> None:
    rows = _rows(_generator(), "Bet365")
    assert len(rows) == 65
    assert set(rows["ML"][0]) == {"home", "draw", "away"} and re.fullmatch(r"\d+\.\d{3}", rows["ML"][0]["home"])
    assert [set(row) for row in rows["Double Chance"]] == [{"label", "under"}] * 3
    assert rows["Double Chance"][0]["label"].endswith(" or Draw")
    assert [row["label"] for row in rows["Half Time Result"]] == ["1", "Draw", "2"]
    assert all("under" in row for row in rows["Half Time Result"])
    assert {"hdp": -1, "home": rows["European Handicap"][0]["home"]} == rows["European Handicap"][0]
    assert set(rows["European Handicap"][1]) == {"hdp", "draw", "away"}
    assert rows["Correct Score"][0]["label"] == "0-0" and "odds" in rows["Correct Score"][0]
    assert isinstance(rows["Totals"][0]["hdp"], int | float)
    assert rows["Exact Total Goals"][-1]["label"] == "7+ Goals"
    assert "over" in rows["Number of Goals In Match"][-1]
    labels = {name: rows[name][0]["label"] for name in rows if "label" in rows[name][0]}
    name = r"[^()]+"
    for market, form in {
        "Anytime Goalscorer": name,
        "Player Shots": rf"{name} \([12]\)",
        "Player Shots Over/Under": rf"{name} \([12]\) \(\d+\.5\)",
        "Player Passes": rf"{name} \([12]\) \(\d+\.5\)",
        "Player To Score or Assist": rf"{name} \(Score( or Assist)?\) \([12]\)",
        "Multi Scorers": rf"{name} \(2 or More\) \([12]\)",
        "Team Goalscorer": rf"{name} \((First|Last)\)",
    }.items():
        assert re.fullmatch(form, labels[market]), (market, labels[market])


def test_other_books_have_their_own_oddities() -> None:
    generator = _generator()
    fast = _rows(generator, "Bet365 (no latency)")
    assert set(fast) == {"ML", "Spread", "Totals", "Goals Over/Under", "Bookings Totals"}
    exchange = _rows(generator, "Betfair Exchange")
    assert {"layHome", "depthHome", "depthLayHome"} <= exchange["ML"][0].keys()
    assert exchange["Draw No Bet"][0]["hdp"] == 0 and exchange["Both Teams To Score"][0]["hdp"] == 0
    props = _rows(generator, "DraftKings")["Player Props"]
    assert any(row.get("under") == "N/A" for row in props)
    assert any(re.fullmatch(r".+ \(Shots\)", row["label"]) for row in props)
    assert any(row["label"].startswith("Both Teams (") for row in props)
    assert len(_rows(generator, "M88")["Totals"]) > 1


@pytest.mark.parametrize("profile", ["day", "benchmark"])
def test_every_price_is_one_and_every_line_is_quoted_once(profile: str) -> None:
    generator = _generator(profile=profile)
    _run(generator, 1500)
    for book in generator.truth.all_books():
        for market in book.markets.values():
            seen: set[tuple[object, ...]] = set()
            for row in json.loads(market.rows):
                for side in ("home", "draw", "away", "over", "under", "yes", "no", "odds"):
                    if side in row:
                        assert row[side] == "N/A" or 1.0 < float(row[side]) < 1000
                        key = (row.get("label"), row.get("hdp"), side)
                        assert key not in seen, (book.feed, market.name, key)
                        seen.add(key)


def test_much_happens_in_a_day() -> None:
    generator = _generator(fixtures=60, rate=2.0)
    messages = _run(generator, 12_000)
    kinds = Counter(message.kind for message in messages)
    assert kinds.keys() == {"updated", "created", "deleted", "no_markets", "score", "status"}
    whole = [message for message in messages if message.kind == "deleted" and message.book is None]
    assert whole, "an event is deleted at every book"
    changes = list(generator.truth.changes.newest())
    assert any(change.after == b"[]" for change in changes) and any(b"N/A" in change.after for change in changes)
    assert sum(change.market == "ML" and _fell(change.before, change.after) for change in changes) > 100


def _fell(before: bytes, after: bytes) -> bool:
    old, new = json.loads(before), json.loads(after)
    try:
        return float(new[0]["home"]) < float(old[0]["home"]) * 0.9995
    except (IndexError, KeyError, ValueError):
        return False


def test_soft_books_lag_so_that_value_appears() -> None:
    generator = _generator(fixtures=30)
    _run(generator, 8000)
    best = 0.0
    for fixture in generator.truth.fixtures.values():
        sharp, soft = (_home(generator.truth.book(fixture, feed)) for feed in ("M88", "Unibet"))
        if sharp and soft:
            best = max(best, soft / sharp)
    assert best > 1.02


def _home(book: Book | None) -> float | None:
    market = book.markets.get("ML") if book is not None else None
    rows = json.loads(market.rows) if market is not None else []
    return float(rows[0]["home"]) if rows and rows[0]["home"] != "N/A" else None


def test_the_benchmark_profile_is_thirteen_rows_in_books_of_a_hundred_kilobytes() -> None:
    generator = _generator(profile="benchmark", fixtures=5)
    rows = size = 0
    messages = _run(generator, 4000)
    for message in messages:
        assert message.kind == "updated"
        rows += sum(market.rows.count(b"},{") + 1 for market in message.markets)
        size += len(encode_odds(message, None) or b"")
    assert 12 <= rows / len(messages) <= 14.5
    assert 800 <= size / len(messages) <= 1000
    fixture = next(iter(generator.truth.fixtures.values()))
    books = (generator.truth.book(fixture, feed) for feed in generator.truth.feeds)
    total = sum(len(market.encode()) for book in books if book is not None for market in book.markets.values())
    assert 90_000 <= total <= 130_000


def test_times_drop_their_trailing_zeros() -> None:
    assert iso(1_773_683_089_640) == b"2026-03-16T17:44:49.64Z"
    assert iso(1_773_683_089_003) == b"2026-03-16T17:44:49.003Z"
    assert iso(1_773_683_089_000) == b"2026-03-16T17:44:49Z"
