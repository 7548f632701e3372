"""Feeds and the books they belong to.

The provider answers a request for `Bet365` also with `Bet365 (no latency)`: another feed of the same bookmaker, with
its own times and only some of the markets (reference, section 4.5). Any book may get such a feed.
"""

from __future__ import annotations

from collections.abc import Iterable

FAST_SUFFIX = " (no latency)"


def is_fast_feed(feed: str) -> bool:
    """Tell whether the received name is a bookmaker's `(no latency)` feed."""
    return (
        len(feed) > len(FAST_SUFFIX) and feed.lower().endswith(FAST_SUFFIX) and bool(feed[: -len(FAST_SUFFIX)].strip())
    )


def book_of(feed: str) -> str:
    """Return the bookmaker whose feed this is: `Bet365` for both `Bet365` and `Bet365 (no latency)`."""
    return feed[: -len(FAST_SUFFIX)].rstrip() if is_fast_feed(feed) else feed


def requestable(bookmakers: Iterable[str]) -> tuple[str, ...]:
    """The names that may be asked for: a `(no latency)` feed comes with its bookmaker and must not be requested."""
    return tuple(dict.fromkeys(book_of(name) for name in bookmakers))
