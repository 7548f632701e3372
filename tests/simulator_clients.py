"""Plain clients of a running simulator, written from the provider's documentation: REST, WebSocket, control."""

from __future__ import annotations

import json
import struct
from typing import Any
from urllib.parse import urlencode

import requests
import websocket

from PROPPR.SharedServices.simulator.server import SimulatorServer

KEY = "a-key"
MAIN_MARKETS = "ML,Spread,Totals,Both Teams To Score,Corners Totals,Player Props,Anytime Goalscorer"
Json = Any


class Simulated:
    """A running simulator and the connections a test has to it."""

    def __init__(self, server: SimulatorServer) -> None:
        self.server = server
        self.session = requests.Session()
        self._sockets: list[websocket.WebSocket] = []

    def get(self, path: str, key: str | None = KEY, **query: object) -> requests.Response:
        """GET a REST path; names ending in an underscore lose it (`from_`)."""
        parameters = {name.rstrip("_"): str(value) for name, value in query.items()}
        if key is not None:
            parameters["apiKey"] = key
        return self.session.get(self.server.rest_url + path, params=parameters, timeout=20)

    def control(self, name: str, **query: object) -> Json:
        """GET from the control API."""
        answer = self.session.get(f"{self.server.control_url}/{name}", params={k: str(v) for k, v in query.items()})
        answer.raise_for_status()
        return answer.json()

    def order(self, name: str, body: object = None) -> Json:
        """POST to the control API."""
        answer = self.session.post(f"{self.server.control_url}/{name}", json=body if body is not None else {})
        answer.raise_for_status()
        return answer.json()

    def step(self, messages: int) -> Json:
        """Let the feed make so many messages at once."""
        return self.order("step", {"messages": messages})

    def connect(self, key: str = KEY, timeout: float = 5.0, **query: object) -> websocket.WebSocket:
        """Open the WebSocket with the main markets unless others are given."""
        parameters = {"apiKey": key, "markets": MAIN_MARKETS} | {name: str(value) for name, value in query.items()}
        url = f"{self.server.websocket_url}?{urlencode({k: v for k, v in parameters.items() if v})}"
        socket = websocket.create_connection(url, timeout=timeout, skip_utf8_validation=True)
        self._sockets.append(socket)
        return socket

    def refusal(self, **query: object) -> tuple[int, str]:
        """Status and error text of a handshake that is refused."""
        try:
            self.connect(**query)
        except websocket.WebSocketBadStatusException as problem:
            return problem.status_code, json.loads(problem.resp_body)["error"]
        raise AssertionError("the handshake was accepted")

    def close(self) -> None:
        """Close everything."""
        for socket in self._sockets:
            socket.shutdown()
        self.session.close()
        self.server.stop()


def read(socket: websocket.WebSocket) -> list[Json]:
    """The messages of the next frame."""
    return [json.loads(line) for line in _text(socket).split(b"\n") if line.strip()]


def _text(socket: websocket.WebSocket) -> bytes:
    opcode, data = socket.recv_data()
    if opcode == websocket.ABNF.OPCODE_CLOSE:
        raise websocket.WebSocketConnectionClosedException
    return bytes(data)


def read_raw(socket: websocket.WebSocket, quiet: float = 0.4) -> list[bytes]:
    """The frames as they come, until it has been quiet for so long or the connection ends."""
    frames: list[bytes] = []
    socket.settimeout(quiet)
    try:
        while data := _text(socket):
            frames.append(data)
    except (websocket.WebSocketException, OSError):
        pass
    return frames


def read_until(socket: websocket.WebSocket, sequence: int) -> list[Json]:
    """The messages up to the one that carries `sequence` or a later one, or until a second of silence."""
    messages: list[Json] = []
    socket.settimeout(1.0)
    try:
        while not messages or messages[-1].get("seq", 0) < sequence:
            messages += read(socket)
    except websocket.WebSocketTimeoutException:
        pass
    return messages


def close_code(socket: websocket.WebSocket) -> int | None:
    """Read on to the end: the code of the close frame, None where the connection was cut."""
    socket.settimeout(5.0)
    try:
        while True:
            opcode, data = socket.recv_data(control_frame=True)
            if opcode == websocket.ABNF.OPCODE_CLOSE:
                return int(struct.unpack("!H", data[:2])[0])
    except (websocket.WebSocketConnectionClosedException, ConnectionError):
        return None


class Mirror:
    """The books as a simple reader holds them: markets replaced by name, cleared by `deleted` and `no_markets`."""

    def __init__(self) -> None:
        self.books: dict[tuple[int, str], dict[str, Json]] = {}

    def snapshot(self, document: Json) -> None:
        """Take over an element of /odds/multi."""
        for feed, markets in document["bookmakers"].items():
            self.books[document["id"], feed] = {market["name"]: market for market in markets}

    def apply(self, message: Json) -> None:
        """Apply a message of the WebSocket."""
        event_id = int(message["id"])
        if message["type"] in ("created", "updated"):
            book = self.books.setdefault((event_id, message["bookie"]), {})
            for market in message["markets"]:
                known = book.get(market["name"])
                if known is None or instant(market["updatedAt"]) >= instant(known["updatedAt"]):
                    book[market["name"]] = market
        elif message["type"] in ("deleted", "no_markets"):
            for key in [key for key in self.books if key[0] == event_id and message.get("bookie", key[1]) == key[1]]:
                self.books[key] = {}

    def difference(self, truth: Json, markets: set[str]) -> list[str]:
        """What differs from /_sim/truth, for these markets (upper-case)."""
        wrong: list[str] = []
        for event_id, feeds in truth["fixtures"].items():
            for feed, book in feeds.items():
                mine = self.books.get((int(event_id), feed), {})
                wanted = {name: m for name, m in book["markets"].items() if name.upper() in markets}
                held = {name: m for name, m in mine.items() if name.upper() in markets}
                for name in wanted.keys() | held.keys():
                    true, known = wanted.get(name, {}), held.get(name, {})
                    if (true.get("odds"), true.get("updatedAt")) != (known.get("odds"), known.get("updatedAt")):
                        wrong.append(f"{event_id} {feed} {name}")
        return wrong


def instant(text: str) -> tuple[str, str]:
    """An `updatedAt` in a form that sorts by time, however many fractional digits it has."""
    head, _, fraction = text.rstrip("Z").partition(".")
    return head, fraction.ljust(9, "0")
