"""Who waits for what: a number for everything handed to the writer of books, and who is told when it is stored."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable


class Tickets:
    """Numbers the messages handed to the writer, and tells whoever handed one over when it is stored."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)
        self._owners: dict[int, Callable[[int], None]] = {}

    def issue(self, owner: Callable[[int], None]) -> int:
        """Return a new ticket, higher than all before; `owner(ticket)` is called when it is done."""
        ticket = next(self._numbers)
        self._owners[ticket] = owner
        return ticket

    def done(self, tickets: Iterable[int]) -> None:
        """Note that these are stored, or need no storing."""
        for ticket in tickets:
            owner = self._owners.pop(ticket, None)
            if owner is not None:
                owner(ticket)

    @property
    def outstanding(self) -> int:
        """Tickets not done; bounded by the writer's intake."""
        return len(self._owners)
