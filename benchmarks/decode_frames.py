"""How many WebSocket messages a second `decode_frame` takes, normalisation to lines included.

Run: `python benchmarks/decode_frames.py [--seconds 2]`. One thread, messages of 13 quotes in 4 markets with prices
that keep changing; the table shows each kind of message, and the bare typed decode as the floor.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections.abc import Callable, Sequence

from PROPPR.SharedServices.odds.wire import _ODDS, decode_frame

RECEIVED_AT = 1_779_855_700_000


def _price(rng: random.Random) -> str:
    return f"{rng.uniform(1.05, 9):.3f}"


def odds_frame(rng: random.Random, number: int, player: bool = False) -> bytes:
    """Return one `updated` message of 13 rows in 4 markets."""
    stamp = f"2026-05-27T04:{number // 60 % 60:02d}:{number % 60:02d}.{rng.randrange(1000):03d}Z"
    totals = [{"hdp": 1.5 + step / 2, "over": _price(rng), "under": _price(rng)} for step in range(6)]
    spread = [{"hdp": -1 + step / 4, "home": _price(rng), "away": _price(rng)} for step in range(5)]
    last: dict[str, object] = {"name": "Both Teams To Score", "odds": [{"yes": _price(rng), "no": _price(rng)}]}
    if player:
        last = {
            "name": "Player Shots",
            "odds": [{"label": f"Player {rng.randrange(400)} (1)", "hdp": 0.5, "over": _price(rng)}],
        }
    markets: list[dict[str, object]] = [
        {"name": "ML", "odds": [{"home": _price(rng), "draw": _price(rng), "away": _price(rng)}]},
        {"name": "Totals", "odds": totals},
        {"name": "Spread", "odds": spread},
        last,
    ]
    message = {
        "bookie": "Bet365",
        "date": "2026-05-29T00:40:00Z",
        "id": str(70_000_000 + rng.randrange(1000)),
        "markets": [{"name": market["name"], "updatedAt": stamp, "odds": market["odds"]} for market in markets],
        "seq": 55_000_000 + number,
        "timestamp": 1_779_855_680,
        "type": "updated",
        "url": "https://bookmaker.example/event/35649194",
    }
    return json.dumps(message, separators=(",", ":")).encode()


def rate(action: Callable[[bytes], object], frames: Sequence[bytes], seconds: float) -> float:
    """Return calls a second, the best of three rounds."""
    best = 0.0
    for _ in range(3):
        done, started = 0, time.perf_counter()
        while (elapsed := time.perf_counter() - started) < seconds / 3:
            for frame in frames:
                action(frame)
            done += len(frames)
        best = max(best, done / elapsed)
    return best


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=3.0, help="time per row of the table")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    rng = random.Random(options.seed)
    plain = [odds_frame(rng, number) for number in range(2000)]
    player = [odds_frame(rng, number, player=True) for number in range(2000)]
    irregular = [frame.replace(b'"seq":', b'"seq":true,"s":') for frame in plain]
    assert all(decode_frame(frame, RECEIVED_AT).messages for frame in plain + player + irregular)
    table = (
        ("bare typed decode", _ODDS.decode, plain),
        ("decode_frame, 13 quotes in 4 markets", lambda frame: decode_frame(frame, RECEIVED_AT), plain),
        ("the same with a player market", lambda frame: decode_frame(frame, RECEIVED_AT), player),
        ("the same with a wrong field (slow path)", lambda frame: decode_frame(frame, RECEIVED_AT), irregular),
    )
    for name, action, frames in table:
        each = rate(action, frames, options.seconds)
        print(f"{name:45} {each:10,.0f} messages/s {1e6 / each:8.1f} us")


if __name__ == "__main__":
    main()
