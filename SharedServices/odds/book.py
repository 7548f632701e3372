"""The book of a bookmaker for a fixture, and the rule by which quotes replace each other in it.

Every market of every feed is a last-writer-wins register. Quotes are totally ordered by (source `updatedAt`, provider
sequence, content), so whatever the order, repetition or interleaving in which quotes arrive, and whichever process
applies them, the book ends the same: with the feed's last word. A clear (`deleted`, `no_markets`) is ordered against
quotes by the sequence, or by time where a sequence is missing.

Lines are kept packed: a million of them fit in memory, and an unchanged market is recognised by comparing bytes.
"""

from __future__ import annotations

from array import array
from collections.abc import Mapping
from typing import Literal

import msgspec

from PROPPR.SharedServices.odds.changes import LineKey, aligned_changes, keys_of, line_changes
from PROPPR.SharedServices.odds.presence import Clear, Inventory, newest_sequence
from PROPPR.SharedServices.odds.types import Line, LineChange, MarketUpdate

FeedSlot = Literal["base", "fast"]
TEAM_SEGMENT = "team"

_encode_lines = msgspec.msgpack.Encoder().encode
_decode_lines = msgspec.msgpack.Decoder(tuple[Line, ...]).decode
NO_LINES = _encode_lines(())


class FeedQuote(msgspec.Struct, frozen=True, gc=False):
    """One feed's last word on one market. Withdrawn means that the feed no longer prices it."""

    updated_at: int
    sequence: int | None
    packed: bytes
    withdrawn: bool = False

    def lines(self) -> tuple[Line, ...]:
        return _decode_lines(self.packed)


class Market(msgspec.Struct, frozen=True, gc=False):
    """One market of a book: the last word of each feed, and when each consolidated line's price last changed.

    `changed_at` is an array of int64 milliseconds as bytes, in the order of `consolidated(market)`.
    """

    base: FeedQuote | None
    fast: FeedQuote | None
    changed_at: bytes


class Priced(msgspec.Struct, frozen=True, gc=False):
    """A line of the consolidated market with the source time of its quote and of its last price change."""

    line: Line
    updated_at: int
    changed_at: int


class Merge(msgspec.Struct, frozen=True, gc=False):
    """What a quote did to a market: the market after it, and the price changes it brought, if any.

    `what` says how much of it is new: its lines; only its time; or only the sequence, which is worth remembering but
    not worth a write.
    """

    market: Market
    changes: tuple[LineChange, ...]
    what: Literal["lines", "time", "sequence"] = "lines"


def slot_of(bookmaker: str, feed: str) -> FeedSlot:
    """Which of a book's two feeds this is: its own, or the faster one beside it."""
    return "base" if feed == bookmaker else "fast"


def segment_of(market: str, is_player: bool) -> str:
    """The stored document a market belongs to: team markets share one, every player market has its own."""
    return market if is_player else TEAM_SEGMENT


def pack(lines: tuple[Line, ...]) -> bytes:
    """Pack lines in the canonical order."""
    return _encode_lines(canonical(lines))


def canonical(lines: tuple[Line, ...]) -> tuple[Line, ...]:
    """The order in which lines are kept: team lines as quoted, then each player's lines together."""
    for line in lines:
        if line.player_name is not None:
            return _by_player(lines)
    return lines


