"""The account behind the keys: its selected bookmakers, the names that are out of service, and its request budgets."""

from __future__ import annotations

from collections.abc import Iterable

from PROPPR.SharedServices.service.clock import Clock
from PROPPR.SharedServices.simulator.catalogue import BOOKMAKERS, FAST_FEED_OF
from PROPPR.SharedServices.simulator.config import SimulatorConfig
from PROPPR.SharedServices.simulator.limits import RequestBudget
from PROPPR.SharedServices.simulator.refusals import Refused

_ACCESS_DENIED = (
    "Access denied. You're allowed max {count} bookmakers. Allowed: {allowed}. To reset your selections, use PUT "
    "/bookmakers/selected/clear?apiKey={key} or visit https://docs.odds-api.io/api-reference/bookmakers/"
    "clear-selected-bookmakers. Upgrade your plan at https://odds-api.io/manage"
)


class Account:
    """What the provider allows. The control API may change it at run time; every key has a budget of its own."""

    def __init__(self, config: SimulatorConfig, clock: Clock) -> None:
        self._config = config
        self._clock = clock
        self._budgets: dict[str, RequestBudget] = {}
        self.selected = config.allowed
        self.inactive: frozenset[str] = frozenset()

    def change(self, selected: Iterable[str] | None, inactive: Iterable[str] | None) -> None:
        """Select other bookmakers, or put names out of service; None leaves things as they are.

        Streams that are open keep the bookmakers with which they began. Raises ValueError for what can't be selected.
        """
        if selected is not None:
            names = tuple(dict.fromkeys(selected))
            unknown = [name for name in names if name not in BOOKMAKERS]
            if unknown or len(names) > self._config.max_bookmakers:
                raise ValueError(f"not to be selected: {', '.join(unknown) or 'too many bookmakers'}")
            self.selected = names
        if inactive is not None:
            self.inactive = frozenset(inactive)

    def feeds(self) -> list[str]:
        """The selected bookmakers in service and the second feeds that come with them."""
        feeds = [name for name in self.selected if name not in self.inactive]
        return feeds + [FAST_FEED_OF[name] for name in feeds if name in FAST_FEED_OF]

    def check_key(self, key: str) -> None:
        """Refuse a missing or unknown key."""
        if not key:
            raise Refused(401, "Missing API key")
        if self._config.api_keys and key not in self._config.api_keys:
            raise Refused(401, "Invalid API key")

    def check_bookmakers(self, names: Iterable[str], key: str) -> None:
        """One unknown or unselected name refuses the whole call."""
        for name in names:
            if name not in BOOKMAKERS or name in self.inactive:
                raise Refused(400, f"Invalid bookmaker: {name}")
        if any(name not in self.selected for name in names):
            allowed = ", ".join(self.selected)
            raise Refused(403, _ACCESS_DENIED.format(count=self._config.max_bookmakers, allowed=allowed, key=key))

    def admit(self, key: str) -> dict[str, str]:
        """Count a request; returns the rate headers, or refuses with them."""
        verdict = self.budget(key).request(self._clock.now_ms())
        if not verdict.allowed:
            raise Refused(429, "Rate limit exceeded. Please try again later.", verdict.headers)
        return verdict.headers

    def budget(self, key: str) -> RequestBudget:
        """The budget of a key."""
        if key not in self._budgets:
            config = self._config
            self._budgets[key] = RequestBudget(
                key, config.request_limit, config.request_window, config.sliding_window, config.foreign_per_hour
            )
        return self._budgets[key]

    def consume(self, requests: int, key: str | None = None) -> int:
        """Count requests of somebody else: on one key, or on every key seen so far; returns how many were taken.

        Raises ValueError for a number below zero, or where no key has been seen.
        """
        budgets = list(self._budgets.values()) if key is None else [self.budget(key)]
        if requests < 0 or not budgets:
            raise ValueError("requests must not be negative" if budgets else "no key has been seen yet: name one")
        now = self._clock.now_ms()
        return sum(budget.consume(requests, now) for budget in budgets)

    def describe(self) -> list[dict[str, int]]:
        """The budgets' figures; keys are not told."""
        return [budget.describe() for budget in self._budgets.values()]
