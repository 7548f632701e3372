"""A running poller on the simulator and a real MongoDB, and the comparison of its books with the simulator's truth."""

from __future__ import annotations

import threading
from typing import Any

import requests
from pymongo.database import Database
from stream_fakes import FakeAlerts
from stream_rig import KEY, prices, truth_frames

from PROPPR.SharedServices.service.settings import Settings
from PROPPR.SharedServices.simulator.server import SimulatorServer
from PROPPR.UnifiedAPIPoller.core.unified_poller import UnifiedAPIPoller
from PROPPR.WebsocketUpdater.core.websocket_updater import UnifiedWebSocketService

Documents = Database[dict[str, Any]]
BOOKMAKERS = ("Bet365", "M88", "SingBet")


class PollerRig:
    """`with PollerRig(database, simulator) as rig:` polls in a thread; without `with` it is polled by hand."""

    def __init__(self, database: Documents, simulator: SimulatorServer, instance: str = "one", **settings: Any) -> None:
        self.database = database
        self.simulator = simulator
        self.alerts = FakeAlerts()
        chosen = {
            "odds_api_base_url": simulator.rest_url,
            "bookmakers": BOOKMAKERS,
            "poll_interval": 1.0,
            "proppr_registry_interval": 1.0,
            **settings,
        }
        self.settings = Settings(**chosen)
        self.poller = UnifiedAPIPoller(
            KEY, database=database, settings=self.settings, alerts=self.alerts, instance=instance
        )
        self._thread = threading.Thread(target=self.poller.run, name=f"poller-{instance}", daemon=True)

    @property
    def parts(self) -> Any:
        return self.poller.parts

    def __enter__(self) -> PollerRig:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        self.poller.stop()
        self._thread.join(20)
        assert not self._thread.is_alive(), "the poller does not stop"

    def steer(self, name: str, body: object = None) -> Any:
        answer = requests.post(
            f"{self.simulator.control_url}/{name}", json=body if body is not None else {}, timeout=10
        )
        assert answer.ok, answer.text
        return answer.json()

    def ask(self, name: str) -> Any:
        return requests.get(f"{self.simulator.control_url}/{name}", timeout=30).json()

    def synced(self) -> bool:
        """Every pair was read and nothing waits to be read whole."""
        return (
            bool(self.parts.status.synced().ok) and self.parts.queue.size() == 0 and self.parts.registry.listed.is_set()
        )

    def differences(self, scratch: Documents) -> list[str]:
        """Where the stored books and the simulator's last word differ; empty if nowhere."""
        feeds = [*self.settings.bookmakers, "Bet365 (no latency)"]
        truth = requests.get(f"{self.simulator.control_url}/truth", params={"feeds": ",".join(feeds)}, timeout=30)
        found = truth.json()["fixtures"]
        markets = {name.casefold() for books in found.values() for book in books.values() for name in book["markets"]}
        scratch.client.drop_database(scratch.name)
        reader = UnifiedWebSocketService(KEY, database=scratch, settings=self.settings)
        reader.connect(truth_frames(found))
        reader.close()
        expected, stored = prices(scratch, markets), prices(self.database, markets)
        problems = [
            f"{key}: {stored.get(key)} is not {rows}" for key, rows in expected.items() if stored.get(key) != rows
        ]
        return problems + [f"{key}: still has {stored[key]}" for key in stored.keys() - expected.keys()]
