"""Takes away what a snapshot proves to be gone: books that were cleared while the stream could not be followed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from PROPPR.SharedServices.odds.types import FeedCleared, FeedSnapshot
from PROPPR.SharedServices.providers.odds_api.models import OddsAnswer

Feed = tuple[int, str, str]
Ask = Callable[[Sequence[int], Sequence[str]], OddsAnswer]


class Absences:
    """Finds feeds that are stored with prices but missing in the provider's answers.

    An omission alone proves nothing (books were seen missing where a call listed many), so each bookmaker's missing
    fixtures are asked for once more, alone. What is missing again, in an answer that states its sequence, is cleared up
    to that sequence; a newer quote stands. Without a sequence nothing is cleared. A book that was missing before in
    another kind of answer, as `unlisted(fixture, bookmaker)` says, need not be asked for again.
    """

    def __init__(
        self,
        stored: Callable[[Sequence[int]], set[Feed]],
        unlisted: Callable[[int, str], bool] = lambda fixture_id, bookmaker: False,
    ) -> None:
        self._stored = stored
        self._unlisted = unlisted

    def clears(
        self, ids: Sequence[int], bookmakers: Sequence[str], answers: Sequence[OddsAnswer], ask: Ask
    ) -> Iterator[FeedCleared]:
        """Yield the clears for a batch of fixtures that `answers` cover. Raises what `stored` and `ask` raise."""
        asked = {name.casefold() for name in bookmakers}
        stored = {feed for feed in self._stored(ids) if feed[1].casefold() in asked}
        missing = _missing(stored, answers)
        oldest = min(answers, key=lambda answer: -1 if answer.sequence is None else answer.sequence, default=None)
        if oldest is not None and oldest.sequence is not None:
            known = {feed for feed in missing if self._unlisted(feed[0], feed[1])}
            missing -= known
            yield from _clears(known, oldest)
        for bookmaker in sorted({feed[1] for feed in missing}):
            suspects = {feed for feed in missing if feed[1] == bookmaker}
            again = ask(sorted({feed[0] for feed in suspects}), [bookmaker])
            if again.sequence is None:
                return
            yield from _clears(_missing(suspects, [again]), again)


def _clears(feeds: Iterable[Feed], answer: OddsAnswer) -> Iterator[FeedCleared]:
    for fixture_id, bookmaker, feed in sorted(feeds):
        yield FeedCleared(fixture_id, bookmaker, feed, answer.asked_at, answer.sequence, "no_markets")


def _missing(feeds: set[Feed], answers: Iterable[OddsAnswer]) -> set[Feed]:
    """Those of the feeds that no answer mentions with a price, nor leaves in doubt because it could not be read."""
    missing = set(feeds)
    for answer in answers:
        missing -= {(one.fixture_id, one.bookmaker, one.feed) for one in answer.snapshots if has_prices(one)}
        missing -= {(one.fixture_id, one.bookmaker, one.feed) for one in answer.partial}
        doubtful = {reject.fixture_id for reject in answer.rejects if reject.lossy}
        if None in doubtful:
            return set()
        missing = {feed for feed in missing if feed[0] not in doubtful}
    return missing


def has_prices(snapshot: FeedSnapshot) -> bool:
    """Whether the snapshot prices anything."""
    return any(market.lines for market in snapshot.markets)
