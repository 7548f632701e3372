"""The REST odds service: from the provider's REST API to the books in MongoDB, and the registry of fixtures."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any, Final

from pydantic import SecretStr
from pymongo.database import Database

from PROPPR.SharedServices.ingest.alerting import Alerts, LoggedAlerts
from PROPPR.SharedServices.ingest.by_hand import ByHand
from PROPPR.SharedServices.ingest.pipeline import BookPipeline
from PROPPR.SharedServices.odds.bookmakers import requestable
from PROPPR.SharedServices.providers.odds_api.client import OddsApiClient
from PROPPR.SharedServices.providers.odds_api.config import RestConfig
from PROPPR.SharedServices.service.clock import Clock, SystemClock
from PROPPR.SharedServices.service.components import Component
from PROPPR.SharedServices.service.health import HealthState
from PROPPR.SharedServices.service.leases import Lease, LeaseLost
from PROPPR.SharedServices.service.metrics import Metrics
from PROPPR.SharedServices.service.redact import Redactor
from PROPPR.SharedServices.service.settings import Settings, load_settings
from PROPPR.SharedServices.storage.books.worker import Listener
from PROPPR.SharedServices.storage.stream_state import key_hash
from PROPPR.SharedServices.tracking.budget_metrics import BudgetCollector
from PROPPR.SharedServices.tracking.request_tracker import GlobalRequestTracker
from PROPPR.UnifiedAPIPoller.core.assembly import PollerParts
from PROPPR.UnifiedAPIPoller.core.budget_view import BudgetView
from PROPPR.UnifiedAPIPoller.core.cycle import CycleReport
from PROPPR.UnifiedAPIPoller.core.doubts import Doubts
from PROPPR.UnifiedAPIPoller.core.plan import Pair
from PROPPR.UnifiedAPIPoller.core.poller_metrics import PollerMetrics

SERVICE: Final = "unified-poller"
SHARE: Final = "unified_poller"
# Each attempt is a request of the budget, and whoever was not read is asked again a few seconds later anyway.
ATTEMPTS: Final = 1

Document = dict[str, Any]


class UnifiedAPIPoller:
    """Keeps the books of every configured bookmaker current by REST, within the fleet's budget of requests.

    As a daemon: run `components()`. By hand: `run()` polls until `stop()`; `fetch_updated_odds()` makes one cycle.
    Settings that are not handed in are those of the environment; without a `database` theirs is opened and prepared at
    once, and left by `close()`. One poller at a time works per API key; others wait as standbys.
    """

    def __init__(
        self,
        api_key: str | None = None,
        *,
        database: Database[Document] | None = None,
        settings: Settings | None = None,
        source: OddsApiClient | None = None,
        tracker: GlobalRequestTracker | None = None,
        clock: Clock | None = None,
        metrics: Metrics | None = None,
        alerts: Alerts | None = None,
        redactor: Redactor | None = None,
        instance: str = "poller",
        listeners: Sequence[Listener] = (),
        stop: threading.Event | None = None,
    ) -> None:
        chosen = settings or load_settings()
        key = api_key if api_key is not None else _key_of(chosen)
        self._clock = clock or SystemClock()
        self._by_hand = ByHand(SERVICE, chosen, self._clock, database, stop=stop)
        self._stop, database = self._by_hand.stopped, self._by_hand.database
        metrics = metrics or Metrics()
        self.metrics = PollerMetrics(metrics, self._clock)
        redactor = redactor or Redactor((key, *chosen.secrets()))
        tracker = tracker or GlobalRequestTracker(
            chosen.max_api_requests_per_hour, database=database, clock=SystemClock(), service=SHARE
        )
        doubts = Doubts(self._clock)
        self.pipeline = BookPipeline(
            database, chosen, self._clock, metrics, redactor, self.metrics,
            service=SERVICE, source="api_poller", listeners=listeners, on_doubt=doubts.report,
        )  # fmt: skip
        # A lease is about real time, whatever clock the odds follow.
        self.lease = Lease(database, f"odds_api_rest:{key_hash(key)}", instance)
        self.lease.name = "lease"
        self.budget = BudgetView(tracker, SHARE, SystemClock())
        pairs = [Pair(name, sport) for sport in chosen.poll_sports for name in requestable(chosen.bookmakers)]
        self.parts = PollerParts(
            source or self._client(key, chosen, tracker),
            database,
            chosen,
            self.pipeline,
            self.budget,
            self.metrics,
            alerts or LoggedAlerts(),
            self.lease,
            self._clock,
            pairs,
            doubts,
        )
        metrics.watch_queue("rereads", lambda: self.parts.status.waiting)
        metrics.watch_lease("odds_api_rest", lambda: self.lease.held)
        metrics.collect_from(BudgetCollector("odds_api", lambda: self.budget.usage))
        self.metrics.watch_lags(pairs, self._lag)

    def components(self) -> Sequence[Component]:
        """The parts of the service for a daemon, in the order of their start."""
        return [self.lease, self.pipeline.follower, self.pipeline.writer, *self.parts.workers]

    def register(self, health: HealthState) -> None:
        """Add what `/health` and `/ready` say of the poller."""
        status = self.parts.status
        health.add_check("lag", status.lag)
        health.add_check("source", status.source)
        health.add_check("bookmakers", status.bookmakers)
        health.add_check("fixtures", self.parts.registry.check)
        health.add_check("rereads", status.rereads)
        health.add_check("budget", self.budget.check)
        health.add_ready("first_sync", status.synced)
        health.set_last_update(lambda: self.metrics.last_commit)
        health.set_queue_size(lambda: self.pending)
        health.set_latency(self.metrics.latency.read)

    @property
    def pending(self) -> int:
        """Updates received and not stored yet."""
        return self.pipeline.writer.pending

    def fetch_updated_odds(self, lookback_seconds: float = 50) -> CycleReport:
        """Read at every bookmaker and sport what changed since its watermark, and at least `lookback_seconds` back.

        Returns when all of it is stored. Fixtures that are new, or that a hole may concern, are queued to be read
        whole, which `run()` does. Raises LeaseLost while another poller works, and what MongoDB raises; what the
        provider refuses is in the report.
        """
        token = self.lease.token or self.lease.acquire()
        if token is None:
            raise LeaseLost(f"another poller works: {self.lease.held_by or 'unknown'}")
        if not self.pipeline.writer.started:
            self._by_hand.start(self.pipeline.follower, self.pipeline.writer)
        polling = self.parts.polling
        polling.take_over(token)
        polling.list_first()
        return polling.cycle(lookback_seconds, token, self._stop)

    def run(self) -> None:
        """Poll until `stop()`."""
        self._by_hand.run(self.components())

    def stop(self) -> None:
        """End `run` soon, from any thread."""
        self._by_hand.stop()

    def close(self) -> None:
        """Store what waits, and let go of what `fetch_updated_odds` and the constructor took."""
        self.stop()
        if self._by_hand.stop_parts():
            self.lease.release()
        self._by_hand.close()

    def _client(self, key: str, settings: Settings, tracker: GlobalRequestTracker) -> OddsApiClient:
        config = RestConfig(base_url=settings.odds_api_base_url, key=SecretStr(key), attempts=ATTEMPTS)
        return OddsApiClient(
            config, tracker, service=SHARE, clock=self._clock, source="api_poller", stop=self._stop,
            on_request=self.metrics.request, on_reject=self.metrics.rejected,
        )  # fmt: skip

    def _lag(self, pair: Pair) -> float:
        lag = self.parts.watch.lags().get(pair)
        return -1.0 if lag is None else lag


def _key_of(settings: Settings) -> str:
    settings.require("ODDS_API_KEY")
    return settings.odds_api_key.get_secret_value() if settings.odds_api_key is not None else ""
