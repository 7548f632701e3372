"""Who may use how much of the budget: shares per service, of which the unused part is lent.

The rule, for a request of service S:

1. It is never granted beyond what is free of the whole budget.
2. Up to its guarantee (share x limit) S needs nothing else.
3. Beyond that it borrows, and a borrower leaves untouched what the other services are expected to want of their
   unused guarantees: everything, for a service that was lately refused within its guarantee; otherwise what it will
   need at its pace in the last tenth of the window beyond what its own requests return as they leave the window (all of
   it until the provider's count begins anew, where that leaves less), and at least a hundredth of the guarantee;
   nothing, for one that did not ask within the last window.

So a share that is not asked for is lent, and when its owner wants it back, borrowers stop at once and what expires goes
to the owner until it has its guarantee. What was lent can't be called back: it returns as the window slides.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

OTHERS = "others"
DEFAULT_SHARES: Mapping[str, float] = MappingProxyType({"websocket_updater": 0.3, "unified_poller": 0.6, OTHERS: 0.1})
IN_HAND = 0.01
SERVICE_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")


@dataclass(frozen=True, slots=True)
class Shares:
    """The guaranteed fraction of the limit per service. Services that are not named are counted as `others`."""

    fractions: Mapping[str, float]

    @classmethod
    def of(cls, shares: Mapping[str, float | int], max_requests: int) -> Shares:
        """Read a mapping of service to a fraction (a float up to 1) or a number of requests (an integer).

        Raises ValueError for a bad name or number and for shares that add up to more than the budget.
        """
        fractions: dict[str, float] = {}
        for service, share in shares.items():
            if not SERVICE_NAME.fullmatch(service):
                raise ValueError(f"share of {service!r}: a service's name is lower case letters, digits and _")
            fraction = share / max_requests if isinstance(share, int) else share
            if not 0 <= fraction <= 1:
                raise ValueError(f"share of {service!r}: {share} is not within the budget")
            fractions[service] = fraction
        if math.fsum(fractions.values()) > 1 + 1e-9:
            raise ValueError("the shares add up to more than the budget")
        fractions.setdefault(OTHERS, 0.0)
        return cls(MappingProxyType(fractions))

    def account(self, service: str) -> str:
        """Return the name under which the service is counted; `-` and `_` are the same."""
        name = service.replace("-", "_")
        return name if name in self.fractions else OTHERS

    def guarantee(self, account: str, limit: int) -> int:
        """Return how many requests of the limit are the account's own."""
        return math.floor(self.fractions[account] * limit + 1e-9)