def merge(
    market: Market | None,
    update: MarketUpdate,
    clear: Clear | None,
    inventory: Inventory | None = None,
    as_of: int | None = None,
) -> Merge | None:
    """Apply a quote to a market; None where it is older than what is known, or says the same.

    `as_of` (ms) is when an answer that holds the quote was made, at the earliest: until then the quote stood, however
    old it is. Guarantees invariant 1 (newest wins) per feed, and that the result does not depend on the order of
    quotes, clears and full answers.
    """
    slot = slot_of(update.bookmaker, update.feed)
    known = _quote(market, slot)
    if known is not None and update.updated_at < known.updated_at:
        return None
    if clear is not None and not clear.precedes(update.updated_at, update.sequence):
        return None
    if inventory is not None and (known is None or known.withdrawn):
        seen_at = update.updated_at if as_of is None else max(update.updated_at, as_of)
        if inventory.excludes(seen_at, update.sequence):
            return None
    lines = canonical(update.lines)
    packed = _encode_lines(lines)
    if known is not None:
        is_listed = as_of is not None and (clear is None or clear.precedes(known.updated_at, known.sequence))
        if not _supersedes(update, packed, known, is_listed):
            return None
    quote = FeedQuote(update.updated_at, update.sequence, packed)
    only_feed = market is None or market.base is None or market.fast is None
    if only_feed and known is not None and known.packed == packed and not known.withdrawn:
        bumped = _with_quote(market, slot, quote, market.changed_at if market else b"")
        return Merge(bumped, (), "time" if update.updated_at > known.updated_at else "sequence")
    after = _with_quote(market, slot, quote, b"")
    if after.base is None or after.fast is None:
        return _diff_of_one_feed(market, after, lines, update.market, update.updated_at)
    return _diff(market, after, update.market, update.updated_at)


def withdraw(market: Market, slot: FeedSlot, name: str, at: int, sequence: int | None) -> Merge | None:
    """Take a feed's quote out of a market, keeping its version so that an older replay can't bring it back."""
    known = _quote(market, slot)
    if known is None or known.withdrawn:
        return None
    quote = FeedQuote(known.updated_at, newest_sequence(known.sequence, sequence), NO_LINES, withdrawn=True)
    return _diff(market, _with_quote(market, slot, quote, b""), name, at)


def clear_market(market: Market, slot: FeedSlot, name: str, clear: Clear) -> Merge | None:
    """Withdraw a feed's quote if the clear is newer than it."""
    known = _quote(market, slot)
    if known is None or known.withdrawn or clear.precedes(known.updated_at, known.sequence):
        return None
    return withdraw(market, slot, name, clear.at, clear.sequence)


def predates(market: Market, slot: FeedSlot, answer: Inventory, before: Inventory | None) -> bool:
    """Whether a full answer proves that a market it lacks was withdrawn.

    By the sequence where both are known. Else by time: the quote has to be older than the answer, and the answer newer
    than those `before` it, each of which may have confirmed the quote.
    """
    known = _quote(market, slot)
    if known is None or known.withdrawn:
        return False
    if answer.sequence is not None and known.sequence is not None:
        return known.sequence <= answer.sequence
    return known.updated_at < answer.at and (before is None or before.at < answer.at)


def is_quoted(market: Market, slot: FeedSlot) -> bool:
    """Whether a feed prices the market."""
    quote = _quote(market, slot)
    return quote is not None and not quote.withdrawn


def consolidated(market: Market) -> tuple[Priced, ...]:
    """The lines that readers see: per line the newer quote of the two feeds, a tie to the faster feed."""
    times = array("q")
    times.frombytes(market.changed_at)
    if market.fast is None and market.base is not None and not market.base.withdrawn:
        at = market.base.updated_at
        return tuple([Priced(line, at, changed) for line, changed in zip(market.base.lines(), times, strict=True)])
    quoted = _consolidate(market.base, market.fast)
    return tuple([Priced(line, at, changed) for (line, at), changed in zip(quoted, times, strict=True)])


def updated_at(market: Market) -> int:
    """Source time of the market's newest quote, withdrawn or not."""
    return max(quote.updated_at for quote in (market.base, market.fast) if quote is not None)


def is_withdrawn(market: Market) -> bool:
    """Whether no feed prices the market any more."""
    return all(quote is None or quote.withdrawn or quote.packed == NO_LINES for quote in (market.base, market.fast))


def size_of(market: Market) -> int:
    """Estimate of the memory a market takes, in bytes (objects, integers, the packed lines)."""
    size = 140 + len(market.changed_at)
    for quote in (market.base, market.fast):
        if quote is not None:
            size += 190 + len(quote.packed)
    return size


