"""A running updater on the simulator and a real MongoDB, and the comparison of its books with the simulator's truth."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Iterator
from typing import Any

import requests
from pymongo.database import Database
from simulated_source import SimulatedSource

from PROPPR.SharedServices.service.settings import Settings
from PROPPR.SharedServices.simulator.config import SimulatorConfig
from PROPPR.SharedServices.simulator.server import SimulatorServer
from PROPPR.WebsocketUpdater.core.websocket_updater import UnifiedWebSocketService

KEY = "s1mulated-key"
Documents = Database[dict[str, Any]]
Prices = dict[tuple[int, str, str], list[str]]


class StreamRig:
    """`with StreamRig(database, ...) as rig:` runs the updater in a thread."""

    def __init__(self, database: Documents, simulator: SimulatorServer, instance: str = "one", **settings: Any) -> None:
        self.database = database
        self.simulator = simulator
        self.rest = f"{simulator.base_url}/v3"
        self.source = SimulatedSource(self.rest, KEY)
        chosen = {
            "odds_api_ws_url": self.rest.replace("http", "ws", 1) + "/ws",
            "ws_reconnect_delay": 0.2,
            "proppr_eviction_delay": 0.3,
            **settings,
        }
        self.settings = Settings(**chosen)
        self.service = UnifiedWebSocketService(
            KEY, database=database, settings=self.settings, source=self.source, instance=instance
        )
        self._thread = threading.Thread(target=self.service.connect, name=f"updater-{instance}", daemon=True)

    @property
    def live(self) -> Any:
        return self.service.live

    @property
    def counts(self) -> dict[str, int]:
        return self.service.metrics.counts

    def __enter__(self) -> StreamRig:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        self.service.stop()
        self._thread.join(20)
        assert not self._thread.is_alive(), "the updater does not stop"

    def synced(self) -> bool:
        return bool(self.live.remedies.first_sync)

    def steer(self, name: str, **body: object) -> dict[str, Any]:
        answer = requests.post(f"{self.simulator.base_url}/_sim/{name}", json=body, timeout=10)
        assert answer.ok, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def settled(self) -> bool:
        """Nothing is under way: connected, nothing held, everything stored."""
        live, service = self.live, self.service
        held = [position.held for position in live.positions]
        return live.status.is_connected and not any(held) and not service.pending and self.synced()

    def differences(self, scratch: Documents) -> list[str]:
        """Where the stored books and the simulator's last word differ, in the subscribed markets; empty if nowhere."""
        markets = {name.casefold() for name in self.settings.ws_markets}
        truth = requests.get(f"{self.simulator.base_url}/_sim/truth", timeout=30).json()["fixtures"]
        scratch.client.drop_database(scratch.name)
        reader = UnifiedWebSocketService(KEY, database=scratch, settings=self.settings)
        reader.connect(truth_frames(truth))
        reader.close()
        expected, stored = prices(scratch, markets), prices(self.database, markets)
        books = {(int(fixture), feed) for fixture, feeds in truth.items() for feed in feeds}
        problems = [
            f"{key}: {stored.get(key)} is not {rows}" for key, rows in expected.items() if stored.get(key) != rows
        ]
        extra = [key for key in stored.keys() - expected.keys() if (key[0], key[1]) in books]
        return problems + [f"{key}: still has {stored[key]}" for key in extra]


def simulator(**settings: Any) -> SimulatorServer:
    chosen = {"port": 0, "fixtures": 20, "rate": 200.0, "api_keys": (KEY,), **settings}
    server = SimulatorServer(SimulatorConfig(**chosen))
    server.start()
    return server


def truth_frames(truth: dict[str, Any]) -> Iterator[bytes]:
    """The simulator's last word as frames of the provider."""
    for fixture, feeds in truth.items():
        for feed, book in feeds.items():
            markets = [
                {"name": name, "updatedAt": market["updatedAt"], "odds": market["odds"]}
                for name, market in book["markets"].items()
            ]
            if markets:
                message = {
                    "type": "updated",
                    "id": fixture,
                    "bookie": feed,
                    "seq": book["sequence"],
                    "markets": markets,
                }
                yield json.dumps(message).encode()


# Not back prices: times, and the lay side and the amounts of exchanges, which wait for the next change of a price.
BESIDE_THE_PRICE = frozenset({"updatedAt", "changedAt", "lay", "depth", "depth_lay"})


def prices(database: Documents, markets: Iterable[str]) -> Prices:
    """The prices that readers see per (fixture, bookmaker, market), rows in a fixed order."""
    wanted = set(markets)
    found: Prices = {}
    for document in database["odds_books"].find():
        for market in document.get("markets", {}).values():
            rows = [*market["odds"]]
            for player in market["players"]:
                head = {name: value for name, value in player.items() if name != "odds"}
                rows += [{**head, **row} for row in player["odds"]]
            if rows and market["name"].casefold() in wanted:
                shown = [{k: v for k, v in row.items() if k not in BESIDE_THE_PRICE} for row in rows]
                key = (document["fixture_id"], document["bookmaker"], market["name"])
                found[key] = sorted(json.dumps(row, sort_keys=True) for row in shown)
    return found
