"""An answer of odds: what is known of it as a whole, and its elements one after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from PROPPR.SharedServices.odds.elements import read_element
from PROPPR.SharedServices.odds.rejects import Reject
from PROPPR.SharedServices.odds.rest import AnswerFacts, OddsElement, Question, expect_list
from PROPPR.SharedServices.odds.types import Source
from PROPPR.SharedServices.providers.odds_api.listing import Listing
from PROPPR.SharedServices.providers.odds_api.models import OddsAnswer
from PROPPR.SharedServices.providers.odds_api.transport import Reply

SLACK_MS: Final = 2_000
"""An answer's elements are made one after the other: the first may be this much older than the newest quote in it."""

OnReject = Callable[[Reject], None]


class OddsFeed:
    """An answer of /odds/updated or /odds/multi, received whole but kept compressed.

    `asked_at` and `received_at` are ms of our clock: what changed after `asked_at` may be missing. `provider_time` is
    the answer's `Date` in ms, in whole seconds, None where it has none. `sequence` is the feed's position, where the
    provider said it. `as_of` is the time in ms that the answer was certainly made at or after, None where it holds no
    quote. `count` is the number of elements.
    """

    def __init__(self, listing: Listing, reply: Reply, source: Source, question: Question, on_reject: OnReject) -> None:
        self.asked_at = reply.asked_at
        self.received_at = reply.received_at
        self.provider_time = reply.provider_time
        self.sequence = reply.sequence
        self.count = listing.count
        self.as_of = listing.newest - SLACK_MS if listing.newest else None
        self._listing = listing
        self._facts = AnswerFacts(reply.sequence, source, reply.received_at, self.as_of, question)
        self._on_reject = on_reject

    @classmethod
    def of(cls, reply: Reply, source: Source, question: Question, on_reject: OnReject) -> OddsFeed:
        """Return the feed of a reply. Raises WireError where that is no list."""
        if not isinstance(reply.payload, Listing):
            expect_list(reply.payload)
            raise TypeError("a list is read as a Listing")
        return cls(reply.payload, reply, source, question, on_reject)

    def elements(self) -> Iterator[OddsElement | Reject]:
        """Read one element after the other: its books, or why it was refused.

        Every reject, also those inside an element, is told to `on_reject`, each time it is read.
        """
        for index, data in enumerate(self._listing):
            element = read_element(data, index, self._facts)
            for reject in _rejects_of(element):
                self._on_reject(reject)
            yield element

    def whole(self) -> OddsAnswer:
        """Read all elements at once: for answers of a few fixtures."""
        read = [*self.elements()]
        elements = [one for one in read if isinstance(one, OddsElement)]
        return OddsAnswer(
            fixtures=tuple(element.fixture for element in elements),
            snapshots=tuple(snapshot for element in elements for snapshot in element.snapshots),
            sequence=self.sequence,
            partial=tuple(update for element in elements for update in element.partial),
            rejects=tuple(reject for one in read for reject in _rejects_of(one)),
            asked_at=self.asked_at,
            received_at=self.received_at,
            provider_time=self.provider_time,
        )


def _rejects_of(element: OddsElement | Reject) -> tuple[Reject, ...]:
    return (element,) if isinstance(element, Reject) else element.rejects