def restore(base: FeedQuote | None, fast: FeedQuote | None, changed: Mapping[LineKey, int]) -> Market:
    """Build a market from what was stored; `changed` maps line keys (see `line_key`) to change times."""
    quoted = _consolidate(base, fast)
    keys = keys_of([line for line, _ in quoted])
    times = array("q", (changed.get(key, at) for key, (_, at) in zip(keys, quoted, strict=True)))
    return Market(base, fast, times.tobytes())


def _quote(market: Market | None, slot: FeedSlot) -> FeedQuote | None:
    if market is None:
        return None
    return market.base if slot == "base" else market.fast


def _with_quote(market: Market | None, slot: FeedSlot, quote: FeedQuote, changed_at: bytes) -> Market:
    if slot == "base":
        return Market(quote, market.fast if market else None, changed_at)
    return Market(market.base if market else None, quote, changed_at)


def _supersedes(update: MarketUpdate, packed: bytes, known: FeedQuote, is_listed: bool) -> bool:
    """Whether a quote replaces a known one. `is_listed`: a full answer newer than the withdrawal holds it."""
    if known.withdrawn and update.sequence is not None and known.sequence is not None:
        return update.sequence > known.sequence and update.updated_at >= known.updated_at
    if known.withdrawn and update.updated_at == known.updated_at:
        return is_listed
    new = (update.updated_at, -1 if update.sequence is None else update.sequence, packed)
    return new > (known.updated_at, -1 if known.sequence is None else known.sequence, known.packed)


def _consolidate(base: FeedQuote | None, fast: FeedQuote | None) -> list[tuple[Line, int]]:
    quotes = [quote for quote in (base, fast) if quote is not None and not quote.withdrawn]
    if len(quotes) < 2:
        return [(line, quote.updated_at) for quote in quotes for line in quote.lines()]
    older, newer = quotes if quotes[1].updated_at >= quotes[0].updated_at else (quotes[1], quotes[0])
    older_lines, newer_lines = older.lines(), newer.lines()
    merged = {key: (line, older.updated_at) for key, line in zip(keys_of(older_lines), older_lines, strict=True)}
    merged.update((key, (line, newer.updated_at)) for key, line in zip(keys_of(newer_lines), newer_lines, strict=True))
    return list(merged.values())


def _diff(before: Market | None, after: Market, name: str, at: int) -> Merge:
    old = {} if before is None else _keyed(before)
    quoted = _consolidate(after.base, after.fast)
    changes: list[LineChange] = []
    times = array("q")
    for key, (line, _) in zip(keys_of([entry[0] for entry in quoted]), quoted, strict=True):
        previous = old.pop(key, None)
        found = line_changes(name, None if previous is None else previous.line, line)
        changes.extend(found)
        times.append(at if found or previous is None else previous.changed_at)
    for previous in old.values():
        changes.extend(line_changes(name, previous.line, None))
    return Merge(Market(after.base, after.fast, times.tobytes()), tuple(changes))


def _diff_of_one_feed(before: Market | None, after: Market, lines: tuple[Line, ...], name: str, at: int) -> Merge:
    """`_diff` where the market has one feed, whose `lines` are at hand: mostly the same lines at other prices."""
    known = None if before is None else before.base or before.fast
    if before is None or known is None:
        changes = [change for line in lines for change in line_changes(name, None, line)]
        return Merge(Market(after.base, after.fast, array("q", [at] * len(lines)).tobytes()), tuple(changes))
    times = array("q")
    times.frombytes(before.changed_at)
    found = None if known.withdrawn else aligned_changes(name, known.lines(), lines, times, at)
    if found is None:
        return _diff(before, after, name, at)
    return Merge(Market(after.base, after.fast, times.tobytes()), tuple(found))


def _keyed(market: Market) -> dict[LineKey, Priced]:
    priced = consolidated(market)
    return dict(zip(keys_of([entry.line for entry in priced]), priced, strict=True))


def _by_player(lines: tuple[Line, ...]) -> tuple[Line, ...]:
    groups: dict[tuple[object, ...] | None, list[Line]] = {None: []}
    for line in lines:
        key = None if line.player_name is None else (line.player_name, line.team_side, line.stat)
        groups.setdefault(key, []).append(line)
    return tuple(line for group in groups.values() for line in group)
