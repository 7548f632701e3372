"""Prints the resident memory of an updater's process that holds 1,000 fixtures x 5 bookmakers x 20 markets x 8 lines.

Beside the 20 markets of 8 lines, each book has its match result.
"""

from __future__ import annotations

import gc
import os
from pathlib import Path

from load import Feed, Shape

from PROPPR.SharedServices.odds.wire import OddsMessage, decode_frame
from PROPPR.SharedServices.storage.books.cache import BookCache
from PROPPR.SharedServices.storage.books.plan import plan
from PROPPR.SharedServices.storage.books.state import FixtureBooks
from PROPPR.WebsocketUpdater.runners import run_websocket_updater


def resident() -> float:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def main() -> None:
    assert run_websocket_updater  # what the service imports counts
    before = resident()
    cache = BookCache(2**30)
    lines = 0
    for start in range(0, 1000, 10):
        shape = Shape(fixtures=10, bookmakers=5, markets=21, lines=8)
        for frame in Feed(shape, seed=start).whole_books():
            (message,) = decode_frame(frame, 1_779_855_680_000).messages
            assert isinstance(message, OddsMessage)
            fixture_id = message.fixture_id + start
            fixture = cache.get(fixture_id)
            if fixture is None:
                fixture = FixtureBooks(fixture_id)
                cache.put(fixture)
            for draft in plan(fixture, message.updates):
                lines += sum(len(update.lines) for update in message.updates)
                cache.adopt(draft, written=True)
    gc.collect()
    estimate = sum(fixture.size() for fixture in (cache.get(key) for key in list(cache)) if fixture is not None) / 1e6
    print(f"{resident():.0f} MB resident ({before:.0f} before; {lines:,} lines; estimated {estimate:.0f} MB)")


if __name__ == "__main__":
    main()
